import { contract, holds, type PendingFrame } from '@errand/contracts';
import { sseWithoutId } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { CutStream } from '../runs/cut-stream.ts';

/** Streams changes of the open requests. Frames have no ids, because the stream cannot be resumed. */
export const watchPending: Handler<typeof contract.pending.watch> = async ({ input, ctx, signal }) => {
  const { lastEventId: _, ...filter } = input;
  const ended = new AbortController();
  const stream = new CutStream<PendingFrame>(({ id, event, data }) => sseWithoutId(id, event, data));
  const cut = (why: Error) => {
    stream.cut(why);
    ended.abort();
  };
  // `mayDecide` of the entries depends on these scopes, so losing one cuts the stream.
  const { pending, approvals, integrations } = contract;
  const rights = [approvals.decide.scope, integrations.authUrl.scope].filter((scope) => holds(ctx.principal, scope));
  const free = await ctx.deps.streams.take(ctx.principal, [pending.watch.scope, ...rights], cut);
  const leave = () => {
    free();
    ended.abort();
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const query = { ...filter, reader: ctx.principal };
  return stream.of(ctx.deps.engine.watchPending(ctx.principal.workspaceId, query, ended.signal), leave);
};
