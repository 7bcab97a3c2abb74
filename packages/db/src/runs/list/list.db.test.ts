// Lists of 500 runs, by each filter and sort and by many together, against the same filters in plain JavaScript.
import { RunStatus } from '@errand/contracts';
import type pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../../statements/scope.ts';
import { aDecisionRequest } from '../../testing/a-decision-request.ts';
import { aNewRun } from '../../testing/a-new-run.ts';
import { openTestPool } from '../../testing/database.ts';
import { createRun } from '../create.ts';
import { requestInsert } from '../decision-requests.ts';
import type { RunFilter } from './filter.ts';
import { countByTime } from './histogram.ts';
import { countRuns, listRuns, type RunSort } from './list.ts';

const RUNS = 500;
const WORDS = ['deals', 'Northwind', 'the', 'über', '客户', 'О', "o'neil", 'naïve', 'x-ray', 'not'];
const CODES = ['tool_failed', 'budget_exhausted', 'plan_failed'] as const;
const ACTIONS = ['deals', 'bills'];
const REQUESTERS = ['api_key:a', 'person:a', 'subject:https://issuer.example a b'];
const EARLIER = [newId(), newId()];
const TOOLS = ['crm_1.list', 'crm_1.find', 'erp_1.list'];
/** Filters by the equality of a field. */
const ORIGINS = ['userId', 'repeatKey', 'actionKey', 'rerunOf', 'requestedBy', 'tool'] as const;
const OPEN = ['QUEUED', 'RUNNING', 'PAUSED', 'AUTH_REQUIRED'];

let pool: pg.Pool;
let scope: RunScope;
let runs: Plain[];

type Plain = {
  runId: string;
  userId: string;
  status: RunStatus;
  intent: string;
  metadata: Record<string, string>;
  repeatKey: string | null;
  selected: string[];
  errorCode: string | null;
  waits: boolean;
  actionKey: string | null;
  requestedBy: string | null;
  rerunOf: string | null;
  tool: string | null;
  effect: 'void' | 'resolved' | null;
  createdAt: number;
  endedAt: number | null;
};

// Numbers that are the same in each run of the test (mulberry32).
let seed = 7;
const random = () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
const some = <T>(all: readonly T[], share: number): T[] => all.filter(() => random() < share);

/** The nth run, with random values. */
function aPlainRun(n: number, begin: number): Plain {
  const status = oneOf(RunStatus.options);
  const isOpen = OPEN.includes(status);
  return {
    runId: newId(),
    userId: `user-${n % 7}`,
    status,
    intent: some(WORDS, 0.4).join(oneOf([' ', ', ', ' - '])) || 'nothing',
    metadata: random() < 0.3 ? { team: oneOf(['a', 'b']), n: String(n % 3) } : {},
    repeatKey: random() < 0.2 ? oneOf(['weekly', 'daily']) : null,
    selected: random() < 0.5 ? ['*'] : [oneOf(['crm_1', 'erp_1'])],
    errorCode: !isOpen && status !== 'SUCCESS' && random() < 0.7 ? oneOf(CODES) : null,
    waits: isOpen && status !== 'QUEUED' && random() < 0.6,
    actionKey: random() < 0.3 ? oneOf(ACTIONS) : null,
    requestedBy: random() < 0.8 ? oneOf(REQUESTERS) : null,
    rerunOf: random() < 0.2 ? oneOf(EARLIER) : null,
    tool: random() < 0.5 ? oneOf(TOOLS) : null,
    // Open runs with an open effect wait, which `waits` determines.
    effect: random() < 0.3 ? oneOf(isOpen ? ['resolved'] : ['void', 'resolved']) : null,
    createdAt: begin - 5000 + n * 10,
    endedAt: isOpen ? null : begin - 5000 + n * 10 + Math.floor(random() * 40) * 1000,
  };
}

