import type { SseItem } from '@errand/trpc-openapi';

type Frame = { id: string; event: string; data: string; hint?: true };
type Frames = AsyncIterableIterator<Frame, void>;
type Step<T> = IteratorResult<SseItem<T>, void>;

/** A stream that can be cut. Not a generator, which would keep the last frame in memory while it waits. */
export class CutStream<T> implements AsyncIterableIterator<SseItem<T>, void> {
  readonly #itemOf: (frame: Frame) => SseItem<T>;
  #frames: Frames | undefined;
  #why: Error | undefined;
  #free = () => {};

  constructor(itemOf: (frame: Frame) => SseItem<T>) {
    this.#itemOf = itemOf;
  }

  of(frames: Frames, free: () => void): this {
    this.#frames = frames;
    this.#free = free;
    return this;
  }

  /** Ends the stream with an error for its reader. */
  readonly cut = (why: Error): void => {
    this.#why = why;
    void this.#frames?.return?.();
  };

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step<T>> {
    return this.#why ? Promise.reject(this.#why) : this.#frames!.next().then(this.#toItem, this.#failed);
  }

  async return(): Promise<Step<T>> {
    this.#free();
    await this.#frames?.return?.();
    return { done: true, value: undefined };
  }

  readonly #toItem = ({ done, value }: Awaited<ReturnType<Frames['next']>>): Step<T> => {
    if (!done) return { done, value: this.#itemOf(value) };
    this.#free();
    if (this.#why) throw this.#why;
    return { done: true, value: undefined };
  };

  readonly #failed = (error: unknown): never => {
    this.#free();
    throw error;
  };
}
