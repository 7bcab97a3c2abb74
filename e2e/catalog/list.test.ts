import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Api, overRest } from '../fixtures/transports.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
let api: Api;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
});
afterAll(() => workspace.close());

const idsOf = (services: readonly { catalog: string }[]): string[] => services.map(({ catalog }) => catalog);

it('the catalogue lists 25 services by name, in pages', async () => {
  const all = await api.catalog.list({});
  expect(all.services).toHaveLength(25);
  const first = await api.catalog.list({ pageSize: 20 });
  const second = await api.catalog.list({ pageSize: 20, cursor: first.nextCursor });
  expect([...idsOf(first.services), ...idsOf(second.services)]).toEqual(idsOf(all.services));
  expect(second.nextCursor).toBeUndefined();
});

it('a search ranks its matches, and a cursor belongs to it', async () => {
  const found = await api.catalog.list({ search: 'help desk', pageSize: 1 });
  expect(idsOf(found.services)).toEqual(['zendesk']);
  const next = await api.catalog.list({ search: 'help desk', pageSize: 1, cursor: found.nextCursor });
  expect(idsOf(next.services)).toEqual(['intercom']);
  const other = api.catalog.list({ search: 'chat', cursor: found.nextCursor });
  await expect(other).rejects.toMatchObject({ problem: { code: 'invalid_cursor' } });
});

it('a service has its facts and their sources', async () => {
  const slack = await api.catalog.get({ catalog: 'slack' });
  expect(slack).toMatchObject({
    name: 'Slack',
    kinds: ['openapi', 'mcp'],
    baseUrl: 'https://slack.com/api',
    recommendedCount: 24,
    rules: { answers: { okPath: 'ok', errorPath: 'error' } },
    unverified: ['auth'],
  });
  expect(slack.auth[0]).toMatchObject({ kind: 'openapi', type: 'OAUTH2', fields: ['clientId', 'clientSecret'] });
  expect(slack.sources.auth?.length).toBeGreaterThan(0);
});

it('an unknown service is answered with similar ones', async () => {
  const got = api.catalog.get({ catalog: 'zendsk' });
  await expect(got).rejects.toMatchObject({
    problem: { code: 'not_found', remedy: expect.stringContaining('Did you mean zendesk?') },
  });
});
