import type { CreatedRun, CreateRunInput, CreationAnswer, Principal } from '@errand/contracts';
import { newId } from '@errand/db';
import { AnswerText, type RunOrigin } from '@errand/engine';
import { type Raw, type ReplyOptions, raw } from '@errand/trpc-openapi';
import { type ActingPrincipal, actingPrincipal } from '../acting-for.ts';
import type { Context } from '../context.ts';
import { checkRedirect } from '../links/redirects.ts';
import { forReader } from '../user-tokens/answers.ts';
import { createWithinLimit } from '../user-tokens/open-runs.ts';
import { createOnce } from './create-once.ts';
import { readPreferredWait } from './prefer.ts';
import { mayReadRuns, toRunHandle } from './run-or-handle.ts';
import { readRunWithPlan } from './run-with-plan.ts';

type HandlerCall = { ctx: Context; signal: AbortSignal; reply: (answer: ReplyOptions) => void };
/** A run that is ready to be created. */
type PreparedRun = { input: CreateRunInput } & Omit<RunOrigin, 'runId' | 'by' | 'sealedPassThrough'>;
/** The name of the operation, its input, and the run that it creates. */
type RunRequest = {
  operation: string;
  input: Pick<CreateRunInput, 'onBehalfOf' | 'passThrough' | 'idempotencyKey' | 'prefer'>;
  prepare: () => Promise<PreparedRun>;
};

/** Creates a run. With `Prefer: wait=N` it answers after the run ends, waits for a human, or N seconds pass. */
export async function acceptRun(
  request: HandlerCall,
  creation: RunRequest,
): Promise<CreationAnswer | Raw<CreationAnswer>> {
  const { deps, principal } = request.ctx;
  const waitMs = readPreferredWait(creation.input.prefer);
  return deps.waitSlots.run(principal, waitMs, (ending) =>
    createAndWait(request, creation, { waitMs, signal: AbortSignal.any([request.signal, ending]) }),
  );
}

/** Creates a prepared run. Seals the pass-through credentials of its input. */
export async function createRun(
  { deps, principal, traceparent }: Context,
  by: ActingPrincipal,
  runId: string,
  { input, ...origin }: PreparedRun,
): Promise<CreatedRun> {
  const { workspaceId } = by;
  checkRedirect(deps.consents, input.redirectUri);
  const sealedPassThrough = await deps.passThroughs.seal(workspaceId, runId, input);
  const store = () => deps.engine.create(workspaceId, input, { runId, by, sealedPassThrough, traceparent, ...origin });
  return principal.kind === 'user_token' ? createWithinLimit({ deps, principal }, runId, store) : store();
}

async function createAndWait(
  { ctx, reply }: HandlerCall,
  { operation, input, prepare }: RunRequest,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
): Promise<CreationAnswer | Raw<CreationAnswer>> {
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const by = actingPrincipal(ctx.principal, input.onBehalfOf);
  const create = async (runId = newId()): Promise<CreatedRun | AnswerText<CreatedRun>> => {
    const created = await createRun(ctx, by, runId, await prepare());
    return waitMs > 0 ? waitFor(created) : created;
  };
  // No links for people, because a repeated request with another key may get this stored answer.
  const waitFor = async (created: CreatedRun): Promise<AnswerText<CreatedRun>> => {
    const { runId, executionPlanId } = created;
    const { maxBytes } = ctx;
    ctx.endTurn();
    const ended = await engine.waitForCreatedRun(workspaceId, created, { ms: waitMs, signal, maxBytes });
    return ended ?? readRunWithPlan(engine, workspaceId, { runId, includeEvents: true, executionPlanId }, ctx.maxBytes);
  };
  if (waitMs > 0) reply({ headers: { 'preference-applied': `wait=${waitMs / 1000}` } });
  const { idempotencyKey } = input;
  if (idempotencyKey !== undefined) {
    const once = { operation, idempotencyKey, body: input };
    const text = await createOnce(ctx, once, { waitMs, reply }, create);
    return answerTo(ctx.principal, new AnswerText<CreatedRun>([text]));
  }
  return answerTo(ctx.principal, await create());
}

/** The created run if the principal may read runs, else its handle. */
function answerTo(
  principal: Principal,
  created: CreatedRun | AnswerText<CreatedRun>,
): CreationAnswer | Raw<CreationAnswer> {
  const isText = created instanceof AnswerText;
  if (!mayReadRuns(principal)) return { ...toRunHandle(isText ? created.value() : created), answer: 'handle' };
  if (principal.kind === 'user_token')
    return { ...forReader(principal, isText ? created.value() : created), answer: 'run' };
  if (!isText) return { ...created, answer: 'run' };
  return raw<CreationAnswer>(created.with({ answer: 'run' }).pieces);
}
