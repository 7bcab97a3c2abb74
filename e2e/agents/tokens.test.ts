// Access tokens of a trusted issuer at /mcp: the user and rights that they give, and that no other route accepts them.
import { type StubIssuer, startStubIssuer } from '@errand/integrations/testing';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { freePort } from '../fixtures/free-port.ts';
import { ended, type Office, startOffice, startWaiting } from '../fixtures/office.ts';
import { overRest } from '../fixtures/transports.ts';

const ALL = 'runs:read runs:write approvals:decide connections:write';
/** A workspace that the operator has configured and that does not exist yet. */
const NOWHERE = '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04';

let office: Office;
let issuer: StubIssuer;
let url: string;
beforeAll(async () => {
  issuer = await startStubIssuer();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const rule = {
    issuer: issuer.origin,
    claim: 'org',
    workspaces: { acme: 'default', gone: NOWHERE },
    scopes: ALL.split(' '),
  };
  office = await startOffice({
    allow: [issuer.origin],
    env: {
      PUBLIC_URL: url,
      ERRAND_TRUSTED_PROXIES: '1',
      ERRAND_PORT: String(port),
      ERRAND_TOKEN_ISSUERS: JSON.stringify([rule]),
    },
  });
  return async () => {
    await office.close();
    await issuer.close();
  };
});

type Result = { tools?: { name: string }[]; structuredContent?: Record<string, unknown>; content?: { text: string }[] };
type AgentRequest = { headers?: Record<string, string>; method?: string; params?: object };

const tokenOf = (claims: object = {}) => issuer.token({ aud: `${url}/mcp`, org: 'acme', scope: ALL, ...claims });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** One request to /mcp with only the given headers. */
async function ask({ headers = {}, method = 'tools/list', params = {} }: AgentRequest) {
  const accept = 'application/json, text/event-stream';
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await response.text();
  const data = /^data: (.*)$/m.exec(text)?.[1];
  const challenge = response.headers.get('www-authenticate');
  const code = response.ok ? undefined : (JSON.parse(text) as { code: string }).code;
  return { status: response.status, code, challenge, result: (data ? JSON.parse(data).result : {}) as Result };
}
const listed = (token: string, more: Record<string, string> = {}) => ask({ headers: { ...bearer(token), ...more } });
const call = async (token: string, name: string, args: object = {}) =>
  (await ask({ headers: bearer(token), method: 'tools/call', params: { name, arguments: args } })).result;

const paying = (userId: string) =>
  startWaiting(
    overRest(office.stack),
    aRun({ userId, approvalStrategy: 'ON_TOOL_CALL', plan: aPlan(`${office.id}.look`) }),
  );

test('a token sees only the runs of its subject', async () => {
  const ana = await tokenOf({ sub: 'ana' });
  const { structuredContent: createdRun } = await call(ana, 'execute_intent', { intent: 'Pay the bills' });
  const runId = String(createdRun!.runId);
  expect((await ended(overRest(office.stack), runId)).userId).toBe('ana');
  expect((await call(ana, 'run_status', { runId })).structuredContent).toMatchObject({ runId });
  for (const claims of [{ sub: 'ben' }, { sub: 'ANA' }, { sub: ' ana' }]) {
    const { content } = await call(await tokenOf(claims), 'run_status', { runId });
    expect(content![0]!.text).toContain('not_found');
  }
});

test('the audit log records its decisions with issuer and subject', async () => {
  const { waitingOn, runId } = await paying('carla');
  const { approvalId } = waitingOn[0]!;
  const decided = await call(await tokenOf({ sub: 'carla' }), 'decide', { approvalId, decision: 'approve' });
  expect(decided.structuredContent).toEqual({ runId, decision: 'approve' });
  const id = `${issuer.origin} carla`;
  const { entries } = await overRest(office.stack).audit.list({ actorId: id });
  expect(entries).toMatchObject([
    { action: 'approval.decided', target: approvalId, actor: { type: 'subject', id, label: 'carla' } },
  ]);
});

test('its user gets the link to connect an integration, if its scopes allow that', async () => {
  const api = overRest(office.stack);
  const { document } = office.stub;
  const registration = { name: 'Own', kind: 'openapi', document, auth: { type: 'API_TOKEN' }, enable: 'all' } as const;
  const { customerIntegrationId } = await api.integrations.create(registration);
  const { runId } = await api.runs.create(aRun({ userId: 'dora', plan: aPlan(`${customerIntegrationId}.look`) }));
  const waitsOf = async (scope: string) => {
    const token = await tokenOf({ sub: 'dora', scope });
    const { structuredContent: run } = await call(token, 'run_status', { runId, waitSeconds: 25 });
    return (run!.waitingOn as { kind: string; url?: string }[])[0];
  };
  expect(await waitsOf('runs:read connections:write')).toMatchObject({
    kind: 'consent',
    url: expect.stringContaining(`${url}/v1/connect?token=`),
  });
  expect(await waitsOf('runs:read')).not.toHaveProperty('url');
});

