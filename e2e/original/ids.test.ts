// Ids in the form of the original's own example requests.
import { beforeAll, expect, test } from 'vitest';
import type { OriginalClient } from './client.ts';
import { carryOut } from './follow.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;
const ids = ['integration-1', 'integration-2', 'hubspot_efgh5678'];

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  const { documentUrl: url, token } = world.stack.crm;
  for (const customerIntegrationId of ids) {
    const body = { name: customerIntegrationId, url, auth: { type: 'API_TOKEN', token }, customerIntegrationId };
    expect(await world.register(body)).toBe(customerIntegrationId);
  }
  return () => world.close();
});

test('the example requests are carried out unchanged', async () => {
  const body = { ...salesSummary(world), userId: 'user-123', approvalStrategy: 'NONE' } as const;
  for (const selected of [['integration-1', 'integration-2'], ['hubspot_efgh5678']]) {
    const { run } = await carryOut(client, { ...body, selectedCustomerIntegrationIds: selected });
    expect(run.status).toBe('SUCCESS');
  }
  expect((await client.runs({ customerIntegrationIds: ['hubspot_efgh5678'] })).runs).toHaveLength(1);
  expect((await client.runs({ customerIntegrationIds: ['integration-2', 'hubspot_efgh5678'] })).runs).toHaveLength(2);
  const listed = await client.integrations({ active: true });
  expect(listed.map((integration) => integration.customerIntegrationId)).toEqual(expect.arrayContaining(ids));
  expect(await client.authUrl('hubspot_efgh5678', 'user-123')).toHaveProperty('authorizeUrl');
});

test('an unknown id matches nothing in a list, and is 400 elsewhere', async () => {
  const unknown = ['salesforce_abcd1234', 'integration-9'];
  expect((await client.runs({ customerIntegrationIds: unknown })).pagination.totalItems).toBe(0);
  for (const selectedCustomerIntegrationIds of [unknown, ['integration-1', 'integration-9']]) {
    const body = salesSummary(world, { selectedCustomerIntegrationIds });
    await expect(client.createRun(body)).rejects.toMatchObject({ status: 400 });
  }
});

test('an inactive integration is refused by name, and excluded from "*"', async () => {
  await world.change('integration-2', { active: false });
  const body = salesSummary(world, { selectedCustomerIntegrationIds: ['integration-1', 'integration-2'] });
  await expect(client.createRun(body)).rejects.toMatchObject({
    status: 400,
    message: expect.stringMatching(/integration-2.* inactive/),
  });
  const { run } = await carryOut(client, { ...body, selectedCustomerIntegrationIds: ['*'] });
  expect(run.status).toBe('SUCCESS');
});

test('integrations of one kind of service share their integrationId, which is not the id of any of them', async () => {
  const kinds = new Map(
    (await client.integrations()).map(
      (integration) => [integration.customerIntegrationId, integration.integrationId] as const,
    ),
  );
  expect(kinds.get('integration-1')).toBe(kinds.get('hubspot_efgh5678'));
  expect(kinds.get(world.calendar)).not.toBe(kinds.get('integration-1'));
});
