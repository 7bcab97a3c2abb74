// The review of a changed tool: its definitions before and after, and its acceptance, one by one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, transports } from './fixtures/transports.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
});
afterAll(() => workspace.close());

const operation = (operationId: string, summary: string, parameter = 'q') => ({
  operationId,
  summary,
  description: `${summary} of the shop.`,
  parameters: [{ name: parameter, in: 'query', schema: { type: 'string' } }],
  responses: { 200: { description: 'Done.' } },
});
const document = (paths: Record<string, object>) => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://shop.example.com' }],
  paths: Object.fromEntries(Object.entries(paths).map(([path, get]) => [path, { get }])),
});
const before = {
  '/a': operation('listA', 'List A'),
  '/b': operation('listB', 'List B'),
  '/c': operation('listC', 'List C'),
};
const after = {
  '/a': operation('listA', 'List A', 'filter'),
  '/b': operation('listB', 'List every B'),
  '/d': operation('listD', 'List D'),
};
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(workspace);
  });
  const aChangedService = async () => {
    const auth = { type: 'API_TOKEN', in: 'header', name: 'x-shop-key', token: 'secret-of-the-shop' } as const;
    const { customerIntegrationId } = await api.integrations.create({ name: 'Shop', document: document(before), auth });
    await api.integrations.refresh({ customerIntegrationId, document: document(after) });
    return { customerIntegrationId, tool: (name: string) => `${customerIntegrationId}.${name}` };
  };

  test('a change has the definitions before and after', async () => {
    const { customerIntegrationId, tool } = await aChangedService();
    const changeOf = (name: string) => api.integrations.toolChange({ customerIntegrationId, tool: tool(name) });
    const changed = await changeOf('listA');
    expect(changed).toMatchObject({ name: tool('listA'), change: 'changed', enabled: false });
    expect(changed.before).toMatchObject({ title: 'List A', method: 'GET', path: '/a', effect: 'read' });
    expect(JSON.stringify(changed.before!.inputSchema)).toContain('"q"');
    expect(JSON.stringify(changed.after!.inputSchema)).toContain('"filter"');
    expect(await changeOf('listB')).toMatchObject({ before: { title: 'List B' }, after: { title: 'List every B' } });
    const added = await changeOf('listD');
    expect(added).toMatchObject({ change: 'new', after: { title: 'List D' } });
    expect(added).not.toHaveProperty('before');
    const removed = await changeOf('listC');
    expect(removed).toMatchObject({ change: 'removed', before: { title: 'List C' } });
    expect(removed).not.toHaveProperty('after');
    const listed = (await api.integrations.tools({ customerIntegrationId })).tools;
    expect(listed.find(({ name }) => name === tool('listA'))).toMatchObject({
      title: 'List A',
      fingerprint: changed.fingerprint,
    });
    await expect(changeOf('none')).rejects.toEqual(refused(404, 'not_found'));

    // Another refresh shows the change against the definition that was accepted last.
    await api.integrations.refresh({
      customerIntegrationId,
      document: document({ ...after, '/a': operation('listA', 'List A', 'third') }),
    });
    const again = await changeOf('listA');
    expect(again.before).toEqual(changed.before);
    expect(JSON.stringify(again.after!.inputSchema)).toContain('"third"');
  });

  test('tools are accepted one by one, in the version that was read', async () => {
    const { customerIntegrationId, tool } = await aChangedService();
    const ref = { customerIntegrationId, tool: tool('listA') };
    const { fingerprint } = await api.integrations.toolChange(ref);
    const newer = { ...after, '/a': operation('listA', 'List A', 'third') };
    await api.integrations.refresh({ customerIntegrationId, document: document(newer) });
    await expect(api.integrations.acceptTool({ ...ref, fingerprint })).rejects.toEqual(
      refused(409, 'tool_version_changed'),
    );
    const latest = await api.integrations.toolChange(ref);

    const accepted = await api.integrations.acceptTool({ ...ref, fingerprint: latest.fingerprint });

    expect(accepted).toMatchObject({ enabled: true, fingerprint: latest.fingerprint, after: latest.after });
    expect(await api.integrations.toolChange(ref)).toEqual(accepted);
    for (const member of ['change', 'before']) expect(accepted).not.toHaveProperty(member);
    const reviewOf = async () =>
      (await api.integrations.tools({ customerIntegrationId })).tools.map(({ name, enabled, change }) => [
        name,
        enabled,
        change,
      ]);
    expect(await reviewOf()).toEqual([
      [tool('listA'), true, undefined],
      [tool('listB'), false, 'changed'],
      [tool('listC'), false, 'removed'],
      [tool('listD'), false, 'new'],
    ]);
    expect((await api.integrations.get({ customerIntegrationId })).needsReview).toBe(true);
    for (const name of ['listB', 'listC', 'listD']) {
      const change = await api.integrations.toolChange({ customerIntegrationId, tool: tool(name) });
      const choice = { fingerprint: change.fingerprint, enabled: name === 'listB' };
      await api.integrations.acceptTool({ customerIntegrationId, tool: tool(name), ...choice });
    }
    expect(await reviewOf()).toEqual([
      [tool('listA'), true, undefined],
      [tool('listB'), true, undefined],
      [tool('listD'), false, undefined],
    ]);
    expect((await api.integrations.get({ customerIntegrationId })).needsReview).toBe(false);
    const { entries } = await api.audit.list({ target: customerIntegrationId, action: 'tools.chosen' });
    expect(entries).toHaveLength(4);
    expect(entries.at(-1)).toMatchObject({ details: { enabled: [tool('listA')], accepted: latest.fingerprint } });
  });

  test('an integration shows its authentication without secrets; a list does not', async () => {
    const { customerIntegrationId } = await aChangedService();
    const integration = await api.integrations.get({ customerIntegrationId });
    expect(integration.auth).toEqual({ type: 'API_TOKEN', in: 'header', name: 'x-shop-key' });
    expect(JSON.stringify(integration)).not.toContain('secret-of-the-shop');
    for (const listed of (await api.integrations.list({})).integrations) expect(listed).not.toHaveProperty('auth');
    const auth = {
      type: 'OAUTH2',
      authorizationUrl: 'https://auth.example.com/a',
      tokenUrl: 'https://auth.example.com/t',
    } as const;
    const client = { clientId: 'errand', clientSecret: 'secret-of-the-client', scopes: ['deals.read'] };
    await api.integrations.patch({ customerIntegrationId, auth: { ...auth, ...client } });
    const oauth = await api.integrations.get({ customerIntegrationId });
    expect(oauth.auth).toEqual({ type: 'OAUTH2', clientId: 'errand', scopes: ['deals.read'] });
    expect(JSON.stringify(oauth)).not.toContain('secret-of-the-client');
  });
});
