import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Tests read the packages of this workspace from their sources, not from the last build. Packages that node itself loads
// (`externalConditions`) do not: workers and child processes would inherit the condition.
const conditions = ['errand-source', 'module', 'node'];

/** The slowest files. They start first, so that none of them runs alone at the end. */
const slow =
  /e2e\/((tenancy|people|user-tokens)\/matrix|start\/start|stream-limits|api-keys|waiting|agents\/tokens|catalog\/stand-ins|readme|examples|browser\/(pages|sign-in))|embedded\/start\.db|model\/streams/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...new Set(sorted.map(({ project }) => project))].flatMap((project) => {
      const projectFiles = sorted.filter((file) => file.project === project);
      return [true, false].flatMap((isSlow) => projectFiles.filter(({ moduleId }) => slow.test(moduleId) === isSlow));
    });
  }
}

// These files start whole services and mostly wait, so more of them run at once, after the quick ones.
const services = { sequence: { groupOrder: 1 }, maxWorkers: Math.max(2, availableParallelism()) * 2 };

// Timeouts only end hanging tests. Tests measure processor time or order, so that busy machines have enough time.
const UNIT_MS = 60_000;
const SERVICE_MS = 180_000;

const POSTGRES = './packages/db/src/testing/global-setup.ts';
const SERVICE = './e2e/fixtures/default-service.ts';
const EVERYDAY_PAGES = ['sign-in', 'approvals', 'console-sizes'].map((name) => `e2e/browser/${name}.test.ts`);
const ignored = ['**/node_modules/**', '**/dist/**'];
/** Proofs that take long. For each of them a quick test of the same promise is among the everyday ones. */
const SLOW = '**/*.slow.test.ts';
/** These try a sample every day, and every test, combination or the full numbers in the project `slow`. */
const SAMPLED = [
  ...['approval-floor', 'approval-settings', 'catalog/stand-ins', 'cli/doctor', 'console/snippets', 'conversation'],
  ...['mcp/asks', 'mcp/oauth', 'metrics/endpoint', 'people/matrix', 'processes/lame-duck', 'processes/supervisor'],
  ...['queue', 'recipes/recipes', 'start/data-folder', 'start/stop', 'telemetry/callers', 'telemetry/traces'],
  ...['tenancy/matrix', 'tenancy/scopes', 'user-tokens/matrix', 'vocabularies', 'webhooks/attacks'],
  'webhooks/traceparent',
];
const unitTests = ['bench/**/*.test.ts', 'evals/**/*.test.ts', 'packages/**/*.test.ts', 'apps/**/*.test.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    sequence: { sequencer: SlowFirst },
    // Some tests mostly wait.
    maxWorkers: Math.ceil(Math.max(2, availableParallelism()) * 1.5),
    // Tests keep no state in modules. Loading modules once per worker saves a third of the time.
    isolate: false,
    // Projects share compiled modules, also those of earlier runs. The key contains a hash of the source.
    experimental: { fsModuleCache: true },
    // A poll waits as long as the test's own timeout allows, however busy the machine is.
    expect: { poll: { timeout: 50_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: unitTests,
          exclude: [...ignored, SLOW, '**/*.db.test.ts'],
          testTimeout: UNIT_MS,
        },
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
          exclude: [
            ...ignored,
            SLOW,
            ...['browser', 'deploys', 'failover', 'hostile', 'image'].map((folder) => `e2e/${folder}/**`),
            ...['packages', 'packed', 'prometheus', 'python', 'trouble'].map((folder) => `e2e/${folder}/**`),
          ],
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          // Floods, large data, kills in a row and every combination, excluded from `pnpm test`; `pnpm test:slow` runs them.
          name: 'slow',
          include: [`{e2e,packages}/${SLOW}`, `e2e/{${SAMPLED.join()}}.test.ts`],
          provide: { exhaustive: true },
          exclude: ignored,
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          // Minutes of outages, kills and partitions, excluded from `pnpm test`; `pnpm test:trouble` runs them.
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
          // Each field that a stranger fills, at its largest size, excluded from `pnpm test`; `pnpm test:hostile` runs them.
          name: 'hostile',
          include: ['e2e/hostile/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: 10 * SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          sequence: { groupOrder: 5 },
        },
      },
      {
        extends: true,
        test: {
          // Restarts behind HAProxy and Caddy, and the last release together with this one; `pnpm test:deploys` runs it.
          name: 'deploys',
          include: ['e2e/deploys/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          // One at a time, as a proxy and its processes need the cores.
          fileParallelism: false,
          testTimeout: 20 * SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // Needs Prometheus and promtool on this machine; `pnpm test:metrics` runs it.
          name: 'metrics',
          include: ['e2e/prometheus/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // Patroni, etcd and HAProxy of Debian, which `pnpm test` does not need; `pnpm test:failover` runs it.
          name: 'failover',
          include: ['e2e/failover/**/*.test.ts'],
          exclude: ignored,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // Installs the packages outside the repository with npm; `pnpm test:packages` runs it.
          name: 'packages',
          include: ['e2e/packages/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // Packs the package `errand` and installs it outside the repository with npm; `pnpm test:packed` runs it.
          name: 'packed',
          include: ['e2e/packed/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // Builds the image of the service and runs it unpacked; `pnpm test:image` runs it.
          name: 'image',
          include: ['e2e/image/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 5 * SERVICE_MS,
        },
      },
      {
        extends: true,
        test: {
          // A few of the pages, in a Chromium. `pnpm test` excludes them; `.ci/run` and `pnpm test:browser` run them.
          name: 'browser',
          include: EVERYDAY_PAGES,
          exclude: ignored,
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          // The Python client, in a Python of this machine. `pnpm test` excludes it; `.ci/run` and `pnpm test:python` run it.
          name: 'python',
          include: ['e2e/python/**/*.test.ts'],
          exclude: ignored,
          globalSetup: POSTGRES,
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          ...services,
        },
      },
      {
        extends: true,
        test: {
          // All other pages, with minutes of tabs, outages and large lists; `pnpm test:browser` runs them.
          name: 'pages',
          include: ['e2e/browser/**/*.test.ts'],
          exclude: [...ignored, ...EVERYDAY_PAGES],
          globalSetup: [POSTGRES, SERVICE],
          testTimeout: SERVICE_MS,
          hookTimeout: 2 * SERVICE_MS,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
