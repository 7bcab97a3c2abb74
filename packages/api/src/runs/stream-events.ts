import { contract, holds, type RunStreamFrame } from '@errand/contracts';
import { NoContent, sse, sseWithoutId } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { CutStream } from './cut-stream.ts';

/** Streams the serialized frames of a run. Last-Event-ID has priority over `after`. @throws NoContent after the last event */
export const streamEvents: Handler<typeof contract.runs.stream> = async ({ input, ctx, signal }) => {
  const { runId, includeToolCalls, progress } = input;
  const after = Number(input.lastEventId ?? input.after ?? 0);
  const stream = new CutStream<RunStreamFrame>(({ id, event, data, hint: isHint }) =>
    isHint ? sseWithoutId(id, event, data) : sse(id, event, data),
  );
  // The stream is cut when the key loses one of these scopes.
  const { runs, approvals, integrations } = contract;
  const links = [approvals.decide.scope, integrations.authUrl.scope].filter((scope) => holds(ctx.principal, scope));
  const needs = [runs.stream.scope, ...links];
  const free = await ctx.deps.streams.take(ctx.principal, needs, stream.cut);
  signal.addEventListener('abort', free, { once: true });
  if (signal.aborted) free();
  try {
    const query = { runId, after, includeToolCalls, progress, reader: ctx.principal };
    const frames = await ctx.deps.engine.streamEvents(ctx.principal.workspaceId, query, signal);
    if (!frames) throw new NoContent();
    return stream.of(frames, free);
  } catch (error) {
    free();
    throw error;
  }
};
