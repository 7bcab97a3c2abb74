// Findings by the state of the instance, which an operator reads from the service or from the database.
import type { SystemStatus } from '@errand/contracts';
import type { InstanceLoad } from '@errand/db';
import { LATE_RUN_SECONDS, LATE_WEBHOOK_SECONDS, LONG_TRANSACTION_SECONDS } from '../metrics/thresholds.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './finding.ts';

type WebhookBacklog = InstanceLoad['webhooks'];

/** By the parts that the database has. */
export const findingsOfStatus = ({
  workers,
  queue,
  database,
}: Pick<SystemStatus, 'workers' | 'queue' | 'database'>): Finding[] => [
  workersFinding(workers),
  queueFinding(queue),
  snapshotFinding(database.oldestSnapshot),
  indexesFinding(database.unusedIndexes),
];

/** The remedy of a hold. */
export const RESUME = 'When the original has stopped for good, run errand resume.';

const unreadable = (check: Check) => skipped(check, 'The login may not read it, or not in time');

function workersFinding(workers: SystemStatus['workers']): Finding {
  if (workers === 'unknown') return unreadable('workers');
  const living = workers.filter(({ isAlive }) => isAlive);
  if (living.length > 0)
    return ok('workers', living.length === 1 ? 'One worker is alive.' : `${living.length} workers are alive.`);
  return failed(
    'workers',
    'No worker is alive, so no run is carried out.',
    'Start the service, or a process with ERRAND_ROLE=worker.',
  );
}

function queueFinding(queue: SystemStatus['queue']): Finding {
  if (queue === 'unknown') return unreadable('queue');
  const { due, claimed, oldestDueSeconds = 0, heldSince } = queue;
  if (heldSince !== undefined)
    return warning(
      'queue',
      `The database was restored at ${heldSince} and is held, so no run starts; ${due} are due.`,
      RESUME,
    );
  if (oldestDueSeconds < LATE_RUN_SECONDS)
    return ok('queue', `No run waits for long: ${due} due, ${claimed} executing.`);
  return warning(
    'queue',
    `A run has been due for ${minutes(oldestDueSeconds)}; ${due} are due, and ${claimed} execute.`,
    'Start more workers, or raise ERRAND_WORKSPACE_CONCURRENCY if one workspace has them all.',
  );
}

/** By the backlog of webhooks, which only the database has. */
export function webhooksFinding(webhooks: WebhookBacklog | undefined): Finding {
  if (webhooks === undefined) return unreadable('webhooks');
  const { outbox, due, oldestDueSeconds } = webhooks;
  if (oldestDueSeconds < LATE_WEBHOOK_SECONDS) return ok('webhooks', 'No message to a webhook waits for long.');
  return warning(
    'webhooks',
    `A message to a webhook has waited for ${minutes(oldestDueSeconds)}; ${outbox + due} wait.`,
    'Check that workers are alive, and may reach the receivers.',
  );
}

const minutes = (seconds: number) => `${Math.floor(seconds / 60)} minutes`;

function snapshotFinding(oldest: SystemStatus['database']['oldestSnapshot']): Finding {
  if (oldest === 'unknown') return unreadable('snapshot');
  const { seconds, application = 'a session without a name' } = oldest;
  if (seconds === undefined || seconds < LONG_TRANSACTION_SECONDS)
    return ok('snapshot', 'No session has an old snapshot of the database.');
  return warning(
    'snapshot',
    `A transaction of ${application} has been open for ${minutes(seconds)}, and vacuum waits for it.`,
    'End that session.',
  );
}

/** Size from which unused indexes matter, in bytes. */
const LARGE_INDEXES = 256 * 2 ** 20;
const MAX_NAMES = 5;

function indexesFinding(unused: SystemStatus['database']['unusedIndexes']): Finding {
  if (unused === 'unknown') return unreadable('indexes');
  const { indexes, since } = unused;
  const bytes = indexes.reduce((sum, index) => sum + index.bytes, 0);
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
  if (bytes < LARGE_INDEXES) return ok('indexes', `Unused indexes take ${size}.`);
  const names = indexes.slice(0, MAX_NAMES).map(({ index }) => index);
  const more = indexes.length > MAX_NAMES ? ` and ${indexes.length - MAX_NAMES} more` : '';
  return warning(
    'indexes',
    `Indexes that no query has used ${since ? `since ${since}` : 'yet'} take ${size}: ${names.join(', ')}${more}.`,
    'If that time is typical, drop the largest ones.',
  );
}

/** By the last request to the model, which the service remembers. */
export function modelFinding({ isConfigured, provider, name, lastCall }: SystemStatus['model']): Finding {
  if (!isConfigured) return ok('model', 'No model is set: the built-in planner plans.');
  const model = `${provider}/${name}`;
  if (lastCall === undefined) return ok('model', `${model} is set, and has not been called since the start.`);
  if (lastCall.succeeded) return ok('model', `${model} answered at ${lastCall.at}.`);
  return failed('model', `${model} did not answer at ${lastCall.at}.`, 'The log of the service has the reason.');
}

export function migrationsFinding(migrations: SystemStatus['migrations']): Finding {
  if (migrations === 'unknown') return unreadable('migrations');
  const { pending, last } = migrations;
  if (pending.length === 0) return ok('migrations', `All migrations are applied; the last is ${last}.`);
  return failed(
    'migrations',
    `The database lacks ${pending.length === 1 ? 'the migration' : `${pending.length} migrations, the first is`} ${pending[0]}.`,
    'Restart the service, which applies them; with a login of its own for the tables, set ERRAND_OWNER_DATABASE_URL.',
  );
}