/** Stores a run with its status and times, and with a request if it waits. */
async function store(run: Plain, begin: number) {
  const { runId, status, createdAt, endedAt, errorCode } = run;
  const { actionKey, rerunOf, ...fields } = run;
  await createRun(scope, aNewRun({ ...fields, ...(actionKey && { actionKey }), ...(rerunOf && { rerunOf }) }));
  await pool.query(
    `UPDATE run SET status = $2, created_at = $3, ended_at = $4, error = $5, due = $6, not_before = $7, lease = $8 WHERE run_id = $1`,
    [
      runId,
      status,
      new Date(createdAt),
      endedAt === null ? null : new Date(endedAt),
      errorCode === null ? null : JSON.stringify({ code: errorCode, message: 'm', retryable: false }),
      status === 'QUEUED' ? 1 : 0,
      status === 'PAUSED' || status === 'AUTH_REQUIRED' ? new Date(begin + 1e8) : null,
      status === 'RUNNING' ? 'pool-a' : null,
    ],
  );
  if (run.tool !== null) {
    const text = `INSERT INTO ledger (workspace_id, run_id, key, kind, tool, state) SELECT $1, $2, 's' || n, 'tool', $3, 'DONE' FROM generate_series(1, 3) AS n`;
    await pool.query(text, [scope.workspaceId, runId, run.tool]);
  }
  if (run.effect !== null) await storeEffect(run, run.effect);
  if (!run.waits) return;
  const requests = JSON.stringify([aDecisionRequest({ userId: run.userId })]);
  const text = requestInsert('(SELECT $1::uuid AS workspace_id, $2::uuid AS run_id)', '$3');
  await pool.query(text, [scope.workspaceId, runId, requests]);
}

/** Stores a request about an effect: decided, or void with the end of its run. */
async function storeEffect({ runId, userId }: Plain, effect: NonNullable<Plain['effect']>) {
  const text = `INSERT INTO decision_request (workspace_id, decision_request_id, run_id, user_id, kind, key, text, decided_at, decision)
    VALUES ($1, $2, $3, $4, 'effect', 'a', 't', now(), $5)`;
  await pool.query(text, [scope.workspaceId, newId(), runId, userId, effect === 'void' ? 'void' : 'skip']);
}

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 4 });
  ({ pool } = opened);
  scope = { pool, workspaceId: newId() };
  const begin = Date.now();
  runs = [];
  for (let n = 0; n < RUNS; n++) {
    const run = aPlainRun(n, begin);
    runs.push(run);
    await store(run, begin);
  }
  // Runs of another workspace, which no list may show.
  for (let n = 0; n < 20; n++) await createRun({ pool, workspaceId: newId() }, aNewRun({ intent: WORDS.join(' ') }));
  await pool.query('ANALYZE run, run_text, decision_request');
  return opened.close;
}, 60_000);

const wordsIn = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[぀-ヿ㐀-䶿一-鿿]/g, ' $& ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

function fits(run: Plain, f: RunFilter): boolean {
  const words = wordsIn(run.intent);
  return (
    (f.runIds === undefined || f.runIds.includes(run.runId)) &&
    (f.status === undefined || f.status.includes(run.status)) &&
    (f.customerIntegrationIds === undefined || f.customerIntegrationIds.some((id) => run.selected.includes(id))) &&
    Object.entries(f.metadata ?? {}).every(([key, value]) => run.metadata[key] === value) &&
    (f.createdAfter === undefined || run.createdAt >= Date.parse(f.createdAfter)) &&
    (f.createdBefore === undefined || run.createdAt < Date.parse(f.createdBefore)) &&
    (f.q === undefined || wordsIn(f.q).every((word) => words.includes(word))) &&
    (f.errorCode === undefined || run.errorCode === f.errorCode) &&
    (f.waiting === undefined || run.waits === f.waiting) &&
    ORIGINS.every((key) => f[key] === undefined || run[key] === f[key]) &&
    (f.hasUncertain === undefined || (run.effect === 'void') === f.hasUncertain)
  );
}

