// The WAL bytes of a run in one session: constant data is written once.
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { aCall, aNewRun, aStart, aStep } from '../testing/a-new-run.ts';
import { aClaim } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { createRun } from './create.ts';
import { claimRuns } from './queue/claim.ts';
import { applyTransition, batchPoolOptions } from './transitions/transitions.ts';

const RUNS = 200;

let database: TestDatabase;
let session: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  session = new pg.Pool({ connectionString: database.url, max: 1, options: options.join(' ') });
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

async function walBytesOf(work: () => Promise<unknown>): Promise<number> {
  const written = async () => {
    await session.query('SELECT pg_stat_force_next_flush()');
    const text = 'SELECT wal_bytes::int AS n FROM pg_stat_get_backend_wal(pg_backend_pid())';
    return (await session.query<{ n: number }>(text)).rows[0]!.n;
  };
  const before = await written();
  await work();
  return ((await written()) - before) / RUNS;
}

/** Bytes that each of some statements logs for one run. */
async function bytesOfRuns() {
  const scope = { pool: session, workspaceId: newId() };
  const run = () =>
    aNewRun({
      repeatKey: null,
      intent: 'Sum up the sales of all regions, and say which of them sold most. '.repeat(10),
      selected: ['crm_00000000', 'erp_00000000'],
      requestedBy: `api_key:${newId()}`,
    });
  const create = await walBytesOf(async () => {
    for (let n = 0; n < RUNS; n++) await createRun(scope, run());
  });
  const claims: { runId: string; epoch: number }[] = [];
  const claim = await walBytesOf(async () => {
    while (claims.length < RUNS) {
      const { claimed } = await claimRuns(session, aClaim(), aStart);
      for (const { run } of claimed) claims.push({ runId: run.runId, epoch: run.epoch });
    }
  });
  const stepsOf = (n: number) =>
    walBytesOf(async () => {
      for (const claim of claims)
        await applyTransition(scope, claim, {
          to: 'RUNNING',
          events: [aStep(n)],
          usage: { steps: 1 },
          ledger: [aCall({ key: `s${n}` })],
        });
    });
  const step = await stepsOf(1);
  const sameTool = await stepsOf(2);
  const end = await walBytesOf(async () => {
    const last = { to: 'SUCCESS', events: [aStep(3)], end: { result: 1, error: null } } as const;
    for (const claim of claims) await applyTransition(scope, claim, last);
  });
  return { create, claim, step, sameTool, end };
}

// Claims of so many at once find no room on the pages of their runs, and log whole rows.
const BOUNDS = { create: 3100, claim: 1500, step: 1000, sameTool: 940, end: 1300 };

test('a claim, a step and an end of a run log what they change, not what the run was created with', async () => {
  const least = { ...BOUNDS };
  // While a long transaction of another database goes on, old versions of rows cannot be removed: updates find no room on their page.
  for (let tries = 0; tries < 30; tries++) {
    const bytes = await bytesOfRuns();
    for (const phase of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[])
      least[phase] = Math.min(least[phase], bytes[phase]);
    if (Object.entries(BOUNDS).every(([phase, bound]) => least[phase as keyof typeof BOUNDS] < bound)) break;
  }
  for (const [phase, bound] of Object.entries(BOUNDS))
    expect(least[phase as keyof typeof BOUNDS], phase).toBeLessThan(bound);
});
