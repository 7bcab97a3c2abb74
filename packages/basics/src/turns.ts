/** A fair queue: tenants take turns (round-robin); the entries of a tenant are first in, first out. */
export class Turns<T> {
  /** In the order of turns; the next tenant is first. */
  readonly #waiting = new Map<string, T[]>();

  get size(): number {
    let size = 0;
    for (const own of this.#waiting.values()) size += own.length;
    return size;
  }

  add(tenant: string, one: T): void {
    const own = this.#waiting.get(tenant);
    if (own) own.push(one);
    else this.#waiting.set(tenant, [one]);
  }

  /** The entry whose turn is next. */
  get next(): T | undefined {
    const [own] = this.#waiting.values();
    return own?.[0];
  }

  take(): T | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [tenant, own] = first;
    const one = own.shift();
    this.#waiting.delete(tenant);
    if (own.length > 0) this.#waiting.set(tenant, own);
    return one;
  }

  remove(tenant: string, one: T): void {
    const left = this.#waiting.get(tenant)?.filter((other) => other !== one) ?? [];
    if (left.length > 0) this.#waiting.set(tenant, left);
    else this.#waiting.delete(tenant);
  }
}
