// The removal of old data, again and again while runs of old days are open.
import { setTimeout as sleep } from 'node:timers/promises';
import { removeOld } from '@errand/db';
import pg from 'pg';
import { databaseEnv } from '../fixtures/server.ts';
import { Archive } from './archive.ts';
import { BLIND_FUNCTION, BlindClients } from './blind-removal.ts';
import type { Errand } from './clients.ts';
import type { Evidence, ListedEvent } from './evidence.ts';
import { type CallFact, callOf, makesCall, readFacts } from './facts.ts';
import type { Site } from './moments.ts';
import { isOld, openOldDays } from './old-runs.ts';
import { seeded } from './random.ts';
import type { OldRunLook, Parent, RemovalRecord } from './removal-record.ts';
import { listEventsOf } from './rest.ts';

const RETENTION = { eventDays: 7, runDays: 30 };
const GAP_MS = 200;
/** How long the last removals may take, in ms. */
const FINISHES_IN_MS = 30_000;

const OLD = `run_id < errand_partitions.uuid_floor(now() - ${RETENTION.runDays} * interval '1 day')`;

const OPEN_RUNS = `SELECT run_id AS "runId", metadata->>'errand' AS errand, (extract(epoch FROM created_at) * 1000)::float8 AS "createdAt", seq,
    (SELECT count(*)::int FROM run_event e WHERE e.workspace_id = run.workspace_id AND e.run_id = run.run_id) AS events,
    (SELECT coalesce(json_agg(l.args), '[]') FROM ledger l
      WHERE l.workspace_id = run.workspace_id AND l.run_id = run.run_id AND l.kind = 'tool') AS calls,
    EXISTS (SELECT FROM errand_partitions.bounds('ledger') p WHERE p.low <= run.run_id AND run.run_id < p.high) AS "isInPartition"
  FROM run WHERE ended_at IS NULL AND ${OLD}`;

// Later runs of a day get into a partition again, after the first one was dropped.
const MAKE_PARTITIONS = `SELECT errand_partitions.ensure($1, day, 'day') FROM
  (SELECT DISTINCT date_trunc('day', errand_partitions.uuid_time(run_id), 'UTC') AS day FROM run WHERE ended_at IS NULL AND ${OLD}) AS days`;

const OLD_PARTITIONS = `SELECT parent, name FROM unnest(ARRAY['run_event', 'ledger']) AS parent, errand_partitions.bounds(parent) p
  WHERE p.${OLD.replace('run_id', 'high')}`;

// Their messages are posted from rows of the run.
const READY_TO_AGE = `SELECT run_id AS "runId" FROM run WHERE run_id = ANY($1) AND ended_at < clock_timestamp() - interval '1 second'
    AND NOT EXISTS (SELECT FROM webhook_message m WHERE m.run_id = run.run_id)
    AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.run_id = run.run_id AND d.state = 'pending')`;
const POST_AGAIN = `UPDATE webhook_delivery SET next_attempt_at = now()
  WHERE run_id = ANY($1) AND state = 'pending' AND last_error IS NOT NULL AND next_attempt_at > now()`;

/** As if they had ended on their own day. */
const AGE = `UPDATE run SET ended_at = errand_partitions.uuid_time(run_id) + interval '1 minute'
  WHERE run_id = ANY($1) AND ended_at > now() - interval '1 day'`;

type OpenRow = Omit<OldRunLook, 'at' | 'lostWrites'> & {
  createdAt: number;
  calls: CallFact['args'][];
  isInPartition: boolean;
};

/** Removes what is older than the retention, as the periodic task of a worker does. It archives ended runs of old days before it lets them age. */
export class Removal {
  readonly archive = new Archive();
  readonly #random = seeded(1, 'removal');
  readonly #site: Site;
  readonly #blind: BlindClients | undefined;
  readonly #looks: OldRunLook[] = [];
  readonly #dropped: RemovalRecord['dropped'][number][] = [];
  #partitions = new Map<string, { parent: Parent; name: string }>();
  readonly #failures: string[] = [];
  #removals = 0;
  #metOpen = 0;
  #removedRuns = 0;

  private constructor(site: Site, isBlind: boolean) {
    this.#site = site;
    this.#blind = isBlind ? new BlindClients() : undefined;
  }

  /** @param isBlind it does not look for open runs, which must be noticed */
  static async open(site: Site, isBlind: boolean): Promise<Removal> {
    const { postgres } = site.cluster;
    await openOldDays(postgres);
    if (isBlind) await postgres.query(BLIND_FUNCTION);
    return new Removal(site, isBlind);
  }

  get record(): RemovalRecord {
    return {
      looks: this.#looks,
      dropped: this.#dropped,
      removals: this.#removals,
      metOpen: this.#metOpen,
      removedRuns: this.#removedRuns,
      failures: this.#failures,
      missed: this.#blind?.missed ?? [],
    };
  }

