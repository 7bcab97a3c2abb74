import { sha256Bytes } from '@errand/basics/sha256';
import {
  type CreatedRun,
  type CreateRunInput,
  identityOf,
  type Json,
  type Principal,
  problem,
  type Run,
  type RunUser,
  type StoredApprover,
} from '@errand/contracts';
import {
  type ClaimingWorker,
  createRun,
  EarlierCallsGone,
  type NewRun,
  newId,
  type ReadRequesters,
  type RunRow,
  type RunScope,
  type ScheduledBy,
  type StoredPlan,
  storable,
  type TakeOver,
} from '@errand/db';
import { canonicalJson, checkPlan, type Sandbox } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { type Envelope, enclose, isEnvelope, PLANNING, toolNames, toPlaceholder, toStored } from '../model/envelope.ts';
import { identitiesOf, type PeopleOfRun, peopleOf } from '../model/people-of-run.ts';
import { toPlanMaker } from '../model/plan-maker.ts';
import type { RunRef } from '../model/transition.ts';
import { checkSchema, invalid } from '../model/validate.ts';
import type { ReportCreated } from '../observation/report.ts';
import type { Backlog } from '../queue/backlog.ts';
import type { MakeDue } from '../queue/dequeuer.ts';
import { findRepeat } from './repeat.ts';
import { outputsGone } from './rerun-from.ts';

const MAX_AHEAD_MS = 366 * 86_400_000;

type CreateDeps = {
  toolbox: Toolbox;
  sandbox: Sandbox;
  mayFill: boolean;
  backlog: Backlog;
  makeDue: MakeDue;
  requesters: ReadRequesters;
  /** Called after a run was stored, with the number of its newest event. */
  announceCreated: (run: RunRef, seq: number) => void;
  reportCreated: ReportCreated;
  timeZone?: string;
};

/**
 * The origin of a new run: its id (new by default), its creator, the sealed pass-through of its calls, the run or action that it
 * repeats, and their plan if it is executed again.
 */
export type RunOrigin = {
  runId?: string;
  by?: Pick<Principal, 'kind' | 'id' | 'label'>;
  /** The persons who alone decide; every principal with the scope by default. */
  approvers?: readonly StoredApprover[];
  sealedPassThrough?: Buffer;
  rerunOf?: string;
  actionKey?: string;
  plan?: Envelope;
  schedule?: ScheduledBy;
  /** The calls of the earlier run that are not made again. */
  takeOver?: TakeOver;
  /** The header of the request that creates the run. */
  traceparent?: string | undefined;
};

/**
 * Checks and stores a run; a worker executes it.
 * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive, outputs_gone; BacklogFull
 */
export async function create(
  scope: RunScope,
  deps: CreateDeps,
  input: CreateRunInput,
  origin: RunOrigin = {},
): Promise<CreatedRun> {
  const { runId = newId(), actionKey, plan, schedule } = origin;
  const startAt = startTimeOf(input);
  const checkedPlan = plan
    ? toStored(plan, actionKey === undefined ? 'caller' : 'action')
    : await checkRun(scope, deps, input);
  const signature = signatureOf(input);
  const repeated = checkedPlan ? null : await findRepeat(scope, deps.sandbox.for(scope.workspaceId), input, signature);
  const run = {
    ...toNewRun(input, { ...origin, runId }, deps.timeZone),
    signature,
    repeatRunId: repeated?.runId ?? null,
    plan: checkedPlan ?? (repeated ? toStored(repeated.plan, 'repeat') : toPlaceholder(PLANNING)),
    ...(startAt && { startAt }),
  };
  // Read before the run is stored: afterwards, a failure must not hide it.
  const requesterOf = await deps.requesters(scope.workspaceId, identitiesOf([run]));
  await deps.backlog.accept(scope.workspaceId);
  // A run that starts later, or already has an event, waits for a claim.
  const mayClaimAtOnce = !startAt && !schedule?.announcement;
  const store = (claimant: ClaimingWorker | null) => createRun(scope, run, mayClaimAtOnce ? claimant : null);
  const stored = await deps.makeDue(false, store, scope.workspaceId).catch((error: unknown) => {
    throw error instanceof EarlierCallsGone ? outputsGone() : error;
  });
  const created = { workspaceId: scope.workspaceId, runId };
  deps.announceCreated(created, stored!.row.seq);
  deps.reportCreated({ by: creatorOf(origin), ...created }, origin.traceparent);
  const envelope = checkedPlan?.plan ?? repeated?.plan;
  const madeAt = stored!.row.createdAt.toISOString();
  return {
    ...toAcceptedRun(stored!.row, peopleOf(stored!.row, requesterOf)),
    plan: isEnvelope(envelope)
      ? {
          planType: 'json',
          plan: envelope.plan,
          madeBy: toPlanMaker(run.plan.madeBy, run.rerunOf !== undefined),
          madeAt,
        }
      : { planType: 'text', plan: PLANNING },
  };
}

