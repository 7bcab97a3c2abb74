import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { codes, creationCodes, schemaCodes } from '../base/error.ts';
import { flag, flagOr, limitOr, oneOf, optionalFlag, text } from '../base/fields.ts';
import { CustomerIntegrationId, isOfEveryObject, RunId, StepId, Timestamp, UserId } from '../base/ids.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { CreateRunInput, createsOnce } from '../runs/create.ts';

export const ActionKey = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, 'Must be 1 to 128 letters, digits, _, . and -.')
  .refine(
    (key) => !isOfEveryObject(key) && !/^\.+$/.test(key),
    'Must be no name that every object has, and no dots alone.',
  )
  .meta({
    id: 'ActionKey',
    description: 'Key of an action in the workspace, case-sensitive.',
    examples: ['large-deals'],
  });

const inputSchema = JsonSchema.meta({
  description:
    'JSON Schema (draft-07) of `input`. Absent: the action takes none. Each property is a value that stood in the plan of the run.',
  examples: [
    {
      type: 'object',
      properties: { accountName: { type: 'string', title: 'Name', examples: ['Northwind'] } },
      required: ['accountName'],
      additionalProperties: false,
    },
  ],
});
const outputSchema = JsonSchema.meta({
  description: 'JSON Schema (draft-07) of `output`.',
  examples: [{ type: 'object', properties: { total: { type: 'number' } } }],
});

export const Action = z
  .object({
    key: ActionKey,
    intent: text('The goal of the run that was kept.', 'List the deals of Northwind'),
    outputSchema: outputSchema.optional(),
    inputSchema: inputSchema.optional(),
    useDefaultMapping: flag(
      'true while inputSchema is the one that was made from the plan; false once it is one of yours.',
      true,
    ),
    state: oneOf(
      ['active', 'paused'],
      'paused: the key that made the action is revoked or has expired, so it is not run.',
      'active',
    ),
    madeBy: text('The key that made it, or changed it last.', 'billing service'),
    runId: RunId.meta({ description: 'The run that was kept; it may have been removed since.' }),
    customerIntegrationIds: z
      .array(CustomerIntegrationId)
      .meta({ description: 'The integrations that it calls.', examples: [['crm_1a2b3c4d']] }),
    leftOut: z
      .array(z.enum(['intent', 'inputSchema', 'outputSchema']))
      .optional()
      .meta({
        description: 'Fields that had no room in a list: absent, or (intent) cut. GET /v1/actions/{key} has them.',
        examples: [['outputSchema']],
      }),
    updatedAt: Timestamp,
    createdAt: Timestamp,
  })
  .meta({ id: 'Action', description: 'A plan that is saved under a key and executed without planning.' });
export type Action = z.infer<typeof Action>;

export const ActionValue = z
  .object({
    name: text('Its name in `input`.', 'accountName'),
    title: text('The same for people.', 'Name'),
    value: Json.meta({ description: 'Its value in the run that was kept.', examples: ['Northwind'] }),
    from: oneOf(['intent', 'context', 'input'], 'Where the run had it from.', 'intent'),
    bound: flag(
      'true: callers give it. false: inputSchema does not name it, and the plan holds the value of the run.',
      true,
    ),
    usedIn: z
      .array(
        z.object({
          stepId: StepId,
          argument: text('The argument, in words.', 'account name'),
        }),
      )
      .meta({ description: 'The arguments that it is used in.' }),
  })
  .meta({ id: 'ActionValue', description: 'A value of the run that is, or may be, an input of the action.' });
export type ActionValue = z.infer<typeof ActionValue>;

export const ActionDetails = Action.omit({ leftOut: true })
  .extend({
    approvalStrategy: ApprovalStrategy,
    plan: Plan.meta({ description: 'The plan. Values that callers give are bindings on `input`.' }),
    words: text(
      'The plan as text for people.',
      'List the deals of Northwind\n\n1. List deals of the account of the input',
    ),
    values: z.array(ActionValue).meta({
      description: 'What became an input, and what could be one: the values of the plan that its run said, at most 50.',
    }),
  })
  .meta({ id: 'ActionDetails', description: 'An action with its plan, and what of it are inputs.' });
export type ActionDetails = z.infer<typeof ActionDetails>;

const KeepActionInput = z
  .strictObject({
    runId: RunId,
    key: ActionKey,
    inputSchema: inputSchema.optional().meta({
      description:
        'Which values become inputs, and what they may be: its properties are some of the names that `values` of an answer has. Default: all that the run said.',
    }),
  })
  .meta({ id: 'KeepAction', description: 'A run to keep as an action.' });

const ChangeActionInput = z
  .strictObject({
    key: ActionKey,
    inputSchema: inputSchema
      .nullable()
      .optional()
      .meta({ description: 'Another one, as in POST. null: the one that is made from the plan.' }),
    outputSchema: outputSchema.nullable().optional().meta({ description: 'Another one. null: none.' }),
  })
  .meta({ id: 'ChangeAction', description: 'What changes of an action.' });

