// A workspace with intents that take long to plan, and one with a single errand.
import { scopes } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { createTestDatabase, loginsOf, masterKey } from '@errand/db/testing';
import { beforeAll, expect, inject, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, type Caller, overRest } from './fixtures/transports.ts';

const BLANKS = ' '.repeat(9900);
const listing = {
  summary: 'List cars',
  responses: {
    200: {
      description: 'The cars',
      content: {
        'application/json': {
          schema: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
        },
      },
    },
  },
};

let server: Server;
let stub: Stub;
let quiet: Caller;
let open = () => {};
beforeAll(async () => {
  const opened = new Promise<void>((resolve) => (open = resolve));
  stub = await startStub({
    // The model answers the first workspace once the errand of the other one has ended.
    cars: { more: listing, answer: async (response) => json(response, await opened.then(() => [{ id: 'c1' }])) },
    free: { more: { ...listing, summary: 'List free cars' }, answer: (response) => json(response, [{ id: 'c2' }]) },
  });
  const database = await createTestDatabase(inject('postgres'));
  const masterKeys = masterKey();
  const env = { ERRAND_MASTER_KEYS: masterKeys, ERRAND_EGRESS_ALLOW: stub.origin };
  server = await startServer({ databaseUrl: database.url, env });
  const db = openDatabase({ ...loginsOf(database.url), masterKeys: [masterKeys], poolSize: 1 });
  const { workspaceId } = await db.workspaces.create('the quiet one');
  const { key } = await db.apiKeys.create(workspaceId, { name: 'key', scopes });
  await db.close();
  quiet = { url: server.url, apiKey: key };
  return async () => {
    open();
    await server.stop();
    await stub.close();
    await database.drop();
  };
});

async function register(api: Api) {
  const auth = { type: 'API_TOKEN', token: 't' } as const;
  const integration = await api.integrations.create({ name: 'Garage', kind: 'openapi', document: stub.document, auth });
  return { selectedCustomerIntegrationIds: [integration.customerIntegrationId], approvalStrategy: 'NONE' as const };
}

test('an errand and a preflight of one workspace end while eight errands of blanks of another are under way', async () => {
  const [busy, quietApi] = [overRest(server), overRest(quiet)];
  const [ofBusy, ofOther] = [await register(busy), await register(quietApi)];
  const intent = `List${BLANKS}cars`;
  const looks = [1, 2].map(() => busy.runs.preflight(aRun({ ...ofBusy, intent })));
  const runs = await Promise.all(Array.from({ length: 8 }, () => busy.runs.create(aRun({ ...ofBusy, intent }))));

  const { run } = await carryOut(quietApi, aRun({ ...ofOther, intent: 'List the free cars' }));
  expect(run).toMatchObject({ status: 'SUCCESS', result: [{ id: 'c2' }] });
  const { plan } = await quietApi.runs.preflight(aRun({ ...ofOther, intent: 'List the free cars' }));
  expect(plan).toBeDefined();
  const states = await Promise.all(runs.map(({ runId }) => busy.runs.get({ runId })));
  expect(states.map(({ status }) => status)).not.toContain('SUCCESS');
  expect(states.map(({ status }) => status)).not.toContain('NO_SUCCESS');
  expect(states.map(({ status }) => status)).not.toContain('FAILED');

  open();
  for (const look of await Promise.all(looks)) expect(look.plan).toBeDefined();
  for (const { runId } of runs) {
    await eventsOf(busy, runId);
    expect((await busy.runs.get({ runId })).status).toBe('SUCCESS');
  }
});
