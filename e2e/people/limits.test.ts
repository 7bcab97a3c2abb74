// Limits of workspaces: operators and the platform set them, and all processes refuse what is new beyond them.
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { aPerson, type Person } from './person.ts';

const sent: (() => void)[] = [];
let stack: Stack;
let second: Server;
let platformKey: string;
let operator: Person;
beforeAll(async () => {
  // The CRM answers when the test says so.
  stack = await startStack({ crm: { onRequest: () => new Promise((answer) => sent.push(answer)) } });
  const { databaseUrl, dataDir, crm } = stack;
  second = await startServer({ databaseUrl, dataDir, env: { ERRAND_EGRESS_ALLOW: crm.url } });
  platformKey = await newPlatformKey(stack);
  operator = await aPerson(stack.url, await loginLink(stack));
  return async () => {
    await second.stop();
    await stack.close();
  };
});

const platform = async (path: string, body?: object, method = body ? 'POST' : 'GET') => {
  const answer = await request({ url: stack.url, apiKey: platformKey }, path, { method, ...(body && { body }) });
  return { ...answer, body: JSON.parse(answer.text) };
};
const setLimits = (workspaceId: string, limits: object) =>
  platform(`/v1/workspaces/${workspaceId}/limits`, limits, 'PATCH');

/** A workspace, and a caller of each process. */
async function aWorkspace(name: string) {
  const { workspaceId, key } = (await platform('/v1/workspaces', { name, withKey: true })).body;
  const [here, there] = [stack, second].map(({ url }) => ({ url, apiKey: key as string })) as [Caller, Caller];
  return { workspaceId: workspaceId as string, here, there, api: overRest(here) };
}
type Caller = { url: string; apiKey: string };

const register = (api: Api, name: string) =>
  api.integrations.create({
    name,
    kind: 'openapi',
    url: stack.crm.documentUrl,
    auth: { type: 'API_TOKEN', token: stack.crm.token },
  });

test('the platform and operators set limits, remove them with null, and see them in the list; nobody else may', async () => {
  const { workspaceId, here } = await aWorkspace('Seen');
  expect((await setLimits(workspaceId, { runs: 2, integrations: 0 })).body.limits).toEqual({
    runs: 2,
    integrations: 0,
  });
  const changed = await operator.call(
    'workspaces.setLimits',
    { workspaceId, runs: null, streams: 7 },
    { mutation: true },
  );
  expect(changed.body).toMatchObject({ name: 'Seen', limits: { streams: 7, integrations: 0 } });
  const { workspaces } = (await platform('/v1/workspaces')).body;
  const limitsOf = (name: string) => workspaces.find((workspace: { name: string }) => workspace.name === name).limits;
  expect([limitsOf('Seen'), workspaces[0].limits]).toEqual([{ streams: 7, integrations: 0 }, {}]);
  for (const limits of [{ runs: 0 }, { streams: -1 }, { requestsPerMinute: 1.5 }, { runs: '3' }, { people: 1 }])
    expect((await setLimits(workspaceId, limits)).problem.code).toBe('validation_failed');
  expect((await setLimits(crypto.randomUUID(), { runs: 1 })).problem.code).toBe('not_found');
  const own = await request(here, `/v1/workspaces/${workspaceId}/limits`, { method: 'PATCH', body: { runs: 9 } });
  expect(own.problem.code).toBe('operators_only');
  const { entries } = await overRest(here).audit.list({ action: 'workspace.limits_changed' });
  expect(entries.map(({ actor, details }) => [actor.type, details])).toEqual([
    ['person', { runs: null, streams: 7 }],
    ['platform', { runs: 2, integrations: 0 }],
  ]);
});

