import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { withTransaction } from '../runs/scope.ts';
import { readSealing } from './canary.ts';
import type { Vault } from './vault.ts';

/** How often a process says which master keys it knows, and hears which one seals; in ms. */
const BEAT_MS = 2000;
/** One that has not been heard of for so long is dead. */
const LIFE_S = 15;

/**
 * Says which master keys this process knows, and follows the one that seals. So `reseal` knows that every process can open what the
 * others are going to make before any of them makes it.
 */
export class SealingWatch {
  readonly #pool: Pool;
  readonly #vault: Vault;
  readonly #failed: (error: Error) => void;

  readonly #id = uuid();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();

  /** @param failed is told that the key which seals is not known here, so that what others seal does not open */
  constructor(pool: Pool, vault: Vault, failed: (error: Error) => void) {
    this.#pool = pool;
    this.#vault = vault;
    this.#failed = failed;
  }

  /** Resolves once it is written down. @throws what the database says */
  async start(): Promise<void> {
    if (this.#timer) return;
    await this.#beat();
    this.#timer = setInterval(() => {
      this.#beating = this.#beat().catch(() => {}); // the next one says so again
    }, BEAT_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    await this.#beating;
    await this.#pool.query('DELETE FROM vault_reader WHERE reader_id = $1', [this.#id]).catch(() => {});
  }

  async #beat(): Promise<void> {
    await this.#say();
    // Read after it was said: who hands over to another key looks at what was said first.
    const kid = await readSealing(this.#pool);
    if (kid === undefined || kid === this.#vault.sealing) return;
    if (!this.#vault.keyIds.includes(kid)) {
      this.#failed(
        new Error(`secrets are sealed with the master key "${kid}", which this process lacks: give it, and restart`),
      );
      return;
    }
    this.#vault.sealWith(kid);
    await this.#say();
  }

  async #say(): Promise<void> {
    await this.#pool.query({
      name: 'vault_reader_beat',
      text: `WITH dead AS (DELETE FROM vault_reader WHERE reader_id <> $1 AND seen_at < clock_timestamp() - interval '${10 * LIFE_S} seconds')
        INSERT INTO vault_reader (reader_id, host, key_ids, sealing, seen_at) VALUES ($1, $2, $3, $4, clock_timestamp())
        ON CONFLICT (reader_id) DO UPDATE SET sealing = excluded.sealing, seen_at = excluded.seen_at`,
      values: [this.#id, `${hostname()} (process ${process.pid})`, [...this.#vault.keyIds], this.#vault.sealing],
    });
  }
}

const LIVING = `seen_at > clock_timestamp() - interval '${LIFE_S} seconds'`;

/**
 * Lets another master key seal, for all processes, when every one of them knows it.
 * @throws with what to do, naming the processes that do not
 */
export async function handOver(pool: Pool, kid: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    // A process that begins now says what it knows after this, and then reads which key seals.
    await client.query('LOCK TABLE vault_reader IN SHARE ROW EXCLUSIVE MODE');
    const { rows } = await client.query<{ host: string }>(
      `SELECT host FROM vault_reader WHERE ${LIVING} AND $1 <> ALL(key_ids) ORDER BY host`,
      [kid],
    );
    if (rows.length > 0) {
      const hosts = rows.map(({ host }) => host).join(', ');
      throw new Error(
        `These processes do not know the master key "${kid}" yet: ${hosts}. Restart them with it, then run this again.`,
      );
    }
    await client.query(
      'UPDATE vault_canary SET sealing_since = NULL WHERE sealing_since IS NOT NULL AND key_id <> $1',
      [kid],
    );
    await client.query(
      'UPDATE vault_canary SET sealing_since = clock_timestamp() WHERE key_id = $1 AND sealing_since IS NULL',
      [kid],
    );
  });
}

/** Of the living processes, those that still seal with another key. */
export async function behind(pool: Pool, kid: string): Promise<string[]> {
  const { rows } = await pool.query<{ host: string }>(
    `SELECT host FROM vault_reader WHERE ${LIVING} AND sealing <> $1 ORDER BY host`,
    [kid],
  );
  return rows.map(({ host }) => host);
}