function creatorOf({ schedule, actionKey, rerunOf }: RunOrigin): 'request' | 'rerun' | 'action' | 'schedule' {
  if (schedule) return 'schedule';
  if (actionKey !== undefined) return 'action';
  return rerunOf === undefined ? 'request' : 'rerun';
}

/** The columns of a new run that come from its input and its origin. */
function toNewRun(
  input: CreateRunInput,
  { runId, by, approvers, sealedPassThrough, rerunOf, actionKey, schedule, takeOver }: RunOrigin & { runId: string },
  timeZone: string | undefined,
): Omit<NewRun, 'signature' | 'repeatRunId' | 'plan'> {
  return {
    runId,
    executionPlanId: newId(),
    repeatKey: input.repeatKey ?? null,
    intent: input.intent,
    context: input.context,
    userId: input.userId,
    user: userWithTimeZone(input.user, timeZone),
    approvalStrategy: input.approvalStrategy,
    selected: input.selectedCustomerIntegrationIds,
    outputSchema: (input.outputSchema as Json) ?? null,
    budget: (input.budget ?? {}) as Json,
    metadata: input.metadata,
    priority: input.priority,
    requestedBy: by ? identityOf(by) : null,
    // Only a product has the name.
    ...(by?.kind === 'claimed' && { requestedLabel: by.label }),
    ...(approvers && { approvers }),
    ...(sealedPassThrough && { sealedPassThrough, passedTo: passedIntegrations(input) }),
    ...(rerunOf !== undefined && { rerunOf }),
    ...(input.redirectUri !== undefined && { redirectUri: input.redirectUri }),
    ...(actionKey !== undefined && { actionKey }),
    ...(schedule && { schedule }),
    ...(takeOver && { takeOver }),
  };
}

/**
 * Checks a run to create, now or by a schedule.
 * @returns the caller's plan, if any
 * @throws ProblemError schema_*, plan_invalid, connection_not_found, connection_inactive
 */
export async function checkRun(
  scope: RunScope,
  deps: Pick<CreateDeps, 'toolbox' | 'sandbox' | 'mayFill'>,
  input: Omit<CreateRunInput, 'startAt'>,
): Promise<StoredPlan | null> {
  if (input.outputSchema) await checkSchema(deps.sandbox, input.outputSchema, 'outputSchema');
  if (input.plan) return checkCallersPlan(scope, deps, input);
  if (input.selectedCustomerIntegrationIds[0] !== '*') await selectTools(scope, deps, input);
  return null;
}

/** @throws ProblemError validation_failed */
function startTimeOf({ startAt }: CreateRunInput): Date | undefined {
  const at = startAt === undefined ? undefined : new Date(startAt);
  if (!at || at.getTime() <= Date.now()) return undefined;
  if (at.getTime() - Date.now() <= MAX_AHEAD_MS) return at;
  throw invalid('/startAt', 'Must be within a year from now.', 'The run cannot start that late.');
}

const passedIntegrations = ({ passThrough = [] }: CreateRunInput): string[] =>
  passThrough.map(({ customerIntegrationId }) => customerIntegrationId);

// The run stores its time zone: a changed setting must not change the values that a run computes.
export const userWithTimeZone = (user: RunUser = {}, timeZone?: string): RunUser | null => {
  const userFields = { ...(timeZone !== undefined && { timeZone }), ...user };
  return Object.keys(userFields).length > 0 ? userFields : null;
};