test('all processes refuse requests beyond the limit of the workspace, whichever key sends them, and no others', async () => {
  const { workspaceId, here, there, api } = await aWorkspace('Busy');
  const { key: apiKey } = await api.apiKeys.create({ name: 'another', scopes: ['runs:read'] });
  const untouched = await aWorkspace('Untouched');
  await setLimits(workspaceId, { requestsPerMinute: 3 });
  const refusals = async (caller: Caller) => (await request(caller, '/v1/runs')).problem;
  const refused = { code: 'rate_limited', detail: 'The workspace has used its 3 requests per minute.' };
  await expect.poll(() => refusals(there), { timeout: 20_000, interval: 200 }).toMatchObject(refused);
  expect(await refusals(here)).toMatchObject(refused);
  const answer = await request({ ...here, apiKey }, '/v1/runs');
  expect([answer.problem, answer.headers.get('retry-after')]).toEqual([
    expect.objectContaining(refused),
    expect.stringMatching(/^\d+$/),
  ]);
  expect(await refusals(untouched.there)).toEqual({});
  await setLimits(workspaceId, { requestsPerMinute: null });
  expect(await refusals(here)).toEqual({});
  await expect.poll(() => refusals(there), { timeout: 20_000, interval: 200 }).toEqual({});
});

test('a workspace has so many open streams over all processes; a lower limit ends none', async () => {
  const { workspaceId, here, there, api } = await aWorkspace('Streaming');
  const { key: apiKey } = await api.apiKeys.create({ name: 'another', scopes: ['runs:read'] });
  const open = async (caller: Caller) => {
    const headers = { 'x-api-key': caller.apiKey, accept: 'text/event-stream' };
    const stream = await fetch(`${caller.url}/v1/runs/sse`, { headers });
    onTestFinished(() => (stream.body?.locked ? undefined : stream.body?.cancel()));
    return stream;
  };
  await setLimits(workspaceId, { streams: 2 });
  // The second process has read the limit when it refuses the third stream.
  const first = await open(here);
  expect((await open({ ...here, apiKey })).status).toBe(200);
  await expect
    .poll(
      async () => {
        const third = await open(there);
        if (third.status === 200) await third.body!.cancel();
        return third.status === 200 ? '' : await third.text();
      },
      { timeout: 30_000, interval: 300 },
    )
    .toContain('The workspace has its maximum of 2 open streams.');
  expect((await open(here)).status).toBe(429);
  await setLimits(workspaceId, { streams: 1 });
  await first.body!.cancel();
  expect((await open({ ...here, apiKey })).status).toBe(429);
});

test('ten registrations at once leave as many integrations as the workspace may have', async () => {
  const { workspaceId, api } = await aWorkspace('Registering');
  await register(api, 'first');
  await setLimits(workspaceId, { integrations: 3 });
  const attempts = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => register(api, `CRM ${n}`)));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  const refusal = attempts.find((attempt) => attempt.status === 'rejected')!.reason;
  expect(refusal).toMatchObject({ problem: { code: 'integration_limit_reached', status: 409 } });
  expect((await api.integrations.list({})).integrations).toHaveLength(3);
});

test('a workspace has so many runs in progress, and the next one starts when one ends; others are not delayed', async () => {
  const { workspaceId, api } = await aWorkspace('Running');
  const others = await aWorkspace('Not delayed');
  for (const one of [api, others.api]) await register(one, 'CRM');
  await setLimits(workspaceId, { runs: 2 });
  sent.length = 0;
  const plan = async (one: Api) => {
    const [crm] = (await one.integrations.list({})).integrations;
    return aRun({ plan: aPlan(`${crm!.customerIntegrationId}.listUsers`) });
  };
  const create = async (one: Api, count: number) => {
    const input = await plan(one);
    return Promise.all(Array.from({ length: count }, () => one.runs.create(input)));
  };
  await create(api, 6);
  await expect.poll(() => sent.length).toBe(2);
  await create(others.api, 4);
  await expect.poll(() => sent.length).toBe(6);
  const statuses = async () => (await api.runs.list({})).runs.map(({ status }) => status).sort();
  expect(await statuses()).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'QUEUED', 'RUNNING', 'RUNNING']);
  for (const answer of sent.splice(0)) answer();
  await expect.poll(() => sent.length).toBe(2);
  expect((await statuses()).filter((status) => status === 'RUNNING')).toHaveLength(2);
  await expect
    .poll(
      async () => {
        for (const answer of sent.splice(0)) answer();
        return statuses();
      },
      { timeout: 30_000 },
    )
    .toEqual(Array.from({ length: 6 }, () => 'SUCCESS'));
});
