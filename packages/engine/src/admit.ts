import type { StoredRun } from '@errand/db';
import type { QueueOptions } from './backlog.ts';

/** A count is trusted for so long, in ms: other processes make runs too. */
const trustMs = 1000;
/** Workspaces that are remembered before those are forgotten that have been quiet. */
const remembered = 1000;

type Standing = {
  /** Runs that may be made without asking. */
  free: number;
  /** When it was last asked. */
  at: number;
  /** Whether runs of the workspace waited for a place then. */
  full: boolean;
  asking: Promise<unknown> | null;
};

/**
 * Keeps a workspace to its places without a count for each run. Whether there is a place left is asked inside the statement that
 * stores a run, and what it says is good for half of the places that were left, the other half being for other processes; runs
 * that end here give theirs back. So a workspace far from its limit is counted once a second, one at its limit with each run.
 * The limit is exact when one process makes runs one after another; several, or many at a time, may pass it for a moment by as many
 * as they store at the same time, and it is not refilled until that is made up.
 */
export class Admission {
  private readonly standings = new Map<string, Standing>();

  constructor(private readonly options: QueueOptions) {}

  /** Stores a run. @param store see `createRun` of db: asks for a place, or takes one */
  async admit(workspaceId: string, store: (ask: boolean) => Promise<StoredRun>): Promise<StoredRun> {
    const standing = this.standingOf(workspaceId);
    for (;;) {
      if (!standing.full && standing.free > 0 && performance.now() - standing.at < trustMs) {
        standing.free--;
        return store(false);
      }
      // Where runs wait already, all that come wait with them, and nothing is gained by asking one after another.
      if (standing.full || !standing.asking) return this.ask(standing, store);
      await standing.asking.catch(() => {});
    }
  }

  /** A run of the workspace ended in this process. */
  ended(workspaceId: string): void {
    const standing = this.standings.get(workspaceId);
    if (standing) standing.free++;
  }

  private async ask(standing: Standing, store: (ask: boolean) => Promise<StoredRun>): Promise<StoredRun> {
    const asked = store(true);
    standing.asking = asked;
    try {
      const stored = await asked;
      standing.full = !stored.admitted;
      standing.free = Math.max(0, Math.floor((this.options.places - (stored.held ?? this.options.places) - 1) / 2));
      standing.at = performance.now();
      return stored;
    } finally {
      if (standing.asking === asked) standing.asking = null;
    }
  }

  private standingOf(workspaceId: string): Standing {
    const known = this.standings.get(workspaceId);
    if (known) return known;
    if (this.standings.size >= remembered) {
      const quiet = performance.now() - trustMs;
      for (const [id, { at, asking }] of this.standings) if (at < quiet && !asking) this.standings.delete(id);
    }
    const made: Standing = { free: 0, at: performance.now(), full: false, asking: null };
    this.standings.set(workspaceId, made);
    return made;
  }
}
