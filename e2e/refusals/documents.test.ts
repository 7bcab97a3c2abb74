// Documents of services and their addresses: untrusted or unreadable ones are refused, and no address is called.
import { beforeAll, expect, test } from 'vitest';
import { json, type Stub, startStub } from '../fixtures/stub.ts';
import { talk } from '../fixtures/talk.ts';
import { type Api, overRest, overTrpc } from '../fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
let inside: Stub;
let redirecting: Stub;
let large: Stub;
let served: object = {};
let api: Api;
beforeAll(async () => {
  inside = await startStub({ openapi: { answer: (response) => json(response, {}) } });
  redirecting = await startCallableStub({
    openapi: { answer: (response) => void response.writeHead(307, { location: `${inside.origin}/openapi` }).end() },
  });
  large = await startCallableStub({ openapi: { answer: (response) => json(response, served) } });
  // `inside` is a service of the private network that is not allowed
  workspace = await openWorkspace({ seed: false });
  api = overTrpc(workspace);
  return () => Promise.all([workspace.close(), inside.close(), redirecting.close(), large.close()]);
});

const get = (operationId?: string) => ({ operationId, responses: { 200: { description: 'ok' } } });
const aDocument = (more: Record<string, unknown> = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  servers: [{ url: 'https://things.example.com/v1' }],
  paths: { '/things': { get: get('listThings') } },
  ...more,
});
const answering = (schema: unknown) => ({
  get: { operationId: 'a', responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } } },
});
const bomb = [
  'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
  ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`),
];

const register = (source: Partial<Parameters<Api['integrations']['create']>[0]>) =>
  api.integrations.create({ name: 'Things', kind: 'openapi', ...source });

test.each([
  'http://169.254.169.254/latest/meta-data',
  'https://2130706433/openapi.json',
  'https://[::ffff:127.0.0.1]/openapi.json',
  'https://0/openapi.json',
  'https://127。0。0。1/openapi.json',
  'https://localhost./openapi.json',
  'https://10.0.0.1/openapi.json',
  'file:///etc/passwd',
  'gopher://example.com/',
  'https://user:password@example.com/openapi.json',
  'https://example.com:22/openapi.json',
  'http://example.com/openapi.json',
  'not a url',
])('the document is not fetched from %s', async (url) => {
  await expect(register({ url })).rejects.toMatchObject({ status: 400, problem: { code: 'url_not_allowed' } });
});

test('a service of the private network is not called, by any form of its address', async () => {
  const { port } = new URL(inside.origin);
  for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '127.1', '[::ffff:127.0.0.1]', '0']) {
    const error = await register({ url: `http://${host}:${port}/openapi` }).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 400, problem: { code: 'url_not_allowed' } });
    expect(error.message).not.toMatch(/refused|ECONN|timed? ?out/i);
  }
  expect(inside.connections()).toBe(0);
});

test.each([
  ['http://10.1.2.3:8080/openapi.json', 'http://10.1.2.3:8080'],
  ['http://Things.Example.com/openapi.json', 'http://things.example.com'],
  ['https://[fd12::1]:8443/', 'https://[fd12::1]:8443'],
  ['https://crm.internal./x', 'https://crm.internal.'],
])('the refusal of %s names the origin, and both ways to allow it', async (url, origin) => {
  const advice = `An administrator can allow it for the workspace: PUT /v1/workspace/origins with {"origin":"${origin}"}. Or the operator of this service adds ${origin} to ERRAND_EGRESS_ALLOW and restarts.`;
  const refused = { status: 400, problem: { code: 'url_not_allowed', remedy: advice } };
  await expect(register({ url })).rejects.toMatchObject(refused);
  const document = JSON.stringify(aDocument({ servers: [{ url }] }));
  await expect(register({ document })).rejects.toMatchObject(refused);
  await expect(register({ kind: 'mcp', url })).rejects.toMatchObject(refused);
  await expect(api.webhooks.create({ url, events: ['*'] })).rejects.toMatchObject(refused);
  const auth = { type: 'OAUTH2', clientId: 'errand', issuer: url } as const;
  await expect(register({ document: JSON.stringify(aDocument()), auth })).rejects.toMatchObject(refused);
});

test.each([
  'ftp://10.1.2.3/x',
  'https://user:password@10.1.2.3/x',
  'http://169.254.169.254/latest/meta-data',
  'http://metadata.google.internal/',
  'http://[fd00:ec2::254]/',
  `http://${'x'.repeat(400)}.example.com/`,
])('the refusal of %s does not suggest to allow it', async (url) => {
  const error = await register({ url }).catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 400, problem: { code: 'url_not_allowed' } });
  expect(JSON.stringify(error.problem)).not.toMatch(/ERRAND_EGRESS_ALLOW|workspace.origins/);
});