const byId = (a: Plain, b: Plain) => (a.runId < b.runId ? -1 : 1);
const durationOf = (run: Plain) => run.endedAt! - run.createdAt;
const sorts: Record<RunSort, (all: Plain[]) => Plain[]> = {
  '-createdAt': (all) => all.sort((a, b) => byId(b, a)),
  createdAt: (all) => all.sort(byId),
  '-duration': (all) =>
    all.filter((run) => run.endedAt !== null).sort((a, b) => durationOf(b) - durationOf(a) || byId(b, a)),
};
const expected = ({ sort = '-createdAt', ...filter }: Query) =>
  sorts[sort](runs.filter((run) => fits(run, filter))).map((run) => run.runId);

type Query = RunFilter & { sort?: RunSort };
const rendering = { maxBytes: 2 ** 22, requests: 1 };

/** All pages of a list. */
async function walk(query: Query, pageSize: number): Promise<string[]> {
  const ids: string[] = [];
  for (let after: { runId: string; durationMs: number } | undefined; ; ) {
    const rows = await listRuns(scope, query, { ...(after && { after }), pageSize }, rendering);
    const page = rows.slice(0, pageSize);
    ids.push(...page.map((run) => run.runId));
    const last = page.at(-1);
    if (!last || rows.length <= pageSize) return ids;
    after = { runId: last.runId, durationMs: Number(last.endedAt) - Number(last.createdAt) };
  }
}

const at = (share: number) => new Date(runs[Math.floor(share * (RUNS - 1))]!.createdAt).toISOString();
const origins = (): RunFilter => ({
  ...(random() < 0.1 && { actionKey: oneOf([...ACTIONS, 'none']) }),
  ...(random() < 0.1 && { rerunOf: oneOf([...EARLIER, newId()]) }),
  ...(random() < 0.2 && { requestedBy: oneOf([...REQUESTERS, 'person:none']) }),
  ...(random() < 0.2 && { tool: oneOf([...TOOLS, 'crm_1.none']) }),
});
const filters = (): RunFilter => ({
  ...(random() < 0.2 && { runIds: [newId(), ...some(runs, 0.3).map(({ runId }) => runId)] }),
  ...(random() < 0.3 && { userId: `user-${Math.floor(random() * 8)}` }),
  ...(random() < 0.4 && { status: some(RunStatus.options, 0.4).concat(oneOf(RunStatus.options)) }),
  ...(random() < 0.2 && { customerIntegrationIds: some(['crm_1', 'erp_1', 'none_1'], 0.5).concat('crm_1') }),
  ...(random() < 0.1 && { repeatKey: oneOf(['weekly', 'daily', 'never']) }),
  ...(random() < 0.2 && { metadata: { team: oneOf(['a', 'b', 'c']) } }),
  ...(random() < 0.2 && { createdAfter: at(random()) }),
  ...(random() < 0.2 && { createdBefore: at(random()) }),
  ...(random() < 0.3 && { q: some(WORDS, 0.15).concat(oneOf(WORDS)).join(' ').toUpperCase() }),
  ...(random() < 0.2 && { errorCode: oneOf(CODES) }),
  ...(random() < 0.2 && { waiting: random() < 0.5 }),
  ...origins(),
  ...(random() < 0.2 && { hasUncertain: random() < 0.5 }),
});

test('every combination of filters and sorts equals a plain implementation, on every page and in total', async () => {
  let nonempty = 0;
  for (let n = 0; n < 150; n++) {
    const query: Query = {
      ...filters(),
      ...(n % 3 > 0 && { sort: (['createdAt', '-duration'] as const)[(n % 3) - 1] }),
    };
    const expectedIds = expected(query);
    expect([query, await walk(query, oneOf([3, 20, 100]))]).toEqual([query, expectedIds]);
    expect([query, await countRuns(scope, query)]).toEqual([query, expectedIds.length]);
    if (expectedIds.length > 0) nonempty++;
  }
  expect(nonempty).toBeGreaterThan(50);
}, 60_000);

