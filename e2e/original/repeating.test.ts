// A repeat finds the run with the same context, and times relative to the first run become relative to the repeat.
import { beforeAll, expect, test } from 'vitest';
import type { Stack } from '../fixtures/stack.ts';
import type { OriginalClient } from './client.ts';
import { carryOut, follow } from './follow.ts';
import { salesSummary, startWorld, type World } from './world.ts';

let world: World<Stack>;
let client: OriginalClient;

beforeAll(async () => {
  world = await startWorld();
  client = world.client;
  return () => world.close();
});

test('alternating contexts each repeat their own run', async () => {
  const firstInput = salesSummary(world, { repeatKey: 'in turns', context: 'Focus on Q4 2023 data' });
  const otherInput = { ...firstInput, context: 'Focus on Q3 2023 data' };
  const [first, second] = [await carryOut(client, firstInput), await carryOut(client, otherInput)];
  expect(first.run.result).not.toEqual(second.run.result);
  for (const [body, earlier] of [
    [firstInput, first],
    [otherInput, second],
    [firstInput, first],
  ] as const) {
    const { run } = await carryOut(client, body);
    expect(run).toMatchObject({ status: 'SUCCESS', result: earlier.run.result, repeatRunId: expect.any(String) });
  }
});

test('a time in five minutes is relative to each run', async () => {
  const body = salesSummary(world, {
    intent: 'Log a call with Contoso in 5 minutes',
    context: '',
    repeatKey: 'in five minutes',
  });
  const { activities } = world.stack.crm.data;
  const due = async () => {
    const before = activities.length;
    const { run } = await carryOut(client, body);
    expect([run.status, activities.length]).toEqual(['SUCCESS', before + 1]);
    return { run, after: Date.parse(activities.at(-1)!.scheduledAt!) - Date.parse(run.createdAt) };
  };
  const first = await due();
  await expect.poll(() => Date.now(), { timeout: 5000 }).toBeGreaterThan(Date.parse(first.run.createdAt) + 2500);
  const second = await due();
  expect(second.run.repeatRunId).toBe(first.run.runId);
  for (const { after } of [first, second]) expect(Math.abs(after - 5 * 60_000)).toBeLessThanOrEqual(1000);
});

test('a repeat that waits through a crash writes the time relative to when it was created', async () => {
  const body = salesSummary(world, {
    intent: 'Log a call with Contoso for tomorrow at 10:00',
    context: '',
    repeatKey: 'tomorrow',
  });
  const { activities } = world.stack.crm.data;
  const first = await carryOut(client, body);
  const created = await client.createRun({ ...body, approvalStrategy: 'ON_TOOL_CALL' });
  // Look up the account, then log the call.
  for (const crashes of [false, true]) {
    await expect.poll(async () => (await client.run(created.runId)).status, { timeout: 10_000 }).toBe('PAUSED');
    if (crashes) await world.stack.restart();
    const { events = [] } = await client.run(created.runId, { includeEvents: true });
    const pendingEvent = events.findLast(({ step }) => step?.approval === 'PENDING');
    await client.decide(pendingEvent!.step!.approvalActions!.find(({ action }) => action === 'approve')!.url);
  }
  await follow(client, created.runId);
  const run = await client.run(created.runId);
  expect(run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.run.runId });
  const tomorrow = Math.floor(Date.parse(run.createdAt) / 86_400_000 + 1) * 86_400_000 + 36_000_000;
  expect(Date.parse(activities.at(-1)!.scheduledAt!)).toBe(tomorrow);
});

test('with a changed value in the context a run repeats and writes that value', async () => {
  const body = salesSummary(world, { intent: 'Create an account', repeatKey: 'accounts' });
  const context = (name: string, industry: string) =>
    `name=${name}; industry=${industry}; region=EMEA; ownerId=usr_000001; website=https://example.com`;
  const first = await carryOut(client, { ...body, context: context('Globex', 'Energy') });
  const second = await carryOut(client, { ...body, context: context('Initech', 'Energy') });
  expect(second.run).toMatchObject({ status: 'SUCCESS', repeatRunId: first.run.runId });
  const third = await carryOut(client, { ...body, context: context('Initrode', 'Finance') });
  expect(third.run.repeatRunId).toBeUndefined();
  expect(world.stack.crm.data.accounts.slice(-3)).toMatchObject([
    { name: 'Globex', industry: 'Energy' },
    { name: 'Initech', industry: 'Energy' },
    { name: 'Initrode', industry: 'Finance' },
  ]);
});
