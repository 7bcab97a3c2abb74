import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account } from '@errand/db/testing';
import { type Guardian, startGuardian } from '../faults/guardian.ts';

/** Programs in one folder, under the account of Postgres. All of them end with this process, however it ends. */
export class Programs {
  readonly #guardian: Guardian = startGuardian();
  readonly #who = account();

  private constructor(readonly folder: string) {}

  static async inNewFolder(): Promise<Programs> {
    const programs = new Programs(await mkdtemp(join(tmpdir(), 'errand-failover-')));
    chmodSync(programs.folder, 0o711); // the account may enter it
    programs.#guardian.guard(programs.folder);
    return programs;
  }

  /** Creates a folder that belongs to the account. */
  makeFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { mode: 0o700 });
    if ('uid' in this.#who) chownSync(path, this.#who.uid, this.#who.gid);
    return path;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o644 });
    return path;
  }

  start(name: string, program: string, args: readonly string[]): ChildProcess {
    const log = openSync(join(this.folder, `${name}.log`), 'a');
    // The guardian kills processes by their data folder.
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ERRAND_DATA_DIR: join(this.folder, name) };
    return spawn(program, [...args], { ...this.#who, cwd: '/', env, detached: true, stdio: ['ignore', log, log] });
  }

  endOfLog = (name: string): string => readFileSync(join(this.folder, `${name}.log`), 'utf8').slice(-3000);

  /** Kills all of them and removes the folder. */
  end = (): Promise<void> => this.#guardian.end();
}
