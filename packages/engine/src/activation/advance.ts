import { type Json, type Plan, ProblemError } from '@errand/contracts';
import {
  type Claim,
  type ClaimedRun,
  clearDue,
  countEffects,
  isDatabaseTrouble,
  type RunScope,
  readClaim,
  readDecisionRequests,
  readInFlight,
  releaseRun,
} from '@errand/db';
import { evaluatePreRunArguments, type StepError } from '@errand/plan';
import type { Traced, WorkEnd } from '@errand/ports/observer';
import type { Catalog } from '@errand/ports/toolbox';
import { Approvals } from '../decisions/ask/approvals.ts';
import { DecisionRequests } from '../decisions/ask/decision-requests.ts';
import { startEvent, toDraft } from '../events/event-json.ts';
import { ActivationWriter, LeaseLost } from '../events/writer.ts';
import type { Faults } from '../failpoints.ts';
import { type Envelope, isEnvelope, NO_PLAN, toolNames, toPlaceholder } from '../model/envelope.ts';
import type { WritingScope } from '../model/transition.ts';
import type { Activation } from '../queue/activation.ts';
import { uncertainCallEvent } from '../runs/cancel.ts';
import { type Outcome, toEnd } from '../runs/result.ts';
import type { ActivationDeps, AdvanceDeps, CallsInFlight } from './activation-deps.ts';
import { BudgetMeter } from './budget.ts';
import { drained } from './calls/call-policy.ts';
import { withToolsTakenOver } from './earlier-run.ts';
import { Execution, expressionVariables } from './execute.ts';
import { obtainPlan } from './planning/plan.ts';
import { planAgain } from './planning/replan.ts';

/** A run ends as failed when this many workers died while they executed it. */
const MAX_DEATHS = 5;

/**
 * One activation: executes a claimed run until it ends, waits for a human or is given back. It keeps nothing in memory.
 * @param draining aborted when this process is about to end
 * @throws database errors, after which the run must be retried; errors of tools, planners and plans end the run instead
 */
export async function advance(deps: AdvanceDeps, claimed: Activation, draining: AbortSignal): Promise<void> {
  const { workspaceId, runId, epoch, deaths } = claimed.run;
  const { controller, dueSignal } = claimed;
  const scope = deps.scopeOf(workspaceId);
  const drain = () => controller.abort(drained);
  draining.addEventListener('abort', drain);
  const run = { workspaceId, runId };
  const observed = { workspaceId, runId, activation: epoch, deaths };
  deps.report('runClaimed', observed);
  const span = deps.beginActivation(observed);
  try {
    deps.faults.at('claim.after');
    if (draining.aborted) drain();
    if (epoch === 1) {
      const { seq, updatedAt: createdAt } = claimed.run;
      deps.publish(run, [{ ...startEvent, seq, createdAt }]);
    }
    if (deaths >= MAX_DEATHS) await giveUp(deps, scope, claimed);
    else await activate(deps, scope, await readClaim(scope, claimed), { controller, dueSignal, span });
    span?.end({});
  } catch (error) {
    span?.end({ error: error instanceof LeaseLost ? 'lease_lost' : 'activation_failed' });
    if (!(error instanceof LeaseLost)) throw error;
    deps.report('leaseLost', run);
    deps.log.debug({ runId }, 'The activation was aborted: the run was cancelled or claimed by another worker.');
  } finally {
    draining.removeEventListener('abort', drain);
  }
  // This process is about to end, so another worker continues at once.
  if (controller.signal.reason === drained) await requeue(deps, scope, claimed);
}

// Its events name the calls that may have taken effect.
async function giveUp(deps: AdvanceDeps, scope: WritingScope, { run }: ClaimedRun): Promise<void> {
  deps.log.error({ runId: run.runId }, 'A run crashed its worker repeatedly and is given up.');
  const message = `The run was given up because the process that carried it out crashed ${MAX_DEATHS} times.`;
  const outcome = failedOutcome({ code: 'run_crashed', message }, { effects: await countEffects(scope, run.runId) });
  const { runId, epoch, status } = run;
  const writer = new ActivationWriter(
    { runId, epoch, status },
    { scope, publish: deps.publish, onFailure: () => {}, takeActiveMs: () => 0 },
  );
  for (const call of await readInFlight(scope, run.runId)) {
    writer.add({ event: uncertainCallEvent(call, 'The process crashed during the call.') });
  }
  await finish(writer, outcome, true, deps.faults);
}

