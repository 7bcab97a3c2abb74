// The rows that each statement of the hot path reads with 20,000 stored runs. Rows do not depend on the speed of the machine.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { listAudit } from '../audit/read.ts';
import { findUnannounced, markAnnounced, readUnannounced } from '../credentials/unannounced-credentials.ts';
import { readEntries } from '../decisions/entries.ts';
import { readEntryPage } from '../decisions/entry-pages.ts';
import { decidersReader } from '../people/deciders.ts';
import { peopleBehindReader } from '../people/people-behind.ts';
import { requesterReader } from '../people/requesters.ts';
import { newId, type RunScope } from '../statements/scope.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { aClaim } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { listFilters } from '../testing/list-filters.ts';
import { seedDueRuns } from '../testing/seed-due-runs.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { users } from '../users/users.ts';
import { deliveries } from '../webhooks/deliveries.ts';
import { readCallTexts, readRenderedCall } from './calls.ts';
import { createRun, findOfOtherContexts, findRepeatable } from './create.ts';
import {
  decideRequest,
  hasOpenDecisionRequest,
  postponeToNextExpiry,
  readDecisionRequests,
  readExpiringRuns,
  readOpenConsentRequests,
} from './decision-requests.ts';
import {
  readEvents,
  readEventsBackwards,
  readHeadAndEvents,
  readHeads,
  readNewestEvents,
  readReportedSteps,
} from './events.ts';
import { removeExpiredRequests } from './idempotency.ts';
import { readInFlight, readLedger, readLedgerEntry, readOutputs } from './ledger.ts';
import { countByTime } from './list/histogram.ts';
import { listRuns } from './list/list.ts';
import { type ClaimOptions, claimRuns, readClaim } from './queue/claim.ts';
import type { ClaimedRun, ClaimingWorker } from './queue/claimed-run.ts';
import { clearDue, countOpenRuns, makeRetriesDue, releaseRun } from './queue/queue.ts';
import { checkLeases, deadPools, freeLeases, reclaimOrphans, undoDeaths } from './queue/workers.ts';
import { readHead, readPlan, readPlanVersions } from './read.ts';
import { readRunForResponse } from './run-for-response.ts';
import type { Transition } from './transitions/transition.ts';
import { applyTransition, batchPoolOptions, Transitions } from './transitions/transitions.ts';

const RUNS = 20_000;
/** Rows that one scan may read. A statement that reads a big table through reads ten times as many. */
const MAX_ROWS = 2100;

/** The seeded runs may be of two days. */
const MAX_PARTITIONS = 2;
/** Days with partitions, and the default partition. */
const PARTITIONS = 41 + 1;

