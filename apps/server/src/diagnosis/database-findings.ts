import { randomBytes } from 'node:crypto';
import { withTimeout } from '@errand/basics/with-timeout';
import { type Db, type Growth, openDatabase } from '@errand/db';
import { addressOf, hostUrls } from '@errand/db/host-urls';
import type { Config } from '../config/config.ts';
import { explainDatabaseFault } from '../start/database-fault.ts';
import { toStartErrorText } from '../start/explain.ts';
import { type DatabaseServer, openServer, readMasterKeys } from './database-server.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { egressFindings } from './reachability.ts';
import { standbyFinding } from './standby-finding.ts';
import { findingsOfStatus, RESUME, webhooksFinding } from './status-findings.ts';
import { within } from './within.ts';

type AddSecret = (secret: string) => void;

export type DatabaseChecks = {
  config: Config;
  /** Called with each secret that the checks read. */
  addSecret: AddSecret;
  /** Origins of integrations that need not answer. */
  stopped: readonly string[];
  /** Called with the growth of the data, if it can be read. */
  onGrowth?: (growth: Growth | undefined) => void;
};

/** A stopped Postgres starts in seconds; one that was killed takes longer to recover. In ms. */
const OPEN_MS = 60_000;
const CLOSE_MS = 5000;
const LOGIN_MS = 8000;

/** The checks that need the database. */
const dependent = [
  ...(['migrations', 'keys', 'hold', 'clock', 'standby', 'workers'] as const),
  ...(['queue', 'snapshot', 'indexes', 'webhooks', 'egress'] as const),
];
const withoutDatabase = (finding: Finding, reason: string): Finding[] => [
  finding,
  ...dependent.map((check) => skipped(check, reason)),
];

export async function findingsOfDatabase(checks: DatabaseChecks): Promise<Finding[]> {
  const { config } = checks;
  try {
    const server = await withTimeout(OPEN_MS, openServer(config));
    if (server === undefined)
      return withoutDatabase(ok('database', 'The first start creates the embedded Postgres.'), 'There is no database');
    try {
      return await findingsAt(server, checks);
    } finally {
      await server.close();
    }
  } catch (error) {
    return withoutDatabase(databaseFailure(error, config), 'The database cannot be used');
  }
}

/** The first migration creates the roles, so a server without them has no database of Errand. */
const isUnused = (error: unknown): boolean => /role "errand_\w+" does not exist/.test((error as Error).message);

function databaseFailure(error: unknown, config: Config): Finding {
  if (isUnused(error) || isUnused((error as Error).cause ?? error))
    return warning('database', 'The database is new: the first start creates the tables and roles.');
  return failed('database', toStartErrorText(explainDatabaseFault(error, config)));
}

async function findingsAt(
  server: DatabaseServer,
  { config, addSecret, stopped, onGrowth }: DatabaseChecks,
): Promise<Finding[]> {
  const keys = await openWithKeys(server, config, addSecret);
  const { db } = keys;
  try {
    await withTimeout(LOGIN_MS, db.checks.logins());
    const [status, ...others] = await Promise.all([
      db.status.read(),
      within('migrations', () => migrationsOf(db, config)),
      within('keys', () => keysOf(keys)),
      within('hold', () => holdOf(db)),
      within('clock', () => clockOf(db)),
      within('standby', async () => standbyFinding(await db.checks.replication())),
      egressFindings({ config, db, databaseUrls: [server.url, server.tenantUrl ?? server.url], stopped }),
    ]);
    onGrowth?.(await withTimeout(LOGIN_MS, db.checks.growth(config.retention.eventDays)).catch(() => undefined));
    const { load } = await db.loadReader().read(['webhooks']);
    const text = `Postgres ${status.postgresVersion} at ${hostUrls(server.url).map(addressOf).join(', ')} answers and accepts writes.`;
    return [ok('database', text), ...others.flat(), ...findingsOfStatus(status), webhooksFinding(load.webhooks)];
  } finally {
    await withTimeout(CLOSE_MS, db.close()).catch(() => {});
  }
}

type OpenKeys = { db: Db; areMissing: boolean; fault?: unknown };

