/** A cache of things made from text; the one least recently asked for goes first. */
export class Remembered<T> {
  readonly #known = new Map<string, T>();
  #held = 0;

  /**
   * @param most entries kept
   * @param mostText length of all keys together: what is made from a text is about as large as the text is long
   */
  constructor(
    private readonly most: number,
    private readonly mostText: number,
  ) {}

  get(key: string): T | undefined {
    const value = this.#known.get(key);
    if (value !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, value);
    }
    return value;
  }

  set(key: string, value: T): T {
    if (!this.#known.has(key)) this.#held += key.length;
    this.#known.set(key, value);
    while (this.#known.size > this.most || (this.#held > this.mostText && this.#known.size > 1)) {
      const oldest = this.#known.keys().next().value!;
      this.#known.delete(oldest);
      this.#held -= oldest.length;
    }
    return value;
  }
}
