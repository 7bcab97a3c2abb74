// Secrets reach the service that they are for, and nothing else, in all situations.
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun } from './fixtures/builders.ts';
import { formsOf, operations, startEcho, visibleOf } from './fixtures/echo.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { dump } from './fixtures/tables.ts';
import { overRest, overTrpc } from './fixtures/transports.ts';

const OF_WORKSPACE = 'canary-workspace-4f81c09d7e';
const OF_USER = 'canary-user-b20c7715ea';
const forms = [OF_WORKSPACE, OF_USER].flatMap(formsOf);
const secretsIn = (text: string) => forms.filter((form) => text.includes(form));

let stack: Stack;
let stub: Stub;
let elsewhere: Stub;
/** Everything that a caller could see. */
const visible: string[] = [];

beforeAll(async () => {
  elsewhere = await startStub({ catch: { answer: (response) => json(response, {}) } });
  stub = await startEcho(elsewhere);
  stack = await startStack({ allow: [stub.origin, elsewhere.origin], seed: false, env: { LOG_LEVEL: 'trace' } });
  return () => Promise.all([stack.close(), stub.close(), elsewhere.close()]);
});

test('no answer, event, log, table or other process contains tokens', async () => {
  const api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: OF_WORKSPACE } as const;
  const integration = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
  const { customerIntegrationId } = integration;
  const user = { customerIntegrationId, userId: 'ann' };
  visible.push(JSON.stringify([integration, await api.integrations.putCredentials({ ...user, apiToken: OF_USER })]));
  visible.push(
    JSON.stringify([(await api.integrations.list({})).integrations, await overTrpc(stack).integrations.getUser(user)]),
  );

  for (const operation of operations) {
    for (const userId of ['ann', 'bob'])
      visible.push(...(await visibleOf(stack, customerIntegrationId, operation, { userId })));
  }
  // a token in the wrong place, and an unreadable body: an error or log must contain neither
  visible.push((await request(stack, `/v1/runs?token=${OF_USER}`)).text);
  visible.push((await request(stack, '/v1/integrations', { body: `{"auth":"${OF_WORKSPACE}` })).text);

  const sent = stub.hits.map(({ headers }) => headers.authorization);
  expect(new Set(sent)).toEqual(new Set([`Bearer ${OF_USER}`, `Bearer ${OF_WORKSPACE}`]));
  expect(visible).toHaveLength(24);
  for (const text of visible) {
    expect(text.length).toBeGreaterThan(50);
    expect(secretsIn(text)).toEqual([]);
  }
  expect(elsewhere.connections()).toBe(0);

  expect(stack.log()).toContain('"msg":"request"');
  expect(secretsIn(stack.log())).toEqual([]);
  expect(stack.log()).not.toContain(stack.apiKey);

  const tables = await dump(stack.databaseUrl);
  expect(Object.values(tables).flat().length).toBeGreaterThan(50);
  for (const [name, rows] of Object.entries(tables)) {
    expect([name, secretsIn(rows.join('\n'))]).toEqual([name, []]);
    expect([name, rows.join('\n').includes(stack.apiKey)]).toEqual([name, false]);
    const bytes = forms.map((form) => Buffer.from(form).toString('hex'));
    expect([name, bytes.filter((hex) => rows.join('\n').includes(hex))]).toEqual([name, []]);
  }
});

test('encrypted values can be decrypted after a restart', async () => {
  const [integration] = (await overRest(stack).integrations.list({})).integrations;
  const { customerIntegrationId } = integration!;
  // The previous one was refused.
  const again = { customerIntegrationId, userId: 'ann', apiToken: OF_USER };
  await overRest(stack).integrations.putCredentials(again);
  await stack.restart();
  const api = overRest(stack);
  const input = aRun({
    userId: 'ann',
    plan: aPlan(`${customerIntegrationId}.succeed`),
    selectedCustomerIntegrationIds: [customerIntegrationId],
    prefer: 'wait=20',
  });
  expect(await api.runs.create(input)).toMatchObject({ status: 'SUCCESS' });
  expect(stub.hits.at(-1)!.headers.authorization).toBe(`Bearer ${OF_USER}`);
  expect(secretsIn(stack.log())).toEqual([]);
});
