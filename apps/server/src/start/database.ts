import { join } from 'node:path';
import type { Redactor } from '@errand/basics/redactor';
import { migrate, migrateOrCheck, openDatabase } from '@errand/db';
import { lockDataDir, makePrivate, readOrCreateMasterKeys, startEmbedded } from '@errand/db/embedded';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';

/** Opens the configured Postgres or starts the embedded one, and migrates it. `close` stops what this function started. */
export async function openConfiguredDatabase(config: Config, log: Logger, redactor: Redactor) {
  await makePrivate(config.dataDir);
  const keys = config.masterKeys?.reveal() ?? (await readOrCreateMasterKeys(config.dataDir));
  const masterKeys = keys.split(/[\s,]+/).filter(Boolean);
  for (const key of masterKeys) redactor.add(key);
  const server = configuredServer(config) ?? (await startEmbeddedServer(config));
  try {
    const { url, tenantUrl = url, ownerUrl, fastestUrls = server } = server;
    for (const serverUrl of new Set([url, tenantUrl, ownerUrl ?? url])) {
      const { password } = new URL(serverUrl);
      if (password) redactor.add(decodeURIComponent(password));
    }
    const applied = fastestUrls.ownerUrl ? await migrate(fastestUrls.ownerUrl) : await migrateOrCheck(url);
    if (applied.length > 0) log.info({ applied }, 'migrated');
    const onError = (error: Error) => log.warn({ err: error }, 'a database connection was lost');
    const onRefused = throttled((error: Error) => log.error({ err: error }, error.message));
    const db = openDatabase({
      url: fastestUrls.url,
      tenantUrl: fastestUrls.tenantUrl,
      masterKeys,
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
    return { db, url, tenantUrl, postgresPid: server.pid, close };
  } catch (error) {
    await server.stop?.();
    throw error;
  }
}

type Urls = { url: string; tenantUrl?: string; ownerUrl?: string };
/** The URLs of the embedded Postgres are for others, by TCP; this process connects by `fastestUrls`, over its Unix socket. */
type Server = Urls & { fastestUrls?: Urls; pid?: number; stop?: () => Promise<void> };

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

async function startEmbeddedServer({ dataDir }: Config): Promise<Server> {
  const unlock = await lockDataDir(dataDir);
  try {
    const { pid, stop, ...logins } = await startEmbedded({ dir: join(dataDir, 'postgres'), enterableParent: dataDir });
    const endPostgres = () => process.kill(pid, 'SIGINT');
    // If this process ends without stopping Postgres, such as on a second Ctrl-C, it signals Postgres to end.
    process.once('exit', endPostgres);
    const unlockDataDir = () => {
      process.off('exit', endPostgres);
      return unlock();
    };
    return { ...logins, pid, stop: () => stop().finally(unlockDataDir) };
  } catch (error) {
    await unlock();
    throw error;
  }
}
