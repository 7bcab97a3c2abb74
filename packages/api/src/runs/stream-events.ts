import { contract, type RunStreamFrame } from '@errand/contracts';
import { NoContent, sse, sseWithoutId } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { decisionScopes, openStream } from '../open-stream.ts';

/** Streams the serialized frames of a run. Last-Event-ID has priority over `after`. @throws NoContent after the last event */
export const streamEvents: Handler<typeof contract.runs.stream> = ({ input, ctx, signal }) => {
  const { runId, includeToolCalls, progress, links } = input;
  const after = Number(input.lastEventId ?? input.after ?? 0);
  return openStream<RunStreamFrame>(ctx, {
    scopes: [contract.runs.stream.scope, ...decisionScopes(ctx.principal)],
    toItem: ({ id, event, data, isTransient }) => (isTransient ? sseWithoutId : sse)(id, event, data),
    open: async () => {
      const query = { runId, after, includeToolCalls, progress, links, reader: ctx.principal };
      const frames = await ctx.deps.engine.streamEvents(ctx.principal.workspaceId, query, signal);
      if (!frames) throw new NoContent();
      return frames;
    },
    signal,
  });
};
