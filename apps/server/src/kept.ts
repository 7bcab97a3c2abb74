/** What is asked for again and again and is the same for one key for ever, up to so many bytes; what was used longest ago goes first. */
export class Kept<T> {
  readonly #known = new Map<string, { value: T; bytes: number }>();
  #bytes = 0;

  constructor(private readonly mostBytes: number) {}

  get(key: string): T | undefined {
    const found = this.#known.get(key);
    if (!found) return undefined;
    this.#known.delete(key);
    this.#known.set(key, found);
    return found.value;
  }

  set(key: string, value: T, bytes: number): void {
    this.#drop(key);
    this.#known.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#known.keys()) {
      if (this.#bytes <= this.mostBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#known.get(key)?.bytes ?? 0;
    this.#known.delete(key);
  }
}