test('a redirect into the private network is not followed, and the refusal does not name the target', async () => {
  const error = await register({ url: `${redirecting.origin}/openapi` }).catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 400, problem: { code: 'url_not_allowed' } });
  expect(JSON.stringify(error.problem)).not.toContain(new URL(inside.origin).port);
  expect(redirecting.hits.length).toBeGreaterThan(0);
  expect(inside.connections()).toBe(0);
});

test.each<[string, string, string]>([
  ['no document at all', 'hello', 'openapi_invalid'],
  ['Swagger 1.2', JSON.stringify({ ...aDocument(), openapi: undefined, swagger: '1.2' }), 'openapi_invalid'],
  ['no servers', JSON.stringify(aDocument({ servers: [] })), 'openapi_invalid'],
  ['no operations', JSON.stringify(aDocument({ paths: {} })), 'openapi_invalid'],
  ['aliases that multiply', [...bomb, JSON.stringify(aDocument()).slice(1, -1)].join('\n'), 'openapi_invalid'],
  [
    'a server in the private network',
    JSON.stringify(aDocument({ servers: [{ url: 'http://169.254.169.254' }] })),
    'url_not_allowed',
  ],
  ['a server that is a file', JSON.stringify(aDocument({ servers: [{ url: 'file:///etc' }] })), 'openapi_invalid'],
])('%s is refused', async (__, document, code) => {
  const started = Date.now();
  const before = (await api.integrations.list({})).integrations;
  const error = await register({ document }).catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 400, problem: { code } });
  expect(Date.now() - started).toBeLessThan(5000);
  expect((await api.integrations.list({})).integrations).toEqual(before);
});

test('a reference to another document is not followed', async () => {
  const paths = { '/a': answering({ $ref: `${inside.origin}/openapi#/a` }), '/things': { get: get('listThings') } };
  const registering = register({ document: JSON.stringify(aDocument({ paths })) });

  await expect(registering).rejects.toMatchObject({
    status: 400,
    problem: { code: 'openapi_invalid', errors: [{ pointer: expect.stringMatching(/\/\$ref$/) }] },
  });
  expect(inside.connections()).toBe(0);
});

test('circular references within the document are supported', async () => {
  const node = { type: 'object', properties: { child: { $ref: '#/components/schemas/Node' } } };
  const paths = { '/a': answering({ $ref: '#/components/schemas/Node' }) };
  const document = JSON.stringify(aDocument({ paths, components: { schemas: { Node: node } } }));
  expect(await register({ document })).toMatchObject({ toolCount: 1 });
});

test('operations of one name, of none and of a long one all become tools of different names', async () => {
  const paths = {
    '/a': { get: get('same') },
    '/b': { get: get('same') },
    '/c': { get: get() },
    '/d': { get: get('x'.repeat(100)) },
  };
  const document = JSON.stringify(aDocument({ paths }));
  const integration = await register({ document });
  const again = await register({ document });
  const namesOf = async ({ customerIntegrationId }: { customerIntegrationId: string }) =>
    (await api.integrations.tools({ customerIntegrationId })).tools.map(({ name }) => name.split('.')[1]!);

  expect(integration.toolCount).toBe(4);
  const names = await namesOf(integration);
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^[\w-]{1,64}$/);
  expect(await namesOf(again)).toEqual(names);
  expect(integration.warnings.length).toBeGreaterThan(0);
});

test('a document beyond the limit is refused, imported or refreshed', async () => {
  const api = overRest(workspace);
  served = aDocument();
  const url = `${large.origin}/openapi`;
  const { customerIntegrationId } = await api.integrations.create({ name: 'Things', url });
  served = aDocument({ info: { title: 'x'.repeat(8.5 * 1024 * 1024), version: '1' } });
  const problem = {
    code: 'openapi_too_large',
    detail: 'A document of more than 8 MiB is read only with `pick`, up to 40 MiB.',
    remedy: expect.stringContaining('Send `pick`'),
  };
  const refused = { status: 400, problem };
  await expect(api.integrations.create({ name: 'T', url })).rejects.toMatchObject(refused);
  await expect(api.integrations.refresh({ customerIntegrationId })).rejects.toMatchObject(refused);
});

test('one of 10 MiB is refused before it is read', async () => {
  const lines = ['POST /v1/integrations HTTP/1.1', 'host: errand', `x-api-key: ${workspace.apiKey}`];
  const headers = [
    ...lines,
    'content-type: application/json',
    `content-length: ${10 * 1024 * 1024}`,
    'connection: close',
  ];
  const { text } = await talk(workspace.url, `${headers.join('\r\n')}\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1.1 413 /);
  expect(text).toContain('"code":"body_too_large"');
});

test('a server with 100,000 slashes is refused, with its place and the limit', async () => {
  const servers = [{ url: `https://things.example.com/${'/'.repeat(100_000)}a` }];
  await expect(register({ document: aDocument({ servers }) })).rejects.toMatchObject({
    status: 400,
    problem: {
      code: 'openapi_invalid',
      errors: [{ pointer: '/servers/0/url', message: 'An address may have at most 2,000 characters.' }],
    },
  });
});
