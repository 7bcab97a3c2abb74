/**
 * Divides something that this process has a maximum of: a workspace takes at most half of the part that other workspaces do not use. So a
 * workspace never takes all of it, and each further one still gets a share.
 */
export class Shares {
  readonly #used = new Map<string, number>();
  #all = 0;

  constructor(private readonly max: number) {}

  /** The maximum of a workspace, while the others use as much as now. */
  maxOf(workspaceId: string): number {
    return Math.ceil((this.max - this.#all + this.#usedBy(workspaceId)) / 2);
  }

  /** @returns a function that frees the amount, where a second call does nothing; null if the share is used */
  take(workspaceId: string, amount = 1): (() => void) | null {
    if (this.#usedBy(workspaceId) + amount > this.maxOf(workspaceId)) return null;
    this.#add(workspaceId, amount);
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      this.#add(workspaceId, -amount);
    };
  }

  #usedBy(workspaceId: string): number {
    return this.#used.get(workspaceId) ?? 0;
  }

  #add(workspaceId: string, amount: number): void {
    this.#all += amount;
    const used = this.#usedBy(workspaceId) + amount;
    if (used > 0) this.#used.set(workspaceId, used);
    else this.#used.delete(workspaceId);
  }
}
