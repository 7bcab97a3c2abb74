import { Secret } from '@errand/contracts';
import { beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import { newId } from '../statements/scope.ts';
import { anIntegration, aTarget } from '../testing/an-integration.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let db: Db;
let workspaceId: string;
beforeAll(async () => {
  const database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  ({ workspaceId } = await db.workspaces.create('one'));
  return async () => {
    await db.close();
    await database.drop();
  };
});

const here = () => db.forWorkspace(workspaceId);
const aRunOf = async (userId: string, workspace = workspaceId) => {
  const runId = newId();
  const plan = { planType: 'text', plan: '', madeBy: 'none', calls: [] } as const;
  const texts = {
    intent: 'i',
    context: '',
    repeatKey: 'k',
    repeatRunId: null,
    approvalStrategy: 'NONE',
    selected: ['*'],
  };
  const rest = {
    outputSchema: null,
    signature: Buffer.alloc(1),
    budget: {},
    metadata: {},
    priority: 0,
    requestedBy: null,
  };
  await createRun(
    { pool: db.pool, workspaceId: workspace },
    { ...texts, ...rest, runId, executionPlanId: newId(), userId, plan },
  );
  return runId;
};

test('users are those with runs or connections, once each, page by page; erasing forgets connections and keeps runs', async () => {
  const { customerIntegrationId: a } = await here().integrations.create(anIntegration());
  const { customerIntegrationId: b } = await here().integrations.create(anIntegration());
  for (const id of [a, b]) await here().credentials.putUserToken(aTarget(id), 'bob', new Secret('token of bob'));
  await aRunOf('bob');
  const newest = await aRunOf('bob');
  await aRunOf('ada');
  await here().credentials.putUserToken(aTarget(a), 'cy', new Secret('token of cy'));
  await here().credentials.revokeUserToken(a, 'cy');
  await aRunOf('stranger', newId());

  const all = await here().users.list('', 10);
  expect(all.map(({ userId }) => userId)).toEqual(['ada', 'bob', 'cy']);
  expect((await here().users.list('ada', 1)).map(({ userId }) => userId)).toEqual(['bob']);
  expect(all[0]?.connections).toEqual([]);
  expect(all[2]).toMatchObject({ connections: [{ customerIntegrationId: a, active: false }] });
  expect(all[2]).not.toHaveProperty('lastRun');
  const found = async (prefix: string, after = '', limit = 10) =>
    (await here().users.search(prefix, after, limit)).map(({ userId }) => userId);
  await aRunOf('bo');
  await aRunOf('bob_%');
  await aRunOf('Bob');
  expect(await found('bo')).toEqual(['bo', 'bob', 'bob_%']);
  expect(await found('bob')).toEqual(['bob', 'bob_%']);
  expect([await found('bo', '', 1), await found('bo', 'bo', 1), await found('bo', 'bob_%')]).toEqual([
    ['bo'],
    ['bob'],
    [],
  ]);
  expect([await found('bob_'), await found('%'), await found('stranger'), await found('zz')]).toEqual([
    ['bob_%'],
    [],
    [],
    [],
  ]);
  const bob = await here().users.get('bob');
  expect(bob).toEqual(all[1]);
  expect(bob?.lastRun).toMatchObject({ runId: newest, status: 'QUEUED' });
  expect(bob?.connections.map(({ customerIntegrationId, active }) => [customerIntegrationId, active])).toEqual(
    [a, b].sort().map((id) => [id, true]),
  );
  expect(await here().users.get('stranger')).toBeNull();

  expect(await here().credentials.eraseUser('bob')).toMatchObject({ user: { userId: 'bob', erased: [a, b].sort() } });
  expect(await here().credentials.eraseUser('bob')).toEqual({ user: { userId: 'bob', erased: [] }, grants: [] });
  expect(await here().credentials.open(aTarget(a), 'bob')).toBeNull();
  expect(await here().users.get('bob')).toMatchObject({ connections: [], lastRun: { runId: newest } });
});
