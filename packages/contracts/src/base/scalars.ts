// Single values that many schemas have: ids, names of tools, times.
import { z } from 'zod';

/** The most characters of an address that a caller, a document or a server gives. */
export const MAX_URL = 2_000;

export const uuid = (id: string, description: string, example: string) =>
  z.guid('Must be a UUID.').meta({ id, description, examples: [example] });

export const RunId = uuid(
  'RunId',
  'Id of a run: a UUID of version 7, so ids sort by creation time.',
  '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01',
);
export const ExecutionPlanId = uuid(
  'ExecutionPlanId',
  'Id of the plan of a run.',
  '0192f0c1-7a3f-7d02-8a10-5b1c9e7d4402',
);
export const ApprovalId = uuid('ApprovalId', 'Id of an approval request.', '0192f0c1-7a40-7e93-b7c4-90c2d3e5a703');

export const EffectId = uuid(
  'EffectId',
  'Id of a call whose effect is unknown.',
  '0192f0c1-7a41-7a04-8c11-2d6f8e9b0c04',
);

export const ConsentId = uuid(
  'ConsentId',
  'Id of a request for a consent or a credential.',
  '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05',
);

export const QuestionId = uuid(
  'QuestionId',
  'Id of a question to a person, or of an input request of a service.',
  '0192f0c1-7a43-7c26-8e33-4f8a0bad2e06',
);

export const WebhookId = uuid('WebhookId', 'Id of a webhook.', '0192f0c1-7a70-7d33-8e21-6b2f4c9a1e07');

export const ScheduleId = uuid('ScheduleId', 'Id of a schedule.', '0192f0c1-7a72-7d33-8e21-6b2f4c9a1e09');

export const DeliveryId = uuid(
  'DeliveryId',
  'Id of a delivery of an event to a webhook.',
  '0192f0c1-7a71-7d33-8e21-6b2f4c9a1e08',
);

// Properties of every JavaScript object. Such an id would break code that looks up ids in an object.
const objectPropertyNames = new Set(Object.getOwnPropertyNames(Object.prototype));

export const isObjectPropertyName = (name: string): boolean => objectPropertyNames.has(name);

/** The part before the dot in names of Errand's own tools. No integration has this id. */
export const BUILTIN_INTEGRATION_ID = 'errand';

export const CustomerIntegrationId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'Must be 1 to 128 letters, digits, _ and -.')
  .refine((id) => !objectPropertyNames.has(id), 'Must be no name that every object has, such as constructor.')
  .refine((id) => id !== BUILTIN_INTEGRATION_ID, 'Must not be errand: this name stands for the service itself.')
  .meta({
    id: 'CustomerIntegrationId',
    description:
      'Id of an integration in the workspace: letters, digits, _ and -, case-sensitive. Default: a slug of the name and 8 hexadecimal digits.',
    examples: ['crm_1a2b3c4d'],
  });

export const UserId = z
  .string()
  .min(1)
  .max(255)
  .meta({
    id: 'UserId',
    description: 'Your id of the end user that the run acts for, with the credentials of this user. Any string.',
    examples: ['user-123'],
  });

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name);
  } catch {
    return false;
  }
};

export const TimeZone = z
  .string()
  .max(100)
  .refine(isTimeZone, 'Must be the name of a time zone, such as Europe/Berlin.')
  .meta({ description: 'An IANA time zone.', examples: ['Europe/Berlin'] });

export const Timestamp = z.iso.datetime({ precision: 3 }).meta({
  id: 'Timestamp',
  description: 'ISO-8601, UTC, milliseconds.',
  examples: ['2026-01-31T09:30:00.000Z'],
});

/** A time in a request, within the range of Postgres. */
export const InputTimestamp = z.iso
  .datetime()
  .refine((text) => !text.startsWith('0000'), 'Must be of the year 1 or later.')
  .meta({ examples: ['2026-01-31T00:00:00.000Z'] });

/** The largest event number: the maximum of an integer in Postgres. */
export const MAX_SEQ = 2_147_483_647;

export const StepId = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/, 'Must start with a letter and hold letters, digits and _ only.')
  .meta({ id: 'StepId', description: 'Id of a step within its plan.', examples: ['deals'] });

export const ToolCallId = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}(\.\d{1,9})?$/, 'Must be the toolCallId of an event, as in deals or owners.2.')
  .meta({ id: 'ToolCallId', description: 'Id of a call within its run.', examples: ['deals', 'owners.2'] });

export const Effect = z.enum(['read', 'write']).meta({
  id: 'Effect',
  description: 'read: calling the tool changes nothing. write: it may.',
  examples: ['read'],
});
export type Effect = z.infer<typeof Effect>;

export const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}\.[A-Za-z0-9_-]{1,64}$/, 'Must be a customerIntegrationId, a dot and an operation.')
  .meta({
    id: 'ToolName',
    description: 'A tool: its integration and its operation.',
    examples: ['crm_1a2b3c4d.listDeals'],
  });
