// Two workspaces on one service: what is the other's answers as if it were not there, and stays as it is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contract, scopes } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Place, startPlace } from './fixtures/place.ts';
import { request } from './fixtures/request.ts';
import { state } from './fixtures/tables.ts';
import { type Api, type Door, overRest, transports } from './fixtures/transports.ts';

const CANARY = 'canary of the first workspace';
let place: Place;
let mine: Api;
let other: Door;
let reader: Door;
let run: { runId: string; executionPlanId: string };
let crm: string;
beforeAll(async () => {
  place = await startPlace();
  mine = overRest(place);
  crm = (await mine.integrations.list({}))[0]!.customerIntegrationId;
  run = (await carryOut(mine, aRun({ intent: `List all users, ${CANARY}`, repeatKey: 'shared-key' }))).run;
  await mine.feedback.put({ runId: run.runId, rating: 'positive', comment: CANARY });
  await mine.integrations.putCredentials({ customerIntegrationId: crm, userId: 'ann', apiToken: place.crm.token });

  const masterKeys = [(await readFile(join(place.dataDir, 'master-keys'), 'utf8')).trim()];
  const db = openDatabase({ url: place.databaseUrl, masterKeys });
  const { workspaceId } = await db.workspaces.create('the other');
  const keyFor = async (held: typeof scopes | readonly ['runs:read']) =>
    (await db.apiKeys.create(workspaceId, { name: 'key', scopes: held })).key;
  other = { url: place.url, apiKey: await keyFor(scopes) };
  reader = { url: place.url, apiKey: await keyFor(['runs:read']) };
  await db.close();
  return () => place.close();
});

describe.each(transports)('over %s', (_, over) => {
  /** What the other workspace is told; ids that it sent itself are no news to it. */
  const told = async (call: (api: Api, ids: Ids) => Promise<unknown>, ids: Ids) => {
    const answer = await call(over(other), ids).then(
      (value) => ({ value }),
      ({ status, problem }) => ({ status, problem: { ...problem, instance: undefined } }),
    );
    return JSON.parse(
      JSON.stringify(answer).replaceAll(ids.runId, 'RUN').replaceAll(ids.planId, 'PLAN').replaceAll(ids.crm, 'CRM'),
    );
  };
  type Ids = { runId: string; planId: string; crm: string };

  const calls: [string, (api: Api, ids: Ids) => Promise<unknown>][] = [
    ['runs.get', (api, { runId }) => api.runs.get({ runId, includeEvents: true })],
    ['runs.cancel', (api, { runId }) => api.runs.cancel({ runId })],
    ['runs.events', (api, { runId }) => api.runs.events({ runId })],
    ['runs.stream', (api, { runId }) => eventsOf(api, runId)],
    ['runs.create', (api, { crm: id }) => api.runs.create(aRun({ selectedCustomerIntegrationIds: [id] }))],
    ['runs.create', (api, { crm: id }) => api.runs.create(aRun({ plan: aPlan(`${id}.listUsers`) }))],
    ['runs.list', (api, { crm: id }) => api.runs.list({ customerIntegrationIds: [id] })],
    ['executionPlans.get', (api, { planId }) => api.executionPlans.get({ executionPlanId: planId })],
    ['integrations.get', (api, { crm: id }) => api.integrations.get({ customerIntegrationId: id })],
    ['integrations.patch', (api, { crm: id }) => api.integrations.patch({ customerIntegrationId: id, active: false })],
    ['integrations.delete', (api, { crm: id }) => api.integrations.delete({ customerIntegrationId: id })],
    ['integrations.tools', (api, { crm: id }) => api.integrations.tools({ customerIntegrationId: id })],
    [
      'integrations.setTools',
      (api, { crm: id }) => api.integrations.setTools({ customerIntegrationId: id, enabled: [] }),
    ],
    [
      'integrations.getUser',
      (api, { crm: id }) => api.integrations.getUser({ customerIntegrationId: id, userId: 'ann' }),
    ],
    [
      'integrations.putCredentials',
      (api, { crm: id }) =>
        api.integrations.putCredentials({ customerIntegrationId: id, userId: 'ann', apiToken: 'x' }),
    ],
    [
      'integrations.deleteCredentials',
      (api, { crm: id }) => api.integrations.deleteCredentials({ customerIntegrationId: id, userId: 'ann' }),
    ],
    ['feedback.get', (api, { runId }) => api.feedback.get({ runId })],
    ['feedback.put', (api, { runId }) => api.feedback.put({ runId, rating: 'negative' })],
  ];

  test('every operation that takes an id is tried', () => {
    const withoutIds = ['integrations.list', 'integrations.create'];
    const all = Object.entries(contract).flatMap(([group, ops]) => Object.keys(ops).map((name) => `${group}.${name}`));
    expect([...new Set(calls.map(([name]) => name)), ...withoutIds].sort()).toEqual(all.sort());
  });

  test.each(calls)('%s answers for ids of another as for ids of nobody', async (__, call) => {
    const before = await state(place.databaseUrl);
    const theirs = { runId: run.runId, planId: run.executionPlanId, crm };
    const nobodys = { runId: crypto.randomUUID(), planId: crypto.randomUUID(), crm: 'crm_00000000' };

    const answer = await told(call, theirs);
    expect(answer).toEqual(await told(call, nobodys));
    expect(JSON.stringify(answer)).not.toContain(CANARY);
    expect(await state(place.databaseUrl)).toEqual(before);
  });

  test('lists hold nothing of another, and the same repeat key repeats nothing of it', async () => {
    const api = over(other);
    expect(await api.integrations.list({})).toEqual([]);
    const { runs } = await api.runs.list({ repeatKey: 'shared-key' });
    expect(runs.map(({ runId }) => runId)).not.toContain(run.runId);
    const { pagination } = await api.runs.list({ metadata: { of: 'nobody' } });
    expect(pagination.totalItems).toBe(0);

    const intent = `List all users, ${CANARY}`;
    const created = await api.runs.create(aRun({ intent, repeatKey: 'shared-key', prefer: 'wait=20' }));
    expect(created).not.toHaveProperty('repeatRunId');
    expect(created).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'no_plan' } });
  });

  test('a key without the scope may not', async () => {
    const api = over(reader);
    expect(await api.integrations.list({})).toEqual([]);
    const refused = { status: 403, problem: { code: 'insufficient_scope' } };
    await expect(api.runs.create(aRun())).rejects.toMatchObject(refused);
    await expect(api.feedback.put({ runId: run.runId, rating: 'positive' })).rejects.toMatchObject(refused);
    await expect(api.integrations.delete({ customerIntegrationId: crm })).rejects.toMatchObject(refused);
  });
});

test('a cursor of one workspace opens no page of another', async () => {
  await carryOut(mine, aRun());
  const { pagination } = await mine.runs.list({ pageSize: 1 });
  const answer = await request(other, `/v1/runs?pageSize=1&cursor=${pagination.nextCursor}`);
  expect([200, 400]).toContain(answer.status);
  expect(answer.text).not.toContain(run.runId);
});
