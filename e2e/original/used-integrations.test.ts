// A list by integration finds runs that selected it, and runs without a selection that used it.
import { beforeAll, expect, test } from 'vitest';
import type { OriginalClient } from './client.ts';
import { carryOut } from './follow.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  return () => world.close();
});

test('a run of ["*"] is found only by the integration that it used', async () => {
  const userId = 'user of all';
  const { run } = await carryOut(client, salesSummary(world, { userId, selectedCustomerIntegrationIds: ['*'] }));
  expect(run.status).toBe('SUCCESS');
  const runsWith = async (...customerIntegrationIds: string[]) => {
    const { runs, pagination } = await client.runs({ userId, customerIntegrationIds });
    expect(pagination.totalItems).toBe(runs.length);
    return runs.map(({ runId }) => runId);
  };
  expect(await runsWith(world.crm)).toEqual([run.runId]);
  expect(await runsWith(world.calendar)).toEqual([]);
  expect(await runsWith(world.calendar, world.crm)).toEqual([run.runId]);
});
