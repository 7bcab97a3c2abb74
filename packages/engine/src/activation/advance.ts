import { type Json, type Plan, type Planner, ProblemError, type ToolSource } from '@errand/contracts';
import {
  type Claim,
  type Claimed,
  countEffects,
  giveBack,
  isDatabaseTrouble,
  type RunScope,
  readClaim,
  readDecisionRequests,
  readInFlight,
  takeAnswers,
} from '@errand/db';
import { givenValues, type Sandbox, type StepError } from '@errand/plan';
import { type ApprovalPolicy, Approvals, type RuleCheck, type RuledRun } from '../decisions/approval.ts';
import { type AskPolicy, DecisionRequests } from '../decisions/requests.ts';
import { start, toDraft } from '../events/frame.ts';
import type { Faults } from '../failpoints.ts';
import type { Log, Toolbox } from '../ports.ts';
import type { Controls } from '../queue/worker.ts';
import { notKnown } from '../runs/cancel.ts';
import { NO_PLAN, toolNames, toPlaceholder } from '../runs/envelope.ts';
import { endOf, type Outcome } from '../runs/result.ts';
import type { Publish, WritingScope } from '../transition.ts';
import { Budgeter, type Limits } from './budget.ts';
import { type CallPolicy, drained } from './call-policy.ts';
import type { DueSignal } from './due-signal.ts';
import { Execution } from './execute.ts';
import type { Began } from './execution-deps.ts';
import type { OutputMemory } from './outputs.ts';
import { obtainPlan, planAgain } from './plan.ts';
import { readableOf } from './readable.ts';
import { ActivationWriter, LeaseLost } from './writer.ts';

export type AdvanceDeps = {
  scopeOf: (workspaceId: string) => WritingScope;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  sandbox: Sandbox;
  publish: Publish;
  waitForLease: (signal: AbortSignal) => Promise<boolean>;
  /** A run was let go of and is due at once. */
  due: () => void;
  log: Log;
  limits: Limits;
  memory: OutputMemory;
  policy: CallPolicy;
  asking: AskPolicy;
  approving: ApprovalPolicy;
  allowedByRule: (run: RuledRun) => RuleCheck;
  faults: Faults;
};

/** Deaths of workers after which a run is given up: it is what ends them. */
const MAX_DEATHS = 5;

/**
 * One activation: goes on with a run as far as it can, and lets go. Nothing of it is kept in memory afterwards.
 * @throws the database's error, to be tried again; what tools, planners and plans do wrong ends the run instead
 */
export async function advance(
  deps: AdvanceDeps,
  claimed: Claimed,
  controls: Controls,
  draining: AbortSignal,
): Promise<void> {
  const { runId } = claimed.run;
  const scope = deps.scopeOf(claimed.workspaceId);
  const drain = () => controls.abort(drained);
  draining.addEventListener('abort', drain);
  try {
    deps.faults.at('claim.after');
    if (draining.aborted) drain();
    if (claimed.first) {
      const { seq, updatedAt: createdAt } = claimed.run;
      deps.publish(claimed.workspaceId, runId, [{ ...start, seq, createdAt }]);
    }
    if (claimed.deaths >= MAX_DEATHS) await giveUp(deps, scope, claimed);
    else await activation(deps, scope, await readClaim(scope, claimed), controls);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    deps.log.debug({ runId }, 'The activation was ended from outside.');
  } finally {
    draining.removeEventListener('abort', drain);
  }
  // This process is about to end: another worker goes on at once.
  if (controls.signal.reason === drained) await requeue(deps, scope, claimed);
}

// What the run does ends every process that carries it out. What it may have changed is told.
async function giveUp(deps: AdvanceDeps, scope: WritingScope, { run, epoch }: Claimed): Promise<void> {
  deps.log.error({ runId: run.runId }, 'A run ended its worker again and again, and is given up.');
  const message = `The process that carried out the run ended ${MAX_DEATHS} times meanwhile, so the run was given up.`;
  const outcome = nothingDone({ code: 'run_crashed', message }, { effects: await countEffects(scope, run.runId) });
  const writer = new ActivationWriter(scope, deps.publish, { runId: run.runId, epoch, status: run.status }, () => {});
  for (const call of await readInFlight(scope, run.runId)) {
    writer.add({ event: notKnown(call, 'The process ended while it was under way.') });
  }
  await finish(writer, outcome, true, deps.faults);
}

