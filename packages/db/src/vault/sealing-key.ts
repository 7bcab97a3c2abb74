import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { withTransaction } from '../statements/scope.ts';
import { readSealingKeyId } from './canary.ts';
import type { Vault } from './vault.ts';

/** Interval at which a process reports its master keys and reads the sealing key, in ms. */
const HEARTBEAT_MS = 2000;
/** A process counts as dead after this many seconds without a report. */
const LIFETIME_SECONDS = 15;

/** Reports the master keys of this process and follows the sealing key, so that every process can open what others seal. */
export class SealingKeyWatch {
  readonly #id = uuid();
  #timer: NodeJS.Timeout | undefined;
  #lastHeartbeat: Promise<void> = Promise.resolve();
  #listensAt: readonly string[] = [];
  #listeners: ReadonlySet<string> = new Set();

  /** @param onMissingKey called if this process lacks the sealing key */
  constructor(
    private readonly pool: Pool,
    private readonly vault: Vault,
    private readonly onMissingKey: (error: Error) => void,
  ) {}

  /** Resolves after the first report. @throws the error of the database */
  async start(): Promise<void> {
    if (this.#timer) return;
    await this.#sendHeartbeat();
    this.#timer = setInterval(() => {
      this.#lastHeartbeat = this.#sendHeartbeat().catch(() => {}); // the next one is the retry
    }, HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Where living processes serve HTTP, as known for some seconds: an address, a space and a port each. */
  listeners = (): ReadonlySet<string> => this.#listeners;

  /** Reports where this process serves HTTP. */
  async announceListener(listensAt: readonly string[]): Promise<void> {
    this.#listensAt = listensAt;
    await this.#report().catch(() => {}); // the next heartbeat is the retry
  }

  async stop(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    await this.#lastHeartbeat;
    await this.pool.query('DELETE FROM vault_reader WHERE reader_id = $1', [this.#id]).catch(() => {});
  }

  async #sendHeartbeat(): Promise<void> {
    await this.#report();
    // Read after the report, because `changeSealingKey` reads the reports before it changes the key.
    const keyId = await readSealingKeyId(this.pool);
    if (keyId === undefined || keyId === this.vault.sealingKeyId) return;
    if (!this.vault.keyIds.includes(keyId)) {
      this.onMissingKey(
        new Error(`secrets are sealed with the master key "${keyId}", which this process lacks; add it and restart`),
      );
      return;
    }
    this.vault.sealWith(keyId);
    await this.#report();
  }

  async #report(): Promise<void> {
    const { rows } = await this.pool.query<{ at: string }>({
      name: 'vault_reader_heartbeat',
      text: `WITH dead AS (DELETE FROM vault_reader WHERE reader_id <> $1 AND seen_at < clock_timestamp() - interval '${10 * LIFETIME_SECONDS} seconds'),
        own AS (INSERT INTO vault_reader (reader_id, host, key_ids, sealing, listens_at, seen_at) VALUES ($1, $2, $3, $4, $5, clock_timestamp())
          ON CONFLICT (reader_id) DO UPDATE SET sealing = excluded.sealing, listens_at = excluded.listens_at, seen_at = excluded.seen_at)
        SELECT DISTINCT unnest(listens_at) AS at FROM vault_reader WHERE ${LIVING}`,
      values: [
        this.#id,
        `${hostname()} (process ${process.pid})`,
        [...this.vault.keyIds],
        this.vault.sealingKeyId,
        this.#listensAt,
      ],
    });
    this.#listeners = new Set([...rows.map(({ at }) => at), ...this.#listensAt]);
  }
}

/** Selects the processes that live. */
export const LIVING = `seen_at > clock_timestamp() - interval '${LIFETIME_SECONDS} seconds'`;

/** Changes the sealing key for all processes. @throws Error with instructions if some processes do not have the key */
export async function changeSealingKey(pool: Pool, keyId: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    // A process that starts now reports after this, and then reads the sealing key.
    await client.query('LOCK TABLE vault_reader IN SHARE ROW EXCLUSIVE MODE');
    const { rows } = await client.query<{ host: string }>(
      `SELECT host FROM vault_reader WHERE ${LIVING} AND $1 <> ALL(key_ids) ORDER BY host`,
      [keyId],
    );
    if (rows.length > 0) {
      const hosts = rows.map(({ host }) => host).join(', ');
      throw new Error(
        `These processes do not have the master key "${keyId}" yet: ${hosts}. Restart them with it, then run this again.`,
      );
    }
    await client.query(
      'UPDATE vault_canary SET sealing_since = NULL WHERE sealing_since IS NOT NULL AND key_id <> $1',
      [keyId],
    );
    await client.query(
      'UPDATE vault_canary SET sealing_since = clock_timestamp() WHERE key_id = $1 AND sealing_since IS NULL',
      [keyId],
    );
  });
}

/** Living processes that still seal with another key. */
export async function processesWithOtherKey(pool: Pool, keyId: string): Promise<string[]> {
  const { rows } = await pool.query<{ host: string }>(
    `SELECT host FROM vault_reader WHERE ${LIVING} AND sealing <> $1 ORDER BY host`,
    [keyId],
  );
  return rows.map(({ host }) => host);
}