/** Opens the database also without usable master keys, so that the other checks can be carried out. */
async function openWithKeys(
  { url, tenantUrl }: DatabaseServer,
  config: Config,
  addSecret: AddSecret,
): Promise<OpenKeys> {
  const open = (masterKeys: readonly string[]) =>
    openDatabase({ url, ...(tenantUrl && { tenantUrl }), masterKeys, poolSize: 4, applicationName: 'errand doctor' });
  const none = [`none:${randomBytes(32).toString('base64')}`];
  for (const address of [url, tenantUrl ?? url]) addSecret(decodeURIComponent(new URL(hostUrls(address)[0]).password));
  try {
    const masterKeys = await readMasterKeys(config);
    for (const key of masterKeys) addSecret(key);
    const areMissing = masterKeys.length === 0;
    return { db: open(areMissing ? none : masterKeys), areMissing };
  } catch (fault) {
    return { db: open(none), areMissing: false, fault };
  }
}

async function keysOf({ db, areMissing, fault }: OpenKeys): Promise<Finding> {
  if (fault) return failed('keys', toStartErrorText(fault), PROVIDE_KEYS);
  try {
    await db.checks.masterKeys();
  } catch (error) {
    if (isMissingTable(error)) return skipped('keys', NO_TABLES);
    const text = toStartErrorText(error);
    return areMissing ? failed('keys', `There are no master keys. ${text}`, PROVIDE_KEYS) : failed('keys', text);
  }
  if (areMissing) return ok('keys', 'The first start creates the master keys.');
  return ok('keys', `The master keys ${db.vault.keyIds.join(', ')} belong to this database.`);
}

const PROVIDE_KEYS = 'Set ERRAND_MASTER_KEYS, or restore the file master-keys of the data folder from a backup.';

async function holdOf(db: Db): Promise<Finding> {
  try {
    const hold = await db.checks.hold();
    if (!hold) return ok('hold', 'No restored backup holds the database.');
    return failed(
      'hold',
      `The database was restored from the backup of ${hold.takenAt.toISOString()}, and nothing runs.`,
      RESUME,
    );
  } catch (error) {
    if (isMissingTable(error)) return skipped('hold', NO_TABLES);
    throw error;
  }
}

async function migrationsOf(db: Db, { acceptedMigration }: Config): Promise<Finding> {
  try {
    const { pending, last } = await db.checks.migrations(acceptedMigration);
    if (pending.length > 0)
      return failed(
        'migrations',
        `The database lacks ${pending.length} of the migrations of this version: ${listed(pending)}.`,
        'Restart the service, which applies them; if its login may not, set ERRAND_OWNER_DATABASE_URL.',
      );
    return ok('migrations', `All migrations are applied; the last is ${last}.`);
  } catch (error) {
    if (isMissingTable(error)) return warning('migrations', `${NO_TABLES}: the first start creates them.`);
    throw error;
  }
}

const NO_TABLES = 'The database has no tables yet';
const MAX_NAMES = 3;
const listed = (names: readonly string[]): string =>
  names.length > MAX_NAMES
    ? `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`
    : names.join(', ');

const isMissingTable = (error: unknown): boolean => (error as { code?: string }).code === '42P01';

/** Differences of clocks from which expiries are wrong, and signatures and tokens are refused, in ms. */
const MUCH_SKEW_MS = 30_000;
const SOME_SKEW_MS = 2000;

async function clockOf(db: Db): Promise<Finding> {
  const { aheadMs, errorMs } = await db.checks.clockSkew();
  return clockFinding(Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - errorMs));
}

/** @param aheadMs by how much the clock of the database is at least ahead of that of this machine */
export function clockFinding(aheadMs: number): Finding {
  const ms = Math.abs(aheadMs);
  if (ms < SOME_SKEW_MS) return ok('clock', 'The clocks of this machine and of the database agree.');
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  const text = `The clock of the database is ${Math.round(ms / 1000)} s ${direction} that of this machine.`;
  const remedy = 'Set both clocks by a time server.';
  return ms < MUCH_SKEW_MS ? warning('clock', text, remedy) : failed('clock', text, remedy);
}
