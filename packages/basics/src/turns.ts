/** A fair queue: tenants take turns (round-robin); the entries of a tenant are first in, first out. */
export class Turns<T> {
  readonly #waiting = new Map<string, Set<T>>();

  /** In the order of turns; the next tenant is first. */
  get tenants(): string[] {
    return [...this.#waiting.keys()];
  }

  /** @param isAgain puts an entry that was taken before ahead of the others of its tenant */
  add(tenant: string, entry: T, isAgain = false): void {
    const entries = this.#waiting.get(tenant);
    if (entries && !isAgain) entries.add(entry);
    else this.#waiting.set(tenant, new Set([entry, ...(entries ?? [])]));
  }

  get next(): T | undefined {
    return this.first(this.#nextTenant);
  }

  first(tenant: string | undefined): T | undefined {
    return tenant === undefined ? undefined : this.#waiting.get(tenant)?.values().next().value;
  }

  /** Takes the first entry of a tenant, by default of the next one. The tenant's next turn is last. */
  take(tenant = this.#nextTenant): T | undefined {
    const entry = this.first(tenant);
    if (tenant === undefined || entry === undefined) return undefined;
    const entries = this.#waiting.get(tenant)!;
    this.#waiting.delete(tenant);
    entries.delete(entry);
    if (entries.size > 0) this.#waiting.set(tenant, entries);
    return entry;
  }

  remove(tenant: string, entry: T): void {
    const entries = this.#waiting.get(tenant);
    if (entries?.delete(entry) && entries.size === 0) this.#waiting.delete(tenant);
  }

  clear(): T[] {
    const entries = [...this.#waiting.values()].flatMap((waiting) => [...waiting]);
    this.#waiting.clear();
    return entries;
  }

  get #nextTenant(): string | undefined {
    return this.#waiting.keys().next().value;
  }
}
