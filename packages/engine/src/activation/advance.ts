import { type Json, type Plan, ProblemError } from '@errand/contracts';
import {
  type Claim,
  type ClaimedRun,
  countEffects,
  giveBack,
  isDatabaseTrouble,
  type RunScope,
  readClaim,
  readInFlight,
} from '@errand/db';
import { givenValues, type StepError } from '@errand/plan';
import { Approvals } from '../decisions/ask/approvals.ts';
import { DecisionRequests } from '../decisions/ask/requests.ts';
import { startEvent, toDraft } from '../events/frame.ts';
import { ActivationWriter, LeaseLost } from '../events/writer.ts';
import type { Faults } from '../failpoints.ts';
import { isEnvelope, NO_PLAN, toolNames, toPlaceholder } from '../model/envelope.ts';
import type { WritingScope } from '../model/transition.ts';
import type { Activation } from '../queue/dequeuer.ts';
import { notKnown } from '../runs/cancel.ts';
import { endOf, type Outcome } from '../runs/result.ts';
import type { ActivationDeps, AdvanceDeps, Began } from './activation-deps.ts';
import { Budgeter } from './budget.ts';
import { drained } from './calls/call-policy.ts';
import { databaseClock } from './database-clock.ts';
import { Execution } from './execute.ts';
import { expressionVariables } from './expression-variables.ts';
import { obtainPlan, planAgain } from './planning/plan.ts';
import { learnDecisions, rest, suspend } from './suspend.ts';

/** A run is given up when this many workers died while they held it. */
const MAX_DEATHS = 5;

/**
 * One activation: carries out a claimed run until it ends, waits for a human or is given back. Nothing of it stays in memory.
 * @param draining aborted when this process is about to end
 * @throws database errors, after which the run is to be tried again; errors of tools, planners and plans end the run instead
 */
export async function advance(deps: AdvanceDeps, claimed: Activation, draining: AbortSignal): Promise<void> {
  const { workspaceId, runId, epoch, deaths } = claimed.run;
  const { controller } = claimed;
  const scope = deps.scopeOf(workspaceId);
  const drain = () => controller.abort(drained);
  draining.addEventListener('abort', drain);
  try {
    deps.faults.at('claim.after');
    if (draining.aborted) drain();
    if (epoch === 1) {
      const { seq, updatedAt: createdAt } = claimed.run;
      deps.publish({ workspaceId, runId }, [{ ...startEvent, seq, createdAt }]);
    }
    if (deaths >= MAX_DEATHS) await giveUp(deps, scope, claimed);
    else await activation(deps, scope, await readClaim(scope, claimed), claimed);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    deps.log.debug({ runId }, 'The activation was aborted: the run was cancelled or claimed by another worker.');
  } finally {
    draining.removeEventListener('abort', drain);
  }
  // This process is about to end: another worker carries on at once.
  if (controller.signal.reason === drained) await requeue(deps, scope, claimed);
}

// Ends a run that seems to crash every worker. Its events name the calls that may have taken effect.
async function giveUp(deps: AdvanceDeps, scope: WritingScope, { run }: ClaimedRun): Promise<void> {
  deps.log.error({ runId: run.runId }, 'A run crashed its worker repeatedly and is given up.');
  const message = `The run was given up because the process that carried it out crashed ${MAX_DEATHS} times.`;
  const outcome = nothingDone({ code: 'run_crashed', message }, { effects: await countEffects(scope, run.runId) });
  const { runId, epoch, status } = run;
  const writer = new ActivationWriter(
    { runId, epoch, status },
    { scope, publish: deps.publish, onFailure: () => {}, lap: () => 0 },
  );
  for (const call of await readInFlight(scope, run.runId)) {
    writer.add({ event: notKnown(call, 'The process crashed during the call.') });
  }
  await finish(writer, outcome, true, deps.faults);
}

