import { contract, type ListFrame } from '@errand/contracts';
import { type SseItem, sse } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { CutStream } from './cut-stream.ts';

// Watchers of one list share frames, so each frame is serialized once.
const items = new WeakMap<object, SseItem<ListFrame>>();

const itemOf = (frame: { id: string; event: string; data: string }): SseItem<ListFrame> => {
  const cached = items.get(frame);
  if (cached) return cached;
  const item = sse<ListFrame>(frame.id, frame.event, frame.data);
  items.set(frame, item);
  return item;
};

/** Streams the changes of a list, while the key has the scope to read the list. */
export const watchRuns: Handler<typeof contract.runs.watch> = async ({ input, ctx, signal }) => {
  const stream = new CutStream<ListFrame>(itemOf);
  const free = await ctx.deps.streams.take(ctx.principal, [contract.runs.watch.scope], stream.cut);
  signal.addEventListener('abort', free, { once: true });
  if (signal.aborted) free();
  try {
    return stream.of(await ctx.deps.engine.watchRuns(ctx.principal.workspaceId, input, signal), free);
  } catch (error) {
    free();
    throw error;
  }
};
