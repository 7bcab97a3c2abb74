// Findings by the state of the instance, which an operator reads from the service or from the database.
import type { SystemStatus } from '@errand/contracts';
import { type Check, type Finding, failed, ok, skipped, warning } from './finding.ts';

/** By the parts that the database has. */
export const findingsOfStatus = ({ workers, database }: Pick<SystemStatus, 'workers' | 'database'>): Finding[] => [
  workersFinding(workers),
  snapshotFinding(database.oldestSnapshot),
  indexesFinding(database.unusedIndexes),
];

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

/** A transaction that is open for longer delays vacuum, in seconds. */
const LONG_TRANSACTION = 600;

function snapshotFinding(oldest: SystemStatus['database']['oldestSnapshot']): Finding {
  if (oldest === 'unknown') return unreadable('snapshot');
  const { seconds, application = 'a session without a name' } = oldest;
  if (seconds === undefined || seconds < LONG_TRANSACTION)
    return ok('snapshot', 'No session has an old snapshot of the database.');
  return warning(
    'snapshot',
    `A transaction of ${application} has been open for ${Math.floor(seconds / 60)} minutes, and vacuum waits for it.`,
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
