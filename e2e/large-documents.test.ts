// Documents that are too large as a whole: picked operations, uploads, and several documents of a service.
import { request as httpRequest, type ServerResponse } from 'node:http';
import { childrenOf, isAlive } from '@errand/plan/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const MIB = 1024 * 1024;
// The goal is 50 ms on a quiet machine; decoding or parsing a document would take several hundred.
const HOLD_MS = 250;

const get = (operationId: string, more: object = {}) => ({ get: { operationId, responses: {}, ...more } });
const aDocument = (paths: object, more: object = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Large', version: '1' },
  servers: [{ url: stub.origin }],
  paths,
  ...more,
});
/** A document of 12 MiB. */
const aLargeDocument = (more: object = {}) =>
  aDocument({
    ...Object.fromEntries(
      Array.from({ length: 12 * 16 }, (_, n) => [`/p${n}`, get(`list${n}`, { description: 'x'.repeat(MIB / 16) })]),
    ),
    ...more,
  });
const YAML =
  'openapi: 3.1.0\ninfo: {title: Small, version: "1"}\nservers: [{url: "https://api.vendor.com"}]\npaths: {/a: {get: {operationId: a}}}\n';

let stub: Stub;
let stack: Stack;
let sql: pg.Pool;
let api: Api;
const served: Record<string, unknown> = {};
beforeAll(async () => {
  const serve = (name: string) => ({
    answer: (response: ServerResponse) =>
      void response.writeHead(200).end(typeof served[name] === 'string' ? served[name] : JSON.stringify(served[name])),
  });
  stub = await startStub({ large: serve('large'), mail: serve('mail'), lists: serve('lists'), slow: serve('slow') });
  stack = await startStack({ seed: false, allow: [stub.origin] });
  sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  api = overRest(stack);
});
afterAll(async () => {
  await sql.end();
  await Promise.all([stack.close(), stub.close()]);
});

const toolsOf = async (customerIntegrationId: string) =>
  (await api.integrations.tools({ customerIntegrationId })).tools.map(({ name }) => name.split('.')[1]);