async function activate(
  advanceDeps: AdvanceDeps,
  scope: WritingScope,
  claim: Claim,
  { controller, dueSignal, span }: Pick<Activation, 'controller' | 'dueSignal'> & Traced,
): Promise<void> {
  const { run } = claim;
  const { runId, epoch, status } = run;
  const { limits, requestLifetimes, publish, log, faults } = advanceDeps;
  const { signal } = controller;
  const abort = () => controller.abort();
  const budget = new BudgetMeter(run.budget, limits, { ...run, outputBytes: ledgerBytes(claim) }, abort);
  const requests = new DecisionRequests(run.userId, claim.decisionRequests, requestLifetimes, run.updatedAt);
  const writerDeps = { scope, publish, onFailure: abort, takeActiveMs: () => budget.takeActiveMs() };
  const newWriter = () => new ActivationWriter({ runId, epoch, status }, writerDeps);
  const writer = newWriter();
  const approvals = approvalsOf(advanceDeps, scope, claim, { requests, writer });
  let calls: CallsInFlight | undefined;
  const onCalls = (inFlight: CallsInFlight) => {
    calls = inFlight;
  };
  const now = databaseClock(run.updatedAt);
  const deps: ActivationDeps = {
    writer,
    budget,
    requests,
    approvals,
    dueSignal,
    signal,
    now,
    onCalls,
    span,
    ...advanceDeps,
  };
  try {
    const outcome = await planAndExecute(deps, scope, claim);
    if (outcome === 'replanned') await requeue(deps, scope, claim);
    else if (outcome === null) await writer.flush();
    else if (outcome !== 'suspended') await finish(writer, outcome, requests.hasOpen, faults);
    span?.end(endOfActivation(outcome));
  } catch (error) {
    // Abort calls in flight first: the end of the run must count those that may have taken effect.
    abort();
    await calls?.waitForCalls();
    const isLost = error instanceof LeaseLost || (writer.failure instanceof LeaseLost && signal.aborted);
    if (isLost || isRetryable(error)) throw error;
    log.error({ err: error, runId }, 'A run failed because of an internal error.');
    const failure = budget.failure() ?? { code: 'internal', message: 'An internal error occurred.' };
    const { effects = 0, intended } = calls ?? {};
    const outcome = failedOutcome(failure, { effects: Math.max(earlierEffects(claim.ledger), effects), intended });
    await finish(newWriter(), outcome, requests.hasOpen, faults);
    span?.end(endOfActivation(outcome));
  } finally {
    budget.stop();
  }
}

function approvalsOf(
  { allowedByRule, toolbox, sandbox, approvalPolicy }: AdvanceDeps,
  scope: WritingScope,
  { run, plan: stored, ledger }: Claim,
  { requests, writer }: WaitDeps,
): Approvals {
  const { workspaceId } = scope;
  const { input, takenOver } = isEnvelope(stored) ? stored : {};
  const approvals = new Approvals(run, approvalPolicy, {
    requests,
    writer,
    allowedByRule: allowedByRule(run),
    floorOf: (id) => toolbox.approvalFloor(workspaceId, id),
    givenValues: (plan) => evaluatePreRunArguments(plan, sandbox.for(workspaceId), expressionVariables(run, input)),
  });
  // Reads of earlier plans count too, and those of the run that this one reruns.
  for (const customerIntegrationId of takenOver?.readFrom ?? [])
    approvals.noteRead({ effect: 'read', customerIntegrationId });
  for (const { tool, kind, effect, state } of ledger)
    if (tool && kind === 'tool' && state === 'DONE')
      approvals.noteRead({ effect, customerIntegrationId: tool.slice(0, tool.indexOf('.')) });
  return approvals;
}

async function requeue(deps: AdvanceDeps, scope: RunScope, { run }: ClaimedRun | Claim): Promise<void> {
  await releaseRun(scope, run.runId, run.epoch, null);
  deps.signalDue();
}

