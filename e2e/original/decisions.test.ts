// How a client of the original lets people decide, with the links of the events; and the names of all events.
import { beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { consent } from '../fixtures/calendar.ts';
import { APP } from '../fixtures/default-service.ts';
import type { OriginalClient } from './client.ts';
import { carryOut as carry, linkOf, steps } from './follow.ts';
import type { OriginalEvent } from './reference.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;
const seenStatuses = new Set<string>();

async function carryOut(body: Parameters<typeof carry>[1], options?: Parameters<typeof carry>[2]) {
  const all = await carry(client, body, options);
  for (const { name } of all.events) seenStatuses.add(name);
  return all;
}

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

const auths = (events: readonly OriginalEvent[]) =>
  events.flatMap((event) => (event.name === 'authentication' ? [event.auth] : []));

describe('an approval', () => {
  /** Follows the link like a person without a key: the page asks, its button decides. */
  const press = async (url: string) => {
    const browser = new Browser();
    const page = await browser.open(url);
    const button = /name="token" value="([^"]+)"[^>]*>Approve/.exec(page.html)?.[1] ?? '';
    expect((await browser.submit(page, { token: button })).status).toBe(200);
  };

  test.each([
    ['with the key', (url: string) => client.decide(url)],
    ['without a key, on the page behind it', press],
  ])('of the plan is given by the link, %s', async (_, approve) => {
    const { run, events } = await carryOut(salesSummary(world, { approvalStrategy: 'ON_START' }), {
      asked: (event) => approve(linkOf(event, 'approve')),
    });
    expect(events.map(({ name }) => name)).toEqual(expect.arrayContaining(['run_approval', 'run_action', 'end']));
    expect(run.status).toBe('SUCCESS');
  });

  test('of a call is given by the link', async () => {
    const { run, events } = await carryOut(salesSummary(world, { approvalStrategy: 'ON_TOOL_CALL' }), {
      includeToolCalls: true,
      asked: (event) => client.decide(linkOf(event, 'approve')),
    });
    const [pending, done] = steps(events);
    expect(pending).toMatchObject({ approval: 'PENDING', toolCalls: [{ toolCallId: expect.any(String) }] });
    expect(pending?.toolCalls?.[0]).not.toHaveProperty('toolResult');
    expect(done).toMatchObject({ approval: 'APPROVED' });
    expect(done?.toolCalls?.[0]?.toolResult?.approvalResult.status).toBe('APPROVED');
    expect(run.status).toBe('SUCCESS');
  });

  test('of a call is denied by the link, and the run makes no call', async () => {
    const before = world.stack.crm.requests.length;
    const { run, events } = await carryOut(salesSummary(world, { approvalStrategy: 'ON_TOOL_CALL' }), {
      asked: (event) => client.decide(linkOf(event, 'deny')),
    });
    expect(steps(events).map(({ approval }) => approval)).toEqual(['PENDING', 'DENIED']);
    expect(run.status).toBe('CANCELED');
    expect(world.stack.crm.requests).toHaveLength(before);
  });

  test('of a plan is denied, which cancels the run', async () => {
    const { run } = await carryOut(salesSummary(world, { approvalStrategy: 'ON_START' }), {
      asked: (event) => client.decide(linkOf(event, 'deny')),
    });
    expect(run.status).toBe('CANCELED');
  });

  test('waits as PAUSED', async () => {
    const { runId } = await client.createRun(salesSummary(world, { approvalStrategy: 'ON_START' }));
    await expect.poll(async () => (await client.run(runId)).status, { timeout: 10_000 }).toBe('PAUSED');
    await client.cancel(runId);
  });
});

describe('an integration', () => {
  const events = () => ({
    intent: 'List the events of my calendar',
    context: '',
    selectedCustomerIntegrationIds: [world.calendar],
  });

  test('is listed with all fields of the original', async () => {
    const integrations = await client.integrations({ active: true });
    expect(integrations.map(({ name }) => name)).toEqual(['CRM', 'Calendar'].sort());
    const crm = integrations.find((integration) => integration.customerIntegrationId === world.crm);
    expect(crm).toMatchObject({ active: true, authType: 'API_TOKEN', host: new URL(world.stack.crm.url).host });
    expect(crm).toHaveProperty('description');
    expect(integrations.find((integration) => integration.customerIntegrationId === world.calendar)?.authType).toBe(
      'OAUTH2',
    );
  });

  test('that is inactive is listed only on request', async () => {
    const idsOf = async (query?: { active: boolean }) =>
      (await client.integrations(query)).map((integration) => integration.customerIntegrationId);
    await world.change(world.crm, { active: false });
    expect([await idsOf(), await idsOf({ active: false })]).toEqual([[world.calendar], [world.crm]]);
    await world.change(world.crm, { active: true });
    expect(await idsOf()).toHaveLength(2);
  });

  test('that needs a consent gives a run its link, and the run continues on its own', async () => {
    const userId = 'ada of the run';
    const { run, events: seenEvents } = await carryOut(
      { ...events(), userId },
      {
        asked: async (event) => {
          if (event.name !== 'authentication' || event.auth.status !== 'required') return;
          expect((await client.run(event.runId)).status).toBe('AUTH_REQUIRED');
          await consent(new Browser(), event.auth.url);
        },
      },
    );
    expect(auths(seenEvents)).toEqual([
      { status: 'required', integrationName: 'Calendar', url: expect.any(String) },
      { status: 'success' },
    ]);
    expect(run.status).toBe('SUCCESS');
    expect(await client.integrationUser(world.calendar, userId)).toMatchObject({ userId, active: true });
  });

  test('answers a request for a consent link without a body', async () => {
    const { authorizeUrl } = await client.authUrl(world.calendar, 'user-without-body');
    const end = await consent(new Browser(), authorizeUrl);
    expect([end.status, end.url.search]).toEqual([200, '?status=success']);
  });

  test('at which the user refuses denies the run what it needs', async () => {
    const { run, events: seenEvents } = await carryOut(
      { ...events(), userId: 'grace' },
      {
        asked: async (event) => {
          if (event.name !== 'authentication' || event.auth.status !== 'required') return;
          await consent(new Browser(), event.auth.url, { decision: 'deny' });
        },
      },
    );
    expect(auths(seenEvents).map(({ status }) => status)).toEqual(['required', 'denied']);
    expect(run.status).toBe('FAILED');
  });

  test.each([
    ['success', 'allow'],
    ['error', 'deny'],
  ] as const)('sends a user to consent and back again, with status=%s', async (status, decision) => {
    const userId = `user who comes back with ${status}`;
    const path = encodeURIComponent(userId);
    await expect(client.integrationUser(world.calendar, path)).rejects.toMatchObject({ status: 404 });
    const redirectUri = `${APP}/connected`;
    const { authorizeUrl } = await client.authUrl(world.calendar, path, { redirectUri });
    // From then on the integration knows the user.
    expect(await client.integrationUser(world.calendar, path)).toMatchObject({ userId, active: false });
    const end = await consent(new Browser(), authorizeUrl, { decision, until: APP });
    expect(end.url.href).toBe(`${redirectUri}?status=${status}`);
    expect(await client.integrationUser(world.calendar, path)).toMatchObject({ active: status === 'success' });
  });
});

test('every event of the original was seen', () => {
  const all = ['start', 'status', 'step', 'authentication', 'run_approval', 'run_action', 'end'];
  expect([...seenStatuses].sort()).toEqual(all.sort());
});
