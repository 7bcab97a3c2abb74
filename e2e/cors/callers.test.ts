// The callers whose requests a web page sends: API keys are refused, user tokens need a page that their workspace lists.
import { createTestDatabase } from '@errand/db/testing';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { freePort } from '../fixtures/free-port.ts';
import { startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Caller, overRest } from '../fixtures/transports.ts';
import { userCaller } from '../fixtures/user-tokens.ts';
import { anotherWorkspace, workspaceForTest } from '../fixtures/workspace.ts';
import { type Answer, corsHeaders, expectReadable, type Headers, OTHER_PAGE, PAGE, SETTING, sender } from './pages.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { ERRAND_CORS_ORIGINS: SETTING } });
  return () => stack.close();
});
const send = sender(() => stack.url);

const withKey = (more: Headers = {}) => ({ 'x-api-key': stack.apiKey, ...more });

describe('an API key', () => {
  const inBrowser = { status: 403, code: 'key_in_browser' };

  test.each([
    ['an allowed origin', PAGE],
    ['another origin', 'https://evil.example'],
    ['null', 'null'],
    ['two origins', [PAGE, PAGE]],
    ['another port of this machine', 'http://127.0.0.1:1'],
  ])('is refused from %s, over REST and tRPC', async (_, origin) => {
    const headers: Headers = { origin };
    const credentials: Headers[] = [{ 'x-api-key': stack.apiKey }, { authorization: `Bearer ${stack.apiKey}` }];
    for (const credential of credentials) {
      const rest = await send('/v1/session', { headers: { ...headers, ...credential } });
      expect({ status: rest.status, code: JSON.parse(rest.text).code }).toEqual(inBrowser);
      const { error } = JSON.parse((await send('/trpc/session.get', { headers: { ...headers, ...credential } })).text);
      expect(error.data.problem).toMatchObject(inBrowser);
    }
  });

  test('is refused in words that a page of an allowed origin can read', async () => {
    const answer = await send('/v1/session', { headers: withKey({ origin: PAGE }) });
    expectReadable(answer);
    expect(JSON.parse(answer.text)).toMatchObject({
      detail: `Keys belong on a server, and this one was sent by a page of ${PAGE}.`,
      remedy: 'Call Errand from your server, or mint a user token there for the page: POST /v1/user-tokens.',
    });
    const strange = await send('/v1/session', { headers: withKey({ origin: '<script>' }) });
    expect(JSON.parse(strange.text).detail).toBe(
      'Keys belong on a server, and this one was sent by a page of another site.',
    );
  });

  test('starts nothing: no run, no stream, no upload, no decision', async () => {
    const headers = withKey({ origin: PAGE, 'content-type': 'application/json' });
    const { integrations } = await overRest(stack).integrations.list({});
    const run = aRun({ plan: aPlan(`${integrations[0]!.customerIntegrationId}.listUsers`) });
    const before = (await overRest(stack).runs.list({})).runs.length;
    const answers = [
      await send('/v1/runs', { method: 'POST', headers, body: JSON.stringify(run) }),
      await send('/v1/runs/0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04/sse', { headers }),
      await send('/v1/integrations/inspect/upload?fileName=a.json', { method: 'POST', headers, body: '{}' }),
      await send('/v1/runs/approval?approvalId=0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, expect.any(Number)]);
    expect((await overRest(stack).runs.list({})).runs).toHaveLength(before);
  });

  test('works from pages of the service itself, and from programs', async () => {
    const { port } = new URL(stack.url);
    for (const origin of [stack.url, `http://localhost:${port}`, `http://[::1]:${port}`]) {
      const answer = await send('/v1/session', { headers: withKey({ origin }) });
      expect(answer.status).toBe(200);
      expect(corsHeaders(answer)).toEqual([]);
    }
    expect((await send('/v1/session', { headers: withKey() })).status).toBe(200);
  });

  test('at /mcp is subject to the rule of /mcp', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_integrations', arguments: {} } };
    const headers = withKey({
      ...{ 'x-user-id': 'ada', 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      'mcp-protocol-version': '2025-06-18',
    });
    const body = JSON.stringify(call);
    const foreign = await send('/mcp', { method: 'POST', headers: { ...headers, origin: PAGE }, body });
    expect([foreign.status, JSON.parse(foreign.text).code]).toEqual([403, 'origin_not_allowed']);
    expect(corsHeaders(foreign)).toEqual([]);
    const own = await send('/mcp', { method: 'POST', headers: { ...headers, origin: stack.url }, body });
    expect([own.status, own.text]).toEqual([200, expect.not.stringContaining('key_in_browser')]);
  });
});

test('PUBLIC_URL is the only origin from which keys work, if it is set', async () => {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  const port = await freePort();
  const env = { PUBLIC_URL: 'https://errand.example.com', ERRAND_PORT: String(port) };
  const server = await startServer({ databaseUrl: database.url, env });
  onTestFinished(async () => void (await server.stop()));
  const url = `http://127.0.0.1:${port}`;
  const statusFrom = async (origin: string) =>
    (await sender(() => url)('/v1/session', { headers: { 'x-api-key': server.apiKey, origin } })).status;
  expect(await statusFrom('https://errand.example.com')).toBe(200);
  for (const origin of [url, 'https://errand.example.com:8443', 'http://errand.example.com'])
    expect(await statusFrom(origin)).toBe(403);
});

describe('a user token', () => {
  let caller: Caller;
  let crm: string;
  beforeAll(async () => {
    caller = await anotherWorkspace(stack);
    const api = overRest(caller);
    const auth = { type: 'API_TOKEN', token: stack.crm.token } as const;
    const { documentUrl: url } = stack.crm;
    crm = (await api.integrations.create({ name: 'CRM', kind: 'openapi', url, auth })).customerIntegrationId;
    await api.workspace.setBrowserOrigins({ origins: [PAGE] });
  });

  const from = async (origin: string | readonly string[], more: Parameters<typeof userCaller>[1] = {}) => ({
    origin,
    authorization: `Bearer ${(await userCaller(caller, { userId: 'ada', ...more })).apiKey}`,
  });
  const codeOf = (answer: Answer) => [answer.status, JSON.parse(answer.text).code];
  const aRunOf = async (userId: string) =>
    (await carryOut(overRest(caller), aRun({ userId, plan: aPlan(`${crm}.listUsers`) }))).run.runId;

  test('works from a page that its workspace lists, over REST, streams, tRPC and batches', async () => {
    const headers = await from(PAGE);
    const runId = await aRunOf('ada');
    const input = encodeURIComponent(JSON.stringify({ runId }));
    const paths = [
      ...[`/v1/runs/${runId}`, `/v1/runs/${runId}/sse`, '/v1/runs', `/trpc/runs.get?input=${input}`],
      `/trpc/runs.get,runs.list?batch=1&input=${encodeURIComponent(JSON.stringify({ 0: { runId }, 1: {} }))}`,
      `/trpc/runs.stream?input=${input}`,
    ];
    for (const path of paths) {
      const answer = await send(path, { headers });
      expect([path, answer.status]).toEqual([path, 200]);
      expectReadable(answer);
    }
    const stream = await send(`/v1/runs/${runId}/sse`, { headers });
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.text).toContain('event: end');
    const seq = /id: (\d+)\nevent: end/.exec(stream.text)?.[1] ?? '';
    const over = await send(`/v1/runs/${runId}/sse`, { headers: { ...headers, 'last-event-id': seq } });
    expect(over.status).toBe(204);
    expectReadable(over);
    const head = await send(`/v1/runs/${runId}/sse`, { method: 'HEAD', headers });
    expect(head.status).toBe(200);
    expectReadable(head);
  });

  test('can be told to wait, and reads for how long', async () => {
    const headers = await from(PAGE, { userId: 'quick', limits: { requestsPerMinute: 1 } });
    await send('/v1/runs', { headers });
    const answer = await send('/v1/runs', { headers });
    expect(codeOf(answer)).toEqual([429, 'rate_limited']);
    expectReadable(answer);
    expect(answer.headers).toMatchObject({ 'retry-after': expect.any(String), ratelimit: expect.any(String) });
  });

  test('is refused from a page that its workspace does not list, in words that the page can read', async () => {
    const headers = await from(OTHER_PAGE);
    const answer = await send('/v1/runs', { headers });
    expectReadable(answer, OTHER_PAGE);
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 403,
      code: 'origin_not_allowed',
      detail: `The workspace of the token does not list the origin of a page of ${OTHER_PAGE}.`,
      remedy: 'An administrator of the workspace adds the origin with PUT /v1/workspace/browser-origins.',
    });
    const runId = await aRunOf('ada');
    expect(codeOf(await send(`/v1/runs/${runId}/sse`, { headers }))).toEqual([403, 'origin_not_allowed']);
    const { error } = JSON.parse((await send('/trpc/runs.list', { headers })).text);
    expect(error.data.problem.code).toBe('origin_not_allowed');
  });

  test('is refused from a page that another workspace lists', async () => {
    await overRest(stack).workspace.setBrowserOrigins({ origins: [OTHER_PAGE] });
    const foreign = await send('/v1/runs', { headers: await from(OTHER_PAGE) });
    await overRest(stack).workspace.setBrowserOrigins({ origins: [] });
    expect(codeOf(foreign)).toEqual([403, 'origin_not_allowed']);
  });

  test.each<[string, string | readonly string[]]>([
    ['an origin outside the setting', 'https://evil.example'],
    ['null', 'null'],
    ['a listed origin with a slash', `${PAGE}/`],
    ['a listed origin in upper case', PAGE.toUpperCase()],
    ['two origins', [PAGE, PAGE]],
    ['an empty origin', ''],
  ])('creates nothing from %s, although a browser sends a simple request without a preflight', async (_, origin) => {
    const headers = await from(origin);
    for (const options of [{}, { method: 'POST', body: '{}' }]) {
      const answer = await send('/v1/runs', {
        headers: { ...headers, 'content-type': 'application/json' },
        ...options,
      });
      expect([answer.status, corsHeaders(answer)]).toEqual([403, []]);
    }
  });

  test('works without an origin, and from pages of the service itself', async () => {
    const { authorization } = await from(PAGE);
    expect((await send('/v1/runs', { headers: { authorization } })).status).toBe(200);
    expect((await send('/v1/runs', { headers: { authorization, origin: stack.url } })).status).toBe(200);
  });

  test('loses a page when the list changes: at once here, within seconds in another process', async () => {
    const env = { ERRAND_CORS_ORIGINS: SETTING };
    const second = await startServer({ databaseUrl: stack.databaseUrl, dataDir: stack.dataDir, env });
    onTestFinished(async () => void (await second.end()));
    const headers = await from(PAGE);
    const statusAt = async (url: string) => (await sender(() => url)('/v1/runs', { headers })).status;
    expect([await statusAt(stack.url), await statusAt(second.url)]).toEqual([200, 200]);
    await overRest(caller).workspace.setBrowserOrigins({ origins: [] });
    expect(await statusAt(stack.url)).toBe(403);
    await expect.poll(() => statusAt(second.url), { timeout: 10_000 }).toBe(403);
    await overRest(caller).workspace.setBrowserOrigins({ origins: [PAGE] });
    expect(await statusAt(stack.url)).toBe(200);
  });
});

