// When to leave: on Ctrl-C, a signal, or the end of the package manager that started us.
import { commandOf, isInFront, parentOf } from './processes.mjs';

/** Package managers repeat a signal that the terminal has already sent: within this time both count as one. */
const SAME_MS = 400;
const WATCH_MS = 500;
const [CTRL_C, CTRL_Z, CTRL_BACKSLASH] = [0x03, 0x1a, 0x1c];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} onSecond called on a second Ctrl-C or signal
 * @returns {{ signal: AbortSignal, close(): void }} a signal that the first one aborts, and a function that stops watching
 */
export function watchLeaving(env, onSecond) {
  const leaving = new AbortController();
  /** @type {number | undefined} */
  let first;
  const leave = () => {
    first ??= Date.now();
    if (!leaving.signal.aborted) leaving.abort();
    else if (Date.now() - first > SAME_MS) onSecond();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, leave);
  const restore = watchKeys(leave, onSecond);
  const timer = watchParents(env, () => leaving.abort());
  return {
    signal: leaving.signal,
    close() {
      restore();
      clearInterval(timer);
    },
  };
}

/**
 * Waits for a promise, and rejects when the signal aborts.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export function orAbort(promise, signal) {
  return new Promise((done, fail) => {
    const leave = () => fail(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(done, fail);
  });
}

/**
 * Reads Ctrl-C as a key. As a signal it would also reach the package managers, which would end before us, print lines of their own and set
 * the exit code to 130.
 * @param {() => void} leave
 * @param {() => void} atOnce
 */
function watchKeys(leave, atOnce) {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY || !isInFront()) return () => {};
  const restore = () => {
    stdin.setRawMode(false);
    stdin.pause();
  };
  // a background job that changes the terminal would be suspended, so ask isInFront()
  stdin.setRawMode(true).resume();
  stdin.on('data', (keys) => {
    for (const key of keys) {
      if (key === CTRL_C) leave();
      if (key === CTRL_BACKSLASH) atOnce();
      // from here on Ctrl-C is a signal: a background process cannot change the terminal
      if (key === CTRL_Z) {
        restore();
        process.kill(0, 'SIGTSTP');
      }
    }
  });
  stdin.on('error', () => {});
  return restore;
}

/**
 * A killed package manager sends its script nothing, so its processes are watched.
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} leave
 */
function watchParents(env, leave) {
  if (!env.npm_lifecycle_event) return undefined;
  const parents = parentsOf(process.ppid);
  /** @param {{ pid: number, parent: number }} one */
  const gone = ({ pid, parent }) => parentOf(pid) !== parent;
  const timer = setInterval(() => {
    if (process.ppid !== parents[0]?.pid || parents.slice(0, -1).some(gone)) leave();
  }, WATCH_MS);
  return timer.unref();
}

/** The processes from the one that started us to the outermost one of npm: `npx` starts a shell, which starts pnpm. @param {number} pid */
function parentsOf(pid) {
  const parent = parentOf(pid);
  const chain = [{ pid, parent }];
  for (let at = parent; at > 1 && chain.length < 6; at = parentOf(at)) chain.push({ pid: at, parent: parentOf(at) });
  const outermost = chain.findLastIndex(({ pid }) => /^npm |npx-cli|npm-cli/.test(commandOf(pid)));
  return chain.slice(0, Math.max(1, outermost + 1));
}