async function activation(deps: AdvanceDeps, scope: WritingScope, claim: Claim, controls: Controls): Promise<void> {
  const { run, epoch } = claim;
  const abort = () => controls.abort();
  const budget = new Budgeter(run.budget, deps.limits, { ...run, outputBytes: bytesOf(claim) }, abort);
  const self = { runId: run.runId, epoch, status: run.status };
  const requests = new DecisionRequests(run.userId, claim.waiting, deps.asking, run.updatedAt);
  const aWriter = () => new ActivationWriter(scope, deps.publish, { ...self }, abort, () => budget.lap());
  const writer = aWriter();
  let calls: Began | undefined;
  const began = (made: Began) => {
    calls = made;
  };
  const { workspaceId } = scope;
  const lookups = {
    allowedByRule: deps.allowedByRule({ workspaceId, userId: run.userId, requestedBy: run.requestedBy }),
    floorOf: (id: string) => deps.toolbox.floor(workspaceId, id),
    givenValues: (plan: Plan) => givenValues(plan, deps.sandbox.for(workspaceId), readableOf(run)),
  };
  const approvals = new Approvals(run, requests, writer, deps.approving, lookups);
  const { signal, dueSignal } = controls;
  const parts: Parts = { writer, budget, requests: requests, approvals, looks: dueSignal, signal, began };
  try {
    const outcome = await carryOut(deps, scope, claim, parts);
    if (outcome === 'again') await requeue(deps, scope, claim);
    else if (outcome === null) await writer.flush();
    else if (outcome !== 'rests') await finish(writer, outcome, requests.pending, deps.faults);
  } catch (error) {
    // Calls are ended before anything is said of the run: one that was sent may have happened.
    abort();
    await calls?.settle();
    if (error instanceof LeaseLost || (writer.failure instanceof LeaseLost && controls.signal.aborted)) throw error;
    if (mayPass(error)) throw error;
    deps.log.error({ err: error, runId: run.runId }, 'A run broke on an error of ours.');
    const failure = budget.failure() ?? { code: 'internal', message: 'Something broke on our side.' };
    const effects = Math.max(effectsIn(claim.ledger), calls?.effects ?? 0);
    const outcome = nothingDone(failure, { effects, intended: calls?.intended ?? 0 });
    await finish(aWriter(), outcome, requests.pending, deps.faults);
  } finally {
    budget.stop();
  }
}

// Lets go of a run that is to be taken up at once.
async function requeue(deps: AdvanceDeps, scope: RunScope, { run, epoch }: Claimed | Claim): Promise<void> {
  await giveBack(scope, run.runId, epoch, null);
  deps.due();
}

async function finish(writer: ActivationWriter, outcome: Outcome, open: boolean, faults: Faults): Promise<void> {
  const { status, result, error } = endOf(outcome);
  const event = { type: 'end' as const, ...(result !== undefined && { result }), ...(error && { error }) };
  await writer.move({
    to: status,
    events: [toDraft(status, event)],
    end: { result, error: error as Json },
    plan: outcome.unplanned ? toPlaceholder(NO_PLAN) : undefined,
    voidRequests: open,
  });
  faults.at('end.after');
}

type Parts = {
  writer: ActivationWriter;
  budget: Budgeter;
  requests: DecisionRequests;
  approvals: Approvals;
  looks: DueSignal;
  signal: AbortSignal;
  began: (calls: Began) => void;
};

