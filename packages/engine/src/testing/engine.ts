import {
  type CreatedRun,
  CreateRunInput,
  isWaiting,
  type PlanInput,
  type Run,
  type RunEvent,
  type ToolSource,
} from '@errand/contracts';
import {
  batchPoolOptions,
  boundPool,
  decidersReader,
  newId,
  peopleBehindReader,
  requesterReader,
  Transitions,
} from '@errand/db';
import { createTestDatabase } from '@errand/db/testing';
import { createSandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Toolbox } from '@errand/ports/toolbox';
import pg from 'pg';
import { createEngine, type Engine } from '../engine.ts';
import type { EngineOptions } from '../engine-options.ts';
import { INTEGRATION } from './service.ts';

const noPlanner: Planner<ToolSource> = {
  plan: async () => ({
    kind: 'none',
    code: 'no_plan',
    reason: 'No tool fits.',
    retryable: false,
    usage: { inputTokens: 0, outputTokens: 0 },
  }),
};

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

type EngineOver = Partial<Omit<EngineOptions, 'db'>> & { db?: Partial<EngineOptions['db']>; work?: boolean };

/** Engines over a database of their own; each is what a process of its own would run. */
export async function startEngines(serverUrl: string) {
  const database = await createTestDatabase(serverUrl);
  const sandbox = createSandbox();
  const open: { engine: Engine; pools: pg.Pool[] }[] = [];
  return {
    url: database.url,
    /** A look into the tables, or a hand in them. */
    async query(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query(text, values);
      await client.end();
      return rows as Record<string, unknown>[];
    },
    async engine(toolbox: Toolbox, { work = true, db = {}, ...overrides }: EngineOver = {}): Promise<Engine> {
      // As the service does it: behind row-level security.
      const poolAs = (role: string, settings: Readonly<Record<string, string>> = {}) => {
        const parameters = Object.entries({ role, ...settings }).map(([name, value]) => `-c ${name}=${value}`);
        const options = { options: parameters.join(' '), pipeline: role === 'errand_app' };
        const { url, tenantUrl } = database.logins;
        const connectionString = role === 'errand_app' ? tenantUrl : url;
        const newPool = new pg.Pool({ connectionString, max: 10, ...options });
        newPool.on('error', () => {});
        return newPool;
      };
      const pool = poolAs('errand_system');
      const tenants = poolAs('errand_app');
      const batchPool = poolAs('errand_system', batchPoolOptions);
      const connect = async () => {
        const client = new pg.Client({ connectionString: database.logins.url, options: '-c role=errand_system' });
        await client.connect();
        return client;
      };
      const engine = createEngine({
        db: {
          pool,
          batchPool,
          connect,
          transitions: new Transitions(batchPool),
          poolOf: (workspaceId) => boundPool(tenants, () => workspaceId),
          bypassingRlsOf: () => pool,
          people: {
            behind: peopleBehindReader(pool),
            requesters: requesterReader(pool),
            deciders: decidersReader(pool),
          },
          ...db,
        },
        sandbox,
        toolbox,
        planner: noPlanner,
        log: silent,
        cursorKeys: () => [Buffer.alloc(32, 7)],
        ...overrides,
      });
      open.push({ engine, pools: [pool, tenants, batchPool] });
      await engine.startHub();
      if (work) await engine.startWorker();
      return engine;
    },
    async close() {
      for (const { engine, pools } of open) {
        await engine.stop();
        for (const pool of pools) await pool.end();
      }
      await sandbox.close();
      await database.drop();
    },
  };
}

/** The input of a run; everything has a default. */
export const aRun = (
  overrides: Partial<Parameters<typeof CreateRunInput.parse>[0] & object> & Record<string, unknown> = {},
) =>
  CreateRunInput.parse({
    intent: 'Do it',
    userId: 'user-1',
    selectedCustomerIntegrationIds: [INTEGRATION],
    ...overrides,
  });

/** A plan of calls of the test service, e.g. `aPlan(['a', 'look', {x: 1}], ['b', 'make'])`. */
export const aPlan = (
  steps: [id: string, operation: string, args?: Record<string, unknown>, more?: object][],
  result?: unknown,
) =>
  ({
    goal: 'Test',
    steps: steps.map(([id, operation, args = {}, more]) => ({
      id,
      tool: `${INTEGRATION}.${operation}`,
      args,
      ...more,
    })),
    ...(result !== undefined && { result }),
  }) as PlanInput;

/** Follows a run to its end. */
export async function follow(
  engine: Engine,
  workspaceId: string,
  runId: string,
  includeToolCalls = true,
): Promise<RunEvent[]> {
  const stream = await engine.streamEvents(
    workspaceId,
    { runId, after: 0, includeToolCalls },
    AbortSignal.timeout(120_000),
  );
  const events: RunEvent[] = [];
  for await (const { data } of stream ?? []) events.push(JSON.parse(data) as RunEvent);
  return events;
}

/** Creates a run and follows it to its end. */
export async function finish(engine: Engine, input: ReturnType<typeof aRun>, workspaceId: string = newId()) {
  const created: CreatedRun = await engine.create(workspaceId, input);
  const events = await follow(engine, workspaceId, created.runId);
  const run: Run = (
    await engine.getRun(workspaceId, {
      runId: created.runId,
      includeEvents: false,
      includeToolCalls: false,
    })
  ).value();
  return { created, events, run, workspaceId };
}

/** Creates a run, unless one is given, and waits until it waits for a human. */
export async function untilWaiting(
  engine: Engine,
  input: ReturnType<typeof aRun>,
  workspaceId: string = newId(),
  runId?: string,
): Promise<Run & { workspaceId: string }> {
  const id = runId ?? (await engine.create(workspaceId, input)).runId;
  const stream = await engine.streamEvents(
    workspaceId,
    { runId: id, after: 0, includeToolCalls: false },
    AbortSignal.timeout(120_000),
  );
  for await (const { data } of stream ?? []) {
    const event = JSON.parse(data) as RunEvent;
    if (event.type !== 'end' && !isWaiting(event.runStatus)) continue;
    const run = (await engine.getRun(workspaceId, { runId: id, includeEvents: true, includeToolCalls: true })).value();
    if (event.type === 'end' || isWaiting(run.status)) return { ...run, workspaceId };
  }
  throw new Error('The run never waited.');
}