const upload = (query: Record<string, string>, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  request(stack, `/v1/integrations/inspect/upload?${new URLSearchParams(query)}`, {
    body,
    headers: { 'content-type': 'application/octet-stream', ...headers },
  });

test('picked operations of a large document are imported while the loop stays free, and picked again by a refresh', async () => {
  served.large = aLargeDocument();
  const url = `${stub.origin}/large`;
  const pick = { operations: ['list3', 'GET /p7', 'list_3'] };
  await stack.longestHold();
  const { customerIntegrationId, warnings } = await api.integrations.create({
    name: 'Large',
    url,
    pick,
    enable: 'all',
  });
  expect(await stack.longestHold()).toBeLessThan(HOLD_MS);
  expect(await toolsOf(customerIntegrationId)).toEqual(['list3', 'list7']);
  expect(warnings).toEqual(['/pick/operations/2: No operation is called list_3.']);

  served.large = aLargeDocument({ '/more': get('list_3'), '/other': get('other') });
  const refreshed = await api.integrations.refresh({ customerIntegrationId });
  expect(refreshed).toMatchObject({ needsReview: true, warnings: [] });
  expect(await toolsOf(customerIntegrationId)).toEqual(['list3', 'list7', 'list_3']);
  const none = { name: 'None', url, pick: { tags: ['none'] } };
  await expect(api.integrations.create(none)).rejects.toMatchObject({
    problem: { code: 'openapi_invalid', errors: [{ pointer: '/pick/tags/0' }] },
  });
}, 120_000);

test('a large document is uploaded as bytes, and the picked part is stored', async () => {
  const body = Buffer.from(JSON.stringify(aLargeDocument()));
  const pick = JSON.stringify({ paths: ['/p1'] });
  await stack.longestHold();
  const answer = await upload({ name: 'Uploaded', pick }, body);
  expect(await stack.longestHold()).toBeLessThan(HOLD_MS);
  expect(answer.status).toBe(200);
  const inspection = JSON.parse(answer.text) as { inspectionId: string; operationCount: number };
  expect(inspection.operationCount).toBe(1);
  const { rows } = await sql.query('SELECT bytes, pick FROM integration_inspection');
  expect(rows).toEqual([{ bytes: expect.any(Number), pick: { paths: ['/p1'] } }]);
  expect(rows[0].bytes).toBeLessThan(MIB);

  const { inspectionId } = inspection;
  const { customerIntegrationId } = await api.integrations.create({ name: 'Uploaded', inspectionId });
  expect(await toolsOf(customerIntegrationId)).toEqual(['list1']);
  const stored = await sql.query(
    'SELECT length(document) < 1e6 AS small, pick FROM integration WHERE customer_integration_id = $1',
    [customerIntegrationId],
  );
  expect(stored.rows).toEqual([{ small: true, pick: { paths: ['/p1'] } }]);
  const again = await api.integrations.refresh({ customerIntegrationId, document: aDocument({ '/p1': get('list1') }) });
  expect(again.needsReview).toBe(true);
  expect(await toolsOf(customerIntegrationId)).toEqual(['list1']);
}, 120_000);

test('an upload has the limits, the scope and the errors of an inspection', async () => {
  const tooLarge = await upload({}, Buffer.alloc(8.5 * MIB, ' '));
  expect(tooLarge).toMatchObject({ status: 400, problem: { code: 'openapi_too_large' } });
  const pick = '{"tags":["a"]}';
  const beyond = await upload({ pick }, Buffer.alloc(41 * MIB, ' '));
  expect(beyond).toMatchObject({ status: 400, problem: { code: 'openapi_too_large' } });
  const yaml = await upload({}, YAML, { 'content-type': 'application/yaml; charset=utf-8' });
  expect(JSON.parse(yaml.text)).toMatchObject({ name: 'Small', operationCount: 1 });
  expect(await upload({}, YAML, { 'content-type': 'text/html' })).toMatchObject({
    status: 415,
    problem: { code: 'unsupported_media_type' },
  });
  for (const [query, pointer] of [
    [{ pick: 'issues' }, '/pick'],
    [{ pick: '{}' }, '/pick'],
    [{ pick: JSON.stringify({ tags: Array(201).fill('a') }) }, '/pick/tags'],
    [{ url: 'https://x.example.com' }, ''],
  ] as const) {
    const refused = await upload(query, YAML);
    expect(refused).toMatchObject({ status: 400, problem: { code: 'validation_failed', errors: [{ pointer }] } });
  }
  const { key } = await api.apiKeys.create({ name: 'reader', scopes: ['runs:read'] });
  expect(await upload({}, YAML, { 'x-api-key': key })).toMatchObject({ status: 403 });
  expect(await upload({}, YAML, { 'x-api-key': 'wrong' })).toMatchObject({ status: 401 });
}, 120_000);

/** An upload whose body does not end. `status`: of its answer, if there is one. */
function stalledUpload() {
  const path = `/v1/integrations/inspect/upload?pick=${encodeURIComponent('{"tags":["a"]}')}`;
  const headers = { 'x-api-key': stack.apiKey, 'content-type': 'application/json', 'content-length': 20 * MIB };
  const sending = httpRequest(new URL(path, stack.url), { method: 'POST', headers }).on('error', () => {});
  const status = new Promise<number | undefined>((resolve) => {
    sending.on('response', (response) => resolve(response.statusCode));
  });
  sending.write('{');
  return { status, leave: () => sending.destroy() };
}

test('a third large upload at once is refused, and a caller that leaves frees its place', async () => {
  const uploads = [1, 2, 3].map(stalledUpload);
  expect(await Promise.race(uploads.map(({ status }) => status))).toBe(429);
  for (const { leave } of uploads) leave();
  await expect.poll(async () => (await upload({ pick: '{"paths":["/a"]}' }, YAML)).status).toBe(200);
});

test('uploads that break off release their slots', async () => {
  const brokenUpload = () =>
    new Promise<void>((resolve) => {
      const headers = { 'x-api-key': stack.apiKey, 'content-type': 'application/json', 'content-length': 20 * MIB };
      const path = `/v1/integrations/inspect/upload?pick=${encodeURIComponent('{"tags":["a"]}')}`;
      const sending = httpRequest(new URL(path, stack.url), { method: 'POST', headers });
      sending.on('error', () => {}).on('close', () => resolve());
      sending.write(Buffer.alloc(MIB, ' '), () => sending.destroy());
    });
  for (let n = 0; n < 3; n++) await Promise.all(Array.from({ length: 8 }, brokenUpload));
  await expect.poll(async () => (await upload({ pick: '{"paths":["/a"]}' }, YAML)).status).toBe(200);
  expect(stack.log()).not.toContain('"level":50');
}, 120_000);

test('a placeholder of the document is refused until the owner gives its base URL, which a refresh keeps', async () => {
  const document = aDocument({ '/a': get('a') }, { servers: [{ url: 'https://your-domain.vendor.com' }] });
  const before = (await api.integrations.list({ active: 'all' })).integrations.length;
  const input = { name: 'Sites', document, auth: { type: 'API_TOKEN', token: 's3cret-token' } as const };
  const refused = {
    status: 400,
    problem: {
      code: 'openapi_invalid',
      errors: [{ pointer: '/baseUrl' }],
      remedy: expect.stringContaining('such as https://acme.vendor.com'),
    },
  };
  await expect(api.integrations.create(input)).rejects.toMatchObject(refused);
  await expect(api.integrations.inspect({ document })).rejects.toMatchObject(refused);
  expect((await api.integrations.list({ active: 'all' })).integrations).toHaveLength(before);

  const created = await api.integrations.create({ ...input, baseUrl: `${stub.origin}/site` });
  const { customerIntegrationId, host } = created;
  expect(host).toBe(new URL(stub.origin).host);
  expect(await api.integrations.refresh({ customerIntegrationId, document })).toMatchObject({
    needsReview: false,
    host,
  });
  expect(await api.integrations.inspect({ document, baseUrl: `${stub.origin}/site` })).toMatchObject({
    baseUrl: `${stub.origin}/site`,
  });
});

test('several documents make one service, and a refresh reads all of them again', async () => {
  served.mail = aDocument({ '/send': get('send') }, { info: { title: 'Mail', version: '1' } });
  served.lists = aDocument({ '/lists': get('list'), '/members': get('members') });
  const stored = aDocument({ '/stats': get('send') });
  const documents = [
    { url: `${stub.origin}/mail` },
    { url: `${stub.origin}/lists`, pick: { operations: ['list'] } },
    { document: stored },
  ];
  const { customerIntegrationId } = await api.integrations.create({ name: 'Mail', documents });
  const tools = await toolsOf(customerIntegrationId);
  expect(tools).toEqual(['send', 'list', expect.stringMatching(/^send_[0-9a-f]{6}$/)]);
  served.mail = aDocument({ '/send': get('send'), '/templates': get('templates') });
  expect(await api.integrations.refresh({ customerIntegrationId })).toMatchObject({ needsReview: true });
  expect((await toolsOf(customerIntegrationId)).sort()).toEqual([...tools, 'templates'].sort());
  await expect(api.integrations.refresh({ customerIntegrationId, document: stored })).rejects.toMatchObject({
    problem: { code: 'validation_failed', errors: [{ pointer: '/document' }] },
  });
  await expect(api.integrations.create({ name: 'M', documents, url: documents[0]!.url! })).rejects.toMatchObject({
    problem: { code: 'validation_failed', errors: [{ pointer: '/url' }] },
  });
});

test('a reading process ends with its service', async () => {
  served.slow = `openapi: 3.1.0\nlines:\n${'- [a, b, c]\n'.repeat(500_000)}`;
  const before = childrenOf(stack.pid);
  const leaving = new AbortController();
  const body = { name: 'Slow', url: `${stub.origin}/slow` };
  const reading = request(stack, '/v1/integrations', { body, signal: leaving.signal }).catch(() => 'ended');
  const readers = () => childrenOf(stack.pid).filter((pid) => !before.includes(pid));
  await expect.poll(readers, { timeout: 60_000 }).toHaveLength(1);
  const [reader] = readers() as [number];
  await stack.kill();
  expect(await reading).toBe('ended');
  await expect.poll(() => isAlive(reader), { timeout: 60_000 }).toBe(false);
}, 120_000);
