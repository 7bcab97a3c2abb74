import { join } from 'node:path';
import { Secret } from '@errand/contracts';
import { migrate, openDatabase } from '@errand/db';
import { startEmbedded } from '@errand/db/embedded';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { masterKeysOf } from './data-dir.ts';
import { lockDataDir } from './lock.ts';
import type { Scrubber } from './scrub.ts';

/** Finds or starts Postgres, brings it up to date and opens it. `close` ends what was started. */
export async function openStore(config: Config, log: Logger, scrubber: Scrubber) {
  const keys = config.masterKeys?.reveal() ?? (await masterKeysOf(config.dataDir));
  const masterKeys = keys.split(/[\s,]+/).filter(Boolean);
  for (const key of masterKeys) scrubber.add(new Secret(key));
  const server: Server = config.databaseUrl ? { url: config.databaseUrl.reveal() } : await ownServer(config);
  try {
    const { password } = new URL(server.url);
    if (password) scrubber.add(new Secret(decodeURIComponent(password)));
    const applied = await migrate(server.url);
    if (applied.length > 0) log.info({ applied }, 'migrated');
    const onError = (error: Error) => log.warn({ err: error }, 'a database connection was lost');
    const db = openDatabase({ url: server.url, masterKeys, poolSize: config.poolSize, onError });
    await db.ready().catch(async (error) => {
      await db.close();
      throw error;
    });
    const close = async () => {
      await db.close();
      await server.stop?.();
    };
    return { db, url: server.url, postgresPid: server.pid, close };
  } catch (error) {
    await server.stop?.();
    throw error;
  }
}

type Server = { url: string; pid?: number; stop?: () => Promise<void> };

async function ownServer({ dataDir }: Config): Promise<Server> {
  const unlock = await lockDataDir(dataDir);
  try {
    const { url, pid, stop } = await startEmbedded({ dir: join(dataDir, 'postgres') });
    const end = () => process.kill(pid, 'SIGINT');
    // When this process ends without stopping it, such as on a second Ctrl-C, Postgres is told to end by itself.
    process.once('exit', end);
    const stopped = () => {
      process.off('exit', end);
      return unlock();
    };
    return { url, pid, stop: () => stop().finally(stopped) };
  } catch (error) {
    await unlock();
    throw error;
  }
}