// Plans and executes; `again` when there is another plan to be executed, `rests` when the run waits for a human, null when it was
// taken away.
async function carryOut(
  deps: AdvanceDeps,
  scope: WritingScope,
  claim: Claim,
  parts: Parts,
): Promise<Outcome | 'again' | 'rests' | null> {
  const effects = effectsIn(claim.ledger);
  const lost = () => parts.signal.aborted && !parts.budget.exhausted && !parts.writer.failure;
  try {
    const { selected, createdAt, startedAt } = claim.run;
    // What is named was there when the run was created; ["*"] is what is there when it starts.
    const registeredBy = selected[0] === '*' ? (startedAt ?? createdAt) : createdAt;
    const catalog = await deps.toolbox.tools(scope.workspaceId, selected, registeredBy);
    const planned = await obtainPlan(claim, catalog, { ...deps, ...parts });
    if (!planned.ok) {
      if (lost()) throw new LeaseLost('Cancelled while planning.');
      const failure = parts.budget.failure() ?? planned;
      return { ...nothingDone(failure, { effects }), unplanned: claim.planType === 'text' };
    }
    const tools = await catalog.named(toolNames(planned.plan));
    const maySend = () => deps.waitForLease(parts.signal);
    const execution = new Execution(scope, claim, planned, tools, catalog, { ...deps, ...parts, maySend });
    try {
      const outcome = await goOn(scope, claim, parts, execution, () => parts.approvals.plan(planned.plan, tools));
      if (outcome === null || outcome === 'rests') return outcome;
      return (await planAgain(claim, catalog, outcome.came, { ...deps, ...parts })) ? 'again' : outcome;
    } finally {
      execution.close();
    }
  } catch (error) {
    if (lost()) throw new LeaseLost('The activation was ended from outside.');
    if (error instanceof ProblemError) {
      const errors = [{ pointer: '/selectedCustomerIntegrationIds', message: error.message }];
      const message = 'An integration that this run selected is not there any more.';
      return nothingDone({ code: 'tool_not_allowed', message, errors }, { effects });
    }
    throw parts.writer.failure ?? error;
  }
}

// Runs a plan, and runs it again with each answer of a human, until nothing more can be done now.
async function goOn(
  scope: WritingScope,
  { run: { runId }, epoch, ledger }: Claim,
  { writer, requests: questions, looks }: Parts,
  execution: Execution,
  judgePlan: () => ReturnType<Approvals['plan']>,
): Promise<Outcome | 'rests' | null> {
  for (let look = looks.next(); ; ) {
    const word = await judgePlan();
    if (word !== 'approved' && word !== 'waiting') {
      // What an earlier round has under way may have happened: the end must count it.
      await execution.settle();
      return nothingDone(
        { code: 'approval_denied', message: word.denied },
        { effects: Math.max(effectsIn(ledger), execution.effects) },
      );
    }
    const outcome = word === 'waiting' ? word : await execution.round(look);
    if (outcome === null || typeof outcome !== 'string') return outcome;
    await writer.flush();
    if (outcome === 'waiting' && !(await execution.answerConsents()) && (await suspend(writer, questions)))
      return 'rests';
    // A human has answered: what is read from here on holds it.
    look = looks.next();
    if (!(await takeAnswers(scope, runId, epoch))) throw new LeaseLost('The run has moved on.');
    questions.learn(await readDecisionRequests(scope, runId));
  }
}

// Lets go of a run that waits for humans. @returns false when one of them has answered meanwhile
function suspend(writer: ActivationWriter, questions: DecisionRequests): Promise<boolean> {
  const { to, reason } = questions.state();
  return writer.rest({ to, events: [toDraft(to, { type: 'status', reason })], suspend: questions.expiresAt });
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

/** Calls of earlier activations that changed something, or may have. */
const effectsIn = (ledger: Claim['ledger']): number =>
  ledger.filter(({ effect, state }) => effect === 'write' && state !== 'FAILED' && state !== 'REFUSED').length;

/**
 * Whether an error is Postgres's trouble or the way's to it: the queue tries again. Data that it refuses (classes 22 and 23 of
 * SQLSTATE) and errors of ours would only come again.
 */
function mayPass(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code;
  if (isDatabaseTrouble(error)) return true;
  if (typeof code !== 'string') return false;
  return /^E[A-Z]+$/.test(code) || (/^[0-9A-Z]{5}$/.test(code) && !/^(2[23]|P)/.test(code));
}
