// A vitest reporter: counts what happened and tells scripts/test.mjs, which has the last word.

/** What went wrong outside any test (a file that cannot be read, a hook, a stray rejection) counts as one failure each. */
export default class Summary {
  // Vitest drops everything at a signal, and the Postgres of a run would live on: it is asked by message instead.
  onInit(vitest) {
    process.on('message', async () => {
      await vitest.cancelCurrentRun('keyboard-input');
      await vitest.exit(true);
    });
    process.channel?.unref();
  }

  onTestRunEnd(modules, unhandled, reason) {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state]++;
      }
    }
    if (reason === 'interrupted') counts.failed++;
    process.send?.(counts);
  }
}
