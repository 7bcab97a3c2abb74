/** Remembers answers for a while, the oldest forgotten first, and asks once for what many ask at the same time. */
export class AnswerCache<T> {
  readonly #known = new Map<string, { until: number; answer: Promise<T> }>();

  /** @param size most entries kept @param ttlMs how long an answer counts */
  constructor(
    private readonly size: number,
    private readonly ttlMs: number,
  ) {}

  get(id: string): Promise<T> | undefined {
    const found = this.#known.get(id);
    return found && found.until > Date.now() ? found.answer : undefined;
  }

  /** Whether there is an answer, however old. */
  has(id: string): boolean {
    return this.#known.has(id);
  }

  set(id: string, answer: Promise<T>): void {
    this.#known.delete(id);
    this.#known.set(id, { until: Date.now() + this.ttlMs, answer });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= this.size) break;
      this.#known.delete(oldest);
    }
  }

  delete(id: string): void {
    this.#known.delete(id);
  }

  /** No answer counts any more. */
  expire(): void {
    for (const known of this.#known.values()) known.until = 0;
  }
}
