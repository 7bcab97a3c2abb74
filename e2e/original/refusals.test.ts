// The refusals of the original with their statuses, and the limits below which it accepts.
import { beforeAll, expect, test } from 'vitest';
import { OriginalClient } from './client.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

const MISSING = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const refused = (send: () => Promise<unknown>, status: number) =>
  expect(send()).rejects.toMatchObject({ status, message: expect.stringContaining(`${status}`) });

test('no key, and a wrong one: 401', async () => {
  for (const key of [undefined, 'wrong']) {
    const stranger = new OriginalClient(world.stack.url, key);
    await refused(() => stranger.runs(), 401);
    await refused(() => stranger.run(MISSING), 401);
  }
});

test('unknown ids: 404; malformed ids: 400', async () => {
  for (const path of ['runs/', 'execution-plans/', 'feedback/run/']) {
    await refused(() => client.send('GET', `/v1/${path}${MISSING}`), 404);
    await refused(() => client.send('GET', `/v1/${path}none`), 400);
  }
  await refused(() => client.cancel(MISSING), 404);
});

test('a link to an approval without its token: 400', async () => {
  for (const caller of [client, new OriginalClient(world.stack.url, undefined)]) {
    await refused(() => caller.send('GET', '/v1/runs/approval'), 400);
  }
});

test.each([
  ['an empty intent', { intent: '' }],
  ['an intent of over 10 000 characters', { intent: 'x'.repeat(10_001) }],
  ['no intent', { intent: undefined as never }],
  ['no integration', { selectedCustomerIntegrationIds: [] }],
  ['over 100 integrations', { selectedCustomerIntegrationIds: Array.from({ length: 101 }, (_, i) => `i-${i}`) }],
  ['a context of over 50 000 characters', { context: 'x'.repeat(50_001) }],
  ['an empty userId', { userId: '' }],
  ['a userId of over 255 characters', { userId: 'x'.repeat(256) }],
  ['an empty repeatKey', { repeatKey: '' }],
  ['a repeatKey of over 255 characters', { repeatKey: 'x'.repeat(256) }],
  ['another strategy', { approvalStrategy: 'SOMETIMES' as never }],
  ['a number for a text', { intent: 5 as never }],
])('%s: 400', async (_, more) => {
  await refused(() => client.createRun(salesSummary(world, more)), 400);
});

test('values at those limits are accepted', async () => {
  const { runId } = await client.createRun(
    salesSummary(world, {
      intent: 'x'.repeat(10_000),
      context: 'x'.repeat(50_000),
      userId: 'x'.repeat(255),
      repeatKey: 'x'.repeat(255),
      selectedCustomerIntegrationIds: Array.from({ length: 100 }, (_, i) => (i % 2 ? world.crm : world.calendar)),
    }),
  );
  await client.cancel(runId).catch(() => undefined);
});

test.each(['page=0', 'page=1001', 'pageSize=0', 'pageSize=101', 'status=DONE', 'includeEvents=yes', 'userId='])(
  'a list with %s: 400',
  async (query) => {
    await refused(() => client.send('GET', `/v1/runs?${query}`), 400);
  },
);