test("its scopes are the intersection of its own and the operator's", async () => {
  const names = async (claims: object) =>
    (await listed(await tokenOf(claims))).result.tools?.map(({ name }) => name).sort();
  expect(await names({ scope: 'runs:read admin openid' })).toEqual([
    'list_integrations',
    'list_pending',
    'run_status',
    'search_tools',
  ]);
  expect(await names({ scope: undefined, scp: ['approvals:decide'] })).toEqual(['decide']);
});

test('a token without an available scope gets its name', async () => {
  const metadata = `resource_metadata="${url}/.well-known/oauth-protected-resource/mcp"`;
  const reader = bearer(await tokenOf({ scope: 'runs:read' }));
  const params = { name: 'execute_intent', arguments: { intent: 'x' } };
  expect(await ask({ headers: reader, method: 'tools/call', params })).toMatchObject({
    status: 403,
    code: 'insufficient_scope',
    challenge: `Bearer realm="errand", error="insufficient_scope", scope="runs:read runs:write", ${metadata}`,
  });
  const none = await listed(await tokenOf({ scope: 'openid' }));
  expect(none).toMatchObject({ status: 403, challenge: expect.stringContaining(`scope="${ALL}"`) });
});

test('a client without a token learns the issuer, and one with a bad token the error', async () => {
  const metadata = `${url}/.well-known/oauth-protected-resource/mcp`;
  expect(await ask({})).toMatchObject({
    status: 401,
    challenge: `Bearer realm="errand", resource_metadata="${metadata}"`,
  });
  expect(await (await fetch(metadata)).json()).toEqual({
    resource: `${url}/mcp`,
    resource_name: 'Errand',
    authorization_servers: [issuer.origin],
    scopes_supported: ALL.split(' '),
    bearer_methods_supported: ['header'],
  });
  const invalid = `Bearer realm="errand", error="invalid_token", resource_metadata="${metadata}"`;
  const now = Math.floor(Date.now() / 1000);
  for (const claims of [{ aud: url }, { exp: now - 600 }, { sub: 'x'.repeat(10_000) }, { sub: '' }, { sub: 'a\0b' }])
    expect(await listed(await tokenOf(claims))).toMatchObject({
      status: 401,
      code: 'unauthenticated',
      challenge: invalid,
    });
});

test.each([
  ['another workspace', { org: 'globex' }],
  ['a member of every object', { org: 'constructor' }],
  ['several', { org: ['acme'] }],
  ['none', { org: undefined }],
  ['one that nobody has made', { org: 'gone' }],
])('a claim that names %s is refused', async (_, claims) => {
  expect(await listed(await tokenOf(claims))).toMatchObject({ status: 403, code: 'unknown_workspace' });
});

test('x-user-id may name only the subject', async () => {
  const token = await tokenOf({ sub: 'ana' });
  expect((await listed(token, { 'x-user-id': 'ana' })).status).toBe(200);
  expect(await listed(token, { 'x-user-id': 'ben' })).toMatchObject({ status: 403, code: 'wrong_user' });
  // A header is bytes: UTF-8 if possible.
  const named = { 'x-user-id': Buffer.from('Zoë 李雷').toString('latin1') };
  expect((await listed(await tokenOf({ sub: 'Zoë 李雷' }), named)).status).toBe(200);
  expect((await listed(await tokenOf({ sub: 'Zoë' }), { 'x-user-id': 'Zoë' })).status).toBe(200);
});

test('keys still work; a key together with a token does not', async () => {
  const { apiKey } = office.stack;
  expect((await ask({ headers: { 'x-api-key': apiKey, 'x-user-id': 'ana' } })).status).toBe(200);
  expect((await ask({ headers: { ...bearer(apiKey), 'x-user-id': 'ana' } })).status).toBe(200);
  const both = { ...bearer(await tokenOf()), 'x-api-key': apiKey, 'x-user-id': 'ana' };
  expect((await ask({ headers: both })).status).toBe(400);
});

test('it is valid only at /mcp', async () => {
  const headers = { ...bearer(await tokenOf()), 'content-type': 'application/json' };
  for (const path of ['/v1/runs', '/v1/integrations', '/v1/api-keys', '/v1/audit', '/trpc/runs.list?input={}'])
    expect((await fetch(`${url}${path}`, { headers })).status, path).toBe(401);
  const created = await fetch(`${url}/v1/runs`, { method: 'POST', headers, body: JSON.stringify(aRun()) });
  expect(created.status).toBe(401);
});

