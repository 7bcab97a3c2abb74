// Rules of an integration for the answers of its service, over whole runs.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

const rules = {
  answers: { okPath: 'ok', errorPath: 'error', authErrors: ['invalid_auth'], limitErrors: ['ratelimited'] },
  pages: { messages: { items: 'messages', linkIn: 'meta.next_page' } },
  test: { operation: 'auth.test', who: 'user.name' },
};

let workspace: Workspace;
let stub: Stub;
let api: Api;
let id: string;
/** How many messages the service refuses for its limit. */
let limited = 0;

beforeAll(async () => {
  stub = await startCallableStub({
    post: {
      method: 'POST',
      answer: (response, { body }) => {
        if (limited-- > 0) return json(response, { ok: false, error: 'ratelimited' });
        return json(response, body.includes('nowhere') ? { ok: false, error: 'channel_not_found' } : { ok: true });
      },
      more: {
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { channel: {} } } } } },
      },
    },
    messages: {
      answer: (response, { url }) => {
        const page = Number(new URL(url, 'http://x').searchParams.get('page') ?? 1);
        const next = page < 3 ? `https://elsewhere.example.com/messages?page=${page + 1}` : '';
        json(response, { ok: true, messages: [page * 10, page * 10 + 1], meta: { next_page: next } });
      },
      more: { parameters: [{ in: 'query', name: 'page', schema: { type: 'string' } }] },
    },
    'auth.test': {
      method: 'POST',
      answer: (response, { headers }) =>
        headers.authorization === 'Bearer good'
          ? json(response, { ok: true, user: { name: `ada${'x'.repeat(300)}`, token: 'good' } })
          : json(response, { ok: false, error: 'invalid_auth' }),
    },
  });
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  const auth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ', token: 'good' } as const;
  const { customerIntegrationId, ...integration } = await api.integrations.create({
    name: 'Chat',
    document: stub.document,
    auth,
    rules,
    enable: ['post', 'messages'],
  });
  expect(integration.rules).toEqual(rules);
  id = customerIntegrationId;
});
afterAll(async () => {
  await workspace.close();
  await stub.close();
});
beforeEach(() => {
  stub.hits.length = 0;
  limited = 0;
});

const runOf = (tool: string, channel: string) =>
  carryOut(
    api,
    aRun({
      plan: aPlan(`${id}.${tool}`, { steps: [{ id: 'only', tool: `${id}.${tool}`, args: { body: { channel } } }] }),
    }),
  );

test('a write that the service refuses with status 200 is no success, and nobody is asked about its effect', async () => {
  const { run, events } = await runOf('post', 'nowhere');
  expect(run).toMatchObject({
    status: 'FAILED',
    error: { code: 'upstream_error', message: expect.stringContaining('channel_not_found') },
  });
  expect(events.map(({ type }) => type)).toEqual(['start', 'step', 'end']);
  expect(stub.hits).toHaveLength(1);
  expect((await runOf('post', 'general')).run.status).toBe('SUCCESS');
});

test('a limit in the body is waited for', async () => {
  limited = 2;
  const { run } = await runOf('post', 'general');
  expect(run.status).toBe('SUCCESS');
  expect(stub.hits).toHaveLength(3);
});

test('pages follow a URL in the body, which is never called itself', async () => {
  const pages = { items: { $: 'page.messages' }, next: { $: 'link.page' }, into: 'query.page' };
  const plan = aPlan(`${id}.messages`, {
    steps: [{ id: 'all', tool: `${id}.messages`, pages }],
    result: { $: 'steps.all.output' },
  });
  const { run } = await carryOut(api, aRun({ plan }));
  expect(run).toMatchObject({ status: 'SUCCESS', result: [10, 11, 20, 21, 30, 31] });
  expect(stub.hits.map(({ url }) => url)).toEqual(['/messages', '/messages?page=2', '/messages?page=3']);
});

test('a trial calls the operation that the rules name, though it is a POST and off, and stores its result', async () => {
  const accepted = await api.integrations.try({ customerIntegrationId: id });
  expect(accepted).toEqual({
    result: 'accepted',
    tool: `${id}.auth_test`,
    status: 200,
    account: `ada${'x'.repeat(197)}`,
  });
  expect(stub.hits.map(({ operation }) => operation)).toEqual(['auth.test']);
  await api.integrations.putCredentials({ customerIntegrationId: id, userId: 'bob', apiToken: 'wrong' });
  const rejected = await api.integrations.try({ customerIntegrationId: id, userId: 'bob' });
  expect(rejected).toEqual({ result: 'rejected', tool: `${id}.auth_test`, status: 200 });
  const { health } = await api.integrations.get({ customerIntegrationId: id });
  expect(health?.lastTest).toEqual({ at: expect.any(String), result: 'rejected' });
});

test('rules are replaced, removed, and refused when they are too large', async () => {
  const limits = { statuses: [403], remaining: 'x-left', requests: 50, perSeconds: 60 };
  expect((await api.integrations.patch({ customerIntegrationId: id, rules: { limits } })).rules).toEqual({ limits });
  expect(await api.integrations.patch({ customerIntegrationId: id, rules: null })).not.toHaveProperty('rules');
  const pages = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [`o${i}`, { items: 'x'.repeat(200), next: 'y'.repeat(200) }]),
  );
  await expect(api.integrations.patch({ customerIntegrationId: id, rules: { pages } })).rejects.toMatchObject({
    status: 400,
  });
});
