import { type Plan, type Planner, ProblemError, type ToolSource } from '@errand/contracts';
import {
  type AdvanceJob,
  abandonRun,
  type Claim,
  claimRun,
  enqueueAdvance,
  isDatabaseTrouble,
  type RunScope,
} from '@errand/db';
import { givenValues, type Sandbox, type StepError } from '@errand/plan';
import { type ApprovalPolicy, Approvals, type Standing, type StandingRun } from './approval.ts';
import { type AskPolicy, Questions } from './ask.ts';
import { Budgeter, type Limits } from './budget.ts';
import { type CallPolicy, drained } from './call.ts';
import { noPlan, toolNames, toPlaceholder } from './envelope.ts';
import { type Began, execute, readableOf } from './execute.ts';
import type { Faults } from './faults.ts';
import { toDraft } from './frame.ts';
import type { OutputMemory } from './outputs.ts';
import { obtainPlan, planAgain } from './plan.ts';
import type { Log, Toolbox } from './ports.ts';
import { endOf, type Outcome } from './result.ts';
import type { Publish } from './transition.ts';
import type { Activation, Worker } from './worker.ts';
import { ActivationWriter, Lost } from './writer.ts';

export type AdvanceDeps = {
  scopeOf: (workspaceId: string) => RunScope;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  sandbox: Sandbox;
  publish: Publish;
  worker: Worker;
  log: Log;
  limits: Limits;
  memory: OutputMemory;
  policy: CallPolicy;
  asking: AskPolicy;
  approving: ApprovalPolicy;
  standing: (run: StandingRun) => Standing;
  faults: Faults;
};

/**
 * One activation: takes the run, goes on as far as it can, and lets go. Nothing of it is kept in memory afterwards.
 * @throws the database's error, for the queue to try again; what tools, planners and plans do wrong ends the run instead
 */
export async function advance(deps: AdvanceDeps, job: AdvanceJob, draining: AbortSignal): Promise<void> {
  const { worker, log } = deps;
  const { runId } = job;
  const scope = deps.scopeOf(job.workspaceId);
  const controller = new AbortController();
  // Taken in this process before it is taken in the database: of two jobs of one run here the second finds it held.
  const mine: Activation = { ...job, epoch: 0, abort: (reason) => controller.abort(reason) };
  const idle = !worker.active.has(runId);
  if (idle) worker.active.set(runId, mine);
  const drain = () => controller.abort(drained);
  draining.addEventListener('abort', drain);
  try {
    const start = toDraft('RUNNING', { type: 'start' });
    const claim = await claimRun(scope, runId, worker.id, idle, start);
    if (!claim) return;
    deps.faults.at('claim.after');
    mine.epoch = claim.epoch;
    worker.active.set(runId, mine);
    if (draining.aborted) drain();
    if (claim.first) {
      deps.publish(job.workspaceId, runId, [{ ...start, seq: claim.run.seq, createdAt: claim.run.updatedAt }]);
    }
    try {
      await activation(deps, scope, claim, controller);
    } catch (error) {
      if (!(error instanceof Lost)) {
        // The queue will try again, here or elsewhere: the run must be free for it.
        await abandonRun(scope, runId, claim.epoch).catch(() => {});
        throw error;
      }
      log.debug({ runId }, 'The activation was ended from outside.');
    }
    // This process is about to end: whoever is left goes on at once.
    if (controller.signal.reason === drained) await passOn(scope, runId, claim.epoch);
  } finally {
    draining.removeEventListener('abort', drain);
    if (worker.active.get(runId) === mine) worker.active.delete(runId);
  }
}

async function activation(
  deps: AdvanceDeps,
  scope: RunScope,
  claim: Claim,
  controller: AbortController,
): Promise<void> {
  const { run } = claim;
  const abort = () => controller.abort();
  const budget = new Budgeter(run.budget, deps.limits, { ...run, outputBytes: bytesOf(claim) }, abort);
  const self = { runId: run.runId, epoch: claim.epoch, status: run.status };
  const questions = new Questions(run.userId, claim.waiting, deps.asking, run.updatedAt);
  const aWriter = () => new ActivationWriter(scope, deps.publish, { ...self }, abort, () => budget.lap());
  const writer = aWriter();
  let calls: Began | undefined;
  const began = (made: Began) => {
    calls = made;
  };
  const { workspaceId } = scope;
  const lookups = {
    standing: deps.standing({ workspaceId, userId: run.userId, requestedBy: run.requestedBy }),
    floorOf: (id: string) => deps.toolbox.floor(workspaceId, id),
    givenValues: (plan: Plan) => givenValues(plan, deps.sandbox.for(workspaceId), readableOf(run)),
  };
  const approvals = new Approvals(run, questions, writer, deps.approving, lookups);
  const hands: Hands = { writer, budget, questions, approvals, signal: controller.signal, began };
  try {
    const outcome = await carryOut(deps, scope, claim, hands);
    if (outcome === 'waiting') await rest(scope, run.runId, claim.epoch, writer, questions);
    else if (outcome === 'again') await passOn(scope, run.runId, claim.epoch);
    else if (outcome) await finish(writer, outcome, questions, deps.faults);
    // Stopped from outside, or by a failed write, which flush throws again.
    else await writer.flush();
  } catch (error) {
    // Calls are ended before anything is said of the run: one that was sent may have happened.
    abort();
    await calls?.settle();
    if (error instanceof Lost || (writer.failure instanceof Lost && controller.signal.aborted)) throw error;
    if (mayPass(error)) throw error;
    deps.log.error({ err: error, runId: run.runId }, 'A run broke on an error of ours.');
    const failure = budget.failure() ?? { code: 'internal', message: 'Something broke on our side.' };
    const effects = Math.max(effectsOf(claim), calls?.effects ?? 0);
    await finish(aWriter(), nothingDone(failure, { effects, intended: calls?.intended ?? 0 }), questions, deps.faults);
  } finally {
    budget.stop();
  }
}