async function finish(writer: ActivationWriter, outcome: Outcome, hasOpen: boolean, faults: Faults): Promise<void> {
  const { status, result, error, summary } = toEnd(outcome);
  const event = { type: 'end' as const, ...(result !== undefined && { result }), ...(error && { error }), summary };
  await writer.apply({
    to: status,
    events: [toDraft(status, event)],
    end: { result, error: error as Json, summary },
    plan: outcome.unplanned ? toPlaceholder(NO_PLAN) : undefined,
    voidRequests: hasOpen,
  });
  faults.at('end.after');
}

/** `replanned`: another plan was stored; `suspended`: the run waits for a human; null: the lease was lost. */
type ActivationEnd = Outcome | 'replanned' | 'suspended' | null;

function endOfActivation(end: ActivationEnd): WorkEnd {
  if (end === null) return { error: 'lease_lost' };
  if (typeof end === 'string') return { state: end === 'suspended' ? 'waiting' : end };
  const { status, error } = toEnd(end);
  return { state: status, ...(error && { error: error.code }) };
}

async function planAndExecute(deps: ActivationDeps, scope: WritingScope, claim: Claim): Promise<ActivationEnd> {
  const effects = earlierEffects(claim.ledger);
  const isLost = () => deps.signal.aborted && !deps.budget.exhausted && !deps.writer.failure;
  try {
    const { selected, createdAt, startedAt } = claim.run;
    // Named integrations must be older than the run; ["*"] selects the integrations that exist when it starts.
    const registeredUntil = selected[0] === '*' ? (startedAt ?? createdAt) : createdAt;
    const catalog = await deps.toolbox.catalog(scope.workspaceId, selected, registeredUntil);
    const planned = await untilAnswered(() => obtainPlan(claim, catalog, deps), scope, claim, deps);
    if (planned === 'suspended') return planned;
    if (planned.ok) return await executePlan(scope, claim, { planned, catalog }, deps);
    if (isLost()) throw new LeaseLost('Cancelled while planning.');
    return { ...failedOutcome(deps.budget.failure() ?? planned, { effects }), unplanned: claim.planType === 'text' };
  } catch (error) {
    if (isLost())
      throw new LeaseLost('The activation was aborted: the run was cancelled or claimed by another worker.');
    if (!(error instanceof ProblemError)) throw deps.writer.failure ?? error;
    const errors = [{ pointer: '/selectedCustomerIntegrationIds', message: error.message }];
    const message = 'An integration that this run selected does not exist any more.';
    return failedOutcome({ code: 'tool_not_allowed', message, errors }, { effects });
  }
}

/** Plans again whenever people have answered a question of the planner. */
async function untilAnswered<T>(
  plan: () => Promise<T | 'unanswered'>,
  scope: WritingScope,
  claim: Claim,
  waiting: WaitDeps,
): Promise<T | 'suspended'> {
  for (;;) {
    const planned = await plan();
    if (planned !== 'unanswered') return planned;
    await waiting.writer.flush();
    if (await suspend(waiting)) return 'suspended';
    await readDecisions(scope, claim, waiting.requests);
  }
}

async function executePlan(
  scope: WritingScope,
  claim: Claim,
  { planned, catalog }: { planned: Envelope; catalog: Catalog },
  deps: ActivationDeps,
): Promise<ActivationEnd> {
  const tools = withToolsTakenOver(planned, await catalog.named(toolNames(planned.plan)), claim.ledger);
  const execution = new Execution(scope, claim, { ...planned, tools, catalog }, deps);
  try {
    const judgePlan = () => deps.approvals.judgePlan(planned, tools);
    const outcome = await executeRounds(scope, claim, execution, { ...deps, judgePlan, plan: planned.plan });
    if (outcome === null || outcome === 'suspended') return outcome;
    const end = { outcome, envelope: planned };
    const replan = () => planAgain(claim, catalog, end, { ...deps, scope });
    return (await untilAnswered(replan, scope, claim, deps)) ?? 'replanned';
  } finally {
    execution.close();
  }
}

type RoundDeps = ActivationDeps & { plan: Plan; judgePlan: () => ReturnType<Approvals['judgePlan']> };

