// Tool search by purpose, limited to the integrations of the caller's workspace.
import { beforeAll, describe, expect, test } from 'vitest';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, transports } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let stub: Stub;

beforeAll(async () => {
  stub = await startCallableStub({
    listParcels: { answer: (response) => json(response, {}) },
    sendParcel: { method: 'POST', answer: (response) => json(response, {}) },
    listInvoices: { answer: (response) => json(response, {}) },
  });
  workspace = await openWorkspace();
  return () => Promise.all([workspace.close(), stub.close()]);
});

describe.each(transports)('over %s', (transport, apiOver) => {
  let api: Api;
  let id: string;
  beforeAll(async () => {
    api = apiOver(workspace);
    const integration = await api.integrations.create({
      name: `Post of ${transport}`,
      document: stub.document,
      auth: { type: 'NONE' },
      enable: 'all',
    });
    id = integration.customerIntegrationId;
    return async () => {
      await api.integrations.delete({ customerIntegrationId: id });
    };
  });

  const namesFor = async (input: Parameters<Api['tools']['search']>[0]) =>
    (await api.tools.search(input)).tools.map(({ tool }) => tool);

  test('the best matches come first, with title, effect and score', async () => {
    const hits = (await api.tools.search({ q: 'send a parcel', customerIntegrationIds: [id] })).tools;
    expect(hits.map(({ tool, effect }) => [tool, effect])).toEqual([
      [`${id}.sendParcel`, 'write'],
      [`${id}.listParcels`, 'read'],
    ]);
    expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score);
    expect(await namesFor({ q: 'zebra', customerIntegrationIds: [id] })).toEqual([]);
  });

  test('all active integrations are searched unless some are named', async () => {
    const [deals] = (await api.tools.search({ q: 'list deals', limit: 1 })).tools;
    expect(deals).toMatchObject({ tool: expect.stringMatching(/\.listDeals$/), title: 'List deals', effect: 'read' });
    expect((await api.tools.search({ q: 'parcels' })).tools[0]).toMatchObject({
      integrationName: `Post of ${transport}`,
    });
    expect(await namesFor({ q: 'parcels' })).toContain(`${id}.listParcels`);
    expect(await namesFor({ q: 'list deals', customerIntegrationIds: [id] })).not.toContain(deals!.tool);
  });

  test('disabled tools are not found, and enabled ones are found at once', async () => {
    await api.integrations.setTools({ customerIntegrationId: id, enabled: 'reads' });
    expect(await namesFor({ q: 'parcel', customerIntegrationIds: [id] })).toEqual([`${id}.listParcels`]);
    await api.integrations.setTools({ customerIntegrationId: id, enabled: 'all' });
    expect(await namesFor({ q: 'parcel', customerIntegrationIds: [id] })).toHaveLength(2);
  });

  test('unknown and inactive integrations are refused', async () => {
    const q = 'parcel';
    const search = (customerIntegrationIds: string[]) => api.tools.search({ q, customerIntegrationIds });
    await expect(search(['gone_11112222'])).rejects.toMatchObject({
      status: 400,
      problem: { code: 'connection_not_found' },
    });
    await api.integrations.patch({ customerIntegrationId: id, active: false });
    await expect(search([id])).rejects.toMatchObject({ status: 400, problem: { code: 'connection_inactive' } });
    expect(await namesFor({ q })).toEqual([]);
    await api.integrations.patch({ customerIntegrationId: id, active: true });
  });
});
