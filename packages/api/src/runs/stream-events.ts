import type { contract, RunEvent } from '@errand/contracts';
import { NoContent, type SseItem, sse } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';

/** The frames of a run as the engine serialised them. Last-Event-ID beats `after`; null means that all was read. */
export const streamEvents: Handler<typeof contract.runs.stream> = async ({ input, ctx, signal }) => {
  const { runId, includeToolCalls } = input;
  const after = Number(input.lastEventId ?? input.after ?? 0);
  const free = ctx.deps.streams.take(ctx.caller.apiKeyId);
  signal.addEventListener('abort', free, { once: true });
  try {
    const frames = await ctx.deps.engine.stream(ctx.caller.workspaceId, { runId, after, includeToolCalls }, signal);
    if (!frames) throw new NoContent();
    return items(frames, free);
  } catch (error) {
    free();
    throw error;
  }
};

type Frames = AsyncIterable<{ id: string; event: string; data: string }>;

async function* items(frames: Frames, free: () => void): AsyncGenerator<SseItem<RunEvent>> {
  try {
    for await (const { id, event, data } of frames) yield sse<RunEvent>(id, event, data);
  } finally {
    free();
  }
}
