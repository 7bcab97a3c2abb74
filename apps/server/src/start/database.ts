import { join } from 'node:path';
import type { Redactor } from '@errand/basics/redactor';
import { DEFAULT_POOL_SIZE, migrate, migrateOrCheck, openDatabase, readHoldAt } from '@errand/db';
import { checkRestoreMark, lockDataDir, makePrivate, startEmbedded } from '@errand/db/embedded';
import { hostUrls } from '@errand/db/host-urls';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { backUpFirst } from './back-up-first.ts';
import { readMasterKeys } from './data-folder.ts';

/** Starts the embedded Postgres unless another one is configured, and migrates the database. `stop` stops what this function started. */
export async function startServer(config: Config, log: Logger, redactor: Redactor): Promise<PreparedServer> {
  if (config.usesDataDir) await makePrivate(config.dataDir);
  for (const key of await readMasterKeys(config)) redactor.add(key);
  const server = configuredServer(config) ?? (await startEmbeddedServer(config));
  try {
    const { url, tenantUrl = url, ownerUrl, fastestUrls = server } = server;
    for (const serverUrl of new Set([url, tenantUrl, ownerUrl ?? url])) {
      const { password } = new URL(hostUrls(serverUrl)[0]);
      if (password) redactor.add(decodeURIComponent(password));
    }
    const backup = await backUpFirst(config, server, log);
    const allowed = { mayShare: config.sharedDatabase, accepted: config.acceptedMigration };
    const applied = fastestUrls.ownerUrl
      ? await migrate(fastestUrls.ownerUrl, allowed)
      : await migrateOrCheck(url, allowed);
    if (applied.length > 0) log.info({ applied }, 'migrated');
    const hold = await readHoldAt(fastestUrls.url);
    if (hold) log.warn({ backupOf: hold.takenAt, restoredAt: hold.restoredAt }, HELD);
    return { ...server, backup, isHeld: hold !== undefined };
  } catch (error) {
    await server.stop?.();
    throw error;
  }
}

const HELD =
  'This database was restored from a backup and is held: no run, schedule, webhook or refresh moves. Stop the original, then run errand resume.';

/** Opens the configured Postgres or starts the embedded one, and migrates it. `close` stops what this function started. */
export async function openConfiguredDatabase(config: Config, log: Logger, redactor: Redactor) {
  const server = await startServer(config, log, redactor);
  try {
    const { url, tenantUrl = url, fastestUrls = server } = server;
    const onError = (error: Error) => log.warn({ err: error }, 'a database connection was lost');
    const onRefused = throttled((error: Error) => log.error({ err: error }, error.message));
    const db = openDatabase({
      url: fastestUrls.url,
      tenantUrl: fastestUrls.tenantUrl,
      masterKeys: await readMasterKeys(config),
      poolSize: config.poolSize,
      onError,
      onRefused,
    });
    await db.ready().catch(async (error) => {
      await db.close();
      throw error;
    });
    for (const { severe, text } of db.weaknesses()) log[severe ? 'warn' : 'info'](text);
    const close = async () => {
      await db.close();
      await server.stop?.();
    };
    return { db, url, tenantUrl, server, close };
  } catch (error) {
    await server.stop?.();
    throw error;
  }
}

/** Connections beyond the pool that a process may open. */
const CONNECTIONS_BEYOND_POOL = 7;
const EMBEDDED_CONNECTIONS = 200;

/** Maximum connections of all processes. */
export const connectionsOf = ({ processes, poolSize = DEFAULT_POOL_SIZE }: Config): number =>
  processes * (Math.max(poolSize, 4) + CONNECTIONS_BEYOND_POOL);

type Urls = { url: string; tenantUrl?: string; ownerUrl?: string };
/** The URLs of the embedded Postgres are for others, by TCP; this process connects by `fastestUrls`, over its Unix socket. */
type Server = Urls & { fastestUrls?: Urls; pid?: number; stop?: () => Promise<void> };
/** A migrated server. `backup`: the file with the data from before the migration. `isHeld`: it was restored, and waits for its resumption. */
export type PreparedServer = Server & { backup?: string | undefined; isHeld: boolean };

const configuredServer = ({ databaseUrl, tenantDatabaseUrl, ownerDatabaseUrl }: Config): Server | undefined =>
  databaseUrl && {
    url: databaseUrl.reveal(),
    tenantUrl: tenantDatabaseUrl?.reveal(),
    ownerUrl: ownerDatabaseUrl?.reveal(),
  };

/** Calls `act` at most once in ten seconds, so that not every refused request becomes a log line. */
function throttled<T>(act: (value: T) => void): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    if (performance.now() - last < 10_000) return;
    last = performance.now();
    act(value);
  };
}

async function startEmbeddedServer(config: Config): Promise<Server> {
  const { dataDir } = config;
  const unlock = await lockDataDir(dataDir);
  try {
    await checkRestoreMark(dataDir);
    const { pid, stop, interrupt, ...logins } = await startEmbedded({
      dir: join(dataDir, 'postgres'),
      enterableParent: dataDir,
      settings: { max_connections: String(Math.max(EMBEDDED_CONNECTIONS, 2 * connectionsOf(config))) },
    });
    // If this process ends without stopping Postgres, such as on a second Ctrl-C, it signals Postgres to end.
    process.once('exit', interrupt);
    const unlockDataDir = () => {
      process.off('exit', interrupt);
      return unlock();
    };
    return { ...logins, pid, stop: () => stop().finally(unlockDataDir) };
  } catch (error) {
    await unlock();
    throw error;
  }
}
