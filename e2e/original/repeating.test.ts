// A repeat finds the run of its own context, and what was relative to the time of the first run is relative to its own.
import { beforeAll, expect, test } from 'vitest';
import type { OriginalClient } from './client.ts';
import { carryOut } from './follow.ts';
import { salesSummary, startWorld, type World } from './world.ts';

let world: World;
let client: OriginalClient;

beforeAll(async () => {
  world = await startWorld();
  client = world.client;
  return () => world.close();
});

test('contexts that take turns repeat, each the run of its own', async () => {
  const one = salesSummary(world, { repeatKey: 'in turns', context: 'Focus on Q4 2023 data' });
  const other = { ...one, context: 'Focus on Q3 2023 data' };
  const [first, second] = [await carryOut(client, one), await carryOut(client, other)];
  expect(first.run.result).not.toEqual(second.run.result);
  for (const [body, earlier] of [
    [one, first],
    [other, second],
    [one, first],
  ] as const) {
    const { run } = await carryOut(client, body);
    expect(run).toMatchObject({ status: 'SUCCESS', result: earlier.run.result, repeatRunId: expect.any(String) });
  }
});

test('what is to be in five minutes is in five minutes each time, of the same repeatKey', async () => {
  const body = salesSummary(world, {
    intent: 'Log a call with Contoso in 5 minutes',
    context: '',
    repeatKey: 'in five minutes',
  });
  const { activities } = world.place.crm.data;
  const due = async () => {
    const before = activities.length;
    const { run } = await carryOut(client, body);
    expect([run.status, activities.length]).toEqual(['SUCCESS', before + 1]);
    return { run, after: Date.parse(activities.at(-1)!.scheduledAt!) - Date.parse(run.createdAt) };
  };
  const first = await due();
  await expect.poll(() => Date.now(), { timeout: 5000 }).toBeGreaterThan(Date.parse(first.run.createdAt) + 2500);
  const second = await due();
  for (const { after } of [first, second]) expect(Math.abs(after - 5 * 60_000)).toBeLessThanOrEqual(1000);
});
