// Ids that callers choose for integrations, accepted forms of documents, and the ids that a selection may contain.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let stub: Stub;
let api: Api;
beforeAll(async () => {
  stub = await startCallableStub({ listThings: { answer: (response) => json(response, { things: ['a'] }) } });
  workspace = await openWorkspace({ seed: false });
  api = overTrpc(workspace);
  return () => Promise.all([workspace.close(), stub.close()]);
});

const refused = (status: number, code: string, pointer?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) }),
  });

type Registration = Parameters<Api['integrations']['create']>[0];
const register = (more: Partial<Registration> = {}) =>
  api.integrations.create({ name: 'Things', document: stub.document, auth: { type: 'NONE' }, ...more });

test.each(['integration-1', 'hubspot_efgh5678', 'Salesforce', '0', '_', '-', 'x'.repeat(128)])(
  'an integration may have the id %s, and a run uses it by that id',
  async (customerIntegrationId) => {
    const integration = await register({ customerIntegrationId });
    expect(integration.customerIntegrationId).toBe(customerIntegrationId);
    const { run, events } = await carryOut(
      api,
      aRun({
        selectedCustomerIntegrationIds: [customerIntegrationId],
        plan: aPlan(`${customerIntegrationId}.listThings`),
      }),
    );
    expect(run).toMatchObject({ status: 'SUCCESS', selectedCustomerIntegrationIds: [customerIntegrationId] });
    expect(JSON.stringify(events)).toContain(`"${customerIntegrationId}.listThings"`);
    const { runs } = await api.runs.list({ customerIntegrationIds: [customerIntegrationId] });
    expect(runs.map(({ runId }) => runId)).toContain(run.runId);
    await api.integrations.delete({ customerIntegrationId });
  },
);

test.each([
  '',
  'a b',
  'a.b',
  'ä',
  'a/b',
  'x'.repeat(129),
  'errand',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
])('no integration can have the id %j', async (customerIntegrationId) => {
  await expect(register({ customerIntegrationId })).rejects.toEqual(
    refused(400, 'validation_failed', '/customerIntegrationId'),
  );
  const input = aRun({ selectedCustomerIntegrationIds: [customerIntegrationId] });
  await expect(api.runs.create(input)).rejects.toMatchObject({ status: 400 });
});

test('an id belongs to one integration at a time, and is case-sensitive', async () => {
  const id = `Things-${randomUUID()}`;
  await register({ customerIntegrationId: id });
  await expect(register({ customerIntegrationId: id })).rejects.toEqual(
    refused(409, 'integration_exists', '/customerIntegrationId'),
  );
  const lower = await register({ customerIntegrationId: id.toLowerCase(), name: 'Other things' });
  expect((await api.integrations.get({ customerIntegrationId: id })).name).toBe('Things');
  expect((await api.integrations.get({ customerIntegrationId: lower.customerIntegrationId })).name).toBe(
    'Other things',
  );
  await expect(api.runs.create(aRun({ selectedCustomerIntegrationIds: [id.toUpperCase()] }))).rejects.toMatchObject({
    status: 400,
    problem: { code: 'connection_not_found' },
  });
});

test('without an id it is derived from the name', async () => {
  expect((await register()).customerIntegrationId).toMatch(/^things_[0-9a-f]{8}$/);
});

test('an unknown id matches nothing in a list, and is refused in a selection', async () => {
  expect((await api.runs.list({ customerIntegrationIds: ['integration-9', 'nothing'] })).runs).toEqual([]);
  await expect(
    api.runs.create(aRun({ selectedCustomerIntegrationIds: ['integration-9', 'nothing'] })),
  ).rejects.toMatchObject({ status: 400, problem: { code: 'connection_not_found' } });
});

test('a run that names an inactive integration is refused, with its name', async () => {
  const on = (await register({ name: 'Switched on' })).customerIntegrationId;
  const off = (await register({ name: 'Switched off' })).customerIntegrationId;
  await api.integrations.patch({ customerIntegrationId: off, active: false });
  for (const [selected, at] of [
    [[off], 0],
    [[on, off], 1],
  ] as const) {
    for (const more of [{}, { plan: aPlan(`${on}.listThings`) }]) {
      const attempt = api.runs.create(aRun({ selectedCustomerIntegrationIds: [...selected], ...more }));
      await expect(attempt).rejects.toMatchObject({
        status: 400,
        problem: {
          code: 'connection_inactive',
          detail: expect.stringMatching(/^Inactive: Switched off \(/),
          errors: [{ pointer: `/selectedCustomerIntegrationIds/${at}`, message: 'Switched off is inactive.' }],
        },
      });
    }
  }
  const all = await carryOut(api, aRun({ plan: aPlan(`${on}.listThings`) }));
  expect(all.run.status).toBe('SUCCESS');
  await expect(api.runs.create(aRun({ plan: aPlan(`${off}.listThings`) }))).rejects.toMatchObject({
    problem: { code: 'plan_invalid' },
  });
});

test('a document may be a text or an object, and the kind is optional', async () => {
  const document = JSON.parse(stub.document);
  const integration = await register({ document });
  expect(integration).toMatchObject({ kind: 'openapi', toolCount: 1, host: new URL(stub.origin).host });
  const { customerIntegrationId } = integration;
  document.paths['/more'] = { get: { operationId: 'more', responses: { 200: { description: 'More' } } } };
  expect(await api.integrations.refresh({ customerIntegrationId, document })).toMatchObject({ toolCount: 2 });
  await expect(register({ document: { openapi: '3.1.0' } })).rejects.toMatchObject({
    problem: { code: 'openapi_invalid' },
  });
  await expect(register({ document, url: `${stub.origin}/openapi.json` })).rejects.toEqual(
    refused(400, 'validation_failed', '/document'),
  );
  for (const wrong of [[], 5, null, '']) {
    await expect(register({ document: wrong as never })).rejects.toEqual(
      refused(400, 'validation_failed', '/document'),
    );
  }
});

test('integrationId names the kind of service, the same for each registration of a document', async () => {
  const [first, two] = [await register(), await register({ name: 'The same' })];
  expect(first.integrationId).toBe(`127-0-0-1-${new URL(stub.origin).port}-stub`);
  expect(two.integrationId).toBe(first.integrationId);
  const otherDocument = JSON.stringify({ ...JSON.parse(stub.document), info: { title: 'Other stub', version: '1' } });
  expect((await register({ document: otherDocument })).integrationId).not.toBe(first.integrationId);
  const { customerIntegrationId } = first;
  expect((await api.integrations.refresh({ customerIntegrationId, document: otherDocument })).integrationId).toBe(
    first.integrationId,
  );
  expect(JSON.stringify((await api.integrations.list({ active: 'all' })).integrations)).not.toMatch(
    /"[0-9a-f]{8}-[0-9a-f]{4}-7/,
  );
});
