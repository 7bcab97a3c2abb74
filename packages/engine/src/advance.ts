import type { Planner } from '@errand/contracts';
import { type AdvanceJob, type Claim, claimRun, enqueueAdvance, type RunScope, releaseRun } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import { Budgeter, type Limits } from './budget.ts';
import { type CallPolicy, drained } from './call.ts';
import { noPlan } from './envelope.ts';
import { execute } from './execute.ts';
import { toDraft } from './frame.ts';
import { obtainPlan } from './plan.ts';
import type { Log, Toolbox } from './ports.ts';
import { endOf, type Outcome } from './result.ts';
import type { Publish } from './transition.ts';
import type { Worker } from './worker.ts';
import { ActivationWriter, Lost } from './writer.ts';

export type AdvanceDeps = {
  scopeOf: (workspaceId: string) => RunScope;
  toolbox: Toolbox;
  planner: Planner;
  sandbox: Sandbox;
  publish: Publish;
  worker: Worker;
  log: Log;
  limits: Limits;
  policy: CallPolicy;
};

/**
 * One activation: takes the run, goes on as far as it can, and lets go. Nothing of it is kept in memory afterwards.
 * @throws the database's error, for the queue to try again; what tools, planners and plans do wrong ends the run instead
 */
export async function advance(deps: AdvanceDeps, job: AdvanceJob, draining: AbortSignal): Promise<void> {
  const { worker, log } = deps;
  const scope = deps.scopeOf(job.workspaceId);
  const begun = performance.now();
  const idle = !worker.active.has(job.runId);
  const start = toDraft('RUNNING', { type: 'start' });
  const claim = await claimRun(scope, job.runId, worker.id, idle, start);
  if (!claim) return;
  const controller = new AbortController();
  const drain = () => controller.abort(drained);
  draining.addEventListener('abort', drain);
  worker.active.set(job.runId, { ...job, epoch: claim.epoch, abort: () => controller.abort() });
  try {
    if (draining.aborted) drain();
    if (claim.first) {
      deps.publish(job.workspaceId, job.runId, [{ ...start, seq: claim.run.seq, createdAt: claim.run.updatedAt }]);
    }
    await activation(deps, scope, claim, controller, begun);
  } catch (error) {
    if (!(error instanceof Lost) && !controller.signal.aborted) throw error;
    log.debug({ runId: job.runId }, 'The activation was ended from outside.');
  } finally {
    draining.removeEventListener('abort', drain);
    worker.active.delete(job.runId);
  }
  // This process is about to end: whoever is left goes on at once.
  if (controller.signal.reason === drained) {
    await releaseRun(scope, job.runId, claim.epoch);
    await enqueueAdvance(scope, job.runId);
  }
}

async function activation(
  deps: AdvanceDeps,
  scope: RunScope,
  claim: Claim,
  controller: AbortController,
  begun: number,
): Promise<void> {
  const { run } = claim;
  const writer = new ActivationWriter(
    scope,
    deps.publish,
    { runId: run.runId, epoch: claim.epoch, status: run.status },
    () => controller.abort(),
  );
  const budget = new Budgeter(run.budget, deps.limits, run, () => controller.abort());
  try {
    const outcome = await carryOut(deps, scope, claim, { writer, budget, signal: controller.signal });
    // Stopped from outside, or by a failed write, which flush throws again.
    if (!outcome) return await writer.flush();
    const { status, result, error } = endOf(outcome);
    const plan = outcome.unplanned ? { planType: 'text' as const, plan: noPlan, madeBy: '' } : undefined;
    await writer.move({
      to: status,
      events: [{ event: { type: 'end', ...(result !== undefined && { result }), ...(error && { error }) } }],
      usage: { activeMs: performance.now() - begun },
      end: { result, error },
      plan,
    });
  } finally {
    budget.stop();
  }
}

type Hands = { writer: ActivationWriter; budget: Budgeter; signal: AbortSignal };

// Plans and executes; null when the run waits or was taken away.
async function carryOut(deps: AdvanceDeps, scope: RunScope, claim: Claim, hands: Hands): Promise<Outcome | null> {
  try {
    const catalog = await deps.toolbox.tools(scope.workspaceId, claim.run.selected);
    const planned = await obtainPlan(claim, catalog, { ...deps, ...hands });
    if (!planned.ok) {
      if (hands.signal.aborted && !hands.budget.exhausted) throw new Lost('Cancelled while planning.');
      return { ...nothingDone(hands.budget.failure() ?? planned), unplanned: claim.planType === 'text' };
    }
    return await execute(scope, claim, planned.plan, catalog, { ...deps, ...hands });
  } catch (error) {
    if (error instanceof Lost || isDatabaseError(error)) throw error;
    if (hands.signal.aborted && !hands.budget.exhausted) throw new Lost('The activation was ended from outside.');
    deps.log.error({ err: error, runId: claim.run.runId }, 'A run broke on an error of ours.');
    return nothingDone({ code: 'internal', message: 'Something broke on our side.' }, claim);
  }
}

const nothingDone = (failure: { code: string; message: string }, claim?: Claim): Outcome => ({
  effects: claim?.ledger.filter((entry) => entry.effect === 'write' && entry.state !== 'FAILED').length ?? 0,
  failures: [failure],
  result: undefined,
  resultError: null,
});

// Errors of Postgres and of the way to it are the queue's to repeat; all others would only come again.
function isDatabaseError(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code;
  const text = error instanceof Error ? error.message : '';
  return (
    (typeof code === 'string' && (/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]+$/.test(code))) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|pool after calling end/i.test(
      text,
    )
  );
}
