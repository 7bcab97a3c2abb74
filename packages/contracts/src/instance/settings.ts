// The settings of the instance, as its operators see them. Secrets have no value here.
import { query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { flag, oneOf, optionalText, text } from '../base/fields.ts';

const settingGroups = [
  'service',
  'storage',
  'approvals',
  'retention',
  'outbound_calls',
  'queue',
  'planning',
  'model',
  'faults',
] as const;

const settingSources = ['environment', 'argument', 'file', 'default', 'none'] as const;

const Setting = z
  .object({
    name: text('Its environment variable.', 'ERRAND_POOL_SIZE'),
    group: oneOf(settingGroups, 'Its section in docs/settings.md.', 'storage'),
    description: text('Its meaning, in a sentence.', 'Maximum connections of a process to Postgres.'),
    source: oneOf(
      settingSources,
      'The source of its value. file: the data directory. none: it is not set and has no default.',
      'environment',
    ),
    isSet: flag('Whether the operator has set it: the source is environment, argument or file.', true),
    isSecret: flag('Whether its value is a secret, which no answer shows.', false),
    value: optionalText(
      'Its value; of a URL, without user and password. Absent for a secret, and without a value.',
      '20',
    ),
    default: optionalText('The value that applies unless it is set.', '10'),
    unit: optionalText('The unit of the value.', 'connections'),
  })
  .meta({ id: 'Setting', description: 'A setting of the process that answers.' });
export type Setting = z.infer<typeof Setting>;

const Settings = z
  .object({ settings: z.array(Setting).meta({ description: 'All settings.' }) })
  .meta({ id: 'Settings', description: 'The settings of the process that answers.' });

export const settings = withTag('Instance', {
  get: query({
    input: z.strictObject({}),
    output: Settings,
    scope: null,
    callers: 'instance',
    http: {
      route: 'GET /v1/settings',
      summary: 'Get the settings of the instance',
      success: 'All settings.',
      description:
        'All settings of the process that answers, with their sources and defaults. Operators of the instance and the platform key may call it. A secret shows only whether it is set.',
    },
  }),
});
