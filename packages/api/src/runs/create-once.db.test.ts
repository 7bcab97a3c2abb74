import { claimRequest } from '@errand/db';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Api, ask, startApi } from '../testing/fixtures/service.ts';

let api: Api;
let key: string;
// What happens to the next creations, instead of the engine.
const befall: ((create: () => Promise<unknown>) => Promise<unknown>)[] = [];
beforeAll(async () => {
  const wrapEngine: NonNullable<Parameters<typeof startApi>[1]>['wrapEngine'] = (engine) => ({
    ...engine,
    create: async (...args) => {
      const fault = befall.shift();
      const create = () => engine.create(...args);
      return (fault ? fault(create) : create()) as ReturnType<typeof create>;
    },
  });
  api = await startApi(inject('postgres'), { wrapEngine });
  key = await api.key();
});
afterAll(() => api.close());

const intent = (text: string) => ({ intent: text, userId: 'u', selectedCustomerIntegrationIds: ['*'] });
const post = (once: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(api.url, '/v1/runs', { key, body, headers: { 'idempotency-key': once, ...headers } });
const runsOf = async (text: string) => {
  const { rows } = await api.db.pool.query('SELECT run_id FROM run WHERE intent = $1', [text]);
  return rows.length;
};

test('the first answer comes again, byte for byte', async () => {
  const first = await post('again', intent('again'));
  const second = await post('again', intent('again'));
  expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(second.body).toEqual(first.body);
  expect(await runsOf('again')).toBe(1);
});

test('members in another order and defaults written out are the same request; another value is not', async () => {
  await post('order', intent('order'));
  const { userId, ...rest } = intent('order');
  const reordered = await post('order', { approvalStrategy: 'NONE', userId, ...rest });
  expect(reordered.headers.get('idempotent-replayed')).toBe('true');
  const reused = await post('order', { ...intent('order'), userId: 'v' });
  expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused']);
});

test('values of passThrough are no part of what is kept, names are', async () => {
  const handing = (headers: Record<string, string>) => ({
    ...intent('handing'),
    passThrough: [{ customerIntegrationId: 'crm_1a2b3c4d', headers }],
  });
  const first = await post('handing', handing({ Authorization: 'Basic first' }));
  expect(first.status).toBe(201);
  const renewed = await post('handing', handing({ Authorization: 'Basic second' }));
  expect([renewed.headers.get('idempotent-replayed'), renewed.body]).toEqual(['true', first.body]);
  const reused = await post('handing', handing({ 'X-Other': 'Basic first' }));
  expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused']);
});

test('of many racing requests one makes the run; the others wait their turn or get its answer', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => post('race', intent('race'))));
  expect(await runsOf('race')).toBe(1);
  const created = answers.filter(({ status }) => status === 201);
  expect(new Set(created.map(({ body }) => body.runId)).size).toBe(1);
  expect(created.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  for (const { status, headers } of answers) {
    expect([201, 409]).toContain(status);
    if (status === 409) expect(headers.get('retry-after')).toBe('1');
  }
});

test('a second request while the first is under way is refused with Retry-After', async () => {
  let release = () => {};
  const barrier = new Promise<void>((done) => {
    release = done;
  });
  let enter = () => {};
  const entered = new Promise<void>((done) => {
    enter = done;
  });
  befall.push(async (create) => {
    enter();
    await barrier;
    return create();
  });
  const first = post('held', intent('held'));
  await entered;
  expect((await post('held', intent('held'))).body.code).toBe('request_in_progress');
  release();
  expect((await first).status).toBe(201);
  expect((await post('held', intent('held'))).headers.get('idempotent-replayed')).toBe('true');
});

test('a refused request leaves the key free', async () => {
  const wrong = {
    ...intent('refused'),
    selectedCustomerIntegrationIds: ['crm_00000000'],
    outputSchema: { $async: true },
  };
  expect((await post('refused', wrong)).status).toBe(400);
  expect((await post('refused', intent('refused'))).status).toBe(201);
});

test('when the answer is lost after the run was stored, the same key finds that run', async () => {
  befall.push(async (create) => {
    await create();
    throw new Error('the connection broke after the commit');
  });
  expect((await post('lost', intent('lost'))).status).toBe(500);
  const again = await post('lost', intent('lost'));
  expect(again.status).toBe(201);
  expect(await runsOf('lost')).toBe(1);
  api.faults.length = 0;
});

test('when an earlier attempt stores the run after a later one looked for it, the later one gets that run', async () => {
  // As with synchronous replication: the commit waits for the standby, and nobody sees the run yet.
  let commit = async (): Promise<unknown> => undefined;
  befall.push(
    (create) => {
      commit = create;
      throw new Error('the answer timed out');
    },
    async (create) => {
      await commit();
      return create();
    },
  );
  expect((await post('delayed', intent('delayed'))).status).toBe(500);
  const again = await post('delayed', intent('delayed'));
  expect(again.status).toBe(201);
  expect((await post('delayed', intent('delayed'))).body).toEqual(again.body);
  expect(await runsOf('delayed')).toBe(1);
  api.faults.length = 0;
});

test('a claim of a dead process is taken over under the same run id once its lock is over', async () => {
  const scope = { pool: api.db.pool, workspaceId: api.workspaceId };
  const request = { operation: 'x', key: 'dead', sha256: Buffer.alloc(32) };
  const first = await claimRequest(scope, request, 50);
  expect(await claimRequest(scope, request, 50)).toEqual({ state: 'in_flight' });
  await expect
    .poll(() => claimRequest(scope, request, 60_000))
    .toEqual({ state: 'claimed', runId: 'runId' in first ? first.runId : '', takenOver: true });
});

test('a key of another workspace is another key', async () => {
  const { workspaceId } = await api.db.workspaces.create('two');
  const otherKey = await api.key(['admin'], workspaceId);
  await post('shared', intent('shared'));
  const theirs = await ask(api.url, '/v1/runs', {
    key: otherKey,
    body: intent('theirs'),
    headers: { 'idempotency-key': 'shared' },
  });
  expect([theirs.status, theirs.headers.get('idempotent-replayed')]).toEqual([201, null]);
});

test('Prefer: wait answers with the whole run once it has ended', async () => {
  const { status, headers, body } = await post('waits', intent('waits'), { prefer: 'wait=20' });
  expect([status, headers.get('preference-applied')]).toEqual([201, 'wait=20']);
  expect(body.status).toBe('NO_SUCCESS');
  expect(body.events.at(-1).type).toBe('end');
  expect((await post('bad', intent('bad'), { prefer: 'wait=soon' })).status).toBe(400);
  expect(api.faults).toEqual([]);
});
