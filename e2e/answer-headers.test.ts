// No cache stores an answer, and no browser guesses its type: every operation of the contract and every other route, with and without
// success.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { overRest as api } from './fixtures/transports.ts';
import { fill, type Hole, holesOf, inputWith, operations } from './tenancy/id-fields.ts';
import { overRest, overTrpc, type Send } from './tenancy/send.ts';
import { kinds, nobodys, samples, settled, startTenants } from './tenancy/tenants.ts';

let tenants: Awaited<ReturnType<typeof startTenants>>;
beforeAll(async () => {
  tenants = await startTenants();
  return () => tenants.close();
});

/** Streams have their own headers: proxies neither store nor change them. */
function expectPrivate(headers: Headers): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  expect(headers.get('cache-control')).toMatch(isStream ? /^no-(store|cache)\b.*\bno-transform\b/ : /^no-store$/);
}

describe.each<[string, Send]>([
  ['REST', overRest],
  ['tRPC', overTrpc],
])('over %s', (_, send) => {
  const ordered = operations.toSorted(
    (a, b) => Number(a.name === 'integrations.delete') - Number(b.name === 'integrations.delete'),
  );
  test.each(ordered)('$name is private', async (operation) => {
    const { mine, sql } = tenants;
    const smallest = inputWith(operation, kinds);
    const ids = new Map<Hole, string>();
    for (const hole of holesOf(smallest)) ids.set(hole, await samples[hole.kind]!.real(mine, operation));
    await settled(sql, mine);
    const input = fill(smallest, ids) as object;
    const unknown = new Map([...ids].map(([hole, id]) => [hole, nobodys(hole.kind, id)]));
    const answers = [
      await send(mine.caller, operation, input),
      await send(mine.caller, operation, fill(smallest, unknown)),
      await send(mine.caller, operation, { ...input, unheardOf: 1 }),
      await send({ ...mine.caller, apiKey: '' }, operation, input),
    ];
    for (const { headers } of answers) expectPrivate(headers);
    // Over tRPC a stream has a status before it has an error.
    expect(answers[2]!.text).toContain('validation_failed');
    expect(answers[3]!.text).toContain('unauthenticated');
  });
});

const rpc = (method: string) => ({
  method: 'POST',
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} }),
});
const routes: [string, string, RequestInit?][] = [
  ['the list of tools at /mcp', '/mcp', rpc('tools/list')],
  ['an unknown method at /mcp', '/mcp', rpc('unheard/of')],
  ['a body at /mcp that is no JSON', '/mcp', { method: 'POST', body: '{' }],
  ['a stream at /mcp', '/mcp'],
  ['an end at /mcp', '/mcp', { method: 'DELETE' }],
  ['/healthz', '/healthz'],
  ['/readyz', '/readyz'],
  ['/', '/'],
  ['/docs', '/docs'],
  ['a problem', '/problems/not_found'],
  ['no problem', '/problems/unheard-of'],
  ['no client document', '/oauth/client.json'],
  ['the page of a consent', '/v1/connect?token=x'],
  ['the end of a consent', '/v1/connect/done'],
  ['a callback', '/v1/oauth/callback?state=x'],
  ['the page of an approval', '/v1/runs/approval?token=x'],
  ['the page of a question', '/v1/runs/question?token=x'],
  ['the page of an input', '/v1/runs/input?token=x'],
  ['an unknown path', '/unheard/of'],
  ['an unknown path of /v1', '/v1/unheard/of'],
  ['an unknown procedure', '/trpc/unheard.of'],
  ['a batch', '/trpc/usage.get,runs.list?batch=1&input={"0":{},"1":{}}'],
  ['a batch in lines', '/trpc/runs.list?batch=1&input={"0":{}}', { headers: { 'trpc-accept': 'application/jsonl' } }],
  ['a method that is not served', '/v1/runs', { method: 'PUT', body: '{}' }],
  ['a preflight of a browser', '/v1/runs', { method: 'OPTIONS' }],
  ['a body that is no JSON', '/v1/runs', { method: 'POST', body: '{' }],
  ['a type that is not served', '/v1/runs', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }],
  ['a path that cannot be decoded', '/v1/runs/%zz'],
  ['a parameter that is too long', `/v1/runs/${'x'.repeat(2000)}`],
  ['a key in the query', '/v1/runs?api_key=x'],
];

test.each(routes)('%s is private', async (_, path, { headers, ...init } = {}) => {
  const { url, apiKey } = tenants.stack;
  for (const accept of ['application/json, text/event-stream', 'text/html']) {
    const sent = { 'x-api-key': apiKey, 'x-user-id': 'ana', 'content-type': 'application/json', accept };
    const response = await fetch(`${url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...sent, ...(headers as Record<string, string>) },
    });
    await response.body?.cancel();
    expectPrivate(response.headers);
  }
});

test.each([
  ['/openapi.json', /^no-cache$/],
  ['/docs/open.js', /^public, max-age=3600$/],
  ['/docs/reference.js', /^public, max-age=3600$/],
])('%s is the same for everyone, and may be cached', async (path, expected) => {
  const { headers } = await fetch(`${tenants.stack.url}${path}`);
  expect(headers.get('cache-control')).toMatch(expected);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('a cut stream is private, and so is the answer to HEAD', async () => {
  const { stack } = tenants;
  const { runId } = await api(stack).runs.create(aRun());
  const headers = { 'x-api-key': stack.apiKey };
  for (const method of ['GET', 'HEAD']) {
    const gone = new AbortController();
    const response = await fetch(`${stack.url}/v1/runs/${runId}/sse`, { method, headers, signal: gone.signal });
    expectPrivate(response.headers);
    gone.abort();
  }
});

test('malformed requests get the same headers', async () => {
  const { hostname, port } = new URL(tenants.stack.url);
  const socket = connect(Number(port), hostname);
  socket.end('NOT HTTP\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toContain('400 Bad Request');
  const [head] = answer.split('\r\n\r\n', 1);
  const lines = head!
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(': ') as [string, string]);
  expectPrivate(new Headers(lines));
});
