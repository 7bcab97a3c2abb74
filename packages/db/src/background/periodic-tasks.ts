import { setTimeout as sleep } from 'node:timers/promises';
import { every } from '@errand/basics/every';
import { Logger as JobLogger, type Runner, run } from 'graphile-worker';
import { removeUnusedClients } from '../credentials/oauth-clients.ts';
import type { Db } from '../database.ts';
import { isDatabaseTrouble } from '../database-errors.ts';
import { removeExpiredInspections } from '../integrations/inspections.ts';
import { LISTS_TASK, TOOLS_TASK, type ToolsJob } from '../integrations/list-reads.ts';
import { removeOldPauses } from '../integrations/pauses.ts';
import { reclassifyEffects } from '../integrations/reclassify-effects.ts';
import { removeUnusedPeople } from '../people/remove-unused.ts';
import { waitWhileHeld } from '../restores/hold.ts';
import { type ErasurePort, eraseUsers } from '../retention/erase-users.ts';
import { ensurePartitionsFor, type RunRetention, removeOld } from '../retention/removal.ts';
import { removeWorkspaces } from '../retention/remove-workspaces.ts';
import { ERASURE_TASK } from '../retention/user-erasures.ts';
import { ERASED_VACUUM_TASK, vacuumErased } from '../retention/vacuum-erased.ts';
import { removeExpiredRequests } from '../runs/idempotency.ts';
import { addResultWords } from '../runs/list/result-words.ts';
import { vacuumQueue } from '../runs/queue/vacuum-queue.ts';
import { rollUpUsage } from '../usage/roll-up.ts';
import { removeEndedTokens } from '../user-tokens/user-tokens.ts';
import { removeDeliveries } from '../webhooks/delivery-queue.ts';
import { WEBHOOK_TASK, type WebhookKey } from '../webhooks/outbox.ts';
import { retriedPool } from './retried-pool.ts';

export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** The schedule in UTC. One process at a time executes a task. */
const CRONTAB = `
5 * * * * partitions ?max=1
17 * * * * removal ?max=1
*/5 * * * * vacuum ?max=1
*/10 * * * * expired_keys ?max=1
29 * * * * deliveries ?max=1
41 * * * * unused_clients ?max=1
53 * * * * people ?max=1
* * * * * inspections ?max=1
* * * * * unconfirmed_consents ?max=1
37 * * * * user_tokens ?max=1
19 * * * * pauses ?max=1
* * * * * usage ?max=1
* * * * * workspaces ?max=1
* * * * * erasures ?max=1
* * * * * result_words ?max=1
* * * * * lists ?max=1&queue=lists
`;
const EXPIRED_AT_A_TIME = 5000;
const DELIVERIES_AT_A_TIME = 1000;
/** Concurrent jobs of a process, so that a slow job does not delay webhooks. */
const CONCURRENCY = 3;
/** Interval in ms in which a process looks for jobs that were not announced, such as those of later times. */
const POLL_MS = 2000;
const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
/** Pause after a database error, in ms. */
const RETRY_MS = 10_000;

/** Days for which webhook deliveries are retained; unlimited if undefined. */
export type WebhookRetention = { webhookDays?: number };

/** `resultWords`: whether lists by text also search results and errors; true by default. */
type Retention = RunRetention & WebhookRetention & { resultWords?: boolean };

/** The tasks by their names in the crontab. */
export function createTasks(db: Pick<Db, 'pool' | 'connect'>, retention: Retention, log: Log, signal: AbortSignal) {
  return {
    partitions: async () => {
      await retriedLater(log, 'partitions will be made later', () => ensurePartitionsFor(db.pool, retention));
    },
    vacuum: async () => {
      const tables = await retriedLater(log, 'the queue will be vacuumed later', () =>
        vacuumQueue(db.pool, db.connect, { signal }),
      );
      if (tables?.length) log.info({ tables }, 'tables of the queue were vacuumed, because autovacuum was late');
    },
    [ERASED_VACUUM_TASK]: async () => {
      const tables = await vacuumErased(db.pool, db.connect, signal);
      if (tables.length > 0) log.info({ tables }, 'tables were vacuumed after an erasure');
    },
    expired_keys: async () => {
      while (!signal.aborted && (await removeExpiredRequests(db.pool, EXPIRED_AT_A_TIME)) === EXPIRED_AT_A_TIME);
    },
    deliveries: async () => {
      const { webhookDays = Number.POSITIVE_INFINITY, runDays = Number.POSITIVE_INFINITY } = retention;
      const days = Math.min(webhookDays, runDays);
      if (days === Number.POSITIVE_INFINITY) return;
      while (!signal.aborted && (await removeDeliveries(db.pool, days, DELIVERIES_AT_A_TIME)) === DELIVERIES_AT_A_TIME);
    },
    people: async () => void (await removeUnusedPeople(db.pool, signal)),
    pauses: async () => void (await removeOldPauses(db.pool)),
    inspections: async () => void (await removeExpiredInspections(db.pool)),
    user_tokens: () => removeEndedTokens(db.pool),
    unused_clients: async () => void (await removeUnusedClients(db.pool)),
    usage: async () => void (await rollUpUsage(db.pool, signal)),
    workspaces: async () => {
      const removed = await retriedLater(log, REMOVED_LATER, () => removeWorkspaces(db.connect, signal));
      if (removed) log.info({ removed }, 'deleted workspaces were removed');
    },
    result_words: async () => {
      if (retention.resultWords !== false) await addResultWords(db.pool, signal);
    },
    removal: async () => {
      const { webhookDays: _, resultWords: __, ...runRetention } = retention;
      if (Object.values(runRetention).every((days) => days === undefined)) return;
      const removed = await retriedLater(log, REMOVED_LATER, () => removeOld(db.connect, retention, signal));
      if (removed && Object.values(removed).some((n) => n > 0)) log.info({ removed }, 'expired data was removed');
    },
  };
}

