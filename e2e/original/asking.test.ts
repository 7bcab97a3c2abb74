// Events with a question say so in their status: a client of the original switches on it, opens the link, and answers at once.
import { beforeAll, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { consent } from '../fixtures/calendar.ts';
import { answer, approve, approveAtOnce } from './answer.ts';
import type { OriginalClient } from './client.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

test('a plan that waits for approval is reported as PAUSED', async () => {
  const ended = await answer(client, salesSummary(world, { approvalStrategy: 'ON_START' }), 'PAUSED', approve(client));
  expect(ended).toEqual({ asked: ['run_approval'], status: 'SUCCESS' });
});

test('a call that waits for approval is reported as PAUSED', async () => {
  const ended = await answer(
    client,
    salesSummary(world, { approvalStrategy: 'ON_TOOL_CALL' }),
    'PAUSED',
    approve(client),
  );
  expect(ended).toEqual({ asked: ['step'], status: 'SUCCESS' });
});

test('a consent that is missing is reported as AUTH_REQUIRED', async () => {
  const body = {
    ...salesSummary(world),
    intent: 'List the events of my calendar',
    context: '',
    selectedCustomerIntegrationIds: [world.calendar],
  };
  const ended = await answer(client, body, 'AUTH_REQUIRED', async (event) => {
    if (event.name === 'authentication' && event.auth.status === 'required')
      await consent(new Browser(), event.auth.url);
  });
  expect(ended).toEqual({ asked: ['authentication'], status: 'SUCCESS' });
});

test('20 answers at the moment of the request all count', async () => {
  const statuses = await approveAtOnce(world, 2);
  expect(statuses).toEqual(Array.from({ length: 20 }, () => 'SUCCESS'));
});