test('a histogram has the number of runs of each bucket and status', async () => {
  const [from, to] = [new Date(runs[20]!.createdAt), new Date(runs[RUNS - 20]!.createdAt)];
  let counted = 0;
  for (let n = 0; n < 30; n++) {
    const { createdAfter: _, createdBefore: __, ...filter } = n === 0 ? {} : filters();
    const bucketMs = oneOf([7, 250, 10_000]);
    const bucketOf = (run: Plain) => Math.floor((run.createdAt - from.getTime()) / bucketMs);
    const inWindow = runs.filter((run) => run.createdAt >= +from && run.createdAt < +to && fits(run, filter));
    const sizes = new Map<string, number>();
    for (const run of inWindow) {
      const key = `${bucketOf(run)} ${run.status}`;
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    const rows = (await countByTime(scope, filter, { from, to, bucketMs }))!;
    const actual = new Map(rows.map(({ bucket, status, runs }) => [`${bucket} ${status}`, runs]));
    expect([filter, actual]).toEqual([filter, sizes]);
    counted += inWindow.length;
  }
  expect(counted).toBeGreaterThan(RUNS);
});

test('each single filter equals a plain implementation', async () => {
  const alone: RunFilter[] = [
    ...RunStatus.options.map((status) => ({ status: [status] })),
    ...WORDS.map((q) => ({ q })),
    ...CODES.map((errorCode) => ({ errorCode })),
    { waiting: true },
    { waiting: false },
    ...ACTIONS.map((actionKey) => ({ actionKey })),
    ...EARLIER.map((rerunOf) => ({ rerunOf })),
    ...REQUESTERS.map((requestedBy) => ({ requestedBy })),
    ...TOOLS.map((tool) => ({ tool })),
    { hasUncertain: true },
    { hasUncertain: false },
    { createdAfter: at(0.3), createdBefore: at(0.6) },
    { runIds: [runs[7]!.runId, newId(), runs[3]!.runId, runs[7]!.runId] },
    { createdAfter: at(0.3), createdBefore: at(0.3) },
  ];
  for (const filter of alone) expect([filter, await walk(filter, 100)]).toEqual([filter, expected(filter)]);
});

const countOf = async (q: string) => (await walk({ q }, 100)).length;

test.each([
  ['operators', 'deals & !Northwind | (the:* <-> not)', 'deals Northwind the not'],
  ['quotes', `"deals" 'the' \\'`, 'deals the'],
  ['SQL', `deals'); DROP TABLE run; --`, undefined],
  ['half a word', 'deal', undefined],
  ['a part of a text without spaces', '户', '客户'],
  ['the mark of a workspace', '~000000000000', undefined],
])('%s in q are text', async (_, q, same) => {
  expect(await countOf(q)).toBe(same === undefined ? 0 : expected({ q: same }).length);
  if (same !== undefined) expect(await countOf(q)).toBeGreaterThan(0);
});

test('a q without a word for Postgres matches nothing', async () => {
  for (const q of ['&', '()', '!!!', '٠', '՝a'.slice(0, 1)]) expect([q, await countOf(q)]).toEqual([q, 0]);
});

test('words after the first 2,000 characters of an intent, and words that are too long for Postgres, are ignored', async () => {
  const far = `${'a '.repeat(1000)}faraway`;
  const { runId } = await createRun(scope, aNewRun({ intent: `${'ж'.repeat(1500)} near ${'x'.repeat(9000)}` }));
  const second = await createRun(scope, aNewRun({ intent: far }));
  expect([await walk({ q: 'near' }, 10), await countOf('faraway')]).toEqual([[runId], 0]);
  await pool.query('DELETE FROM run WHERE run_id = ANY($1)', [[runId, second.runId]]);
});
