/** Answers that are read often and change seldom: each is asked for once and kept for a moment. */
export class Recent<T> {
  readonly #known = new Map<string, { until: number; answer: Promise<T> }>();

  /** @param ttlMs how old an answer may be @param most entries kept */
  constructor(
    private readonly ttlMs: number,
    private readonly most = 2000,
  ) {}

  /** @param group what `forget` knows the entry by */
  get(group: string, rest: string, load: () => Promise<T>): Promise<T> {
    const key = `${group} ${rest}`;
    const found = this.#known.get(key);
    if (found && found.until > Date.now()) return found.answer;
    const answer = load();
    if (this.#known.size >= this.most) this.#known.clear();
    this.#known.set(key, { until: Date.now() + this.ttlMs, answer });
    answer.catch(() => {
      if (this.#known.get(key)?.answer === answer) this.#known.delete(key);
    });
    return answer;
  }

  /** Drops all of a group, also what is being asked for now. */
  forget(group: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${group} `)) this.#known.delete(key);
  }
}
