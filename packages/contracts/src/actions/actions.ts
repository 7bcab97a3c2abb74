// Actions: plans of successful runs, saved under a key and executed without planning.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { ApprovalStrategy } from '../base/approval-strategy.ts';
import { codes, creationCodes, schemaCodes } from '../base/error.ts';
import { defaultFlag, doc, flag, listInput, nextCursor, oneOf, optionalFlag, text } from '../base/fields.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { CustomerIntegrationId, isObjectPropertyName, RunId, StepId, Timestamp, UserId } from '../base/scalars.ts';
import { CreateRunInput, idempotentHeaders } from '../runs/create.ts';

export const ActionKey = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, 'Must be 1 to 128 letters, digits, _, . and -.')
  .refine(
    (key) => !isObjectPropertyName(key) && !/^\.+$/.test(key),
    'Must be no name that every object has, and no dots alone.',
  )
  .meta({
    id: 'ActionKey',
    description: 'Key of an action in the workspace, case-sensitive.',
    examples: ['large-deals'],
  });

const inputSchema = JsonSchema.meta(
  doc(
    'JSON Schema (draft-07) of `input`. Absent if the action takes none. Each property replaces a value of the saved plan.',
    {
      type: 'object',
      properties: { accountName: { type: 'string', title: 'Name', examples: ['Northwind'] } },
      required: ['accountName'],
      additionalProperties: false,
    },
  ),
);
const outputSchema = JsonSchema.meta(
  doc('JSON Schema (draft-07) of `output`.', { type: 'object', properties: { total: { type: 'number' } } }),
);

export const Action = z
  .object({
    key: ActionKey,
    intent: text('The goal of the saved run.', 'List the deals of Northwind'),
    outputSchema: outputSchema.optional(),
    inputSchema: inputSchema.optional(),
    useDefaultMapping: flag('true: inputSchema was derived from the plan. false: you set it.', true),
    state: oneOf(
      ['active', 'paused'],
      'paused: its owner may no longer create runs, so the action cannot be run. The key is revoked or has expired, or the person is disabled, no member any more, or in a role without runs:write.',
      'active',
    ),
    madeBy: text('The name of the key or the person that created it or changed it last.', 'billing service'),
    runId: RunId.meta({ description: 'The saved run. It may have been removed since.' }),
    customerIntegrationIds: z
      .array(CustomerIntegrationId)
      .meta({ description: 'The integrations that it calls.', examples: [['crm_1a2b3c4d']] }),
    leftOut: z
      .array(z.enum(['intent', 'inputSchema', 'outputSchema']))
      .optional()
      .meta({
        description:
          'Fields that did not fit in a list: absent, or shortened (intent). GET /v1/actions/{key} returns them.',
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
    title: text('Its label, for people.', 'Name'),
    value: Json.meta({ description: 'Its value in the saved run.', examples: ['Northwind'] }),
    from: oneOf(['intent', 'context', 'input'], 'Its source in the run.', 'intent'),
    bound: flag(
      'true: callers set it. false: inputSchema does not name it, and the plan contains the value of the run.',
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
    plan: Plan.meta({ description: 'The plan. Values that callers set are bindings on `input`.' }),
    words: text(
      'The plan as text for people.',
      'List the deals of Northwind\n\n1. List deals of the account of the input',
    ),
    values: z.array(ActionValue).meta({
      description: 'Values of the plan that are or can be inputs, at most 50.',
    }),
  })
  .meta({ id: 'ActionDetails', description: 'An action with its plan and inputs.' });
export type ActionDetails = z.infer<typeof ActionDetails>;

const KeepActionInput = z
  .strictObject({
    runId: RunId,
    key: ActionKey,
    inputSchema: inputSchema.optional().meta({
      description:
        'The values that become inputs, and their types. Its properties are names from `values` of an answer. Default: all values that came with the run.',
    }),
  })
  .meta({ id: 'KeepAction', description: 'A run to save as an action.' });

const ChangeActionInput = z
  .strictObject({
    key: ActionKey,
    inputSchema: inputSchema
      .nullable()
      .optional()
      .meta({ description: 'The new schema, as in POST. null: the schema derived from the plan.' }),
    outputSchema: outputSchema.nullable().optional().meta({ description: 'The new schema. null removes it.' }),
  })
  .meta({ id: 'ChangeAction', description: 'Changes of an action.' });

const ActionRef = z.strictObject({ key: ActionKey });

const ActionPage = z
  .object({ actions: z.array(Action), nextCursor })
  .meta({ id: 'ActionPage', description: 'A page of actions, by key.' });

const { approvers, onBehalfOf, passThrough, redirectUri, idempotencyKey, prefer } = CreateRunInput.shape;

export const RunActionInput = z
  .strictObject({
    key: ActionKey,
    userId: UserId,
    input: z
      .record(z.string().max(100), Json)
      .optional()
      .meta({
        description: 'The input, as inputSchema describes it. Required if there is an inputSchema. At most 64 KiB.',
        examples: [{ accountName: 'Contoso' }],
      }),
    approvers,
    onBehalfOf,
    passThrough: passThrough.meta({ description: 'As in a run. Actions do not store it.' }),
    customerIntegrationId: CustomerIntegrationId.optional().meta({
      description:
        'Another integration of the same service, to call instead of the one in the plan. Its tools must be the same.',
    }),
    replan: defaultFlag(
      false,
      'If tools have changed: plan the action again, and store the new plan if the run succeeds with the same inputs.',
      true,
    ),
    redirectUri: redirectUri.meta({ description: 'As in a run. Actions do not store it.' }),
    idempotencyKey,
    prefer: prefer.meta({
      description: 'The header Prefer. wait=N (at most 60): seconds to wait for the end. Default: 30.',
    }),
  })
  .meta({ id: 'RunAction', description: 'An action to run.' });
export type RunActionInput = z.output<typeof RunActionInput>;

export const ActionResult = z
  .object({
    runId: RunId,
    output: Json.optional().meta(
      doc('The result of the run. Absent if there is none, and for keys without runs:read.', { total: 135_000 }),
    ),
    replanned: optionalFlag('Set with `replan`: whether the action has a new plan.', true),
  })
  .meta({ id: 'ActionResult', description: 'The result of an action.' });
export type ActionResult = z.infer<typeof ActionResult>;

export const actions = withTag('Actions', {
  list: query({
    input: listInput('Actions', {}),
    output: ActionPage,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/actions',
      summary: 'List actions',
      success: 'One page of actions.',
      description: 'Sorted by key. `leftOut` names schemas that do not fit in the answer.',
    },
  }),
  keep: mutation({
    input: KeepActionInput,
    output: ActionDetails,
    scope: 'runs:write',
    readScope: 'runs:read',
    errors: codes(
      'not_found',
      'action_exists',
      'item_limit_reached',
      'plan_not_repeatable',
      'tools_changed',
      ...schemaCodes,
    ),
    http: {
      route: 'POST /v1/actions',
      status: 201,
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
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/actions/{key}',
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
    errors: codes('not_found', ...schemaCodes),
    http: {
      route: 'PUT /v1/actions/{key}',
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
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/actions/{key}',
      status: 204,
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
      route: 'POST /v1/actions/run',
      summary: 'Run an action',
      success: 'The run has succeeded.',
      description:
        'Executes the plan of an action with an input, without planning, as a run of the caller, and waits for its end. The problems action_waits (a person must act), action_unfinished (the run takes longer than the request) and action_failed (it ended without success) have the `runId`. In all three cases the run may have written something, and may continue. Without an Idempotency-Key, the same request creates another run.',
      ...idempotentHeaders,
    },
  }),
});
