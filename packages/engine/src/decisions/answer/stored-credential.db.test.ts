// A process that dies once it has stored a credential, and before it looks for the runs that wait for it, leaves them to the workers.
import { Secret } from '@errand/contracts';
import { type Db, openDatabase, type WorkspaceDb } from '@errand/db';
import { anIntegration, aTarget, loginsOf, masterKey } from '@errand/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { by } from '../../testing/approvals.ts';
import { aPlan, aRun, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { INTEGRATION, startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let db: Db;
let engine: Engine;
let workspaceId: string;
let isolatedDb: WorkspaceDb;
/** Whether the credential of a user is missing. */
let isMissing: (userId: string) => Promise<boolean>;

const oauthServer = {
  issuer: 'https://auth.example.com',
  authorizationUrl: 'https://auth.example.com/authorize',
  tokenUrl: 'https://auth.example.com/token',
};
const target = aTarget(INTEGRATION);
const oauthTarget = aTarget(INTEGRATION, { auth: { type: 'OAUTH2', clientId: 'errand' }, oauthServer });

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  service.toolbox.missingCredentials = async ({ userId }) =>
    (await isMissing(userId)) ? [{ customerIntegrationId: INTEGRATION, integrationName: 'Service' }] : [];
  db = openDatabase({ ...loginsOf(engines.url), masterKeys: [masterKey('k1')] });
  ({ workspaceId } = await db.workspaces.create('one'));
  isolatedDb = db.forWorkspace(workspaceId);
  await isolatedDb.integrations.create(anIntegration({ customerIntegrationId: INTEGRATION }));
  engine = await engines.engine(service.toolbox);
});
afterAll(async () => {
  await engines.close();
  await db.close();
  await service.close();
});

const waits = (userId: string) => untilWaiting(engine, aRun({ userId, plan: aPlan([['a', 'make']]) }), workspaceId);
const unannounced = async () =>
  (await engines.query('SELECT user_id FROM integration_user WHERE unannounced_since IS NOT NULL', [])).length;

const grants: Record<
  string,
  { isMissing: (userId: string) => Promise<boolean>; store: (userId: string) => Promise<unknown> }
> = {
  'a token': {
    isMissing: async (userId) => (await isolatedDb.credentials.open(target, userId)) === null,
    store: (userId) => isolatedDb.credentials.putUserToken(target, userId, new Secret('a-token-of-mine')),
  },
  'a consent': {
    isMissing: async (userId) => (await isolatedDb.grants.read(oauthTarget, userId)) === undefined,
    store: (userId) => isolatedDb.grants.store(oauthTarget, userId, { accessToken: new Secret('at-1') }),
  },
};

test.each(Object.entries(grants))('an unannounced %s wakes the runs that wait for it', async (name, way) => {
  ({ isMissing } = way);
  const runs = [await waits(name), await waits(name)];
  await way.store(name);
  for (const { runId } of runs) {
    const events = await follow(engine, workspaceId, runId);
    expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
    expect(events.flatMap((e) => (e.type === 'authentication' ? [e.auth.status] : []))).toEqual([
      'required',
      'success',
    ]);
  }
  await expect.poll(unannounced).toBe(0);
});

test('one that cannot be used wakes a run once: it asks again, and waits', async () => {
  isMissing = async () => true;
  const { runId } = await waits('ann');
  await grants['a token']!.store('ann');
  const statuses = async () => {
    const run = await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: false });
    return run.value().events.flatMap((e) => (e.type === 'authentication' ? [e.auth.status] : []));
  };
  const asked = ['required', 'success', 'required'];
  await expect.poll(statuses, { timeout: 10_000 }).toEqual(asked);
  await expect.poll(unannounced).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await statuses()).toEqual(asked);
});

test('a credential that was announced, or was revoked, is not announced again', async () => {
  ({ isMissing } = grants['a token']!);
  const { runId } = await waits('ben');
  await grants['a token']!.store('ben');
  expect(await unannounced()).toBe(1);
  const to = { customerIntegrationId: INTEGRATION, userId: 'ben', success: true, by };
  expect(await engine.decideConsent(workspaceId, to)).toBe(1);
  expect(await unannounced()).toBe(0);
  expect((await follow(engine, workspaceId, runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });

  await grants['a token']!.store('cid');
  await isolatedDb.credentials.revokeUserToken(INTEGRATION, 'cid');
  expect(await unannounced()).toBe(0);
});

test.each(['told', 'not told'])(
  'the own token of an integration wakes the runs of users who have none, %s',
  async (how) => {
    ({ isMissing } = grants['a token']!);
    const changed = { customerIntegrationId: INTEGRATION, userId: null, success: true, by };
    // Runs of earlier tests go on.
    await engine.decideConsent(workspaceId, changed);
    const [without, refused] = [`without ${how}`, `refused ${how}`];
    await grants['a token']!.store(refused);
    const ofUser = { customerIntegrationId: INTEGRATION, userId: refused, success: true, by };
    expect(await engine.decideConsent(workspaceId, ofUser)).toBe(0);
    await isolatedDb.credentials.rejectUserToken(target, refused, new Secret('a-token-of-mine'));
    const [goesOn, waitsOn] = [await waits(without), await waits(refused)];
    await isolatedDb.integrations.patch(INTEGRATION, { auth: target.auth, token: new Secret('a-token-of-all') });
    if (how === 'told') await engine.decideConsent(workspaceId, changed);
    expect((await follow(engine, workspaceId, goesOn.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
    const marked = async () =>
      (await engines.query('SELECT FROM integration WHERE unannounced_since IS NOT NULL', [])).length;
    await expect.poll(marked, { timeout: 10_000 }).toBe(0);
    const view = { runId: waitsOn.runId, includeEvents: false, includeToolCalls: false };
    expect((await engine.getRun(workspaceId, view)).value().status).toBe('AUTH_REQUIRED');
    await isolatedDb.integrations.patch(INTEGRATION, { auth: target.auth, token: null });
  },
);