let database: TestDatabase;
let pool: pg.Pool;
let scope: RunScope;
const webhookId = newId();
let requestIds: string[];
let some: { run_id: string; execution_plan_id: string }[];

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 3 });
  scope = { pool, workspaceId: newId() };
  await pool.query(`SELECT errand_partitions.ensure(parent, now() + day * interval '1 day', 'day')
    FROM generate_series(-30, 10) AS day, unnest('{run_event,ledger}'::text[]) AS parent`);
  await seedRuns(pool, newId(), 1000, { whole: true });
  await seedRuns(pool, scope.workspaceId, RUNS, { whole: true });
  await pool.query(`SET session_replication_role = replica;
    INSERT INTO integration_user (workspace_id, customer_integration_id, user_id, updated_at)
      SELECT '${scope.workspaceId}', 'crm_00000001', 'user-' || n, now() FROM generate_series(1, ${RUNS}) AS n;
    INSERT INTO api_key (workspace_id, api_key_id, principal_id, name, hmac, prefix, last4, scopes)
      SELECT '${scope.workspaceId}', uuidv7(), uuidv7(), 'key ' || n, int4send(n), '', '', '{}' FROM generate_series(1, 5000) AS n;
    INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details, at)
      SELECT '${scope.workspaceId}', uuidv7(age), 'api_key', 'key-1', 'key 1', 'run.created', 'target', json_build_object('runId', 'run ' || n), now() + age
      FROM (SELECT n, (n - ${RUNS}) * interval '1 minute' AS age FROM generate_series(1, ${RUNS}) AS n) AS entry;
    INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, state, next_attempt_at)
      SELECT '${scope.workspaceId}', uuidv7(), '${webhookId}', 'run.end', state, CASE state WHEN 'pending' THEN now() END
      FROM (SELECT CASE n WHEN 7 THEN 'failed' WHEN 8 THEN 'pending' ELSE 'delivered' END AS state FROM generate_series(1, ${RUNS}) AS n) AS delivery;
    RESET session_replication_role`);
  requestIds = await seedRequests();
  await pool.query('VACUUM ANALYZE');
  const text = 'SELECT run_id, execution_plan_id FROM run WHERE workspace_id = $1 ORDER BY run_id OFFSET 2000 LIMIT 50';
  some = (await pool.query(text, [scope.workspaceId])).rows;
}, 120_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A request of each run, newest first by id: the oldest 18,000 are decided. */
async function seedRequests(): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO decision_request (workspace_id, run_id, decision_request_id, user_id, kind, key, text, args, words, created_at, expires_at,
       decided_at, decision, decided_by)
     SELECT $1, run_id, run_id, user_id, 'tool_approval', 'pay', 'Pay ' || n || ' to Northwind?', '{"n": 1}', '{"args": []}', created_at,
       created_at + interval '7 days', CASE WHEN n <= 18000 THEN created_at + n % 1000 * interval '1 second' END,
       CASE WHEN n <= 18000 THEN 'approve' END, CASE WHEN n <= 18000 THEN 'Ann' END
     FROM (SELECT run.*, row_number() OVER (ORDER BY run_id) AS n FROM run WHERE workspace_id = $1) AS r
     RETURNING decision_request_id AS id`,
    [scope.workspaceId],
  );
  return rows.map(({ id }) => id).sort();
}

type Statement = { name?: string; text: string; values?: unknown[]; role?: string; batchPool?: boolean };
type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
};

/** The statements that `work` makes; they find nothing, and change nothing. */
async function statementsOf(work: (scope: RunScope) => Promise<unknown>, role = 'errand_app'): Promise<Statement[]> {
  const statements: Statement[] = [];
  const fake = (role: string) => {
    const query = async (config: Statement | string, values?: unknown[]) => {
      statements.push({ ...(typeof config === 'string' ? { text: config, values } : config), role });
      return { rows: [], rowCount: 0 };
    };
    return { query, connect: async () => ({ query, release() {} }) } as unknown as pg.Pool;
  };
  await work({ ...scope, pool: fake(role), bypassingRls: fake('errand_system') }).catch(() => {}); // its handling of empty results is irrelevant here
  return statements.filter(({ text }) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text));
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The texts of a list of JSON in the binary format of Postgres; undefined for other bytes. */
function jsonTextsIn(bytes: Buffer): (string | null)[] | undefined {
  const isList = bytes.length >= 20 && bytes.readInt32BE(0) === 1 && [114, 3802].includes(bytes.readInt32BE(8));
  if (!isList) return undefined;
  const versionBytes = bytes.readInt32BE(8) === 3802 ? 1 : 0;
  const texts: (string | null)[] = [];
  for (let at = 20; at < bytes.length; ) {
    const length = bytes.readInt32BE(at);
    at += 4;
    texts.push(length < 0 ? null : bytes.toString('utf8', at + versionBytes, at + length));
    at += Math.max(0, length);
  }
  return texts;
}

/** A value as SQL has it; its type is that of the parameter. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  const texts = Buffer.isBuffer(value) ? jsonTextsIn(value) : undefined;
  if (texts) return literal(texts);
  if (Buffer.isBuffer(value)) return pg.escapeLiteral(`\\x${value.toString('hex')}`);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((item) => JSON.stringify(item)).join(',')}}`);
  return pg.escapeLiteral(String(value));
}