  async work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#withClient((client) => this.#pass(client, stop)).catch((error) => {
        this.#failures.push(String(error));
      });
      await sleep(GAP_MS, undefined, { signal: stop }).catch(() => {});
    }
  }

  /** Resolves once all ended runs of old days are removed with their partitions. */
  async finished(): Promise<void> {
    for (const end = Date.now() + FINISHES_IN_MS; Date.now() < end; await sleep(GAP_MS)) {
      const old = this.#site.errands.filter((errand) => isOld(errand) && errand.runId !== undefined);
      if (old.every(({ runId }) => this.archive.listed.has(runId!)) && this.#partitions.size === 0) return;
    }
  }

  async #pass(client: pg.Client, stop: AbortSignal): Promise<void> {
    for (const parent of ['run_event', 'ledger']) await client.query(MAKE_PARTITIONS, [parent]);
    await this.#readPartitions(client);
    this.#removals++;
    if (await this.#look(client)) this.#metOpen++;
    const removed = await removeOld(() => this.#connectAsService(), RETENTION, stop);
    this.#removedRuns += removed?.runs ?? 0;
    await this.#readPartitions(client);
    await this.#look(client);
    await this.#age(client);
  }

  /** Compares the rows of open runs with their calls. @returns whether one of them is in a partition that is old enough */
  async #look(client: pg.Client): Promise<boolean> {
    const arrivals = this.#site.thirdParty.arrivals.filter(({ method }) => method !== 'GET');
    const at = Date.now();
    const { rows } = await client.query<OpenRow>(OPEN_RUNS);
    for (const { errand, runId, createdAt, seq, events, calls } of rows) {
      const stored = new Set(calls.map((args) => callOf({ args })));
      const arrived = arrivals.filter(({ call }) => makesCall({ errand, createdAt }, call));
      const lostWrites = [...new Set(arrived.map(({ call }) => call))].filter((call) => !stored.has(call));
      this.#looks.push({ errand, runId, at, seq, events, lostWrites });
    }
    return rows.some(({ isInPartition }) => isInPartition);
  }

  async #readPartitions(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ parent: Parent; name: string }>(OLD_PARTITIONS);
    const now = new Map(rows.map((partition) => [partition.name, partition]));
    for (const [name, partition] of this.#partitions)
      if (!now.has(name)) this.#dropped.push({ at: Date.now(), ...partition });
    this.#partitions = now;
  }

  /** Archives ended runs without followers, and moves their ends to their days. */
  async #age(client: pg.Client): Promise<void> {
    const { cluster, errands, history } = this.#site;
    const followed = new Set(history.captures.flatMap(({ runId, complete }) => (complete ? [] : runId)));
    const isOver = ({ runId, isOver }: Errand) => isOver && runId !== undefined && !followed.has(runId);
    const ids = errands.filter((errand) => isOld(errand) && isOver(errand)).map(({ runId }) => runId!);
    const others = ids.filter((runId) => !this.archive.listed.has(runId));
    await client.query(POST_AGAIN, [others]);
    const { rows } = await client.query<{ runId: string }>(READY_TO_AGE, [others]);
    const listed = await this.#list(rows.map(({ runId }) => runId));
    if (listed.size > 0) this.archive.add(await readFacts(cluster), listed);
    await client.query(AGE, [[...this.archive.runIds]]);
  }

  /** The events of runs, from the API; of fewer runs if it does not answer. */
  async #list(runIds: readonly string[]): Promise<Evidence['listed']> {
    const listed = new Map<string, ListedEvent[]>();
    for (const runId of runIds) {
      const events = await listEventsOf(this.#site.cluster, this.#random.pick(this.#site.cluster.http), runId);
      if (!events) break;
      listed.set(runId, events);
    }
    return listed;
  }

  async #withClient(use: (client: pg.Client) => Promise<void>): Promise<void> {
    const client = await this.#connect(this.#site.cluster.postgres.url);
    try {
      await client.query(`SET lock_timeout = '200ms'`);
      await use(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #connectAsService(): Promise<pg.Client> {
    const url = databaseEnv(this.#site.cluster.postgres.url).DATABASE_URL!;
    const client = await this.#connect(url, '-c role=errand_system');
    return this.#blind ? this.#blind.blind(client) : client;
  }

  /** @param url of any server of the database: the address leads to the present primary */
  async #connect(url: string, options = ''): Promise<pg.Client> {
    const connectionString = Object.assign(new URL(url), { port: String(this.#site.cluster.postgres.port) }).href;
    const client = new pg.Client({ connectionString, options, connectionTimeoutMillis: 5000, query_timeout: 30_000 });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
}
