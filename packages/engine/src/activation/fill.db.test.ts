import type { FillRequest, ToolSource } from '@errand/contracts';
import { readLedger } from '@errand/db';
import type { Planner } from '@errand/ports/planner';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;
let requests: FillRequest[];
let deaths: number;

/** Writes a greeting for each item. The one for Bob cannot be told. */
const planner: Planner<ToolSource> = {
  plan: async () => {
    throw new Error('Nobody plans here.');
  },
  fill: async (request) => {
    requests.push(request);
    const values = request.values.map(({ item }) =>
      item?.text.includes('Bob') ? { none: 'Bob is away.' } : { value: `Hello ${item?.text}` },
    );
    return { values, usage: { inputTokens: 100, outputTokens: 10 } };
  },
};

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  // The activation ends after an answer came and before it is recorded, as in a crash.
  const at = (point: string) => {
    if (point !== 'call.after' || deaths === 0) return;
    deaths--;
    throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
  };
  const workers = { watchMs: 50, tickMs: 50 };
  engine = await engines.engine(service.toolbox, { planner, faults: { at }, workers });
  pool = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
beforeEach(() => {
  [requests, deaths] = [[], 0];
  service.seen.length = 0;
});

const greet = (names: string[]) =>
  aPlan([
    [
      'greet',
      'look',
      { to: { $: 'item' }, text: { $fill: 'a greeting' }, title: { $fill: 'a title' } },
      { forEach: { $: JSON.stringify(names) } },
    ],
  ]);

test.each([0, 1])('the values of all items are asked for once, and counted once, after %i crashes', async (crashes) => {
  deaths = crashes;
  const { run, workspaceId } = await finish(engine, aRun({ plan: greet(['Ada', 'Eve', 'Kim']) }));
  expect(run).toMatchObject({ status: 'SUCCESS', usage: { inputTokens: 100, outputTokens: 10 } });
  expect([requests.length, deaths]).toEqual([1, 0]);
  expect(requests[0]!.values[5]).toEqual({ prompt: 'a title', item: { index: 2, text: '"Kim"' } });
  const sent = service.seen.map(({ args }) => args as { to: string; text: string });
  expect(new Set(sent.map(({ to }) => to))).toEqual(new Set(['Ada', 'Eve', 'Kim']));
  for (const { to, text } of sent) expect(text).toBe(`Hello "${to}"`);
  const rows = await readLedger({ pool, workspaceId }, run.runId);
  expect(rows.filter(({ kind }) => kind === 'model').map(({ key }) => key)).toEqual(
    [0, 1, 2].flatMap((n) => [`fill:greet.${n}:/text`, `fill:greet.${n}:/title`]),
  );
});

test('an item whose value cannot be told is not called, and the others are', async () => {
  const { run } = await finish(engine, aRun({ plan: greet(['Ada', 'Bob']) }));
  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'model_failed' } });
  expect(run.error?.message).toBe('The model cannot tell the value: Bob is away.');
  expect(service.seen.map(({ args }) => (args as { to: string }).to)).toEqual(['Ada']);
});