// The API form of a run when it was accepted, even if a worker has claimed it since.
const toAcceptedRun = (row: RunRow, { requestedBy, approvers }: PeopleOfRun): Run => ({
  runId: row.runId,
  repeatKey: row.repeatKey,
  ...(row.repeatRunId !== null && { repeatRunId: row.repeatRunId }),
  ...(row.rerunOf !== null && { rerunOf: row.rerunOf }),
  ...(row.actionKey !== null && { actionKey: row.actionKey }),
  ...(row.scheduleId !== null && { scheduleId: row.scheduleId }),
  ...(row.scheduledFor && { scheduledFor: row.scheduledFor.toISOString() }),
  ...(row.startAt && { startAt: row.startAt.toISOString() }),
  status: 'QUEUED',
  executionPlanId: row.executionPlanId,
  events: [],
  intent: row.intent,
  context: row.context,
  userId: row.userId,
  ...(row.user && { user: row.user }),
  ...(requestedBy && { requestedBy }),
  approvalStrategy: row.approvalStrategy,
  ...(approvers && { approvers }),
  selectedCustomerIntegrationIds: row.selected,
  integrations: row.integrations,
  ...(row.plannedSteps !== null && { progress: { done: 0, total: row.plannedSteps } }),
  ...(row.outputSchema && { outputSchema: row.outputSchema }),
  metadata: row.metadata,
  usage: { steps: 0, toolCalls: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, activeMs: 0 },
  waitingOn: [],
  waitingFor: { what: row.startAt ? 'start' : 'slot', since: row.updatedAt.toISOString() },
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** @throws ProblemError connection_not_found, connection_inactive */
export async function selectTools(
  scope: RunScope,
  { toolbox }: Pick<CreateDeps, 'toolbox'>,
  { selectedCustomerIntegrationIds: selected }: Pick<CreateRunInput, 'selectedCustomerIntegrationIds'>,
) {
  const tools = await toolbox.catalog(scope.workspaceId, selected);
  const { inactive = [] } = tools;
  if (inactive.length === 0) return tools;
  const names = inactive.map(({ customerIntegrationId, name }) => `${name} (${customerIntegrationId})`).join(', ');
  const errors = inactive.map(({ customerIntegrationId: id, name }) => ({
    pointer: `/selectedCustomerIntegrationIds/${(selected as readonly string[]).indexOf(id)}`,
    message: `${name} is inactive.`,
  }));
  const detail = `Inactive: ${names}. Leave these integrations out, or switch them on.`;
  throw problem('connection_inactive', detail, {
    errors,
    values: { customerIntegrationIds: inactive.map(({ customerIntegrationId }) => customerIntegrationId) },
  });
}

/** @throws ProblemError plan_invalid, connection_not_found, connection_inactive */
export async function checkCallersPlan(
  scope: RunScope,
  deps: Pick<CreateDeps, 'toolbox' | 'sandbox' | 'mayFill'>,
  input: Pick<CreateRunInput, 'plan' | 'outputSchema' | 'selectedCustomerIntegrationIds'>,
) {
  const tools = await selectTools(scope, deps, input);
  const checked = await checkPlan(input.plan, {
    tools,
    sandbox: deps.sandbox,
    mayFill: deps.mayFill,
    ...(input.outputSchema && { outputSchema: input.outputSchema }),
    endsBecause:
      'A plan of yours is executed as it is, and nobody plans on after it: write a result. To have a planner look first, leave out plan.',
  });
  if (checked.ok) {
    const envelope = enclose(checked.plan, await tools.named(toolNames(checked.plan)));
    return toStored(storable(envelope as Json) as Json & Envelope, 'caller');
  }
  throw problem('plan_invalid', 'The plan is not valid; each error says what is wrong and how to fix it.', {
    errors: checked.complaints.map((c) => ({ pointer: `/plan${c.pointer}`, message: c.message })),
  });
}

/** SHA-256 over the fields that a repeat must share with the earlier run: intent, output schema and user. */
export const signatureOf = (input: Pick<CreateRunInput, 'intent' | 'outputSchema' | 'userId'>): Buffer =>
  sha256Bytes(canonicalJson([input.intent, (input.outputSchema as Json) ?? null, input.userId]));
