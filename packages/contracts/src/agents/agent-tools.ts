// The tools for agents. packages/api implements them.
import { z } from 'zod';
import { defaultLimit, doc, inPages, nextCursor, optionalOneOf, optionalText } from '../base/fields.ts';
import { approvals } from '../decisions/approval.ts';
import { effects } from '../decisions/effect.ts';
import { inputOperations } from '../decisions/input.ts';
import { PendingList, pending } from '../decisions/pending.ts';
import { PendingEntry } from '../decisions/pending-entry.ts';
import { questionOperations } from '../decisions/question.ts';
import { WaitingOn } from '../decisions/waiting-on.ts';
import { Integration } from '../integrations/integration.ts';
import { integrations } from '../integrations/integrations.ts';
import { tools } from '../integrations/tool-search.ts';
import { Run, RunHandle } from '../runs/run.ts';
import { runs } from '../runs/runs.ts';
import { agentTool } from './agent-tool.ts';

/** Any JSON value. Strict clients reject a schema that accepts anything. */
const AnyJson = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean(), z.null()])
  .meta({ description: 'A JSON value.' });

/** The number of newest events that `run_status` returns. */
export const MAX_AGENT_EVENTS = 50;

const readHints = { readOnlyHint: true, idempotentHint: true, openWorldHint: false } as const;
const createRunFields = runs.create.input.shape;
const approvalFields = approvals.decide.input.shape;
const effectFields = effects.resolve.input.shape;
const questionFields = questionOperations.answer.input.shape;
const inputFields = inputOperations.answer.input.shape;

const listIntegrations = agentTool({
  name: 'list_integrations',
  title: 'List integrations',
  description: 'Lists the services that errands may use. Pass their ids to execute_intent, or omit them to allow all.',
  scope: integrations.list.scope,
  annotations: readHints,
  input: inPages(
    integrations.list.input.pick({ cursor: true }).extend({ pageSize: defaultLimit(50, 100, 'Integrations a page.') }),
  ),
  output: z.object({
    integrations: z
      .array(Integration.pick({ customerIntegrationId: true, name: true, description: true, authType: true }))
      .meta({ description: 'The integrations that are active.' }),
    nextCursor,
  }),
});

const searchTools = agentTool({
  name: 'search_tools',
  title: 'Search tools',
  description:
    'Searches the operations of the integrations by words. Use it to see whether an intent can be carried out. execute_intent finds its tools by itself.',
  scope: tools.search.scope,
  annotations: readHints,
  input: tools.search.input,
  output: tools.search.output,
});

const executeIntent = agentTool({
  name: 'execute_intent',
  title: 'Execute an intent',
  description:
    'Starts an errand for the user and immediately returns its run. Then call run_status with the runId and waitSeconds until the status is SUCCESS, PARTIAL_SUCCESS, NO_SUCCESS, FAILED or CANCELED. Send an idempotencyKey if you may have to repeat the call: the errand is then carried out only once.',
  scope: runs.create.scope,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    intent: createRunFields.intent,
    context: createRunFields.context,
    customerIntegrationIds: createRunFields.selectedCustomerIntegrationIds
      .default(['*'])
      .meta({ description: 'The integrations that may be used. Default: all.' }),
    approvalStrategy: createRunFields.approvalStrategy,
    outputSchema: createRunFields.outputSchema,
    idempotencyKey: createRunFields.idempotencyKey,
  }),
  output: RunHandle,
});

const AgentWaitingOn = WaitingOn.omit({ resolveWith: true }).extend({
  url: optionalText(
    'A page for a person, present if this key may share it. Show it to the user; do not open it yourself.',
    'https://errand.example/v1/runs/approval?token=…',
  ),
});

const runStatus = agentTool({
  name: 'run_status',
  title: 'Status of a run',
  description:
    'Returns the status of an errand, and its result once it has ended. PAUSED and AUTH_REQUIRED wait for a person: show the user the text and url of waitingOn.',
  scope: runs.get.scope,
  annotations: readHints,
  input: runs.get.input.pick({ runId: true, includeEvents: true }).extend({
    waitSeconds: z
      .int()
      .min(0)
      .max(25)
      .default(0)
      .meta(doc('Maximum seconds to wait until the run has ended or waits for a person.', 20)),
  }),
  output: Run.pick({
    runId: true,
    status: true,
    intent: true,
    summary: true,
    error: true,
    createdAt: true,
    endedAt: true,
  }).extend({
    result: AnyJson.optional(),
    waitingOn: z.array(AgentWaitingOn).meta({ description: 'Actions that a person must take.' }),
    events: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .meta({ description: `The newest ${MAX_AGENT_EVENTS} events. Only with includeEvents.` }),
  }),
});

/** The fields of an entry for agents. The others are for people who edit arguments. */
const agentEntryFields = {
  kind: true,
  approvalId: true,
  effectId: true,
  requestId: true,
  runId: true,
  intent: true,
  title: true,
  text: true,
  integrationName: true,
  tool: true,
  effect: true,
  calls: true,
  args: true,
  names: true,
  choices: true,
  requestedSchema: true,
  openUrl: true,
  askedAt: true,
  expiresAt: true,
  mayDecide: true,
} as const;
export const AGENT_ENTRY_FIELDS = Object.keys(agentEntryFields) as (keyof typeof agentEntryFields)[];

const listPending = agentTool({
  name: 'list_pending',
  title: 'List pending requests',
  description:
    'Lists what waits for a person in the errands of this user: approvals, questions, input requests of services, consents and uncertain calls.',
  scope: pending.list.scope,
  annotations: readHints,
  input: inPages(pending.list.input.omit({ userId: true })),
  output: PendingList.extend({
    pending: z
      .array(PendingEntry.pick(agentEntryFields).extend({ args: AnyJson.optional() }))
      .meta({ description: 'The pending requests, newest first.' }),
  }),
});

const decide = agentTool({
  name: 'decide',
  title: 'Decide a pending request',
  description:
    'Approves or denies a plan or a call (approvalId), answers a question (requestId with answer, which must match requestedSchema if there is one), answers an input request of a service (requestId with action and content), or resolves a call with a lost answer (effectId). list_pending returns the ids. Decide only what the user told you. Without a decision or an answer, the user is asked if the client supports it.',
  scope: approvals.decide.scope,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: z.strictObject({
    approvalId: approvalFields.approvalId.optional(),
    requestId: questionFields.requestId.optional(),
    effectId: effectFields.effectId.optional(),
    decision: optionalOneOf(
      [...approvalFields.decision.options, ...effectFields.decision.options],
      'For an approval: approve or deny. For an effect: retry, happened or skip.',
      'approve',
    ),
    answer: questionFields.answer.optional(),
    action: inputFields.action.optional(),
    content: inputFields.content,
    reason: approvalFields.reason,
  }),
  output: z.object({
    runId: runs.get.input.shape.runId,
    decision: z
      .union([
        z.string().meta({ description: 'A decision, or an answer in words.' }),
        z.number().meta({ description: 'A number as the answer.' }),
        z.boolean().meta({ description: 'Yes or no as the answer.' }),
        z.null().meta({ description: 'No answer.' }),
        z.record(z.string(), AnyJson).meta({ description: 'An answer to several fields.' }),
      ])
      .meta(doc('The decision or the answer.', 'approve')),
  }),
});

/** The tools that agents see at `/mcp`. Their fields are those of the operations. */
export const agentTools = { listIntegrations, searchTools, executeIntent, runStatus, listPending, decide };
