import { type ActionResult, type CreatedRun, type contract, isTerminal, isWaiting, problem } from '@errand/contracts';
import { newId } from '@errand/db';
import { AnswerText } from '@errand/engine';
import { ProblemError } from '@errand/trpc-openapi';
import { actingPrincipal, resolveApprovers, withApprovers } from '../acting-for.ts';
import type { Context, Handler } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { createRun } from '../runs/accept-run.ts';
import { createOnce } from '../runs/create-once.ts';
import { readPreferredWait } from '../runs/prefer.ts';
import { mayReadRuns } from '../runs/run-or-handle.ts';
import { findAction } from './to-action.ts';

/** Default time that a request waits for the end of its run. */
const WAIT_MS = 30_000;

/** Runs an action with an input, and waits for its end. */
export const runAction: Handler<typeof contract.actions.run> = async (request) => {
  const { deps, principal } = request.ctx;
  const { prefer } = request.input;
  const waitMs = prefer === undefined ? WAIT_MS : readPreferredWait(prefer);
  return deps.waitSlots.run(principal, waitMs, (ending) =>
    run(request, { waitMs, signal: AbortSignal.any([request.signal, ending]) }),
  );
};

type Request = Parameters<Handler<typeof contract.actions.run>>[0];
type Wait = { waitMs: number; signal: AbortSignal };

async function run({ input, ctx, reply }: Request, { waitMs, signal }: Wait) {
  const by = actingPrincipal(ctx.principal, input.onBehalfOf);
  const create = async (runId = newId()): Promise<CreatedRun> => {
    const action = await findAction(ctx, input.key);
    const approvers = withApprovers(await resolveApprovers(ctx, input.approvers));
    const prepared = await ctx.deps.engine.actions.prepare(ctx.principal.workspaceId, action, input);
    return createRun(ctx, by, runId, { ...prepared, ...approvers });
  };
  const { idempotencyKey } = input;
  const once = idempotencyKey !== undefined && { operation: 'actions.run', idempotencyKey, body: input };
  // The first request with a key creates the run; a repeated request waits for that run.
  const created = once
    ? (JSON.parse(await createOnce(ctx, once, { waitMs, reply }, create)) as CreatedRun)
    : await create();
  await waitForOutcome(ctx, created.runId, waitMs, signal);
  const isPlanned = created.plan.planType === 'json';
  const replanned = input.replan && !isPlanned ? await storeNewPlan(ctx, created.runId, input) : undefined;
  return ctx.deps.largeAnswers.send(ctx, () => outcomeText(ctx, created.runId, replanned));
}

/** Waits until a run has ended, or cannot continue before a person acts. */
async function waitForOutcome(
  { deps: { engine }, principal: { workspaceId }, endTurn }: Context,
  runId: string,
  ms: number,
  signal: AbortSignal,
) {
  endTurn();
  const until = performance.now() + ms;
  for (let leftMs = ms; leftMs > 0 && !signal.aborted; leftMs = until - performance.now()) {
    await engine.waitForRun(workspaceId, runId, leftMs, { signal, orWaiting: true });
    // One step asked a person; other steps may still be running.
    const outcome = await engine.actions.outcome(workspaceId, runId);
    if (!outcome || isTerminal(outcome.status) || isWaiting(outcome.status)) return;
  }
}

async function outcomeText(
  ctx: Context,
  runId: string,
  replanned: boolean | undefined,
): Promise<AnswerText<ActionResult>> {
  const { status, result, error } = orNotFound(
    await ctx.deps.engine.actions.outcome(ctx.principal.workspaceId, runId),
    'run',
  );
  const members = { runId, ...(replanned !== undefined && { replanned }) };
  if (status === 'SUCCESS') {
    const head = JSON.stringify(members);
    if (result === null || !mayReadRuns(ctx.principal)) return new AnswerText([head]);
    return new AnswerText([`${head.slice(0, -1)},"output":`, result, '}']);
  }
  const runMember = { members: { runId }, values: { runId } };
  const runPath = `GET /v1/runs/${runId}`;
  if (isWaiting(status))
    throw problem('action_waits', 'A person must act before the run can continue.', {
      ...runMember,
      remedy: `Read waitingOn of ${runPath}; do not repeat the request.`,
    });
  if (!isTerminal(status))
    throw problem('action_unfinished', 'The run takes longer than this request waits.', {
      ...runMember,
      remedy: `Follow ${runPath}, or wait longer.`,
    });
  const reason = error && mayReadRuns(ctx.principal) ? `: ${error.message}` : '.';
  throw problem('action_failed', `The run ended as ${status}${reason}`, { ...runMember, values: { runId, status } });
}

/** Stores the plan of a replanned run, if the run succeeded and takes the same inputs. */
async function storeNewPlan(
  { deps, principal: { workspaceId }, workspaceDb }: Context,
  runId: string,
  { key, input }: { key: string; input?: Parameters<typeof deps.engine.actions.replan>[1]['input'] },
): Promise<boolean> {
  const action = await workspaceDb.actions.get(key);
  const outcome = await deps.engine.actions.outcome(workspaceId, runId);
  if (!action || outcome?.status !== 'SUCCESS') return false;
  // An earlier request with the same Idempotency-Key stored it.
  if (action.runId === runId) return true;
  try {
    const draft = await deps.engine.actions.replan(workspaceId, { action, runId, input });
    return await workspaceDb.actions.change(key, draft, { replanned: true });
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}
