import { type Json, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';
import { auditRow, writeAuditRows } from './write.ts';

/** The use of a credential by a run: of the user, the workspace, or passed through by the caller. */
export type CredentialUse = {
  workspaceId: string;
  runId: string;
  customerIntegrationId: string;
  userId: string;
  of: 'user' | 'workspace' | 'run';
};

type PendingUse = CredentialUse & { calls: number; firstAt: number; lastAt: number };

const CHECK_INTERVAL_MS = 2000;
/** The uses of a run become one entry this many ms after its last call, */
const QUIET_MS = 4000;
/** or this many ms after the first. */
const MAX_AGE_MS = 60_000;

/** Writes one audit entry for each run and integration, and the time of the last use of each credential of a user. A crash loses the uses of the last seconds, but the ledger has the calls. */
export class CredentialUses {
  readonly #pending = new Map<string, PendingUse>();
  readonly #timer = setInterval(() => this.#writeDue(), CHECK_INTERVAL_MS).unref();
  #writing: Promise<void> = Promise.resolve();

  /** @param onFailure called when a write fails; the entries are retried */
  constructor(
    private readonly pool: Pool,
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {}

  record(use: CredentialUse): void {
    const key = `${use.workspaceId} ${use.runId} ${use.customerIntegrationId} ${use.of}`;
    const now = performance.now();
    const pendingUse = this.#pending.get(key);
    if (!pendingUse) this.#pending.set(key, { ...use, calls: 1, firstAt: now, lastAt: now });
    else {
      pendingUse.calls++;
      pendingUse.lastAt = now;
    }
  }

  #writeDue(): void {
    const now = performance.now();
    void this.flush((use) => now - use.lastAt > QUIET_MS || now - use.firstAt > MAX_AGE_MS);
  }

  /** Writes the due entries; all by default. */
  async flush(isDue: (use: PendingUse) => boolean = () => true): Promise<void> {
    const dueUses = [...this.#pending].filter(([, use]) => isDue(use));
    if (dueUses.length === 0) return this.#writing;
    for (const [key] of dueUses) this.#pending.delete(key);
    this.#writing = this.#writing.then(() => this.#write(dueUses));
    return this.#writing;
  }

  async #write(ready: [string, PendingUse][]): Promise<void> {
    const rows = ready.map(([, { workspaceId, runId, customerIntegrationId, userId, of, calls }]) => {
      const details: Record<string, Json> = { runId, userId, of, calls };
      const note = { actor: system, action: 'credential.used', target: customerIntegrationId, details } as const;
      return auditRow(workspaceId, note);
    });
    try {
      await this.#touch(ready.flatMap(([, use]) => (use.of === 'user' ? [use] : [])));
      await writeAuditRows(this.pool, rows);
    } catch (error) {
      for (const [key, use] of ready) {
        const newer = this.#pending.get(key);
        this.#pending.set(key, newer ? { ...newer, calls: newer.calls + use.calls, firstAt: use.firstAt } : use);
      }
      this.onFailure(error);
    }
  }

  /** Locks the rows in one order everywhere, so that processes do not wait for each other in a circle. */
  async #touch(uses: readonly PendingUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.pool.query({
      name: 'credential_uses_touch',
      text: `WITH used AS (
          SELECT u.workspace_id, u.customer_integration_id, u.user_id FROM integration_user u
          WHERE (u.workspace_id, u.customer_integration_id, u.user_id) IN (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]))
          ORDER BY 1, 2, 3 FOR NO KEY UPDATE)
        UPDATE integration_user u SET used_at = now() FROM used
        WHERE (u.workspace_id, u.customer_integration_id, u.user_id) = (used.workspace_id, used.customer_integration_id, used.user_id)`,
      values: fieldArrays(uses, 'workspaceId', 'customerIntegrationId', 'userId'),
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
