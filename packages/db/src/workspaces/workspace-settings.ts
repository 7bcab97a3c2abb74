import { every } from '@errand/basics/every';
import type { WorkspaceLimits } from '@errand/contracts';
import type { Pool } from 'pg';

/** The limits of a workspace as its row has them. Null: the default of the instance. */
export type StoredLimits = { [Name in keyof Required<WorkspaceLimits>]: number | null };
export type WorkspaceSettings = StoredLimits & { isSuspended: boolean };

type SettingsRow = WorkspaceSettings & { workspaceId: string; changedAt: Date };

const READ_MS = 5000;
/** A transaction may commit this many seconds after the time that it wrote. */
const OVERLAP_SECONDS = 30;

/** The columns of `StoredLimits`. */
export const LIMIT_COLUMNS = `max_requests_per_minute AS "requestsPerMinute", max_runs AS runs, max_streams AS streams,
  max_integrations AS integrations`;

export const toLimits = ({ requestsPerMinute, runs, streams, integrations }: StoredLimits): WorkspaceLimits => ({
  ...(requestsPerMinute !== null && { requestsPerMinute }),
  ...(runs !== null && { runs }),
  ...(streams !== null && { streams }),
  ...(integrations !== null && { integrations }),
});

/** The settings of workspaces that operators have changed, as this process knows them: at most some seconds old. */
export class KnownSettings {
  readonly #settings = new Map<string, WorkspaceSettings>();
  #readThrough = new Date(0);
  #stop: (() => Promise<void>) | undefined;

  constructor(private readonly pool: Pool) {}

  /** Resolves after the first read. @throws the error of the database */
  async start(): Promise<void> {
    if (this.#stop) return;
    await this.read();
    // While Postgres does not answer, the known settings apply.
    this.#stop = every(READ_MS, () => this.read().catch(() => {}));
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  /** Undefined for a workspace with the defaults of the instance. */
  of(workspaceId: string): WorkspaceSettings | undefined {
    return this.#settings.get(workspaceId);
  }

  /** Reads what has changed. */
  async read(): Promise<void> {
    const { rows } = await this.pool.query<SettingsRow>({
      name: 'workspace_settings',
      text: `SELECT workspace_id AS "workspaceId", ${LIMIT_COLUMNS}, suspended_at IS NOT NULL AS "isSuspended",
          settings_changed_at AS "changedAt"
        FROM workspace WHERE settings_changed_at > $1::timestamptz - interval '${OVERLAP_SECONDS} seconds'`,
      values: [this.#readThrough],
    });
    for (const { workspaceId, changedAt, ...settings } of rows) {
      this.#settings.set(workspaceId, settings);
      if (changedAt > this.#readThrough) this.#readThrough = changedAt;
    }
  }
}
