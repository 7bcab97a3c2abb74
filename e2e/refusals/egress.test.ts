// The service behind a proxy: all outbound calls go through the proxy, and refused ones do not reach it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SecureStub, type StubProxy, startSecureStub, startStubProxy } from '@errand/integrations/testing';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

const HOST = 'things.example.com';
const document = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  servers: [{ url: `https://${HOST}/v1` }],
  security: [{ token: [] }],
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  paths: {
    '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'ok' } } } },
    '/away': { get: { operationId: 'goAway', responses: { 200: { description: 'ok' } } } },
  },
});
const PASSWORD = 'proxy-password-1';

let things: SecureStub;
let proxy: StubProxy;
let stack: Stack;
let api: Api;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-proxy-'));
  things = await startSecureStub(HOST, (url) => {
    const headers = { 'content-type': 'application/json' };
    if (url === '/openapi.json') return { headers, body: document };
    if (url === '/v1/away') return { status: 307, headers: { location: 'https://other.example.com/' }, body: '' };
    return { headers, body: '["hammer"]' };
  });
  await writeFile(join(folder, 'ca.pem'), things.cert);
  const user = `Basic ${Buffer.from(`errand:${PASSWORD}`).toString('base64')}`;
  proxy = await startStubProxy({ [`${HOST}:443`]: things.port, 'other.example.com:443': things.port }, user);
  const env = {
    ERRAND_EGRESS_PROXY: proxy.url.replace('//', `//errand:${PASSWORD}@`),
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  };
  stack = await startStack({ env });
  api = overRest(stack);
  return async () => {
    await Promise.all([stack.close(), proxy.close(), things.close()]);
    await rm(folder, { recursive: true });
  };
});

test('documents are read and tools called through the proxy, and allowed origins directly', async () => {
  const integration = await api.integrations.create({
    name: 'Things',
    kind: 'openapi',
    url: `https://${HOST}/openapi.json`,
    auth: { type: 'API_TOKEN', token: 'token-of-things' },
  });
  const things1 = `${integration.customerIntegrationId}.listThings`;
  const { run } = await carryOut(api, aRun({ plan: aPlan(things1, { result: { $: 'steps.only.output' } }) }));

  expect(run).toMatchObject({ status: 'SUCCESS', result: ['hammer'] });
  // The logo comes without the credential, and through the proxy, too.
  const sent = things.hits.map(({ url, headers }) => [url, headers.authorization]);
  expect(sent.filter(([url]) => url === '/favicon.ico')).toEqual([['/favicon.ico', undefined]]);
  const others = sent.filter(([url]) => url !== '/favicon.ico');
  expect(others).toEqual([
    ['/openapi.json', undefined],
    ['/v1/things', 'Bearer token-of-things'],
  ]);
  const through = [`${HOST}:443`, `${HOST}:443`, `${HOST}:443`];
  expect(proxy.asked.map(({ target }) => target)).toEqual(through);

  const [crm] = (await api.integrations.list({})).integrations;
  const ownRun = await carryOut(api, aRun({ plan: aPlan(`${crm!.customerIntegrationId}.listUsers`) }));
  expect(ownRun.run.status).toBe('SUCCESS');
  expect(proxy.asked).toHaveLength(through.length);
});

test('a redirect to another origin is an error, and the credential is not sent', async () => {
  const tool = `${(await theThings()).customerIntegrationId}.goAway`;
  const before = proxy.asked.length;
  const { run, events } = await carryOut(api, aRun({ plan: aPlan(tool) }));

  expect(run.status).toBe('FAILED');
  expect(JSON.stringify(events)).toContain('upstream_redirect');
  expect(proxy.asked.slice(before).map(({ target }) => target)).not.toContain('other.example.com:443');
});

test.each([
  'https://10.0.0.1/openapi.json',
  'https://localhost/',
  'https://db.internal/',
  'http://things.example.com/',
])('%s is refused before the proxy is asked', async (url) => {
  const before = proxy.asked.length;
  const error = await api.integrations.create({ name: 'X', kind: 'openapi', url }).catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 400, problem: { code: 'url_not_allowed' } });
  expect(proxy.asked).toHaveLength(before);
});

test('no log contains the password of the proxy', async () => {
  await api.integrations.create({ name: 'X', kind: 'openapi', url: 'https://gone.example.com/' }).catch(() => {});
  expect(proxy.asked.at(-1)).toMatchObject({ target: 'gone.example.com:443', answered: 403 });
  expect(stack.log()).toContain('an outbound call failed');
  expect(stack.log()).not.toContain(PASSWORD);
});

async function theThings() {
  return (await api.integrations.list({})).integrations.find(({ name }) => name === 'Things')!;
}