const REMOVED_LATER = 'expired data will be removed later';

/** The result of a task; undefined if it failed. Its next call continues. */
async function retriedLater<T>(log: Log, text: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { code = '' } = error as { code?: string };
    const isTransient = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].includes(code) || isDatabaseTrouble(error);
    log[isTransient ? 'info' : 'warn']({ err: error }, text);
    return undefined;
  }
}

/** Handlers of jobs that other processes add. */
export type JobHandlers = {
  postWebhook?: (webhook: WebhookKey) => void;
  /** A rejection retries the job. The signal aborts when the tasks stop. */
  readTools?: (job: ToolsJob, signal: AbortSignal) => Promise<void>;
  readLists?: (signal: AbortSignal) => Promise<void>;
  /** Deletes and revokes credentials that no product confirmed in time. */
  revokeExpired?: (signal: AbortSignal) => Promise<void>;
  /** Without it, no process erases users. */
  erasure?: ErasurePort;
  /** Processes of this machine, which share the rate of looking for jobs that were not announced. */
  processes?: number | undefined;
};

/** Starts the periodic tasks. Returns a function that stops them after the current transaction. */
export function startPeriodicTasks(
  db: Pick<Db, 'pool' | 'clock' | 'connect'>,
  retention: Retention,
  log: Log,
  {
    postWebhook = () => {},
    readTools = async () => {},
    readLists = async () => {},
    revokeExpired = async () => {},
    erasure,
    processes = 1,
  }: JobHandlers = {},
): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const tasks = createTasks(db, retention, log, signal);
  const taskList = {
    ...tasks,
    [WEBHOOK_TASK]: async (webhook: unknown) => postWebhook(webhook as WebhookKey),
    [TOOLS_TASK]: (job: unknown) => readTools(job as ToolsJob, signal),
    [LISTS_TASK]: () => readLists(signal),
    unconfirmed_consents: () => revokeExpired(signal),
    [ERASURE_TASK]: async () => {
      const erased = erasure && (await retriedLater(log, REMOVED_LATER, () => eraseUsers(db.connect, erasure, signal)));
      if (erased) log.info({ erased }, 'the data of users was erased');
    },
  };
  const logger = new JobLogger(() => (level, message) => {
    if (level === 'error' || level === 'warning') log.warn({ periodicTasks: level }, message);
  });
  let runner: Runner | undefined;
  const runUntilStopped = async () => {
    while (!signal.aborted) {
      try {
        await waitWhileHeld(db.pool, signal);
        await reclassifyEffects(db.pool, signal);
        await tasks.partitions();
        runner = await run({
          pgPool: retriedPool(db.clock),
          taskList,
          crontab: CRONTAB,
          logger,
          concurrency: CONCURRENCY,
          pollInterval: POLL_MS * processes,
          noHandleSignals: true,
        });
        await (signal.aborted ? runner.stop() : runner.promise);
      } catch (error) {
        log.info({ err: error }, 'periodic tasks will be retried');
      }
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  const running = runUntilStopped();
  return async () => {
    stopping.abort();
    // Without a database the runner ends only after its retries.
    const stopped = async () => {
      await runner?.stop().catch(() => {});
      await running;
    };
    await Promise.race([stopped(), sleep(RETRY_MS, undefined, { ref: false })]);
  };
}

const SEAL_MS = 3000;

/** Appends audit entries to their chains periodically. Returns a function that stops it. */
export function startSealing(db: Pick<Db, 'sealAudit'>, log: Log): () => Promise<void> {
  const seal = async () => {
    try {
      while ((await db.sealAudit()) > 0);
    } catch (error) {
      log.warn({ err: error }, 'the audit log could not be sealed');
    }
  };
  const stop = every(SEAL_MS, seal);
  return async () => {
    await stop();
    await seal();
  };
}
