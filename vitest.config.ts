import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Packages of this workspace are read from their sources, so that a test sees what was typed and not what was last built.
// Not so the packages that node itself loads (`externalConditions`): workers and child processes would inherit it.
const conditions = ['errand-source', 'module', 'node'];

/** The slowest files. They begin first, or one of them would go on alone when all others have ended. */
const slow =
  /e2e\/(faults\/faults|master-keys|tenancy\/matrix|queue|start\/start|streams|large-outputs|waiting|original\/asking)|embedded\/start\.db/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...new Set(sorted.map(({ project }) => project))].flatMap((project) => {
      const projectFiles = sorted.filter((file) => file.project === project);
      return [true, false].flatMap((isSlow) => projectFiles.filter(({ moduleId }) => slow.test(moduleId) === isSlow));
    });
  }
}

// They start whole services and wait for most of their time: after the quick ones, and more of them at once.
const services = { sequence: { groupOrder: 1 }, maxWorkers: Math.ceil(Math.max(2, availableParallelism()) * 1.5) };

// They end tests that hang. What takes time is measured in the tests, by processor time or by order, so busy machines get plenty.
const UNIT_MS = 60_000;
const SERVICE_MS = 180_000;

const POSTGRES = './packages/db/src/testing/global-setup.ts';
const SERVICE = './e2e/fixtures/default-service.ts';
const ignored = ['**/node_modules/**', '**/dist/**'];
const rooms = ['bench/**/*.test.ts', 'evals/**/*.test.ts', 'packages/**/*.test.ts', 'apps/**/*.test.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    sequence: { sequencer: SlowFirst },
    maxWorkers: Math.max(2, availableParallelism()),
    // Tests keep nothing in modules, and reading those once a worker takes a third of the time off.
    isolate: false,
    // A poll waits for what must come, however busy the machine is; a test's own time ends it.
    expect: { poll: { timeout: 50_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: rooms, exclude: [...ignored, '**/*.db.test.ts'], testTimeout: UNIT_MS },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: ['packages/**/*.db.test.ts', 'apps/**/*.db.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: [...ignored, 'e2e/browser/**', 'e2e/trouble/**'],
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          // Minutes of outages, kills and partitions: `pnpm test` leaves them out and `pnpm test:trouble` runs them.
          name: 'trouble',
          include: ['e2e/trouble/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          // They need a Chromium, so `pnpm test` leaves them out and `pnpm test:browser` runs them.
          name: 'browser',
          include: ['e2e/browser/**/*.test.ts'],
          exclude: ignored,
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          ...services,
        },
      },
    ],
  },
});
