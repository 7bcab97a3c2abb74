// The answer to a commit is lost: it happened, and its sender does not know. A repeated request finds the result.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { request } from '../fixtures/request.ts';
import { json } from '../fixtures/stub.ts';
import { chain, expectAlive, expectEnds, expectNothingHeld } from './checks.ts';
import { aSite, type Site } from './site.ts';

const look = { answer: (response: Parameters<typeof json>[0]) => json(response, { fine: true }) };
const order = { ...look, method: 'POST' } as const;

const inputOf = (site: Site, operations: readonly string[]) =>
  aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, operations) });
const runsOf = async (site: Site): Promise<string[]> =>
  (await site.admin.query<{ run_id: string }>('SELECT run_id FROM run')).rows.map((row) => row.run_id);

// The statements as a connection sends them: by name once they are prepared, else by a piece of their text.
test.each(['INSERT INTO idempotency', 'run_create', "state = 'DONE'"])(
  'a run is created once when the answer to %s is lost and the caller repeats the request with its key',
  async (statement) => {
    const site = await aSite({ operations: { look }, http: 1, workers: 1 });
    const [server] = site.http as [Site['http'][0]];
    const create = () =>
      request(server, '/v1/runs', { body: inputOf(site, ['look']), headers: { 'idempotency-key': 'once' } });
    const lost = server.way.loseAnswer(statement);
    const first = await create();
    await lost;
    expect(first).toMatchObject({ status: 503, problem: { code: 'unavailable' } });
    expect(first.headers.get('retry-after')).toBe('1');

    let second = await create();
    for (let i = 0; second.status === 409 && i < 10; i++) {
      await sleep(200);
      second = await create();
    }
    const third = await create();
    expect([second.status, third.status]).toEqual([201, 201]);
    const { runId } = JSON.parse(second.text) as { runId: string };
    expect(JSON.parse(third.text)).toMatchObject({ runId });
    expect(third.headers.get('idempotent-replayed')).toBe('true');
    expect(await runsOf(site)).toEqual([runId]);
    await expectEnds(site, [runId], 10_000);
  },
);

test('without a key the created run is carried out anyway', async () => {
  const site = await aSite({ operations: { look }, http: 1, workers: 1 });
  const [server] = site.http as [Site['http'][0]];
  const lost = server.way.loseAnswer('run_create');
  expect(await request(server, '/v1/runs', { body: inputOf(site, ['look']) })).toMatchObject({ status: 503 });
  await lost;
  const runs = await runsOf(site);
  expect(runs).toHaveLength(1);
  await expectEnds(site, runs, 10_000);
});

test.each([
  ['a claim', 'runs_claim', 'RUNNING'],
  ['a step', 'run_transition_u_v_d', ''],
  ['the end', 'run_transition_u_e', ''],
  ['a heartbeat', 'pool_heartbeat', ''],
])('a run ends when the answer to %s is lost', async (_, statement, within) => {
  const { site, runId } = await troubled(['look', 'look', 'look'], statement, within);
  await expectEnds(site, [runId], 20_000);
  await expectNothingHeld(site, 20_000);
  for (const worker of site.workers) expectAlive(worker);
});

test.each(['run_transitions', 'run_transitions_ends'])(
  'runs whose transitions were one batch all end when the answer to %s is lost',
  async (statement) => {
    const site = await aSite({ operations: { look }, http: 1, workers: 1 });
    const [worker] = site.workers as [Site['workers'][0]];
    const some = () =>
      Promise.all(Array.from({ length: 40 }, () => site.api.runs.create(inputOf(site, ['look', 'look', 'look']))));
    const ids = (runs: Awaited<ReturnType<typeof some>>) => runs.map(({ runId }) => runId);
    await expectEnds(site, ids(await some()), 20_000);
    const lost = worker.way.loseAnswer(statement);
    const troubled = ids(await some());
    await lost;
    await expectEnds(site, troubled, 30_000);
    await expectNothingHeld(site, 20_000);
    expectAlive(worker);
  },
);

test('a write is not sent twice when the answer to any of its transitions is lost', async () => {
  const { site, runId } = await troubled(['order'], 'run_transition', '');
  const heldSlots = async () =>
    (await site.admin.query(`SELECT count(*)::int AS n FROM run WHERE run_id = $1 AND lease IS NULL`, [runId])).rows;
  await expect.poll(heldSlots, { timeout: 60_000 }).toEqual([{ n: 1 }]);
  await expectNothingHeld(site, 20_000);
  const keys = site.stub.hits.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(keys.length);
});

/** A run during which the answer to a statement is lost. */
async function troubled(operations: readonly string[], statement: string, within: string) {
  const site = await aSite({ operations: { look, order }, http: 1, workers: 1 });
  const [worker] = site.workers as [Site['workers'][0]];
  // So that statements are prepared, and sent by name.
  const input = inputOf(site, operations);
  await expectEnds(site, [(await site.api.runs.create(input)).runId], 20_000);
  const lost = worker.way.loseAnswer(statement, within);
  const { runId } = await site.api.runs.create(input);
  await lost;
  return { site, runId };
}
