/** A fair queue: tenants take turns (round-robin); the entries of a tenant are first in, first out. */
export class Turns<T> {
  /** In the order of turns; the next tenant is first. */
  readonly #waiting = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const entries of this.#waiting.values()) size += entries.length;
    return size;
  }

  get tenants(): number {
    return this.#waiting.size;
  }

  add(tenant: string, entry: T): void {
    const entries = this.#waiting.get(tenant);
    if (entries) entries.push(entry);
    else this.#waiting.set(tenant, [entry]);
  }

  get next(): T | undefined {
    const [entries] = this.#waiting.values();
    return entries?.[0];
  }

  take(): T | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [tenant, entries] = first;
    const entry = entries.shift();
    this.#waiting.delete(tenant);
    if (entries.length > 0) this.#waiting.set(tenant, entries);
    return entry;
  }

  remove(tenant: string, entry: T): void {
    const remaining = this.#waiting.get(tenant)?.filter((waiting) => waiting !== entry) ?? [];
    if (remaining.length > 0) this.#waiting.set(tenant, remaining);
    else this.#waiting.delete(tenant);
  }
}
