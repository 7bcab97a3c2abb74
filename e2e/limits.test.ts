// Limits of requests: by key over all processes, and by address for wrong keys.
import { beforeAll, describe, expect, test } from 'vitest';
import { request } from './fixtures/request.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Caller, overTrpc } from './fixtures/transports.ts';

const LIMIT = 40;
let stack: Stack;
let behindProxy: Server;
beforeAll(async () => {
  const env = { ERRAND_RATE_LIMIT: String(LIMIT) };
  stack = await startStack({ seed: false, env });
  behindProxy = await startServer({
    databaseUrl: stack.databaseUrl,
    dataDir: stack.dataDir,
    env: { ...env, ERRAND_ROLE: 'http', ERRAND_TRUSTED_PROXIES: '1' },
  });
  return async () => {
    await behindProxy.kill();
    await stack.close();
  };
});

const PATH = '/v1/runs?pageSize=1';
const aWrongKey = () => `er_live_${crypto.randomUUID().replaceAll('-', '').padEnd(38, '0')}`;

test('a key has a limit of requests per minute, over all processes and transports, and each answer reports the remainder', async () => {
  const callers = [stack, { ...stack, url: behindProxy.url }];
  const answers = [];
  for (let i = 0; i < LIMIT + 10; i++) answers.push(await request(callers[i % 2]!, PATH));
  const [first] = answers;
  expect(first!.headers.get('ratelimit-policy')).toBe(`"key";q=${LIMIT};w=60`);
  expect(first!.headers.get('ratelimit')).toMatch(/^"key";r=3\d;t=\d+$/);
  const accepted = answers.filter(({ status }) => status === 200).length;
  // the quota that was refilled during the requests
  expect(accepted).toBeGreaterThanOrEqual(LIMIT - 1);
  expect(accepted).toBeLessThan(LIMIT + 8);

  const { problem, headers } = answers.findLast(({ status }) => status === 429)!;
  expect(problem.code).toBe('rate_limited');
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/);
  // Four at once, because the quota regains one request every 1.5 s.
  const typed = await Promise.allSettled(Array.from({ length: 4 }, () => overTrpc(stack).runs.list({})));
  const reasons = typed.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(reasons).toContainEqual(expect.objectContaining({ status: 429 }));
  expect(reasons[0]).toMatchObject({ problem: { code: 'rate_limited' } });
  const plain = await Promise.all(Array.from({ length: 4 }, () => request(stack, '/trpc/runs.list?input={}')));
  const refused = plain.find((answer) => answer.status === 429);
  expect(refused?.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
});

describe('wrong keys', () => {
  /** The status of a request with a new key from a new address. */
  const ask = async (url: string, apiKey: string, forwarded = '', where = PATH) => {
    const headers: Record<string, string> = forwarded ? { 'x-forwarded-for': forwarded } : {};
    return request({ url, apiKey }, where, { headers });
  };
  const guess = async (url: string, forwarded: (i: number) => string) => {
    for (let i = 0; i < 20; i++) expect((await ask(url, aWrongKey(), forwarded(i))).status).toBe(401);
  };

  test('twenty per address are checked; a spoofed X-Forwarded-For does not help', async () => {
    const { url } = behindProxy;
    await guess(url, (i) => `198.51.100.${i}, 203.0.113.7`);
    const refused = await ask(url, aWrongKey(), '198.51.100.77, 203.0.113.7');
    expect([refused.status, refused.problem.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const trpc = await ask(url, aWrongKey(), '203.0.113.7', '/trpc/runs.list?input={}');
    expect([trpc.status, trpc.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    // the same text from another address
    expect((await ask(url, aWrongKey(), '203.0.113.7, 203.0.113.8')).status).toBe(401);
  });

  test('without trusted proxies the header is ignored', async () => {
    await guess(stack.url, (i) => `203.0.113.${i}`);
    expect((await ask(stack.url, aWrongKey(), '203.0.113.99')).status).toBe(429);
  });

  test('at the address of a guesser a known key still works, and a new one waits', async () => {
    const { url } = behindProxy;
    const address = '192.0.2.1';
    const keyHolder: Caller = { url, apiKey: stack.apiKey };
    await ask(url, keyHolder.apiKey, address);
    await guess(url, () => address);
    expect((await ask(url, aWrongKey(), address)).status).toBe(429);
    // 200, or 429 for its own quota, which the previous test has used up
    const after = await ask(url, keyHolder.apiKey, address);
    expect([200, 429]).toContain(after.status);
    expect(after.headers.has('ratelimit')).toBe(true);
    expect((await ask(url, keyHolder.apiKey, '192.0.2.2')).headers.has('ratelimit')).toBe(true);
  });
});

test.each(['/v1/connect', '/v1/runs/approval', '/v1/runs/question', '/v1/runs/input'])(
  'twenty wrong links of %s are checked per address',
  async (path) => {
    const open = (n: number, address: string) =>
      request(behindProxy, `${path}?token=wrong-${n}`, { headers: { 'x-forwarded-for': address, 'x-api-key': '' } });
    const network = `2001:db8:0:${path.length}`;
    for (let n = 0; n < 20; n++) expect((await open(n, `${network}::${n}`)).status).toBe(404);
    const refused = await open(20, `${network}:ffff::1`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[1-9]\d*$/)]);
    expect((await open(21, '2001:db8:1::1')).status).toBe(404);
  },
);