async function activation(
  shared: AdvanceDeps,
  scope: WritingScope,
  claim: Claim,
  { controller, dueSignal }: Activation,
): Promise<void> {
  const { run } = claim;
  const { runId, epoch, status } = run;
  const { signal } = controller;
  const abort = () => controller.abort();
  const budget = new Budgeter(run.budget, shared.limits, { ...run, outputBytes: bytesOf(claim) }, abort);
  const requests = new DecisionRequests(run.userId, claim.decisionRequests, shared.asking, run.updatedAt);
  const now = databaseClock(run.updatedAt);
  const writing = { scope, publish: shared.publish, onFailure: abort, lap: () => budget.lap() };
  const aWriter = () => new ActivationWriter({ runId, epoch, status }, writing);
  const writer = aWriter();
  let calls: Began | undefined;
  const began = (made: Began) => {
    calls = made;
  };
  const { workspaceId } = scope;
  const { input } = isEnvelope(claim.plan) ? claim.plan : {};
  const lookups = {
    allowedByRule: shared.allowedByRule(run),
    floorOf: (id: string) => shared.toolbox.floor(workspaceId, id),
    givenValues: (plan: Plan) => givenValues(plan, shared.sandbox.for(workspaceId), expressionVariables(run, input)),
  };
  const approvals = new Approvals(run, shared.approving, { requests, writer, ...lookups });
  // What plans before this one have read counts, too.
  for (const { tool, kind, effect, state } of claim.ledger)
    if (tool && kind === 'tool' && state === 'DONE')
      approvals.noteRead({ effect, customerIntegrationId: tool.slice(0, tool.indexOf('.')) });
  const deps: ActivationDeps = { ...shared, writer, budget, requests, approvals, dueSignal, signal, now, began };
  try {
    const outcome = await carryOut(deps, scope, claim);
    if (outcome === 'replanned') await requeue(deps, scope, claim);
    else if (outcome === null) await writer.flush();
    else if (outcome !== 'suspended') await finish(writer, outcome, requests.pending, deps.faults);
  } catch (error) {
    // Calls in flight are aborted first, because the end of the run must count those that may have taken effect.
    abort();
    await calls?.settle();
    if (error instanceof LeaseLost || (writer.failure instanceof LeaseLost && signal.aborted)) throw error;
    if (mayPass(error)) throw error;
    deps.log.error({ err: error, runId }, 'A run failed because of an internal error.');
    const failure = budget.failure() ?? { code: 'internal', message: 'An internal error occurred.' };
    const effects = Math.max(effectsIn(claim.ledger), calls?.effects ?? 0);
    const outcome = nothingDone(failure, { effects, intended: calls?.intended ?? 0 });
    await finish(aWriter(), outcome, requests.pending, deps.faults);
  } finally {
    budget.stop();
  }
}

// Releases a run that is due at once.
async function requeue(deps: AdvanceDeps, scope: RunScope, { run }: ClaimedRun | Claim): Promise<void> {
  await giveBack(scope, run.runId, run.epoch, null);
  deps.due();
}

async function finish(writer: ActivationWriter, outcome: Outcome, open: boolean, faults: Faults): Promise<void> {
  const { status, result, error, summary } = endOf(outcome);
  const event = { type: 'end' as const, ...(result !== undefined && { result }), ...(error && { error }), summary };
  await writer.apply({
    to: status,
    events: [toDraft(status, event)],
    end: { result, error: error as Json, summary },
    plan: outcome.unplanned ? toPlaceholder(NO_PLAN) : undefined,
    voidRequests: open,
  });
  faults.at('end.after');
}

