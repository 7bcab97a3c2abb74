/** Interval at which the holders of open streams are checked. */
const CHECK_MS = 5000;

/** A stream that ends when its holder loses the right to it. */
export type CheckedStream = { revoke: (reason: Error) => void };

/** Reads why holders lost their streams. @returns the reason for each stream; undefined while the holder has the right */
export type ReadLosses<Stream> = (open: readonly Stream[]) => Promise<(stream: Stream) => Error | undefined>;

/** The open streams of this process, for holders that are checked every 5 s. A stream ends within ten seconds of the loss. */
export class CheckedStreams<Stream extends CheckedStream> {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly readLosses: ReadLosses<Stream>) {}

  get size(): number {
    return this.#streams.size;
  }

  count(matches: (stream: Stream) => boolean): number {
    return [...this.#streams].filter(matches).length;
  }

  /** @returns a function that removes the stream; a second call does nothing */
  add(stream: Stream): () => void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => void this.#check().catch(() => {}), CHECK_MS).unref();
    return () => this.#remove(stream);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // While Postgres does not answer, streams stay open; the next check tries again.
  async #check(): Promise<void> {
    const open = [...this.#streams];
    const lossOf = await this.readLosses(open);
    for (const stream of open) {
      const loss = lossOf(stream);
      if (!loss || !this.#streams.has(stream)) continue;
      this.#remove(stream);
      stream.revoke(loss);
    }
  }
}
