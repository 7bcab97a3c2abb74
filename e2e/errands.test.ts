// The main job: three errands at a CRM with any vocabulary, compared with the CRM's own figures.
import { errands } from '@errand/demo';
import { beforeAll, expect, test } from 'vitest';
import { carryOut } from './fixtures/builders.ts';
import { largeDealsOf, salesOf } from './fixtures/crm.ts';
import { overTrpc } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  return () => workspace.close();
});

test('the sales summary has the exact totals of the CRM, in the wanted shape', async () => {
  const { run } = await carryOut(overTrpc(workspace), errands.salesSummary);

  expect(run.status).toBe('SUCCESS');
  expect(run.result).toEqual(await salesOf(workspace.crm));
});

test('the large deals are found through the account, with their owners', async () => {
  const { run, events } = await carryOut(overTrpc(workspace), errands.largeDeals);

  const calls = events.flatMap((event) => (event.type === 'step' ? (event.step.toolCalls ?? []) : []));
  expect(calls.map(({ toolName }) => toolName.split('.')[1])).toEqual(
    expect.arrayContaining(['listAccounts', 'listDeals', 'getUser']),
  );
  expect(run.status).toBe('SUCCESS');
  const { deals, owners } = largeDealsOf(workspace.crm);
  const text = JSON.stringify(run.result);
  for (const { id } of deals) expect(text).toContain(`"${id}"`);
  for (const { name } of owners) expect(text).toContain(`"${name}"`);
  const listed = new Set(text.match(/dea_\d{6}/g));
  expect([...listed].sort()).toEqual(deals.map(({ id }) => id).sort());
});

test('the call is logged once, for tomorrow at ten, with an Idempotency-Key', async () => {
  const before = workspace.crm.requests.length;
  const rows = workspace.crm.data.activities.length;
  const { run, created } = await carryOut(overTrpc(workspace), errands.logCall);

  expect(run.status).toBe('SUCCESS');
  const writes = workspace.crm.requests.slice(before).filter(({ method }) => method !== 'GET');
  expect(writes).toMatchObject([{ operation: 'createActivity', status: 201, headers: { 'idempotency-key': /./ } }]);
  const [activity, ...more] = workspace.crm.data.activities.slice(rows);
  expect(more).toEqual([]);
  const contoso = workspace.crm.data.accounts.find(({ name }) => name.includes('Contoso'))!;
  const tomorrow = new Date(Date.parse(created.createdAt) + 86_400_000).toISOString().slice(0, 10);
  expect(activity).toMatchObject({ type: 'call', accountId: contoso.id });
  expect(activity!.scheduledAt).toMatch(new RegExp(`^${tomorrow}T10:00`));
});