// Lets go of a run that waits for humans. When one of them has answered meanwhile, whoever comes next goes on with that.
async function rest(scope: RunScope, runId: string, epoch: number, writer: ActivationWriter, questions: Questions) {
  await writer.flush();
  const { to, reason } = questions.state();
  const events = writer.status === to ? [] : [{ event: { type: 'status' as const, reason } }];
  try {
    await writer.move({ to, events, release: true });
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    await passOn(scope, runId, epoch);
  }
}

// Lets go of a run that somebody is to take up at once.
async function passOn(scope: RunScope, runId: string, epoch: number): Promise<void> {
  await abandonRun(scope, runId, epoch);
  await enqueueAdvance(scope, runId);
}

async function finish(writer: ActivationWriter, outcome: Outcome, questions: Questions, faults: Faults): Promise<void> {
  const { status, result, error } = endOf(outcome);
  await writer.resume();
  await writer.move({
    to: status,
    events: [{ event: { type: 'end', ...(result !== undefined && { result }), ...(error && { error }) } }],
    end: { result, error },
    plan: outcome.unplanned ? toPlaceholder(noPlan) : undefined,
    voidWaiting: questions.pending,
  });
  faults.at('end.after');
}

type Hands = {
  writer: ActivationWriter;
  budget: Budgeter;
  questions: Questions;
  approvals: Approvals;
  signal: AbortSignal;
  began: (calls: Began) => void;
};

// Plans and executes; `again` when there is another plan to be executed, null when the run was taken away.
async function carryOut(
  deps: AdvanceDeps,
  scope: RunScope,
  claim: Claim,
  hands: Hands,
): Promise<Outcome | 'waiting' | 'again' | null> {
  const effects = effectsOf(claim);
  const lost = () => hands.signal.aborted && !hands.budget.exhausted && !hands.writer.failure;
  try {
    const { selected, createdAt, startedAt } = claim.run;
    // What is named was there when the run was created; ["*"] is what is there when it starts.
    const registeredBy = selected[0] === '*' ? (startedAt ?? createdAt) : createdAt;
    const catalog = await deps.toolbox.tools(scope.workspaceId, selected, registeredBy);
    const planned = await obtainPlan(claim, catalog, { ...deps, ...hands });
    const maySend = () => deps.worker.whenMaySend(hands.signal);
    const tools = planned.ok ? await catalog.named(toolNames(planned.plan)) : [];
    const word = planned.ok ? await hands.approvals.plan(planned.plan, tools) : 'approved';
    if (word === 'waiting') return word;
    if (word !== 'approved') return nothingDone({ code: 'approval_denied', message: word.denied }, { effects });
    if (planned.ok) {
      const outcome = await execute(scope, claim, planned, catalog, { ...deps, ...hands, maySend });
      if (outcome === null || typeof outcome === 'string') return outcome;
      return (await planAgain(claim, catalog, outcome.came, { ...deps, ...hands })) ? 'again' : outcome;
    }
    if (lost()) throw new Lost('Cancelled while planning.');
    const failure = hands.budget.failure() ?? planned;
    return { ...nothingDone(failure, { effects }), unplanned: claim.planType === 'text' };
  } catch (error) {
    if (lost()) throw new Lost('The activation was ended from outside.');
    if (error instanceof ProblemError) {
      const errors = [{ pointer: '/selectedCustomerIntegrationIds', message: error.message }];
      const message = 'An integration that this run selected is not there any more.';
      return nothingDone({ code: 'tool_not_allowed', message, errors }, { effects });
    }
    throw hands.writer.failure ?? error;
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

/** Calls of earlier activations that changed something, or may have. */
const effectsOf = ({ ledger }: Claim): number =>
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
