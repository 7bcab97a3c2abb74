// The inputs of operations that create a run: a new one, or a rerun.
import { z } from 'zod';
import { approvers, OnBehalfOf } from '../access/claimed-person.ts';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { doc, inputText, oneOf, optionalInputText, optionalNonEmptyText } from '../base/fields.ts';
import { JsonSchema } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { CustomerIntegrationId, InputTimestamp, RunId, StepId, TimeZone, UserId } from '../base/scalars.ts';
import { httpUrl } from '../integrations/auth/auth.ts';
import { Budget } from './result.ts';

const MetadataKey = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[\w.-]+$/, 'May hold letters, digits, _ . and - only.');
export const Metadata = z
  .record(MetadataKey, z.string().max(500))
  .refine((metadata) => Object.keys(metadata).length <= 50, 'At most 50 keys.')
  .meta({
    id: 'Metadata',
    description:
      'Up to 50 key/value pairs of your own. They are returned with the run, and lists can be filtered by them.',
    examples: [{ team: 'sales' }],
  });
export type Metadata = z.infer<typeof Metadata>;

export const RepeatKey = z.string().min(1).max(255);

export const IdempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'Must be printable ASCII without spaces.')
  .meta({
    id: 'IdempotencyKey',
    errorCode: 'invalid_idempotency_key',
    description: 'A request with the same key is carried out once; repetitions get the first answer.',
    examples: ['5f0c2f1e-order-42'],
  });

const MAX_PASSED = 100;
const passed = (maxChars: number) =>
  z
    .record(z.string().max(100), z.string().max(maxChars))
    .refine((values) => Object.keys(values).length <= MAX_PASSED, `At most ${MAX_PASSED}.`)
    .optional();

export const PassThrough = z
  .strictObject({
    customerIntegrationId: CustomerIntegrationId,
    headers: passed(8000).meta(
      doc(`Headers to add, at most ${MAX_PASSED}.`, { Authorization: 'Bearer …', 'x-tenant': 'eu' }),
    ),
    query: passed(2000).meta(doc(`Query parameters to add, at most ${MAX_PASSED}.`, { locale: 'en' })),
  })
  .meta({ id: 'PassThrough', description: 'Headers and parameters that are added to the calls of one integration.' });

export const IntegrationSelection = z
  .union([z.array(z.literal('*')).length(1), z.array(CustomerIntegrationId).min(1).max(100)])
  .meta({
    description: 'The integrations that may be used, or ["*"] for all that are active when the run starts.',
    examples: [['*'], ['crm_1a2b3c4d']],
  });

export const RunUser = z
  .strictObject({
    name: optionalNonEmptyText(200, 'Name of the user.', 'Ana Lopez'),
    timeZone: TimeZone.optional().meta({
      description:
        'The IANA time zone of phrases such as "tomorrow at 10". Default: that of the service (ERRAND_TIME_ZONE). Models plan in it; the built-in planner plans in UTC.',
      examples: ['Europe/Berlin'],
    }),
  })
  .meta({ id: 'RunUser', description: 'The user, for planning and for values that a model writes.' });
export type RunUser = z.infer<typeof RunUser>;

