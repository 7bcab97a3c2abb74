import { contract, holds, type RunEvent } from '@errand/contracts';
import { NoContent, type SseItem, sse } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';

/** The frames of a run as the engine serialised them. Last-Event-ID beats `after`; null means that all was read. */
export const streamEvents: Handler<typeof contract.runs.stream> = async ({ input, ctx, signal }) => {
  const { runId, includeToolCalls } = input;
  const after = Number(input.lastEventId ?? input.after ?? 0);
  const ended = new AbortController();
  // What the stream shows hangs on these: it is cut when the key loses one.
  const { runs, approvals, integrations } = contract;
  const links = [approvals.decide.scope, integrations.authUrl.scope].filter((scope) => holds(ctx.principal, scope));
  const needs = [runs.stream.scope, ...links];
  const free = await ctx.deps.streams.take(ctx.principal, needs, (why) => ended.abort(why));
  const leave = () => {
    free();
    ended.abort(left);
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    const wanted = { runId, after, includeToolCalls, reader: ctx.principal };
    const frames = await ctx.deps.engine.stream(ctx.principal.workspaceId, wanted, ended.signal);
    if (!frames) throw new NoContent();
    return items(frames, ended.signal, free);
  } catch (error) {
    free();
    throw error;
  }
};

type Frames = AsyncIterable<{ id: string; event: string; data: string }>;
const left = new Error('The caller has left.');

/** @throws why the stream was ended, when it was not its caller who left */
async function* items(frames: Frames, ended: AbortSignal, free: () => void): AsyncGenerator<SseItem<RunEvent>> {
  try {
    for await (const { id, event, data } of frames) yield sse<RunEvent>(id, event, data);
    if (ended.aborted && ended.reason !== left) throw ended.reason;
  } finally {
    free();
  }
}
