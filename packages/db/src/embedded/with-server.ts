import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { makePrivate } from './data-dir.ts';
import { lockDataDir } from './lock.ts';
import { startEmbedded } from './start.ts';

export type ServerLocation = {
  /** The data folder of the service. */
  dataDir: string;
  /** A Postgres of the operator; without it, the embedded one in the data folder. */
  databaseUrl?: string | undefined;
  /** The same database with the login that owns the tables; `databaseUrl` by default. */
  ownerUrl?: string | undefined;
};

/** URLs of one database. They contain passwords: do not log them. */
export type ServerLogins = { url: string; ownerUrl: string };

/**
 * Gives a command the database of a service, whether the service runs or not. An embedded Postgres that does not run is started, and
 * stopped afterwards.
 * @param isNew whether the command creates the database; the service must not run then
 * @throws ExplainedError if the folder has no database, or a service runs in it that must not
 */
export async function withServer<T>(
  { dataDir, databaseUrl, ownerUrl = databaseUrl }: ServerLocation,
  work: (logins: ServerLogins) => Promise<T>,
  { isNew = false } = {},
): Promise<T> {
  if (databaseUrl && ownerUrl) return work({ url: databaseUrl, ownerUrl });
  const dir = join(dataDir, 'postgres');
  if (!isNew && !['cluster', 'location'].some((name) => existsSync(join(dir, name))))
    throw new ExplainedError(
      `There is no database in ${dataDir}. Name the data folder of the service, or set DATABASE_URL to its Postgres.`,
    );
  await makePrivate(dataDir);
  const unlock = await lockDataDir(dataDir).catch((error) => {
    if (isNew || !(error instanceof ExplainedError)) throw error;
    return undefined; // the service runs, and so does its Postgres
  });
  const interruption = unlock && new Interruption();
  try {
    const server = await startEmbedded({ dir, enterableParent: dataDir });
    if (!interruption) return await work(server);
    interruption.endWith(server.interrupt);
    return await work(server).finally(() => server.stop());
  } finally {
    interruption?.release();
    await unlock?.();
  }
}

/** Ends the Postgres that a command starts when the command ends, also by Ctrl-C, on which Node would end without an event. */
class Interruption {
  #interrupt: (() => void) | undefined;
  #isInterrupted = false;

  constructor() {
    process.on('exit', this.#endPostgres).on('SIGINT', this.#exit).on('SIGTERM', this.#exit);
  }

  /** Postgres has started. */
  endWith(interrupt: () => void): void {
    this.#interrupt = interrupt;
    if (this.#isInterrupted) this.#exit();
  }

  release(): void {
    process.off('exit', this.#endPostgres).off('SIGINT', this.#exit).off('SIGTERM', this.#exit);
  }

  readonly #endPostgres = () => this.#interrupt?.();

  /** A Postgres that is starting has no known process id yet. */
  readonly #exit = () => {
    this.#isInterrupted = true;
    if (this.#interrupt) process.exit(130);
  };
}
