// The state of integrations and the use of their tools, for the people who look after them.
import { query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { count, doc, flag, optionalTime, text } from '../base/fields.ts';
import { CustomerIntegrationId, Timestamp, ToolName } from '../base/scalars.ts';
import { CallHealth } from './integration.ts';

const integrationFaults = [
  'needs_review',
  'tools_not_read',
  'token_rejected',
  'token_origin_changed',
  'base_url_pending',
  'issuer_pending',
  'users_must_reconnect',
  'failing',
] as const;

export const IntegrationHealth = z
  .object({
    customerIntegrationId: CustomerIntegrationId,
    name: text('Its name.', 'CRM'),
    active: flag('Whether runs may use it.', true),
    faults: z
      .array(z.enum(integrationFaults))
      .meta(
        doc(
          'Its faults. needs_review: tools changed. tools_not_read: the last reads of its tools failed. token_rejected: the service answered 401 to the token of the workspace. token_origin_changed: that token is not sent to the new origin. base_url_pending, issuer_pending: confirm the new one with PATCH. users_must_reconnect: see usersToReconnect. failing: its last call failed, as did at least half of five or more since the hour before this one.',
          ['users_must_reconnect'],
        ),
      ),
    toolsReadAt: optionalTime('The last read of the tools of an MCP server.', '2026-01-31T09:30:00.000Z'),
    failedReads: count('Consecutive failed reads of its tools.', 0),
    usersConnected: count('Users with a stored credential.', 40),
    usersToReconnect: count('Users who must store their credential or give their consent again.', 2),
    calls: CallHealth.optional().meta({ description: 'Its health by its calls. Absent before its first call.' }),
  })
  .meta({ id: 'IntegrationHealth', description: 'An integration with a fault.' });
export type IntegrationHealth = z.infer<typeof IntegrationHealth>;

/** Users that are counted of one integration. */
export const MAX_COUNTED_USERS = 10_000;

const IntegrationState = IntegrationHealth.extend({
  usersConnected: count(`Users with a stored credential; at most ${MAX_COUNTED_USERS} are counted.`, 40),
  usersToReconnect: count('Those of them who must store their credential or give their consent again.', 2),
  recent: z
    .object({
      calls: count('Calls of its tools.', 240),
      errors: count('Those that failed, or with an unknown effect.', 3),
    })
    .meta({ description: 'The calls of runs that ended on the days since `recentFrom`.' }),
}).meta({ id: 'IntegrationState', description: 'The state of an integration.' });
export type IntegrationState = z.infer<typeof IntegrationState>;

const IntegrationStates = z
  .object({
    integrations: z.array(IntegrationState).meta({ description: 'Those that exist, by name.' }),
    recentFrom: z.iso.date().meta(doc('Yesterday (UTC).', '2026-01-30')),
  })
  .meta({ id: 'IntegrationStates', description: 'The states of integrations.' });
export type IntegrationStates = z.infer<typeof IntegrationStates>;

const IntegrationsOfHealthInput = z.strictObject({
  customerIntegrationIds: z.array(CustomerIntegrationId).min(1).max(50).meta({ description: 'The integrations.' }),
});

const ToolUsageInput = z.strictObject({
  customerIntegrationId: CustomerIntegrationId,
  days: z.int().min(1).max(30).default(7).meta(doc('Days (UTC), with today as the last one.', 7)),
});

const ms = (description: string, example: number) => z.number().min(0).optional().meta(doc(description, example));

const ToolUsage = z
  .object({
    name: ToolName,
    runs: count('Runs that called it.', 40),
    calls: count('Its calls.', 120),
    errors: count('Those that failed, or with an unknown effect.', 3),
    p50Ms: ms('Half of its calls took at most this, with their retries, in ms. Absent for older calls.', 120),
    p95Ms: ms('95 % of its calls took at most this, in ms.', 900),
  })
  .meta({ id: 'ToolUsage', description: 'The use of a tool.' });
export type ToolUsage = z.infer<typeof ToolUsage>;

const ToolUsageReport = z
  .object({
    from: z.iso.date().meta(doc('The first day.', '2026-01-25')),
    to: z.iso.date().meta(doc('The last day.', '2026-01-31')),
    asOf: Timestamp.meta({ description: 'The calls of all runs that ended until then are counted.' }),
    tools: z.array(ToolUsage).max(1000).meta({
      description: 'The tools that were called, those of most runs first. The rarest ones of a day may be missing.',
    }),
  })
  .meta({ id: 'ToolUsageReport', description: 'The use of the tools of an integration.' });
export type ToolUsageReport = z.infer<typeof ToolUsageReport>;

export const integrationHealth = {
  health: query({
    input: IntegrationsOfHealthInput,
    output: IntegrationStates,
    scope: 'runs:read',
    http: {
      route: 'GET /v1/integration-health',
      summary: 'Get the health of integrations',
      success: 'The states.',
      description:
        'The faults of integrations, their users and their recent calls. Ids that do not exist are left out.',
    },
  }),
  toolUsage: query({
    input: ToolUsageInput,
    output: ToolUsageReport,
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/integrations/{customerIntegrationId}/tool-usage',
      summary: 'Get the use of tools',
      success: 'The tools that were called.',
      description: 'How often runs called the tools of an integration, how many calls failed, and how long they took.',
    },
  }),
};