const ActionRef = z.strictObject({ key: ActionKey });

const ListActionsInput = z.strictObject({
  limit: limitOr(1000, 1000, 'Actions in one answer at most.', 100),
  after: ActionKey.optional().meta({
    description:
      'The list begins after this key: that of the last action of the answer before. An answer of fewer than `limit` is the last.',
    examples: ['large-deals'],
  }),
});

const { passThrough, idempotencyKey, prefer } = CreateRunInput.shape;

export const RunActionInput = z
  .strictObject({
    key: ActionKey,
    userId: UserId,
    input: z
      .record(z.string().max(100), Json)
      .optional()
      .meta({
        description: 'What the action takes, by its inputSchema; needed when it has one. At most 64 KiB.',
        examples: [{ accountName: 'Contoso' }],
      }),
    passThrough: passThrough.meta({ description: 'As in a run. An action keeps none.' }),
    customerIntegrationId: CustomerIntegrationId.optional().meta({
      description:
        'Another integration of the same service, in place of the one of that service that the plan calls; its tools must be the same.',
    }),
    replan: flagOr(
      false,
      'When the tools have changed: have the action planned again, and keep the new plan if the run succeeds and takes the same inputs.',
      true,
    ),
    idempotencyKey,
    prefer: prefer.meta({
      description: 'From the header Prefer. wait=N (at most 60): how many seconds to wait for the end; 30 without it.',
    }),
  })
  .meta({ id: 'RunAction', description: 'An action to run.' });
export type RunActionInput = z.output<typeof RunActionInput>;

export const ActionResult = z
  .object({
    runId: RunId,
    output: Json.optional().meta({
      description: 'The result of the run; absent when it has none, and for keys without runs:read.',
      examples: [{ total: 135_000 }],
    }),
    replanned: optionalFlag('Set after `replan`: whether the action has a new plan now.', true),
  })
  .meta({ id: 'ActionResult', description: 'The result of an action.' });
export type ActionResult = z.infer<typeof ActionResult>;

/** Plans that are kept under a key and executed without planning. */
export const actions = {
  list: query({
    input: ListActionsInput,
    output: z.array(Action),
    scope: 'runs:read',
    errors: codes('validation_failed'),
    http: {
      method: 'GET',
      path: '/v1/actions',
      tag: 'Actions',
      summary: 'List actions',
      success: 'The actions, by key.',
      description: 'Sorted by key. `leftOut` names schemas that do not fit in the answer.',
    },
  }),
  keep: mutation({
    input: KeepActionInput,
    output: ActionDetails,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes(
      'validation_failed',
      'not_found',
      'action_exists',
      'plan_not_repeatable',
      'tools_changed',
      ...schemaCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/actions',
      status: 201,
      tag: 'Actions',
      summary: 'Save a run as an action',
      success: 'The action and its inputs.',
      description:
        'Saves the plan of a run that ended as SUCCESS. Values from the intent or the context become inputs; other values stay fixed. Plans with values that were valid only for their run are rejected: computed times, results of lookups, and answers of people. Also needs runs:read.',
    },
  }),
  get: query({
    input: ActionRef,
    output: ActionDetails,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/actions/{key}',
      tag: 'Actions',
      summary: 'Get an action',
      success: 'The action.',
      description: 'An action with its plan, as JSON and as text, and the values that are or can be inputs.',
    },
  }),
  change: mutation({
    input: ChangeActionInput,
    output: ActionDetails,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'not_found', ...schemaCodes),
    http: {
      method: 'PUT',
      path: '/v1/actions/{key}',
      tag: 'Actions',
      summary: 'Change an action',
      success: 'The changed action.',
      description:
        'Changes the inputs and the output of the action. The caller becomes its owner, which reactivates a paused action. Omitted fields stay unchanged. Also needs runs:read.',
    },
  }),
  delete: mutation({
    input: ActionRef,
    output: z.null(),
    scope: 'runs:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/actions/{key}',
      status: 204,
      tag: 'Actions',
      summary: 'Delete an action',
      success: 'The action is deleted; there is no body.',
      description: 'Running runs of the action continue.',
    },
  }),
  run: mutation({
    input: RunActionInput,
    output: ActionResult,
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      'not_found',
      'action_paused',
      'action_stale',
      'action_waits',
      'action_unfinished',
      'action_failed',
      'connection_inactive',
      ...creationCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/actions/run',
      tag: 'Actions',
      summary: 'Run an action',
      success: 'The run has succeeded.',
      description:
        'Executes the plan of an action with an input, without planning, as a run of the caller, and waits for its end. The problems action_waits (a person must act), action_unfinished (the run takes longer than the request) and action_failed (it ended without success) have the `runId`. In all three cases the run may have written something, and may continue. Without an Idempotency-Key, the same request creates another run.',
      ...createsOnce,
    },
  }),
};