describe('a workspace', () => {
  test('lists origins of the setting, and only an administrator does', async () => {
    const { workspaceId, ...caller } = await anotherWorkspace(stack);
    const api = overRest(caller);
    expect(await api.workspace.browserOrigins({})).toEqual({ origins: [] });
    const both = [OTHER_PAGE, PAGE];
    expect(await api.workspace.setBrowserOrigins({ origins: [PAGE, OTHER_PAGE, PAGE] })).toEqual({ origins: both });
    await api.workspace.setBrowserOrigins({ origins: both });
    expect(await api.workspace.browserOrigins({})).toEqual({ origins: both });
    expect(await api.workspace.setBrowserOrigins({ origins: [] })).toEqual({ origins: [] });
    const { entries } = await api.audit.list({ action: 'workspace.browser_origins_set' });
    expect(entries.map(({ target, details }) => [target, details])).toEqual([
      [workspaceId, { origins: [] }],
      [workspaceId, { origins: both }],
    ]);
    const { key } = await api.apiKeys.create({ name: 'no admin', scopes: ['runs:write', 'webhooks:write'] });
    const weak = overRest({ ...caller, apiKey: key });
    const refusal = { status: 403, problem: { code: 'insufficient_scope' } };
    await expect(weak.workspace.browserOrigins({})).rejects.toMatchObject(refusal);
    await expect(weak.workspace.setBrowserOrigins({ origins: [] })).rejects.toMatchObject(refusal);
  });

  test('cannot list an origin that the setting does not have', async () => {
    const origins = [PAGE, 'https://evil.example'];
    const message = 'ERRAND_CORS_ORIGINS does not allow https://evil.example.';
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', detail: message, errors: [{ pointer: '/origins/1', message }] },
    });
    const { apiKey, url } = await workspaceForTest();
    await expect(overRest({ apiKey, url }).workspace.setBrowserOrigins({ origins: [PAGE] })).rejects.toMatchObject({
      problem: { detail: 'ERRAND_CORS_ORIGINS is not set: no page of another origin may call this service.' },
    });
  });

  test.each([
    '*',
    'null',
    'https://*.example.com',
    `${PAGE}/`,
    'https://APP.example.com',
    'https://app.example.com:443',
    'https://user:password@app.example.com',
    'http://app.example.com',
    'https://bücher.example',
    'https://app.example.com.',
    `https://${'a'.repeat(400)}.example`,
    'file:///index.html',
  ])('cannot list %.40s', async (origin) => {
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins: [origin] })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: [{ pointer: '/origins/0' }] },
    });
  });

  test('lists at most 50 origins', async () => {
    const origins = Array.from({ length: 51 }, (_, n) => `https://a${n}.example`);
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins })).rejects.toMatchObject({
      problem: { code: 'validation_failed', errors: [{ pointer: '/origins' }] },
    });
  });
});