// Runs the plan again after each decision of a human, until it ends or must wait.
async function executeRounds(
  scope: WritingScope,
  claim: Claim,
  execution: Execution,
  { writer, requests, dueSignal, judgePlan, plan }: RoundDeps,
): Promise<Outcome | 'suspended' | null> {
  for (let dueAgain = dueSignal.next(); ; ) {
    const verdict = await judgePlan();
    if (verdict !== 'approved' && verdict !== 'waiting') {
      // Calls of an earlier round may have taken effect: the end must count them.
      await execution.waitForCalls();
      return deniedOutcome(plan, verdict, Math.max(earlierEffects(claim.ledger), execution.effects));
    }
    const outcome = verdict === 'waiting' ? verdict : await execution.runRound(dueAgain);
    if (outcome === null || typeof outcome !== 'string') return outcome;
    await writer.flush();
    if (outcome === 'waiting' && !(await execution.answerConsents())) {
      if (await suspendOrSleep(scope, claim, { writer, requests, sleepMs: execution.sleepMs })) return 'suspended';
    }
    // Must come before the decisions are read, or a decision made in between would be missed.
    dueAgain = dueSignal.next();
    await readDecisions(scope, claim, requests);
  }
}

function deniedOutcome(plan: Plan, { denied, reason }: { denied: string; reason?: string }, effects: number): Outcome {
  const failure = { code: 'approval_denied', message: denied };
  const outcome = failedOutcome(failure, { effects });
  if (reason === undefined) return outcome;
  // A person's reason may be a request for another plan.
  return { ...outcome, planReport: { plan, failures: [{ stepId: 'plan', ...failure, reason }], outputs: {} } };
}

type WaitDeps = { writer: ActivationWriter; requests: DecisionRequests };

/** Releases a run that waits for humans. @returns false when a human decided in the meantime */
function suspend({ writer, requests }: WaitDeps): Promise<boolean> {
  const { to, reason } = requests.waitingState();
  return writer.suspend({ to, events: [toDraft(to, { type: 'status', reason })], suspendUntil: requests.expiresAt });
}

/** Spreads runs that wait for the same service, in ms at most. */
const MAX_SPREAD_MS = 1_000;

/**
 * Releases a run that waits for humans, or gives it back to the queue for `sleepMs`, until a service takes calls again. It is due earlier
 * if a human decides. @returns false when a human decided in the meantime
 */
async function suspendOrSleep(
  scope: RunScope,
  { run }: Claim,
  { sleepMs, ...waiting }: WaitDeps & { sleepMs: number | undefined },
): Promise<boolean> {
  if (sleepMs === undefined) return suspend(waiting);
  const spreadMs = Math.random() * Math.min(sleepMs / 10, MAX_SPREAD_MS);
  await releaseRun(scope, run.runId, run.epoch, Math.ceil(sleepMs + spreadMs));
  return true;
}

/** @throws LeaseLost */
async function readDecisions(scope: WritingScope, claim: Claim, requests: DecisionRequests): Promise<void> {
  const { runId, epoch } = claim.run;
  if (!(await clearDue(scope, runId, epoch))) throw new LeaseLost('The run has moved on.');
  requests.addStored(await readDecisionRequests(scope, runId));
}

const failedOutcome = (failure: StepError, { effects = 0, intended = 0 }): Outcome => ({
  effects,
  intended,
  failures: [failure],
  result: undefined,
  resultError: null,
});

/** The clock of the database. @param claimedAt database time of the claim */
function databaseClock(claimedAt: Date): () => Date {
  const since = performance.now();
  return () => new Date(claimedAt.getTime() + Math.round(performance.now() - since));
}

const ledgerBytes = ({ ledger }: Claim): number =>
  ledger.reduce((sum, { argsBytes, outputBytes }) => sum + (argsBytes ?? 0) + (outputBytes ?? 0), 0);

/** The number of calls of this run's earlier activations that may have changed something. */
const earlierEffects = (ledger: Claim['ledger']): number =>
  ledger.filter(
    ({ effect, state, takenFrom }) =>
      effect === 'write' && state !== 'FAILED' && state !== 'REFUSED' && takenFrom === null,
  ).length;

/**
 * Whether a retry of the run may succeed: the network or the database failed.
 * Rejected data (SQLSTATE classes 22 and 23) and internal errors would only repeat.
 */
function isRetryable(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code;
  if (isDatabaseTrouble(error)) return true;
  if (typeof code !== 'string') return false;
  return /^E[A-Z]+$/.test(code) || (/^[0-9A-Z]{5}$/.test(code) && !/^(2[23]|P)/.test(code));
}