export const CreateRunInput = z
  .strictObject({
    intent: inputText(10_000, 'The goal, in natural language.', 'Create a summary of the latest sales data'),
    selectedCustomerIntegrationIds: IntegrationSelection,
    context: z
      .string()
      .max(50_000)
      .default('')
      .meta({
        description: 'Details that are not in the intent, often `key=value; key=value`.',
        examples: ['Focus on Q4 2023 data with regional breakdown'],
      }),
    userId: UserId,
    user: RunUser.optional(),
    approvalStrategy: ApprovalStrategy.default('NONE'),
    approvers,
    onBehalfOf: OnBehalfOf.optional(),
    repeatKey: RepeatKey.optional().meta({
      description:
        "A run repeats the plan of an earlier successful run with the same key, intent, schema and user. Default: the run's own id, so that nothing is repeated.",
      examples: ['weekly-sales'],
    }),
    outputSchema: JsonSchema.optional().meta({ description: 'JSON Schema of the result.' }),
    passThrough: z.array(PassThrough).max(100).optional().meta({
      description:
        "Headers and parameters to add to the calls of this run, for selected integrations. A header or parameter with the name of the integration's own credential (that of an API_TOKEN or of `placement`, otherwise Authorization) replaces the credential, at the integration's origin only; no consent is asked for. The credential of an AWS integration cannot be replaced. All are stored sealed until the run ends and never shown; a repeat needs them again. They cannot replace an argument of a call, or a header that controls the connection, such as Host.",
    }),
    budget: Budget.optional(),
    plan: Plan.optional().meta({
      description: 'Your own plan. It is checked and executed unchanged.',
    }),
    metadata: Metadata.default({}),
    priority: z
      .int()
      .min(-10)
      .max(10)
      .default(0)
      .meta({
        description:
          'Order of the queued runs of a workspace: higher first, then older. It has no effect between workspaces.',
        examples: [5],
      }),
    startAt: InputTimestamp.optional().meta({
      description: 'Earliest start, at most a year ahead. Until then the run is QUEUED and can be cancelled.',
      examples: ['2026-01-31T09:30:00.000Z'],
    }),
    redirectUri: httpUrl.optional().meta({
      description:
        'Where the browser of the user is redirected after a consent that the run asks for, with ?status=success or ?status=error. Its origin must be one of ERRAND_REDIRECT_ORIGINS, or that of this service.',
      examples: ['https://app.example.com/errands'],
    }),
    idempotencyKey: IdempotencyKey.optional(),
    prefer: optionalInputText(
      200,
      'The header Prefer. wait=N (at most 60): answer when the run has ended, waits for a human, or N seconds have passed.',
      'wait=10',
    ),
  })
  .meta({ id: 'CreateRun', description: 'An errand to run.' });
export type CreateRunInput = z.output<typeof CreateRunInput>;

/** The headers of operations that create a run, once for each Idempotency-Key. */
export const idempotentHeaders = {
  headers: { 'Idempotency-Key': 'idempotencyKey', Prefer: 'prefer' },
  responseHeaders: { 'idempotent-replayed': '`true` in the answer to a repeated Idempotency-Key.' },
} as const;

const { intent, context, approvalStrategy, onBehalfOf, passThrough, redirectUri, idempotencyKey, prefer } =
  CreateRunInput.shape;

export const RerunInput = z
  .strictObject({
    runId: RunId,
    mode: oneOf(
      ['same_plan', 'new_plan'],
      'same_plan: execute the plan of the run again, without planning; its tools must be unchanged. new_plan: plan again.',
      'same_plan',
    ),
    from: StepId.optional().meta({
      description:
        'Only with same_plan, of an ended run: this step and all steps that need it run again. The other steps keep their outputs and are not called again; those that did not succeed are completed. Default: all steps run again. GET /v1/runs/{runId}/rerun previews it.',
      examples: ['invoice'],
    }),
    intent: intent.optional().meta({
      description: 'Another goal, only with new_plan. Default: that of the run.',
      examples: ['Create a summary of the latest sales data'],
    }),
    context: context
      .unwrap()
      .optional()
      .meta({
        description:
          'Another context. With same_plan it may differ only in values that the plan binds (`account=Northwind`, then `account=Contoso`), as in a repeat; with `from` it may not differ. Default: that of the run.',
        examples: ['account=Contoso'],
      }),
    approvalStrategy: approvalStrategy.unwrap().optional().meta(doc('Default: that of the run.', 'ON_WRITE')),
    approvers: approvers.meta({
      description: 'Only these persons decide. Default: the approvers of the run.',
      examples: [[{ type: 'claimed', id: 'ben', name: 'Ben Okafor' }]],
    }),
    onBehalfOf,
    passThrough: passThrough.meta({
      description: 'As in a new run. Required if the earlier run had it; an empty list passes nothing through.',
    }),
    redirectUri: redirectUri.meta({ description: 'As in a new run. Default: that of the run.' }),
    idempotencyKey,
    prefer,
  })
  .meta({ id: 'Rerun', description: 'The differences from the earlier run.' });
export type RerunInput = z.output<typeof RerunInput>;
