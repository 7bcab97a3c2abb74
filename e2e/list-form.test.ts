// The form of all lists: `pageSize` and `cursor` in, one array and `nextCursor` out.
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc, transports } from './fixtures/transports.ts';
import { openWorkspace, type Workspace, workspaceForTest } from './fixtures/workspace.ts';

type Page = { nextCursor?: string; [items: string]: unknown };
type List = (input: object) => Promise<Page>;

let workspace: Workspace;
let crm: string;
beforeAll(async () => {
  workspace = await openWorkspace();
  const api = overTrpc(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  await keepThreeOfEach(api);
  return () => workspace.close();
});

async function keepThreeOfEach(api: Api): Promise<void> {
  const { run } = await carryOut(api, aRun({ plan: aPlan(`${crm}.listUsers`) }));
  const schedule = { cron: '0 9 1 1 *', run: aRun() };
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const auth = { type: 'API_TOKEN', token: workspace.crm.token } as const;
  for (const n of [1, 2, 3]) {
    await api.actions.keep({ key: `kept-${n}`, runId: run.runId });
    await api.schedules.create({ name: `schedule ${n}`, ...schedule });
    await api.webhooks.create({ url: `https://hooks.example/${n}`, events: ['run.end'] });
    await api.approvalRules.create({ tool: `${crm}.createDeal`, userId: `user-${n}`, expiresAt });
    await api.apiKeys.create({ name: `key ${n}`, scopes: ['runs:read'] });
    // Two of one name, so that the page ends between them.
    await api.integrations.create({ name: 'Same name', kind: 'openapi', url: workspace.crm.documentUrl, auth });
  }
}

/** The lists of a workspace with signed cursors, and the arrays of their items. */
const lists: [name: string, items: string, filters?: object][] = [
  ['actions.list', 'actions'],
  ['schedules.list', 'schedules'],
  ['webhooks.list', 'webhooks'],
  ['approvalRules.list', 'approvalRules', { active: true }],
  ['apiKeys.list', 'apiKeys', { active: true }],
  ['integrations.list', 'integrations', { active: 'all' }],
  ['integrations.tools', 'tools'],
];

const listOf = (api: Api, name: string): List => {
  const [group, operation] = name.split('.') as [keyof Api, string];
  const call = (api[group] as unknown as Record<string, List>)[operation]!;
  return (input) => call({ ...(name === 'integrations.tools' && { customerIntegrationId: crm }), ...input });
};

describe.each(transports)('lists over %s', (_, open) => {
  test.each(lists)('%s has pages without gaps', async (name, items, filters = {}) => {
    const list = listOf(open(workspace), name);
    const all = (await list({ ...filters, pageSize: 1000 }))[items] as object[];
    expect(all.length).toBeGreaterThan(2);
    const paged: object[] = [];
    let cursor: string | undefined;
    do {
      const page: Page = await list({ ...filters, pageSize: 2, ...(cursor !== undefined && { cursor }) });
      expect((page[items] as object[]).length).toBeLessThanOrEqual(2);
      paged.push(...(page[items] as object[]));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    expect(Object.keys(await list({ ...filters, pageSize: 1 })).sort()).toEqual([items, 'nextCursor'].sort());
  });

  test.each(lists)('%s refuses cursors of others and of none', async (name, _items, filters = {}) => {
    const api = open(workspace);
    const { nextCursor: cursor } = await listOf(api, name)({ ...filters, pageSize: 1 });
    const refused = { status: 400, problem: { code: 'invalid_cursor' } };
    const [otherName] = lists.find(([other]) => other !== name)!;
    const { nextCursor: foreign } = await listOf(api, otherName)({ pageSize: 1 });
    const cut = cursor!.slice(0, -1);
    for (const bad of [foreign, cut, 'x', 'ü', `${cursor}=`, crypto.randomUUID()])
      await expect(listOf(api, name)({ ...filters, cursor: bad }), bad).rejects.toMatchObject(refused);
    if (Object.keys(filters).length > 0)
      await expect(listOf(api, name)({ active: false, cursor })).rejects.toMatchObject(refused);
  });

  test.each(lists)('%s refuses limit and after, and says what to send', async (name, items) => {
    for (const former of [{ limit: 10 }, { after: 'x' }, { limit: 10, after: 'x', [items]: 1 }]) {
      const error = await listOf(open(workspace), name)(former).then(undefined, (refused: unknown) => refused);
      expect(error).toMatchObject({
        status: 400,
        problem: {
          code: 'validation_failed',
          detail: expect.stringMatching(/pageSize and cursor/),
          remedy: expect.stringMatching(/`pageSize`.*`cursor`/),
        },
      });
    }
  });
});

test('a cursor belongs to its workspace', async () => {
  const other = overRest(await workspaceForTest());
  for (const [name, , filters = {}] of lists.filter(([name]) => name !== 'integrations.tools')) {
    const { nextCursor: cursor } = await listOf(overRest(workspace), name)({ ...filters, pageSize: 1 });
    await expect(listOf(other, name)({ ...filters, cursor }), name).rejects.toMatchObject({
      problem: { code: 'invalid_cursor' },
    });
  }
});

test('a page continues after an item that was deleted', async () => {
  const own = await workspaceForTest();
  const api = overTrpc(own);
  const { customerIntegrationId: last } = await api.integrations.create({ name: 'Z', url: own.crm.documentUrl });
  const { integrations, nextCursor: cursor } = await api.integrations.list({ pageSize: 1 });
  await api.integrations.delete({ customerIntegrationId: integrations[0]!.customerIntegrationId });
  expect(await api.integrations.list({ pageSize: 1, cursor })).toMatchObject({
    integrations: [{ customerIntegrationId: last }],
  });
});

test('GET /v1/integrations without pageSize and cursor is the array of the original', async () => {
  const bare = JSON.parse((await request(workspace, '/v1/integrations?active=all')).text);
  const page = JSON.parse((await request(workspace, '/v1/integrations?active=all&pageSize=1000')).text);
  expect(page).toEqual({ integrations: bare });
  expect(await overTrpc(workspace).integrations.list({ active: 'all', pageSize: undefined })).toEqual(page);
});
