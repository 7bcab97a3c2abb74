// A process of a release on a fixed port, which a deploy replaces.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type ProcessOptions = {
  /** Folder of the built repository. */
  release: string;
  role: 'http' | 'worker';
  dataDir: string;
  port?: number;
  env: Readonly<Record<string, string>>;
};

/** How a process ended after SIGTERM. */
export type Ending = { code: number | null; ms: number };

export class ServiceProcess {
  #child: ChildProcess | undefined;
  #log = '';

  constructor(private readonly options: ProcessOptions) {}

  get log(): string {
    return this.#log;
  }

  /** The errors of its log. That it is not ready while it stops is none. */
  get errors(): string[] {
    const lines = this.#log.split('\n').filter((line) => /"level":[56]0\b/.test(line));
    return lines.filter((line) => !line.includes('"route":"/readyz"'));
  }

  /** The key of the first workspace, which the first http process creates. */
  get apiKey(): string {
    return (JSON.parse(readFileSync(join(this.options.dataDir, 'dev.json'), 'utf8')) as { apiKey: string }).apiKey;
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const { release, role, dataDir, port = 0, env } = this.options;
    const child = fork(join(release, 'apps/server/dist/main.js'), [], {
      env: {
        PATH: process.env.PATH,
        ERRAND_DATA_DIR: dataDir,
        ERRAND_PORT: String(port),
        ERRAND_ROLE: role,
        ...env,
      },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
    }
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`A process of ${release} ended with ${code} before it was ready:\n${this.#log.slice(-3000)}`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
  }

  /** Sends SIGTERM. */
  async stop(): Promise<Ending> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return { code: child?.exitCode ?? null, ms: 0 };
    const from = performance.now();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return { code, ms: Math.round(performance.now() - from) };
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
