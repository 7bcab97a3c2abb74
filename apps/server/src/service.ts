import type { DestinationStream } from 'pino';
import { bootstrap } from './bootstrap.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { writeDevFile } from './data-dir.ts';
import { openStore } from './database.ts';
import { listen } from './http.ts';
import { createLog } from './log.ts';
import { createScrubber } from './scrub.ts';

export type Service = {
  /** Where it listens; absent for a process that only works. */
  url?: string;
  /** A key that may do everything in the default workspace; absent for a process that only works. */
  apiKey?: string;
  databaseUrl: string;
  /** Takes nothing new, ends what is under way, and closes all it has opened. */
  stop: () => Promise<void>;
};

/**
 * Starts the service. Ready when it returns.
 * @param to where the log goes; stdout unless told
 * @throws an error that says what to do; nothing is left running then
 */
export async function startService(config: Config, to?: DestinationStream): Promise<Service> {
  const scrubber = createScrubber();
  const log = createLog(config.logLevel, scrubber, to);
  const stopping = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    stopping.abort();
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const { db, url: databaseUrl, close } = await openStore(config, log, scrubber);
    closers.push(close);
    const {
      engine,
      http,
      importer,
      connector,
      close: closeRooms,
    } = compose(config, db, log, scrubber, stopping.signal);
    closers.push(closeRooms);
    await engine.startHub();
    if (config.role !== 'http') await engine.startWorker();
    if (config.role === 'worker') {
      log.info({ role: config.role }, 'ready');
      return { databaseUrl, stop };
    }
    const { apiKey } = await bootstrap(
      { db, importer, connector, log, signal: stopping.signal },
      config.dataDir,
      config.seed,
    );
    const address = await listen(http, config.host, config.port);
    const url = config.publicUrl ?? address;
    await writeDevFile(config.dataDir, { url, apiKey, databaseUrl });
    log.info({ role: config.role, url }, 'ready');
    return { url, apiKey, databaseUrl, stop };
  } catch (error) {
    await stop().catch((cause) => log.error({ err: cause }, 'closing failed'));
    throw error;
  }
}
