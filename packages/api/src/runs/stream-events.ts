import { contract, holds, type RunEvent } from '@errand/contracts';
import { NoContent, type SseItem, sse } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';

/** The frames of a run as the engine serialised them. Last-Event-ID has priority over `after`; null means that all was read. */
export const streamEvents: Handler<typeof contract.runs.stream> = async ({ input, ctx, signal }) => {
  const { runId, includeToolCalls } = input;
  const after = Number(input.lastEventId ?? input.after ?? 0);
  const stream = new Cut();
  // The stream is cut when the key loses one of these scopes.
  const { runs, approvals, integrations } = contract;
  const links = [approvals.decide.scope, integrations.authUrl.scope].filter((scope) => holds(ctx.principal, scope));
  const needs = [runs.stream.scope, ...links];
  const free = await ctx.deps.streams.take(ctx.principal, needs, stream.cut);
  signal.addEventListener('abort', free, { once: true });
  if (signal.aborted) free();
  try {
    const wanted = { runId, after, includeToolCalls, reader: ctx.principal };
    const frames = await ctx.deps.engine.stream(ctx.principal.workspaceId, wanted, signal);
    if (!frames) throw new NoContent();
    return stream.of(frames, free);
  } catch (error) {
    free();
    throw error;
  }
};

type Frames = AsyncIterableIterator<{ id: string; event: string; data: string }, void>;
type Step = IteratorResult<SseItem<RunEvent>, void>;

/** A stream that may be cut. Not a generator, which would keep the last frame in memory while it waits. */
class Cut implements AsyncIterableIterator<SseItem<RunEvent>, void> {
  #frames: Frames | undefined;
  #why: Error | undefined;
  #free = () => {};

  of(frames: Frames, free: () => void): this {
    this.#frames = frames;
    this.#free = free;
    return this;
  }

  /** Ends the stream: its reader gets the error. */
  readonly cut = (why: Error): void => {
    this.#why = why;
    void this.#frames?.return?.();
  };

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    return this.#why ? Promise.reject(this.#why) : this.#frames!.next().then(this.#toItem, this.#failed);
  }

  async return(): Promise<Step> {
    this.#free();
    await this.#frames?.return?.();
    return { done: true, value: undefined };
  }

  readonly #toItem = ({ done, value }: Awaited<ReturnType<Frames['next']>>): Step => {
    if (!done) return { done, value: sse<RunEvent>(value.id, value.event, value.data) };
    this.#free();
    if (this.#why) throw this.#why;
    return { done: true, value: undefined };
  };

  readonly #failed = (error: unknown): never => {
    this.#free();
    throw error;
  };
}
