import { contract, type PendingFrame } from '@errand/contracts';
import { sseWithoutId } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { decisionScopes, openStream } from '../open-stream.ts';

/** Streams changes of the open requests. Frames have no ids, because the stream cannot be resumed. */
export const watchPending: Handler<typeof contract.pending.watch> = ({ input, ctx, signal }) => {
  const { lastEventId: _, ...filter } = input;
  const ended = new AbortController();
  const query = { ...filter, reader: ctx.principal };
  return openStream<PendingFrame>(ctx, {
    scopes: [contract.pending.watch.scope, ...decisionScopes(ctx.principal)],
    toItem: ({ id, event, data }) => sseWithoutId(id, event, data),
    open: () => ctx.deps.engine.watchPending(ctx.principal.workspaceId, query, ended.signal),
    onEnd: () => ended.abort(),
    signal,
  });
};
