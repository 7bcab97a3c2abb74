// Events with a question say so in their status: a client of the original switches on it, opens the link, and answers at once.
import { beforeAll, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { consent } from '../fixtures/calendar.ts';
import type { CreateRun, OriginalClient } from './client.ts';
import { linkOf } from './follow.ts';
import type { OriginalEvent, Status } from './reference.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

type Asking = Extract<Status, 'PAUSED' | 'AUTH_REQUIRED'>;

/** Answers at the first event with this status. @returns the names of such events, and the last status */
async function answer(body: CreateRun, on: Asking, how: (event: OriginalEvent) => Promise<unknown>) {
  const { runId } = await client.createRun(body);
  const eventNames: string[] = [];
  let answers: Promise<unknown> = Promise.resolve();
  for await (const event of client.follow(runId)) {
    if (event.name === 'keepalive' || event.runStatus !== on) continue;
    if (event.name === 'status') {
      // The run waits, and no event had this status: no one would answer.
      if (eventNames.length === 0) await client.cancel(runId);
      continue;
    }
    eventNames.push(event.name);
    answers = Promise.all([answers, how(event)]);
  }
  await answers;
  return { asked: eventNames, status: (await client.run(runId)).status };
}

const approve = (event: OriginalEvent) => client.decide(linkOf(event, 'approve'));

test('a plan that waits for approval is reported as PAUSED', async () => {
  const ended = await answer(salesSummary(world, { approvalStrategy: 'ON_START' }), 'PAUSED', approve);
  expect(ended).toEqual({ asked: ['run_approval'], status: 'SUCCESS' });
});

test('a call that waits for approval is reported as PAUSED', async () => {
  const ended = await answer(salesSummary(world, { approvalStrategy: 'ON_TOOL_CALL' }), 'PAUSED', approve);
  expect(ended).toEqual({ asked: ['step'], status: 'SUCCESS' });
});

test('a consent that is missing is reported as AUTH_REQUIRED', async () => {
  const body = {
    ...salesSummary(world),
    intent: 'List the events of my calendar',
    context: '',
    selectedCustomerIntegrationIds: [world.calendar],
  };
  const ended = await answer(body, 'AUTH_REQUIRED', async (event) => {
    if (event.name === 'authentication' && event.auth.status === 'required')
      await consent(new Browser(), event.auth.url);
  });
  expect(ended).toEqual({ asked: ['authentication'], status: 'SUCCESS' });
});

test('300 answers at the moment of the request all count', async () => {
  const statuses: string[] = [];
  const body = salesSummary(world, { approvalStrategy: 'ON_TOOL_CALL' });
  for (let batch = 0; batch < 30; batch++) {
    const ended = await Promise.all(Array.from({ length: 10 }, () => answer(body, 'PAUSED', approve)));
    statuses.push(...ended.map(({ status }) => status));
  }
  expect(statuses.filter((status) => status !== 'SUCCESS')).toEqual([]);
}, 180_000);
