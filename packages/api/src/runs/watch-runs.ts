import { contract, type ListFrame } from '@errand/contracts';
import { type SseItem, sse } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { openStream } from '../open-stream.ts';

// Watchers of one list share frames, so each frame is serialized once.
const cachedItems = new WeakMap<object, SseItem<ListFrame>>();

const toItem = (frame: { id: string; event: string; data: string }): SseItem<ListFrame> => {
  const cached = cachedItems.get(frame);
  if (cached) return cached;
  const item = sse<ListFrame>(frame.id, frame.event, frame.data);
  cachedItems.set(frame, item);
  return item;
};

/** Streams the changes of a list, while the key has the scope to read the list. */
export const watchRuns: Handler<typeof contract.runs.watch> = ({ input, ctx, signal }) =>
  openStream(ctx, {
    scopes: [contract.runs.watch.scope],
    toItem,
    open: () => ctx.deps.engine.watchRuns(ctx.principal.workspaceId, input, signal),
    signal,
  });
