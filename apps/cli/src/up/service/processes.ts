// The programs of Errand as child processes.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Time for draining before a process is killed, in ms. */
const END_MS = 35_000;

/** The programs, in the repository and in the package `errand`. */
export const programs = {
  server: fileURLToPath(new URL('../../../../server/dist/main.js', import.meta.url)),
  loginLink: fileURLToPath(new URL('../../../../server/dist/login-link.js', import.meta.url)),
  crm: fileURLToPath(new URL('../../../../demo/dist/main.js', import.meta.url)),
};

export const demoIndex = new URL('../../../../demo/dist/index.js', import.meta.url);

export type LaunchOptions = { stdio: StdioOptions; env: NodeJS.ProcessEnv };

/** Starts Node in a process group of its own: Ctrl-C in a terminal reaches `up` alone, which ends its children in order. */
export const launch = (args: readonly string[], { stdio, env }: LaunchOptions): ChildProcess =>
  spawn(process.execPath, [...args], { detached: true, stdio, env });

const hasEnded = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null || pid === undefined;

/** Ends a process in order, or kills it after a time. Resolves when it has ended. */
export function end(child: ChildProcess, afterMs = END_MS): Promise<void> {
  return new Promise((done) => {
    if (hasEnded(child)) return done();
    const timer = setTimeout(() => killGroup(child), afterMs);
    child.once('exit', () => {
      clearTimeout(timer);
      done();
    });
    // After SIGTERM the service would serve requests for its lame duck time, and nothing else takes over here.
    child.kill('SIGINT');
  });
}

/** Kills a process and the group that it leads. Once it has ended, its id may be that of another group. */
export function killGroup(child: ChildProcess): void {
  if (!hasEnded(child)) signalTo(-child.pid!, 'SIGKILL');
}

export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}

/** The first line that a program prints. */
export function firstLine(child: ChildProcess, label: string): Promise<string> {
  return new Promise((done, fail) => {
    let out = '';
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-4000);
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('\n')) done(out.slice(0, out.indexOf('\n')));
    });
    child.once('error', fail).once('exit', () => fail(new Error(`${label} did not start.\n${err.trim()}`)));
  });
}
