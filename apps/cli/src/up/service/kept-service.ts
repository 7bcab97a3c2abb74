// The service, which is started again when it or its Postgres ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_RESTART_EXIT } from '@errand/basics/explained-error';
import { beganAt, commandOf, lives } from '../early/processes.mjs';
import type { Screen } from '../early/screen.mjs';
import { lastLines } from './log-tail.ts';
import { signalTo } from './processes.ts';
import {
  type Ending,
  type Postgres,
  type Ready,
  ServiceProcess,
  type ServiceProcessOptions,
} from './service-process.ts';

/** Delay before the service is started again, in ms: it doubles with each end of a short life. */
const MIN_RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;
/** After a longer life, the delays begin with the shortest again, in ms. */
const LONG_LIFE_MS = 30_000;
/** How often the embedded Postgres is looked for, in ms. */
const WATCH_MS = 500;
/** Time for a service without Postgres to end before it is killed, in ms. */
const LOST_POSTGRES_MS = 2000;
/** Time for Postgres to stop before it is killed, in ms. */
const POSTGRES_MS = 10_000;

export type KeptOptions = Omit<ServiceProcessOptions, 'onPostgres'> & { screen: Screen };

export type OnPostgres = (postgres: Postgres) => void;

/** Its process id may be another process's once it has ended. */
type PostgresProcess = { pid: number; began: string };

export class KeptService {
  readonly #stopping = new AbortController();
  #process: ServiceProcess | undefined;
  #postgres: PostgresProcess | undefined;
  #failures = 0;
  #keeping: Promise<void> | undefined;
  #refuse: (error: unknown) => void = () => {};
  /** Rejects with the message of a service that each further start would refuse. */
  readonly refused = new Promise<never>((_, reject) => {
    this.#refuse = reject;
  });

  constructor(private readonly options: KeptOptions) {
    this.refused.catch(() => {});
  }

  /**
   * Starts the service, and keeps it running from then on.
   * @param onPostgres called when Postgres is ready
   * @throws Error with the message of the service if it does not start
   */
  async start(onPostgres: OnPostgres): Promise<Ready> {
    const ready = await this.#launch(onPostgres).ready;
    // A port that the system chose must stay the same.
    const { env } = this.options;
    if (env.ERRAND_PORT === '0' && !env.PUBLIC_URL) env.ERRAND_PORT = new URL(ready.url).port;
    this.#keeping = this.#keep();
    return ready;
  }

  /** Ends the service and its Postgres, and waits for their end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#process?.end();
    await this.#keeping;
    // A killed service could not stop its Postgres.
    await endPostgres(this.#postgres);
  }

  /** Ends both at once. */
  kill(): void {
    this.#stopping.abort();
    this.#process?.kill();
    if (this.#postgres && isRunning(this.#postgres)) signalTo(this.#postgres.pid, 'SIGQUIT');
  }

  #launch(onPostgres: OnPostgres = () => {}): ServiceProcess {
    this.#process = new ServiceProcess({
      ...this.options,
      onPostgres: (postgres) => {
        this.#postgres = postgres.pid === undefined ? undefined : { pid: postgres.pid, began: beganAt(postgres.pid) };
        onPostgres(postgres);
      },
    });
    return this.#process;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const current = this.#process!;
      const lostPostgres = await this.#waitForEnd(current);
      const ending = await current.ended;
      if (signal.aborted) return;
      await this.#report(current, ending, lostPostgres);
      await this.#restart();
    }
  }

  /** Resolves when the process has ended, also because its Postgres has. @returns the process id of a Postgres that ended first */
  async #waitForEnd(current: ServiceProcess): Promise<number | undefined> {
    let hasEnded = false;
    void current.ended.then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      await Promise.race([current.ended, sleep(WATCH_MS, undefined, { ref: false })]);
      const postgres = this.#postgres;
      // In a stop the service ends its Postgres. A second signal would end the service before it has finished.
      if (hasEnded || this.#stopping.signal.aborted || postgres === undefined || isRunning(postgres)) continue;
      await current.end(LOST_POSTGRES_MS);
      return postgres.pid;
    }
    return undefined;
  }

  async #report(current: ServiceProcess, { code, signal, livedMs }: Ending, lostPostgres: number | undefined) {
    const { screen, logPath } = this.options;
    const cause = signal ? `it was ended by ${signal}` : `it ended with code ${code}`;
    const after = `after ${(livedMs / 1000).toFixed(1)} s`;
    screen.warn(
      lostPostgres === undefined
        ? `\nThe service has ended: ${cause} ${after}. ${lastLinesText(logPath, current.logStart)}`
        : `\nPostgres (process ${lostPostgres}) has ended, and the service with it, ${after}.`,
    );
    this.#failures = livedMs > LONG_LIFE_MS ? 0 : this.#failures;
  }

  /** Starts the service until it is ready, with longer and longer delays. */
  async #restart(): Promise<void> {
    const { screen } = this.options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const afterMs = Math.min(MAX_RESTART_MS, MIN_RESTART_MS * 2 ** this.#failures);
      this.#failures++;
      if (afterMs >= 1000) screen.say(`The next start is in ${Math.round(afterMs / 1000)} s.`);
      await sleep(afterMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      screen.begin('Service');
      try {
        const { url } = await this.#launch().ready;
        screen.done(`${url}, started again`);
        return;
      } catch (error) {
        const ending = await this.#process?.ended;
        if (signal.aborted) return screen.stopped();
        screen.failed();
        if (ending?.code === NO_RESTART_EXIT) {
          this.#stopping.abort();
          return this.#refuse(error);
        }
        screen.warn((error as Error).message);
      }
    }
  }
}

function lastLinesText(path: string, from: number): string {
  const lines = linesOrNone(path, from);
  return lines.length === 0
    ? `${path} is its log.`
    : `The last lines of ${path}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function linesOrNone(path: string, from: number): string[] {
  try {
    return lastLines(path, from);
  } catch {
    return []; // the file was removed
  }
}

/** A zombie has no command. */
const isRunning = ({ pid, began }: PostgresProcess): boolean =>
  beganAt(pid) === began && (process.platform === 'linux' ? commandOf(pid) !== '' : lives(pid));

/** Ends this Postgres, if it still runs, and waits for its end. */
async function endPostgres(postgres: PostgresProcess | undefined): Promise<void> {
  if (!postgres) return;
  const { pid } = postgres;
  const runs = () => isRunning(postgres) && commandOf(pid).includes('postgres');
  if (runs()) signalTo(pid, 'SIGINT');
  for (const start = Date.now(); runs(); await sleep(50))
    if (Date.now() - start > POSTGRES_MS) signalTo(pid, 'SIGQUIT');
}
