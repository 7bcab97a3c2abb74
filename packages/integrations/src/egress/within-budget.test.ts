import { CallBudget } from '@errand/basics/call-budget';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authorizationOf } from '../oauth/protected-service.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { createEgress, type Egress } from './egress.ts';
import { withinBudget } from './within-budget.ts';

let stub: StubService;
let egress: Egress;
let answer: Parameters<typeof startStubService>[0];
beforeAll(async () => {
  stub = await startStubService((...args) => answer(...args));
  egress = createEgress({ allowOrigins: [stub.origin] });
});
afterAll(() => Promise.all([egress.close(), stub.close()]));
beforeEach(() => {
  answer = (_, response) => void response.end('x'.repeat(1000));
  stub.hits.length = 0;
});

const within = (limits: Partial<ConstructorParameters<typeof CallBudget>[0]>) => {
  const budget = new CallBudget({ totalMs: 60_000, ...limits });
  return { budget, bounded: withinBudget(egress, budget) };
};
const request = (bounded: Egress) =>
  bounded.request({ method: 'GET', url: stub.origin, credentials: true, maxBytes: 2000 });
const fetched = async (bounded: Egress) => {
  const response = await bounded.fetchFor({ tenant: 'one', totalMs: 5000, maxBytes: 2000 })(stub.origin);
  return response.text();
};

test.each([
  ['request', request],
  ['fetch', fetched],
])('requests are counted over a call, and none is sent beyond the limit, by %s', async (_, send) => {
  const { bounded } = within({ requests: 2 });
  await send(bounded);
  await send(bounded);
  await expect(send(bounded)).rejects.toMatchObject({ code: 'upstream_error', sent: false });
  expect(stub.hits).toHaveLength(2);
});

test('bytes are counted over a call: a whole answer counts as one, and a stream is cut', async () => {
  const first = within({ bytes: 1500 });
  await request(first.bounded);
  expect((await request(first.bounded)).body).toHaveLength(1000);
  await expect(request(first.bounded)).rejects.toMatchObject({ code: 'upstream_too_large', sent: false });
  const second = within({ bytes: 1500 });
  await fetched(second.bounded);
  await expect(fetched(second.bounded)).rejects.toMatchObject({ code: 'upstream_too_large', sent: true });
  expect(stub.hits).toHaveLength(4);
});

test('an answer that fails costs as much as it might have had', async () => {
  answer = (_, response) => void response.write('x', () => response.destroy());
  const { bounded } = within({ bytes: 3000 });
  await expect(request(bounded)).rejects.toMatchObject({ code: 'upstream_unreachable' });
  await expect(request(bounded)).rejects.toMatchObject({ code: 'upstream_unreachable' });
  await expect(request(bounded)).rejects.toMatchObject({ code: 'upstream_too_large', sent: false });
});

test('time is that of the whole call', async () => {
  answer = () => {};
  const { bounded, budget } = within({ totalMs: 200 });
  const slow = { method: 'GET', url: stub.origin, credentials: true, timeoutMs: 60_000 } as const;
  await expect(bounded.request(slow)).rejects.toMatchObject({ code: 'upstream_timeout', sent: true });
  await expect(bounded.request(slow)).rejects.toMatchObject({ code: 'upstream_timeout', sent: false });
  expect([stub.hits.length, budget.reached]).toEqual([1, 'totalMs']);
});

test('the discovery of an authorization server ends, however its metadata lead on', async () => {
  answer = ({ url = '' }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const of = `${stub.origin}${url}`;
    response.end(JSON.stringify({ resource: stub.origin, authorization_servers: [of], issuer: of, jwks_uri: of }));
  };
  const challenge = { resourceMetadataUrl: `${stub.origin}/again` };
  const finding = authorizationOf(new URL(`${stub.origin}/mcp`), { challenge }, { egress });
  await expect(finding).rejects.toMatchObject({ code: 'oauth_issuer_mismatch' });
  expect(stub.hits.length).toBeLessThanOrEqual(7);
});