describe('wrong tokens', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  /** Sends wrong tokens until the address is refused. Returns how many were checked. */
  async function flood(make: () => Promise<string>, address: () => string): Promise<number> {
    for (let sent = 0; sent < 40; sent++) {
      const { status } = await listed(await make(), from(address()));
      if (status === 429) return sent;
      expect(status).toBe(401);
    }
    return Number.POSITIVE_INFINITY;
  }
  let tokenCount = 0;
  const forged = async () => (await tokenOf()).replace(/.{6}$/, 'AAAAAA');

  test.each<[string, () => Promise<string>]>([
    ['of another audience', () => tokenOf({ aud: url })],
    ['of nobody', () => tokenOf({ sub: '' })],
    ['by a key that is not known', () => issuer.token({ aud: `${url}/mcp` }, { kid: `made-up-${tokenCount++}` })],
    ['with another signature', forged],
    ['that are no tokens', async () => `a.b.${tokenCount++}`],
  ])('%s are refused by their address after twenty', async (_, make) => {
    const address = `198.51.100.${tokenCount++}`;
    expect(await flood(make, () => address)).toBe(20);
    const refused = await ask({ headers: { ...bearer(await tokenOf({ sub: 'new' })), ...from(address) } });
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await listed(await tokenOf({ sub: 'new' }), from('203.0.113.7'))).status).toBe(200);
  });

  test('from many addresses of one IPv6 network count together', async () => {
    expect(await flood(forged, () => `2001:db8:0:9:${(tokenCount++).toString(16)}::1`)).toBe(20);
  });

  test('do not block earlier valid tokens, or keys, from the same address', async () => {
    const address = '198.51.100.201';
    const knownToken = await tokenOf({ sub: 'ana' });
    expect((await listed(knownToken, from(address))).status).toBe(200);
    expect(await flood(forged, () => address)).toBe(20);
    expect((await listed(knownToken, from(address))).status).toBe(200);
    const { apiKey } = office.stack;
    expect((await ask({ headers: { 'x-api-key': apiKey, 'x-user-id': 'ana', ...from(address) } })).status).toBe(200);
  });

  test('do not count if expired: their clients get new ones', async () => {
    const now = Math.floor(Date.now() / 1000);
    const address = '198.51.100.202';
    expect(
      await flood(
        () => tokenOf({ exp: now - 600 }),
        () => address,
      ),
    ).toBe(Number.POSITIVE_INFINITY);
    expect((await listed(await tokenOf({ sub: 'late' }), from(address))).status).toBe(200);
  });

  test('no longer count once the issuer publishes new keys', async () => {
    const address = '198.51.100.203';
    expect(await flood(forged, () => address)).toBe(20);
    await issuer.rotate();
    const token = await tokenOf({ sub: 'rotated' });
    // Wrong keys keep arriving from other addresses.
    await expect
      .poll(
        async () => {
          const madeUp = await issuer.token({ aud: `${url}/mcp` }, { kid: `made-up-${tokenCount++}` });
          await listed(madeUp, from(`100.64.${tokenCount >> 8}.${tokenCount & 255}`));
          return (await listed(token, from(address))).status;
        },
        { timeout: 40_000, interval: 20 },
      )
      .toBe(200);
  }, 60_000);
});

test('tokens of a suspended workspace are refused until it is resumed', async () => {
  const token = await tokenOf();
  const client = new pg.Client({ connectionString: office.stack.databaseUrl });
  await client.connect();
  await client.query('UPDATE workspace SET suspended_at = now()');
  await expect.poll(async () => (await listed(token)).code, { timeout: 20_000 }).toBe('workspace_suspended');
  await client.query('UPDATE workspace SET suspended_at = NULL');
  await expect.poll(async () => (await listed(token)).status, { timeout: 20_000 }).toBe(200);
  await client.end();
});

test('while the issuer is down good tokens still work, and invented keys cause no request to it', async () => {
  const token = await tokenOf();
  expect((await listed(token)).status).toBe(200);
  issuer.answerKeys({ status: 503, body: '{}' });
  const reads = issuer.reads();
  for (let i = 0; i < 40; i++) await listed(await issuer.token({ aud: `${url}/mcp` }, { kid: `made-up-${i}` }));
  expect(issuer.reads() - reads).toBeLessThan(5);
  expect((await listed(token)).status).toBe(200);
  issuer.answerKeys(undefined);
});
