// One process of the service, from its start to its end.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { end, killGroup, type launch, programs } from './processes.ts';

/**
 * Semi-spaces of up to 64 MB, Node 24's default on large machines. A run creates many short-lived objects, and fewer collections take less
 * processor time.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';
const MAX_LOG_BYTES = 10_000_000;
const MAX_ERROR_CHARACTERS = 4000;

export type Ready = { url: string; loginLink?: string | undefined };
export type Ending = { code: number | null; signal: NodeJS.Signals | null; livedMs: number };

export type ServiceProcessOptions = {
  logPath: string;
  env: NodeJS.ProcessEnv;
  start: typeof launch;
  /** Whether it migrates the embedded database without a backup. */
  withoutBackup: boolean;
  onPostgres: (postgres: Postgres) => void;
};

/** A Postgres that is ready and migrated. */
export type Postgres = {
  /** The process id of the embedded one. */
  pid?: number;
  /** The file with the data from before the migration. */
  backup?: string;
  /** Whether it was restored from a backup, and waits for `errand resume`. */
  isHeld?: boolean;
};

type Message = ({ ready: 'postgres' } & Postgres) | (Ready & { ready?: undefined });

export class ServiceProcess {
  /** Resolves when the service is ready. Rejects with its error message if it ends before. */
  readonly ready: Promise<Ready>;
  readonly ended: Promise<Ending>;
  /** The position in the log at which its lines begin. */
  readonly logStart: number;
  readonly #child: ChildProcess;
  readonly #beganAt = performance.now();
  #errors = '';

  constructor({ logPath, env, start, withoutBackup, onPostgres }: ServiceProcessOptions) {
    const log = openLog(logPath);
    this.logStart = fstatSync(log).size;
    this.#child = start(
      [YOUNG_GENERATION, programs.server, '--progress', ...(withoutBackup ? ['--without-backup'] : [])],
      {
        stdio: ['ignore', log, 'pipe', 'ipc'],
        env,
      },
    );
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-MAX_ERROR_CHARACTERS);
      writeSync(log, text);
    });
    this.#child.once('close', () => closeSync(log));
    this.ended = once(this.#child, 'exit').then(([code, signal]) => ({
      code,
      signal,
      livedMs: performance.now() - this.#beganAt,
    }));
    this.ready = new Promise((done, fail) => {
      this.#child.on('message', (message: Message) =>
        message.ready === 'postgres' ? onPostgres(message) : done(message),
      );
      this.#child.once('close', () => fail(new Error(this.#errors.trim() || 'The service did not start.')));
    });
    // A failed start also rejects `ended`.
    for (const promise of [this.ready, this.ended]) promise.catch(() => {});
  }

  end(afterMs?: number): Promise<void> {
    return end(this.#child, afterMs);
  }

  kill(): void {
    killGroup(this.#child);
  }
}

function openLog(path: string): number {
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}
