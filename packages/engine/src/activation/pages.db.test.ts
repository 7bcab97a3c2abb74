import { readLedger } from '@errand/db';
import type { Toolbox } from '@errand/ports/toolbox';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;
let deadAfter: number;

/** Links to the next page as a header does, and says nothing of it in the body. */
const linked = (toolbox: Toolbox): Toolbox => ({
  ...toolbox,
  call: async (request) => {
    const outcome = await toolbox.call(request);
    const { at = 0 } = request.args as { at?: number };
    return outcome.ok && at < 4 ? { ...outcome, link: { at: String(at + 1) } } : outcome;
  },
});

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  // The activation ends after the answer of a page came and before it is recorded, as in a crash.
  const at = (point: string) => {
    if (point !== 'call.after' || service.seen.length !== deadAfter) return;
    deadAfter = 0;
    throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
  };
  const workers = { watchMs: 50, tickMs: 50 };
  engine = await engines.engine(linked(service.toolbox), { faults: { at }, workers });
  pool = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
beforeEach(() => {
  deadAfter = 0;
  service.seen.length = 0;
  service.behaviours.find = ({ args }) => {
    const { at = 0 } = args as { at?: number };
    return { rows: [at * 2, at * 2 + 1], next: at < 4 ? at + 1 : null };
  };
});

const pages = { items: { $: 'page.rows' }, next: { $: 'page.next' }, into: 'at' };
const list = (of: object = pages) =>
  aPlan([['list', 'find', {}, { pages: of }]], { sum: { $: '$sum(steps.list.output)' } });
const requestedPages = () => service.seen.map(({ args }) => (args as { at?: number }).at ?? 0);

test.each([
  ['what the page says', pages],
  ['a link in a header', { ...pages, next: { $: 'link.at ? $number(link.at)' } }],
])('after a crash the run goes on with the page after the last one that is done, led by %s', async (_, of) => {
  deadAfter = 3;
  const { run, events, workspaceId } = await finish(engine, aRun({ plan: list(of) }));
  expect(run).toMatchObject({ status: 'SUCCESS', result: { sum: 45 }, usage: { steps: 1 } });
  // Nothing but the page whose answer was lost is read twice.
  expect(requestedPages()).toEqual([0, 1, 2, 2, 3, 4]);
  const rows = await readLedger({ pool, workspaceId }, run.runId);
  expect(rows.map(({ key, state }) => `${key} ${state}`)).toEqual(
    ['list', 'list.p2', 'list.p3', 'list.p4', 'list.p5'].map((key) => `${key} DONE`),
  );
  const step = events.find((event) => event.type === 'step');
  expect(step).toMatchObject({ step: { text: 'Service answered with 10 items on 5 pages.' } });
});

test('the event of a step whose pages were not all read says so', async () => {
  const { events } = await finish(engine, aRun({ plan: list({ ...pages, max: 2 }) }));
  expect(events.find((event) => event.type === 'step')).toMatchObject({
    step: { text: 'Service answered with the first 4 items; there may be more.' },
  });
  expect(requestedPages()).toEqual([0, 1]);
});

test('pages are calls of the budget', async () => {
  const { run } = await finish(engine, aRun({ plan: list(), budget: { maxToolCalls: 3 } }));
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'budget_exhausted' }, usage: { toolCalls: 3 } });
});

test('and count in its bytes', async () => {
  service.behaviours.find = ({ args }) => ({ rows: ['x'.repeat(1000)], next: ((args as { at?: number }).at ?? 0) + 1 });
  const { run } = await finish(engine, aRun({ plan: list(), budget: { maxOutputBytes: 3500 } }));
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'budget_exhausted' } });
  expect(requestedPages()).toEqual([0, 1, 2, 3]);
});

test('the approval of the first page covers all pages, with the approved arguments', async () => {
  const run = await untilWaiting(engine, aRun({ plan: list(), approvalStrategy: 'ON_TOOL_CALL' }));
  const approvalId = run.waitingOn[0]!.approvalId!;
  await engine.decideApproval(run.workspaceId, { approvalId, decision: 'approve', args: { q: 'mine' } }, by);
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS', result: { sum: 45 } });
  expect(service.seen.map(({ args }) => (args as { q?: string }).q)).toEqual(Array(5).fill('mine'));
});
