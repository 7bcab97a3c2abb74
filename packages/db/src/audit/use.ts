import { type Json, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow } from './write.ts';

/** That a run used a credential at an integration: the user's own, the workspace's, or one that came with the run. */
export type CredentialUse = {
  workspaceId: string;
  runId: string;
  customerIntegrationId: string;
  userId: string;
  of: 'user' | 'workspace' | 'run';
};

type Noted = CredentialUse & { calls: number; since: number; last: number };

const BEAT_MS = 2000;
/** An entry is written when its run has made no call for so long, */
const QUIET_MS = 4000;
/** or after so long. */
const LONGEST_MS = 60_000;

/**
 * Gathers uses of credentials in memory and writes one audit entry for each run and connection once it has been quiet for some
 * seconds: calls cost no write. A process that dies forgets those of its last seconds; the ledger has each call.
 */
export class CredentialUses {
  readonly #pool: Pool;
  readonly #failed: (error: unknown) => void;

  readonly #noted = new Map<string, Noted>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  /** @param failed is told when entries could not be written; they are tried again */
  constructor(pool: Pool, failed: (error: unknown) => void = () => {}) {
    this.#pool = pool;
    this.#failed = failed;

    this.#timer = setInterval(() => this.#writeDue(), BEAT_MS);
    this.#timer.unref();
  }

  note(use: CredentialUse): void {
    const key = `${use.workspaceId} ${use.runId} ${use.customerIntegrationId} ${use.of}`;
    const now = performance.now();
    const known = this.#noted.get(key);
    if (!known) this.#noted.set(key, { ...use, calls: 1, since: now, last: now });
    else {
      known.calls++;
      known.last = now;
    }
  }

  #writeDue(): void {
    const now = performance.now();
    void this.flush((one) => now - one.last > QUIET_MS || now - one.since > LONGEST_MS);
  }

  /** Writes those that are due; all of them unless told. */
  async flush(due: (one: { last: number; since: number }) => boolean = () => true): Promise<void> {
    const taken = [...this.#noted].filter(([, one]) => due(one));
    if (taken.length === 0) return this.#writing;
    for (const [key] of taken) this.#noted.delete(key);
    this.#writing = this.#writing.then(() => this.#write(taken));
    return this.#writing;
  }

  async #write(taken: [string, Noted][]): Promise<void> {
    const rows = taken.map(([, { workspaceId, runId, customerIntegrationId, userId, of, calls }]) => {
      const details: Record<string, Json> = { runId, userId, of, calls };
      return auditRow(workspaceId, {
        actor: system,
        action: 'credential.used',
        target: customerIntegrationId,
        details,
      });
    });
    try {
      await this.#pool.query({
        name: 'audit_uses',
        text: `INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
          SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])`,
        values: [
          rows.map((row) => row.workspaceId),
          rows.map((row) => row.auditId),
          rows.map((row) => row.actorType),
          rows.map((row) => row.actorId),
          rows.map((row) => row.actorLabel),
          rows.map((row) => row.action),
          rows.map((row) => row.target),
          rows.map((row) => JSON.stringify(row.details)),
        ],
      });
    } catch (error) {
      for (const [key, one] of taken) {
        const newer = this.#noted.get(key);
        this.#noted.set(key, newer ? { ...newer, calls: newer.calls + one.calls, since: one.since } : one);
      }
      this.#failed(error);
    }
  }

  /** Writes all that is noted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
