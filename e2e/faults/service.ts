import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { ServiceRule } from './trials.ts';

export type Role = 'http' | 'worker' | 'all';

/** This build, or one of the last release. */
export type Build = 'present' | 'release';
/** A built program, and the settings that it needs. */
type Built = { program: string; env: Readonly<Record<string, string | undefined>> };

/**
 * The end of a stopped process: its duration in ms, and its exit code (null: by a signal). `ready`: it had started before. `armed`: it
 * carried a failpoint, which may have killed it during its drain.
 */
export type Exit = { name: string; code: number | null; ms: number; ready: boolean; armed: boolean };

/** A process that ended by SIGKILL: by itself at a failpoint, or by the harness. */
export type Death = { at: number; isWorker: boolean; atFailpoint: boolean };

/** How long a start may take before it is tried again, in ms: a busy machine starts processes slowly. */
const READY_IN_MS = 60_000;
const BEGINS_IN_MS = 120_000;
const AGAIN_MS = 300;

/** The built program, as users start it. */
export const program = new URL(
  '../dist/main.js',
  pathToFileURL(createRequire(import.meta.url).resolve('@errand/server')),
);
const mutated = new URL('mutated.js', import.meta.url);

/** `broken`: the disabled rule. `release`: the last release, for deploys. */
type ServiceOptions = {
  env: Readonly<Record<string, string>>;
  broken?: ServiceRule | undefined;
  release?: Built | undefined;
};

/** One process of the service under a supervisor, which restarts it whenever it ends. */
export class Service {
  readonly #folder: string;
  readonly #options: ServiceOptions;
  #child: ChildProcess | undefined;
  #starting: Promise<void> = Promise.resolve();
  #armed = false;
  #shouldRun = false;
  #isReady = false;
  /** The number of the start: later code ignores earlier starts. */
  #turn = 0;
  #port = '0';
  #frozen = false;
  /** Whether the process is being replaced, so that its end is expected. */
  busy = false;
  #build: Build = 'present';
  /** Settings that change from one start to the next. */
  extra: Readonly<Record<string, string>> = {};
  starts = 0;
  /** Unrequested ends: at a failpoint, or because the process gave up. */
  readonly unasked: { signal: string | null; code: number | null }[] = [];
  readonly deaths: Death[] = [];
  /** Processes under it that the harness killed. */
  readonly #killed = new Set<number>();

  constructor(
    readonly name: string,
    readonly role: Role,
    folder: string,
    options: ServiceOptions,
  ) {
    this.#folder = folder;
    this.#options = options;

    mkdirSync(folder, { recursive: true });
  }

