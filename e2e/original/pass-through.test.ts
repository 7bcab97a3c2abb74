// The original's own sample of passThrough: a header Authorization, which replaces the user's credential.
import { beforeAll, describe, expect, test } from 'vitest';
import type { OriginalClient } from './client.ts';
import { carryOut } from './follow.ts';
import { openWorld, salesSummary, type World } from './world.ts';

let world: World;
let client: OriginalClient;
const ids: Record<string, string> = {};

beforeAll(async () => {
  world = await openWorld();
  client = world.client;
  const { documentUrl: url } = world.stack.crm;
  const { url: issuer, clientId, clientSecret } = world.calendarStack.authorization;
  ids.API_TOKEN = await world.register({ name: 'CRM of tokens', url, auth: { type: 'API_TOKEN' } });
  const auth = { type: 'OAUTH2', issuer, clientId, clientSecret };
  ids.OAUTH2 = await world.register({ name: 'CRM of consents', url, auth });
  return () => world.close();
});

describe.each(['API_TOKEN', 'OAUTH2'])('at an integration of %s', (authType) => {
  const body = (token: string) => {
    const customerIntegrationId = ids[authType]!;
    return salesSummary(world, {
      selectedCustomerIntegrationIds: [customerIntegrationId],
      passThrough: [{ customerIntegrationId, headers: { Authorization: `Bearer ${token}` } }],
    });
  };

  test('it replaces the credential of the user, and no one is asked', async () => {
    const { token } = world.stack.crm;
    const { created, events, run } = await carryOut(client, body(token), { includeToolCalls: true });
    expect(run.status).toBe('SUCCESS');
    expect(events.map(({ name }) => name)).not.toContain('authentication');
    expect(world.stack.crm.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
    expect(JSON.stringify([created, events, run])).not.toContain(token);
  });

  test('that the service refuses ends the run, and no one is asked', async () => {
    const { events, run } = await carryOut(client, body('of-nobody-1234567890'));
    expect(run.status).toBe('FAILED');
    expect(events.map(({ name }) => name)).not.toContain('authentication');
  });
});
