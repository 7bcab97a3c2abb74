// The same three errands at services with other names for everything, which no planner knows.
import { type Crm, errands, startCrm, vocabulary } from '@errand/demo';
import { beforeAll, describe, expect, test } from 'vitest';
import { carryOut } from './fixtures/builders.ts';
import { exhaustive } from './fixtures/combine.ts';
import { addedUp, largeDealsOf } from './fixtures/crm.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { callablePort, openWorkspace, type Workspace } from './fixtures/workspace.ts';

const seeds = exhaustive ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2, 3];
let workspace: Workspace;
let api: Api;
let crms: Crm[];
let ids: string[];
beforeAll(async () => {
  const start = async (seed: number) => startCrm({ port: await callablePort(), vocabulary: vocabulary(seed) });
  crms = await Promise.all(seeds.map(start));
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  ids = [];
  for (const { documentUrl, token } of crms) {
    const auth = { type: 'API_TOKEN', token } as const;
    const integration = await api.integrations.create({ name: 'CRM', kind: 'openapi', url: documentUrl, auth });
    ids.push(integration.customerIntegrationId);
  }
  return () => Promise.all([workspace.close(), ...crms.map((crm) => crm.close())]);
});

describe.each(seeds.map((seed, i) => [seed, i] as const))('vocabulary %i', (_, i) => {
  const at = <E extends (typeof errands)[keyof typeof errands]>(errand: E) => ({
    ...errand,
    selectedCustomerIntegrationIds: [ids[i]!],
  });

  test('the sales summary has the exact totals', async () => {
    const { run } = await carryOut(api, at(errands.salesSummary));

    expect(run.status).toBe('SUCCESS');
    const { total, regions } = addedUp(crms[i]!);
    const result = run.result as { regions: unknown[] };
    expect(result).toEqual({ quarter: expect.stringContaining('Q4'), total, regions: expect.any(Array) });
    expect(result.regions).toHaveLength(regions.length);
    expect(result.regions).toEqual(expect.arrayContaining(regions));
  });

  test('the large deals are found with their owners, and no other deals', async () => {
    const { run } = await carryOut(api, at(errands.largeDeals));

    expect(run.status).toBe('SUCCESS');
    const { deals, owners } = largeDealsOf(crms[i]!);
    const text = JSON.stringify(run.result);
    expect([...new Set(text.match(/dea_\d{6}/g))].sort()).toEqual(deals.map(({ id }) => id).sort());
    for (const { name } of owners) expect(text).toContain(`"${name}"`);
  });

  test('the call is logged once, for tomorrow at ten', async () => {
    const { data, requests } = crms[i]!;
    const rows = data.activities.length;
    const before = requests.length;
    const { run, created } = await carryOut(api, at(errands.logCall));

    expect(run.status).toBe('SUCCESS');
    const writes = requests.slice(before).filter(({ method }) => method !== 'GET');
    expect(writes).toMatchObject([{ operation: 'createActivity', status: 201, headers: { 'idempotency-key': /./ } }]);
    const tomorrow = new Date(Date.parse(created.createdAt) + 86_400_000).toISOString().slice(0, 10);
    const accountId = data.accounts.find(({ name }) => name.includes('Contoso'))!.id;
    expect(data.activities.slice(rows)).toMatchObject([
      { type: 'call', accountId, scheduledAt: expect.stringContaining(`${tomorrow}T10:00`) },
    ]);
  });
});