/** The nodes of a plan that read more than `max` rows. */
const readsOf = (plan: Node, max: number): string[] =>
  nodesOf(plan).flatMap((node) => {
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    const read = (node['Actual Rows'] + removed) * node['Actual Loops'];
    const name = `${node['Node Type']} ${node['Relation Name'] ?? ''} ${node['Index Name'] ?? ''}`;
    return read > max ? [`${name} reads ${read} rows`] : [];
  });

/** The partitions that a plan reads, if there are several of a table: a statement about a run reads the partition of its id. */
const partitionsOf = (plan: Node): string[] => {
  const read = nodesOf(plan).flatMap((node) => (node['Actual Loops'] > 0 ? (node['Relation Name'] ?? []) : []));
  return ['ledger', 'run_event'].flatMap((table) => {
    const names = new Set(read.filter((name) => name.startsWith(`${table}_`)));
    return names.size > MAX_PARTITIONS ? [`reads ${names.size} partitions of ${table}`] : [];
  });
};

/** Problems of the plans of a statement: the custom plan, and the generic plan of a prepared statement. */
async function faults({ name: preparedAs, text, values = [], role, batchPool }: Statement, max = MAX_ROWS) {
  const client = await pool.connect();
  try {
    const problems: string[] = [];
    for (const mode of preparedAs ? ['force_custom_plan', 'force_generic_plan'] : ['force_custom_plan']) {
      await client.query('BEGIN');
      await client.query(`SET LOCAL plan_cache_mode = ${mode}`);
      // As the service asks: row-level security changes plans.
      await client.query(`SET LOCAL ROLE ${role}; SET LOCAL errand.workspace = '${scope.workspaceId}'`);
      for (const [name, value] of batchPool ? Object.entries(batchPoolOptions) : [])
        await client.query(`SET LOCAL ${name} = ${value}`);
      await client.query(`PREPARE asked AS ${text}`);
      const parameters = values.length > 0 ? `(${values.map(literal).join(', ')})` : '';
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE asked${parameters}`);
      await client.query('DEALLOCATE asked; ROLLBACK');
      const plan: Node = rows[0]['QUERY PLAN'][0].Plan;
      problems.push(...[...readsOf(plan, max), ...partitionsOf(plan)].map((fault) => `${mode}: ${fault}`));
    }
    return problems;
  } finally {
    client.release();
  }
}

const ids = () => some.map((row) => row.run_id);
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);
const daysAgo = (days: number) => secondsAgo(86_400 * days).toISOString();
const anId = () => some[25]!.run_id;
const page = { limit: 200, bytes: 2 ** 20 };
const inboxPage = { limit: 21, maxBytes: 10_000 };
const start = { type: 'start', data: '{}', toolCalls: null };

test.each(Object.entries(listFilters()))(
  'a page of the list by %s reads little, the first and one deep inside',
  async (_, filter) => {
    const work = async (through: RunScope) => {
      await listRuns(through, filter, { pageSize: 20 }, { maxBytes: 2 ** 23, requests: 10 });
      await listRuns(
        through,
        filter,
        { after: { runId: some[40]!.run_id, durationMs: 50_000 }, pageSize: 20 },
        { maxBytes: 2 ** 23, requests: 10 },
      );
    };
    const statements = await statementsOf(work);
    // With words, a tool or metadata, the next 5,000 runs are searched first, which is enough for frequent ones.
    const looks = filter.q !== undefined || filter.tool !== undefined || filter.metadata !== undefined;
    expect(statements).toHaveLength(looks ? 4 : 2);
    const isFrequent = filter.q?.includes('northwind') || filter.tool === 'crm_00000001.getItem';
    const expected = isFrequent ? [statements[0]!, statements[2]!] : statements;
    // Only the index of calls by tool is searched in every partition.
    const everywhere =
      filter.tool !== undefined && !isFrequent ? [`force_custom_plan: reads ${PARTITIONS} partitions of ledger`] : [];
    const found = await Promise.all(expected.map((statement) => faults(statement, looks ? 5100 : MAX_ROWS)));
    expect([...new Set(found.flat())]).toEqual(everywhere);
  },
);

const writers = () => ids().map((runId) => ({ workspaceId: scope.workspaceId, runId, epoch: 1 }));
const activations = () => writers().map((run) => ({ run }));
const step = { to: 'RUNNING', events: [start] } as const;
const end = { to: 'SUCCESS', end: { result: 1, error: null } } as const;
const kinds = ['plan_approval'] as const;
const decision = { decision: 'approve', by: null, reason: null, requestExpired: false, kinds } as const;
const claimant: ClaimingWorker = { worker: 'pool-a', slots: 60, startEvent: start };
const aClaimed = { plan: null, run: { executionPlanId: newId() } } as ClaimedRun;
const claim = (s: RunScope, changes: Partial<ClaimOptions>) =>
  claimRuns(s.pool, aClaim({ slots: 60, maxBeyondSlots: 25, ...changes }), start);
const works: Record<string, (through: RunScope) => Promise<unknown>> = {
  head: (s) => readHead(s, anId()),
  heads: (s) => readHeads(s.pool, writers()),
  plan: (s) => readPlan(s, some[3]!.execution_plan_id),
  'a plan with its versions': (s) => readPlanVersions(s, some[3]!.execution_plan_id, 1),
  events: (s) => readEvents(s, anId(), 3, page),
  'events, newest first': (s) => readEventsBackwards(s, anId(), { after: 0, before: 6 }, page),
  'where a run stands, and its events': (s) => readHeadAndEvents(s, anId(), 3, page),
  'newest events': (s) =>
    readNewestEvents(
      s,
      ids()
        .slice(0, 20)
        .map((runId) => ({ runId, bytes: 2 ** 18 })),
      100,
    ),
  'steps that were shown': (s) => readReportedSteps(s, anId()),
  ledger: (s) => readLedger(s, anId()),
  'an entry of the ledger': (s) => readLedgerEntry(s, anId(), 's3'),
  'outputs of calls': (s) => readOutputs(s, anId(), [{ key: 's2', bytes: 100 }]),
  'texts of calls': (s) =>
    readCallTexts(
      s,
      ['s2', 's3'].map((key) => ({ runId: anId(), key })),
      new Map([[anId(), 2 ** 18]]),
    ),
  'a call': (s) => readRenderedCall(s, anId(), 's3'),
  'calls in flight': (s) => readInFlight(s, anId()),
  'a run for an answer': (s) => readRunForResponse(s, anId(), { maxBytes: 2 ** 23, requests: 100 }),
  // Ids may be an hour older than their runs, so the window is near the first of them.
  'a histogram of a short window': (s) =>
    countByTime(s, {}, { from: secondsAgo(RUNS - 1000), to: secondsAgo(RUNS - 1300), bucketMs: 10_000 }),
  'runs by their ids': (s) => listRuns(s, { runIds: ids() }, { pageSize: 100 }, { maxBytes: 2 ** 23, requests: 10 }),
  'people behind principals': (s) =>
    peopleBehindReader(s.pool)(s.workspaceId, [`api_key:${newId()}`, 'claimed:helpdesk:ana']),
  'approvers who may decide': (s) =>
    decidersReader(s.pool)(s.workspaceId, [
      { type: 'person', id: newId() },
      { type: 'claimed', id: 'helpdesk:ana' },
    ]),
  'principals that created runs': (s) => requesterReader(s.pool)(s.workspaceId, [`api_key:${newId()}`]),
  'an earlier success': (s) => findRepeatable(s, 'weekly-100', Buffer.from([0]), 'region=south'),
  'earlier successes of other contexts': (s) =>
    findOfOtherContexts(s, 'weekly-100', Buffer.from([0]), 'region=nowhere'),
  'an earlier success, by its id': (s) => findRepeatable(s, anId(), Buffer.from([0]), 'region=south'),
  claim: (s) => claim(s, {}),
  'claim, the oldest first': (s) => claim(s, { oldest: true, mayTakeSuspect: false }),
  'claim of few, of which many pass the slots': (s) => claim(s, { maxRuns: 16, slots: 4, maxBeyondSlots: 25 }),
  transition: (s) => applyTransition(s, writers()[25]!, { ...step, usage: { steps: 1 } }),
  end: (s) => applyTransition(s, writers()[25]!, { ...step, ...end, voidRequests: true }),
  suspension: (s) => applyTransition(s, writers()[25]!, { ...step, to: 'PAUSED', suspendUntil: new Date() }),
  'transitions of many, some of which end': async (s) => {
    const transitions = new Transitions(s.pool);
    const apply = (change: Transition) => Promise.all(writers().map((run) => transitions.apply(s, run, change)));
    await apply({ ...step, usage: { steps: 1 } });
    await apply({ ...step, ...end });
  },
  'a decision': (s) => decideRequest(s, newId(), { decision, events: [start] }),
  'a decision that claims the run': (s) => decideRequest(s, newId(), { decision, events: [start] }, claimant),
  'a new run that is claimed': (s) => createRun(s, aNewRun(), claimant),
  release: (s) => releaseRun(s, anId(), 1, 250),
  'reading decisions': (s) => clearDue(s, anId(), 1),
  'the start of an activation': (s) => readClaim(s, { ...aClaimed, run: { ...aClaimed.run, runId: anId() } }),
  tick: (s) => makeRetriesDue(s.pool),
  'open runs': (s) => countOpenRuns(s.pool),
  'dead workers': (s) => deadPools(s.pool, 'pool-a', { unlockedMs: 1500, frozenMs: 10_000 }),
  'leases of dead workers': (s) => freeLeases(s.pool, ['pool-b']),
  'the state of held runs': (s) => checkLeases(s.pool, activations()),
  'deaths that are taken back': (s) => undoDeaths(s.pool, activations()),
  'orphaned leases': (s) => reclaimOrphans(s.pool, 'pool-a', [], new Date()),
  'decision requests of a run': (s) => readDecisionRequests(s, anId()),
  'whether a run has an open decision request': (s) => hasOpenDecisionRequest(s, anId()),
  'open decision requests of all': (s) => readEntries(s, {}, { limit: 21, maxBytes: 10_000 }),
  'open decision requests of a user': (s) => readEntries(s, { userId: 'user-7' }, { limit: 21, maxBytes: 10_000 }),
  'users whose id begins with a text': (s) => users(s).search('user-9', '', 21),
  'users whose id begins with a text, a later page': (s) => users(s).search('user-9', 'user-95', 21),
  'decided requests': (s) => readEntryPage(s, { order: 'decided' }, inboxPage),
  'decided requests, a later page': (s) =>
    readEntryPage(s, { order: 'decided' }, { ...inboxPage, cursor: requestIds[9_000]! }),
  'decided requests of a user': (s) => readEntryPage(s, { order: 'decided', userId: 'user-7' }, inboxPage),
  'decided requests with a text': (s) => readEntryPage(s, { order: 'decided', q: 'nothing like it' }, inboxPage),
  'decided requests of a run': (s) => readEntryPage(s, { order: 'decided', runId: anId() }, inboxPage),
  'open requests by expiry': (s) => readEntryPage(s, { order: 'expires' }, inboxPage),
  'open requests by expiry, a later page': (s) =>
    readEntryPage(s, { order: 'expires' }, { ...inboxPage, cursor: requestIds[19_000]! }),
  'audit entries of a run': (s) => listAudit(s, { runId: 'run 7' }, 51),
  'audit entries of people': (s) => listAudit(s, { actorType: 'person' }, 51),
  'audit entries of a day': (s) => listAudit(s, { from: daysAgo(9), to: daysAgo(8) }, 51),
  'failed deliveries': (s) => deliveries(s).list(webhookId, { state: 'failed' }, 51),
  'pending deliveries': (s) => deliveries(s).list(webhookId, { state: 'pending' }, 51),
  'failed deliveries to send again': (s) => deliveries(s).redeliverFailed(webhookId, 50),
  'open requests with a text': (s) => readEntryPage(s, { order: 'created', q: 'nothing like it' }, inboxPage),
  'runs whose requests may have expired': (s) => readExpiringRuns(s.pool, 100),
  'credentials that nobody has announced': (s) => findUnannounced(s.pool, 50),
  'a credential that nobody has announced': (s) => readUnannounced(s, 'crm_00000001', 'user-7'),
  'open consents of all users': (s) => readOpenConsentRequests(s, 'crm_00000001', null),
  'a credential that is announced': (s) =>
    markAnnounced(s.pool, { ...s, customerIntegrationId: 'crm_00000001', userId: 'user-7', since: new Date() }),
  'the next expiry': (s) => postponeToNextExpiry(s, anId()),
  'expired keys': (s) => removeExpiredRequests(s.pool, 1000),
};

/** Statements on the batch pool. */
const claims = ['claim', 'claim, the oldest first', 'claim of few, of which many pass the slots'];
const onBatchPool = new Set([...claims, 'transitions of many, some of which end']);
/** Statements over all workspaces. */
const ofAll = new Set([
  ...onBatchPool,
  ...['heads', 'tick', 'open runs', 'dead workers'],
  ...['leases of dead workers', 'the state of held runs', 'deaths that are taken back', 'orphaned leases'],
  ...['people behind principals', 'approvers who may decide', 'principals that created runs'],
  ...['runs whose requests may have expired', 'credentials that nobody has announced', 'expired keys'],
]);
/** The number of open runs. */
const OPEN = 4000 + 5000 - 3500 + 250 - 100;

describe('with 9,000 runs that are due or wait for their time', () => {
  beforeAll(async () => {
    await seedDueRuns(pool, Array.from({ length: 100 }, newId), 40);
    const due = await seedDueRuns(pool, [newId()], 5000);
    const change = (sets: string, from: number, to: number) =>
      pool.query(`UPDATE run SET epoch = 1, status = 'RUNNING', ${sets} WHERE run_id = ANY($1)`, [due.slice(from, to)]);
    await change(`due = 0, lease = 'pool-a'`, 0, 100);
    await change(`due = 0, lease = 'pool-b'`, 100, 130);
    await change(`due = 2, deaths = 2`, 130, 150);
    await change(`due = 0, not_before = now() - interval '1 second'`, 150, 250);
    await change(`due = 0, not_before = now() + interval '1 day'`, 250, 3500);
    await pool.query('VACUUM ANALYZE');
  }, 120_000);

  test.each(Object.entries(works))('%s: reads few other rows', async (name, work) => {
    const statements = await statementsOf(work, ofAll.has(name) ? 'errand_system' : 'errand_app');
    expect(statements.length).toBeGreaterThan(0);
    const max = name === 'open runs' ? OPEN : MAX_ROWS;
    for (const statement of statements) {
      expect(await faults({ ...statement, batchPool: onBatchPool.has(name) }, max)).toEqual([]);
    }
  });
});

test('a statement that reads a whole table is found', async () => {
  const through = {
    name: 'through',
    text: 'SELECT 1 FROM run WHERE intent = $1',
    values: ['nothing'],
    role: 'errand_app',
  };
  expect(await faults(through)).toHaveLength(2);
});

test('the last page of many open requests by expiry begins in the middle of their index', async () => {
  await pool.query('UPDATE decision_request SET decided_at = NULL, decision = NULL, decided_by = NULL');
  await pool.query('VACUUM ANALYZE decision_request');
  const statements = await statementsOf((s) =>
    readEntryPage(s, { order: 'expires' }, { ...inboxPage, cursor: requestIds.at(-50)! }),
  );
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) expect(await faults(statement, 100)).toEqual([]);
});
