// Runs vitest in this process, and prints the last line: `N passed, N failed`.
import { fileURLToPath } from 'node:url';
import { parseCLI, startVitest } from 'vitest/node';

/** @typedef {import('vitest/node').Vitest} Vitest */

/** Package managers repeat a signal that the terminal has already sent: within this time, in ms, both count as one. */
const SAME_MS = 400;

const counts = { passed: 0, failed: 0, skipped: 0 };

/** Counts results. A failure outside a test (a file, a hook, a stray rejection) counts as one. */
const counter = /** @satisfies {import('vitest/node').Reporter} */ ({
  /** @param {Vitest} vitest */
  onInit(vitest) {
    // Vitest does not clean up on a signal, and the Postgres of a run would stay alive.
    /** @type {number | undefined} */
    let first;
    const stop = async () => {
      if (first !== undefined) return Date.now() - first > SAME_MS && process.exit(1);
      first = Date.now();
      counts.failed++;
      await vitest.cancelCurrentRun('keyboard-input');
      await vitest.exit(true);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal).on(signal, stop);
  },
  /** @type {NonNullable<import('vitest/node').Reporter['onTestRunEnd']>} */
  onTestRunEnd(modules, unhandled) {
    counts.failed += unhandled.length;
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state]++;
      }
    }
  },
});

/** @param {string[]} args what to pass to vitest */
export async function test(args) {
  process.once('exit', (code) => {
    const { passed, skipped } = counts;
    // A run without tests, or with a failure that no test counts, has failed.
    const failed = counts.failed || Number(code !== 0 || passed === 0);
    console.log(`${skipped > 0 ? `\n${skipped} left out` : ''}\n${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  });
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const reporters = [options.reporters ?? 'default', counter].flat();
  const vitest = await startVitest('test', filter, { ...options, watch: false, reporters });
  await vitest.exit();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await test(process.argv.slice(2));