  /** The URL of the process, the same for all its starts; a worker has none. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number | undefined {
    return this.#child?.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  /** The API key that it created at its first start. */
  get apiKey(): string {
    return (JSON.parse(readFileSync(join(this.#folder, 'dev.json'), 'utf8')) as { apiKey: string }).apiKey;
  }

  log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Whether it sent a statement without the rule. */
  get isMutated(): boolean {
    return /^Mutated: /m.test(this.log());
  }

  /** The first start. @throws with the end of its log when it does not become ready */
  async begin(): Promise<void> {
    this.#shouldRun = true;
    if (await this.#launch(BEGINS_IN_MS)) return;
    throw new Error(`${this.name} did not start:\n${this.log().slice(-2000)}`);
  }

  /** Starts it, repeatedly until it is ready. */
  async start(): Promise<void> {
    this.#shouldRun = true;
    this.#starting = this.#untilReady(++this.#turn);
    await this.#starting;
  }

  /** Waits until it is ready, even if another caller starts it. */
  ready = (): Promise<void> => this.#starting;

  /** SIGKILL, even while it is frozen; the supervisor starts it again after `downMs`. */
  async kill(downMs = 0): Promise<void> {
    this.#frozen = false;
    await this.#replace('SIGKILL', downMs);
  }

  /** SIGTERM, as a deploy does; then it is started again, from now on with this build. */
  async deploy(build: Build = this.#build): Promise<Exit> {
    return this.#replace('SIGTERM', 0, build);
  }

  get build(): Build {
    return this.#build;
  }

  /** Whether it runs, is not frozen, and nothing replaces it. */
  get isFree(): boolean {
    return !this.busy && !this.#frozen && this.#isReady && this.pid !== undefined;
  }

  /** The processes under it, if it is a supervisor. */
  get processes(): number[] {
    if (this.pid === undefined) return [];
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** SIGKILL to one of the processes under it, which it starts again. */
  killProcess(index: number): void {
    const pid = this.processes[index];
    if (pid !== undefined && signalProcess(pid, 'SIGKILL')) this.#killed.add(pid);
  }

  /** SIGSTOP to one of the processes under it for a time. */
  async freezeProcess(index: number, forMs: number): Promise<void> {
    const pid = this.processes[index];
    if (pid === undefined || !signalProcess(pid, 'SIGSTOP')) return;
    await sleep(forMs);
    signalProcess(pid, 'SIGCONT');
  }

  /** Deaths of processes under it, as it has logged them. */
  deathsOfProcesses(): Death[] {
    const lines = this.log().match(/^\{.*"A process ended by SIGKILL.*$/gm) ?? [];
    return lines.map((line) => {
      const { time, pid } = JSON.parse(line) as { time: number; pid: number };
      return { at: time, isWorker: true, atFailpoint: !this.#killed.has(pid) };
    });
  }

  freeze(): void {
    this.#frozen = this.#child?.kill('SIGSTOP') ?? false;
  }

  thaw(): void {
    if (this.#frozen) this.#child?.kill('SIGCONT');
    this.#frozen = false;
  }

  /** SIGTERM without a restart. */
  async stop(): Promise<Exit> {
    this.#shouldRun = false;
    this.thaw();
    await this.#starting;
    return this.end('SIGTERM');
  }

  async #replace(signal: NodeJS.Signals, downMs: number, build = this.#build): Promise<Exit> {
    this.busy = true;
    this.#shouldRun = false;
    const exit = await this.end(signal);
    this.#build = build;
    await sleep(downMs);
    void this.start();
    this.busy = false;
    return exit;
  }

  /** Ends it without a restart. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.#shouldRun = false;
    const child = this.#child;
    const name = this.name;
    const ready = this.#isReady;
    const armed = this.#armed;
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return { name, code: 0, ms: 0, ready: false, armed };
    const from = performance.now();
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return { name, code, ms: Math.round(performance.now() - from), ready, armed };
  }

  async #untilReady(turn: number): Promise<void> {
    while (this.#shouldRun && turn === this.#turn) {
      if (await this.#launch()) return;
      await sleep(AGAIN_MS);
    }
  }

  async #launch(patienceMs = READY_IN_MS): Promise<boolean> {
    this.starts++;
    this.#armed = this.extra.ERRAND_FAULTS !== undefined;
    this.#isReady = false;
    const { PATH } = process.env;
    const { env: settings, broken, release } = this.#options;
    const built = this.#build === 'release' ? release : undefined;
    const folderAndPort = { PATH, ERRAND_DATA_DIR: this.#folder, ERRAND_PORT: this.#port };
    const env = { ...folderAndPort, ...settings, ...built?.env, ...this.extra };
    const out = openSync(join(this.#folder, 'log'), 'a');
    const [entry, args] = broken ? [mutated, [broken]] : [built?.program ?? program, []];
    const child = fork(entry, args, { env, execArgv: [], stdio: ['ignore', out, out, 'ipc'] });
    closeSync(out);
    this.#child = child;
    const armed = this.#armed;
    child.once('exit', (code, signal) => {
      const isAsked = !this.#shouldRun || this.#child !== child;
      if (signal === 'SIGKILL')
        this.deaths.push({ at: Date.now(), isWorker: this.role !== 'http', atFailpoint: armed && !isAsked });
      if (isAsked) return;
      this.unasked.push({ signal, code });
      if (this.#isReady) void this.start();
    });
    const first = await Promise.race([
      once(child, 'message').then(([message]) => message as { url?: string }),
      once(child, 'exit').then(() => undefined),
      sleep(patienceMs, undefined, { ref: false }),
    ]).catch(() => undefined);
    if (first === undefined) {
      child.kill('SIGKILL');
      return false;
    }
    this.#isReady = true;
    if (first.url !== undefined) this.#port = new URL(first.url).port;
    return true;
  }
}

/** @returns false if the process has ended */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