// Plans and executes. `replanned`: another plan was stored; `suspended`: the run waits for a human; null: the lease was lost.
async function carryOut(
  deps: ActivationDeps,
  scope: WritingScope,
  claim: Claim,
): Promise<Outcome | 'replanned' | 'suspended' | null> {
  const effects = effectsIn(claim.ledger);
  const lost = () => deps.signal.aborted && !deps.budget.exhausted && !deps.writer.failure;
  try {
    const { selected, createdAt, startedAt } = claim.run;
    // Named integrations must be older than the run; ["*"] selects those that exist when it starts.
    const registeredBy = selected[0] === '*' ? (startedAt ?? createdAt) : createdAt;
    const catalog = await deps.toolbox.tools(scope.workspaceId, selected, registeredBy);
    let planned = await obtainPlan(claim, catalog, deps);
    while (planned === 'asks') {
      if (await rest(scope, claim, deps)) return 'suspended';
      planned = await obtainPlan(claim, catalog, deps);
    }
    if (!planned.ok) {
      if (lost()) throw new LeaseLost('Cancelled while planning.');
      const failure = deps.budget.failure() ?? planned;
      return { ...nothingDone(failure, { effects }), unplanned: claim.planType === 'text' };
    }
    const tools = await catalog.named(toolNames(planned.plan));
    const execution = new Execution(scope, claim, { ...planned, tools, catalog }, deps);
    try {
      const judgePlan = () => deps.approvals.plan(planned, tools);
      const outcome = await executeRounds(scope, claim, execution, { ...deps, judgePlan, plan: planned.plan });
      if (outcome === null || outcome === 'suspended') return outcome;
      const end = { outcome, envelope: planned };
      for (;;) {
        const again = await planAgain(claim, catalog, end, { ...deps, scope });
        if (again !== 'asks') return again ?? 'replanned';
        if (await rest(scope, claim, deps)) return 'suspended';
      }
    } finally {
      execution.close();
    }
  } catch (error) {
    if (lost()) throw new LeaseLost('The activation was aborted: the run was cancelled or claimed by another worker.');
    if (error instanceof ProblemError) {
      const errors = [{ pointer: '/selectedCustomerIntegrationIds', message: error.message }];
      const message = 'An integration that this run selected does not exist any more.';
      return nothingDone({ code: 'tool_not_allowed', message, errors }, { effects });
    }
    throw deps.writer.failure ?? error;
  }
}

// Runs the plan, and runs it again after each decision of a human, until it ends or must wait.
async function executeRounds(
  scope: WritingScope,
  claim: Claim,
  execution: Execution,
  {
    writer,
    requests,
    dueSignal,
    judgePlan,
    plan,
  }: ActivationDeps & {
    plan: Plan;
    judgePlan: () => ReturnType<Approvals['plan']>;
  },
): Promise<Outcome | 'suspended' | null> {
  for (let dueAgain = dueSignal.next(); ; ) {
    const verdict = await judgePlan();
    if (verdict !== 'approved' && verdict !== 'waiting') {
      // Calls of an earlier round may have taken effect: the end must count them.
      await execution.settle();
      const failure = { code: 'approval_denied', message: verdict.denied };
      const { reason } = verdict;
      return {
        ...nothingDone(failure, { effects: Math.max(effectsIn(claim.ledger), execution.effects) }),
        // What a person said may ask for another plan.
        ...(reason !== undefined && {
          planReport: { plan, failures: [{ stepId: 'plan', ...failure, reason }], outputs: {} },
        }),
      };
    }
    const outcome = verdict === 'waiting' ? verdict : await execution.round(dueAgain);
    if (outcome === null || typeof outcome !== 'string') return outcome;
    await writer.flush();
    if (outcome === 'waiting' && !(await execution.answerConsents()) && (await suspend({ writer, requests })))
      return 'suspended';
    // A human has decided: reads from here on see the decision.
    dueAgain = dueSignal.next();
    await learnDecisions(scope, claim, requests);
  }
}

const nothingDone = (failure: StepError, { effects = 0, intended = 0 }): Outcome => ({
  effects,
  intended,
  failures: [failure],
  result: undefined,
  resultError: null,
});

const bytesOf = ({ ledger }: Claim): number =>
  ledger.reduce((sum, { argsBytes, outputBytes }) => sum + (argsBytes ?? 0) + (outputBytes ?? 0), 0);

/** The number of calls of earlier activations that changed something, or may have. */
const effectsIn = (ledger: Claim['ledger']): number =>
  ledger.filter(({ effect, state }) => effect === 'write' && state !== 'FAILED' && state !== 'REFUSED').length;

/**
 * Whether the run may succeed when it is tried again: the network or the database failed. Refused data (SQLSTATE classes 22 and 23)
 * and internal errors would only repeat.
 */
function mayPass(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code;
  if (isDatabaseTrouble(error)) return true;
  if (typeof code !== 'string') return false;
  return /^E[A-Z]+$/.test(code) || (/^[0-9A-Z]{5}$/.test(code) && !/^(2[23]|P)/.test(code));
}
