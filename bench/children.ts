import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Child<Ready> = {
  pid: number;
  ready: Ready;
  stop: () => Promise<void>;
  /** Sends a message and resolves with the next message of the child. */
  ask: <Answer>(message: string) => Promise<Answer>;
};

/** `log`: the file for its output. `node`: the Node binary. */
type ChildOptions = {
  env?: Record<string, string>;
  log: string;
  args?: readonly string[];
  node?: string | undefined;
};

const STARTS_IN_MS = 30_000;
const ENDS_IN_MS = 15_000;

/**
 * Starts a program and waits for its first message. The program ends with this process at the latest.
 * @throws Error with the path of its log when it does not start
 */
export async function startChild<Ready>(
  program: URL,
  { env = {}, log, args = [], node = process.execPath }: ChildOptions,
): Promise<Child<Ready>> {
  const out = openSync(log, 'a');
  const child = fork(fileURLToPath(program), [...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', out, out, 'ipc'],
    execArgv: [],
    execPath: node,
  });
  const started = AbortSignal.timeout(STARTS_IN_MS);
  const failed = once(child, 'exit', { signal: started }).then(([code]) => {
    throw new Error(`${program.pathname} ended with ${code}; see ${log}.`);
  });
  failed.catch(() => {});
  try {
    const [ready] = (await Promise.race([once(child, 'message', { signal: started }), failed])) as [Ready];
    const ask = async <Answer>(message: string): Promise<Answer> => {
      child.send(message);
      return (await once(child, 'message'))[0];
    };
    return { pid: child.pid!, ready, stop: () => end(child), ask };
  } catch (error) {
    await end(child);
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), ENDS_IN_MS);
  await exited;
  clearTimeout(kill);
}
