// Services for runs, and the credentials of their users, over every transport.
import { type Crm, startCrm } from '@errand/demo';
import { beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, transports } from './fixtures/transports.ts';
import { callablePort, openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let stub: Stub;
let otherCrm: Crm;
beforeAll(async () => {
  stub = await startCallableStub({
    listThings: { answer: (response) => json(response, { things: ['a'] }) },
    addThing: { method: 'POST', answer: (response) => json(response, { ok: true }) },
  });
  otherCrm = await startCrm({ port: await callablePort() });
  workspace = await openWorkspace({ seed: false });
  return () => Promise.all([workspace.close(), stub.close(), otherCrm.close()]);
});

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(workspace);
  });

  const register = (token = 'of-the-workspace-1234') =>
    api.integrations.create({
      name: 'Things',
      kind: 'openapi',
      document: stub.document,
      auth: { type: 'API_TOKEN', token },
    });

  test('without auth, users authenticate as the document requires, and a refresh does not change that', async () => {
    const integration = await api.integrations.create({ name: 'Own', kind: 'openapi', document: stub.document });
    const { customerIntegrationId } = integration;
    expect(integration).toMatchObject({ authType: 'API_TOKEN', warnings: [] });
    expect(integration.token).toBeUndefined();
    const inspection = await api.integrations.inspect({ document: stub.document });
    expect(inspection.auth).toEqual({ type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' });

    await api.integrations.putCredentials({ customerIntegrationId, userId: 'ada', apiToken: 'token-of-ada' });
    const plan = { goal: 'List', steps: [{ id: 'a', tool: `${customerIntegrationId}.listThings` }] };
    const input = { userId: 'ada', plan, selectedCustomerIntegrationIds: [customerIntegrationId] };
    await carryOut(api, aRun(input));
    expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer token-of-ada');

    const quiet = JSON.stringify({ ...JSON.parse(stub.document), security: [] });
    await api.integrations.refresh({ customerIntegrationId, document: quiet });
    expect((await api.integrations.get({ customerIntegrationId })).authType).toBe('API_TOKEN');
    await api.integrations.delete({ customerIntegrationId });
    const open = await api.integrations.create({ name: 'Open', kind: 'openapi', document: quiet });
    expect(open).toMatchObject({ authType: 'NONE', warnings: [] });
    await api.integrations.refresh({ customerIntegrationId: open.customerIntegrationId, document: stub.document });
    expect((await api.integrations.get({ customerIntegrationId: open.customerIntegrationId })).authType).toBe('NONE');
    await api.integrations.delete({ customerIntegrationId: open.customerIntegrationId });
  });

  test.each([
    [
      'a consent',
      { type: 'oauth2', flows: { authorizationCode: { scopes: {} } } },
      {},
      /PATCH it with auth: \{"type": "OAUTH2", "clientId": "…", "clientSecret": "…"\}\.$/,
    ],
    ['a header that controls the call', { type: 'apiKey', in: 'header', name: 'Host' }, {}, /^No credential is sent/],
    ['a name that is no header', { type: 'apiKey', in: 'header', name: 'X-A\r\nX-B' }, {}, /^No credential is sent/],
    [
      'a header of the owner',
      { type: 'http', scheme: 'bearer' },
      { headers: { authorization: 'Bearer x' } },
      /^No credential is sent/,
    ],
    [
      'a parameter of the owner',
      { type: 'apiKey', in: 'query', name: 'key' },
      { query: { key: 'x' } },
      /^No credential is sent/,
    ],
  ])('without auth, nothing is sent for %s, with a warning', async (_, token, more, warning) => {
    const document = JSON.stringify({ ...JSON.parse(stub.document), components: { securitySchemes: { token } } });
    const integration = await api.integrations.create({ name: 'Odd', document, ...more });
    expect(integration.authType).toBe('NONE');
    expect(integration.warnings).toEqual(expect.arrayContaining([expect.stringMatching(warning)]));
    await api.integrations.delete({ customerIntegrationId: integration.customerIntegrationId });
  });

  test('a token that the owner adds later is sent where users send theirs', async () => {
    const components = {
      securitySchemes: {
        token: { type: 'oauth2', flows: { authorizationCode: { scopes: {} } } },
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
      },
    };
    const document = JSON.stringify({
      ...JSON.parse(stub.document),
      components,
      security: [{ token: [] }, { key: [] }],
    });
    const { customerIntegrationId, ...integration } = await api.integrations.create({ name: 'Two', document });
    expect(integration).toMatchObject({ authType: 'API_TOKEN', warnings: [] });
    expect((await api.integrations.inspect({ document })).auth).toMatchObject({ type: 'API_TOKEN', name: 'X-Key' });
    await api.integrations.patch({ customerIntegrationId, auth: { type: 'API_TOKEN', token: 'token-of-all' } });
    const plan = { goal: 'List', steps: [{ id: 'a', tool: `${customerIntegrationId}.listThings` }] };
    await carryOut(api, aRun({ plan, selectedCustomerIntegrationIds: [customerIntegrationId] }));
    expect(stub.hits.at(-1)?.headers).toMatchObject({ 'x-key': 'token-of-all' });
    await api.integrations.delete({ customerIntegrationId });
  });

  test('with auth NONE, a document that requires a credential has a warning until auth is set', async () => {
    const integration = await api.integrations.create({
      name: 'Open',
      kind: 'openapi',
      document: stub.document,
      auth: { type: 'NONE' },
    });
    const { customerIntegrationId } = integration;
    const [warning] = integration.warnings;
    expect(integration.authType).toBe('NONE');
    expect(warning).toMatch(
      /^No credential is sent, but 2 of 2 operations ask for "token" \(http bearer\)\. PATCH it with auth: /,
    );
    expect(await api.integrations.get({ customerIntegrationId })).toEqual(integration);

    const quiet = JSON.stringify({ ...JSON.parse(stub.document), security: [] });
    const { warnings: none } = await api.integrations.refresh({ customerIntegrationId, document: quiet });
    expect(none).toEqual([]);
    const { warnings: again } = await api.integrations.refresh({ customerIntegrationId, document: stub.document });
    expect(again).toEqual([warning]);

    const { warnings } = await api.integrations.patch({ customerIntegrationId, auth: { type: 'API_TOKEN' } });
    expect(warnings).toEqual([]);
    expect((await api.integrations.get({ customerIntegrationId })).warnings).toEqual([]);
    const refreshed = await api.integrations.refresh({ customerIntegrationId, document: stub.document });
    expect(refreshed.warnings).toEqual([]);
    await api.integrations.delete({ customerIntegrationId });
  });

  test('a service is registered from its document, read, changed and deleted', async () => {
    const integration = await register();
    const { customerIntegrationId } = integration;

    expect(customerIntegrationId).toMatch(/^things_[0-9a-f]{8}$/);
    expect(integration).toMatchObject({
      active: true,
      name: 'Things',
      kind: 'openapi',
      host: new URL(stub.origin).host,
      authType: 'API_TOKEN',
      token: { last4: '1234' },
      toolCount: 2,
      warnings: [],
    });
    expect(await api.integrations.get({ customerIntegrationId })).toEqual(integration);
    const { auth: _, baseUrl: __, ...listed } = integration;
    expect((await api.integrations.list({})).integrations).toContainEqual(listed);

    const changed = await api.integrations.patch({
      customerIntegrationId,
      active: false,
      name: 'Old things',
      instructions: 'Ask twice.',
    });
    expect(changed).toMatchObject({ active: false, name: 'Old things', instructions: 'Ask twice.', toolCount: 2 });
    expect(await api.integrations.get({ customerIntegrationId })).toEqual(changed);
    const idsOf = async (input: Parameters<typeof api.integrations.list>[0]) =>
      (await api.integrations.list(input)).integrations.map((integration) => integration.customerIntegrationId);
    expect(await idsOf({ active: true })).not.toContain(customerIntegrationId);
    expect(await idsOf({ active: false })).toContain(customerIntegrationId);

    expect(await api.integrations.delete({ customerIntegrationId })).toBeNull();
    await expect(api.integrations.get({ customerIntegrationId })).rejects.toMatchObject({
      status: 404,
      problem: { code: 'not_found' },
    });
    await expect(api.integrations.delete({ customerIntegrationId })).rejects.toMatchObject({ status: 404 });
  });

  test('the list has the active ones by default, or the inactive ones, or both', async () => {
    const [on, off] = [(await register()).customerIntegrationId, (await register()).customerIntegrationId];
    await api.integrations.patch({ customerIntegrationId: off, active: false });
    const listed = async (input: Parameters<typeof api.integrations.list>[0]) => {
      const ids = (await api.integrations.list(input)).integrations.map(
        (integration) => integration.customerIntegrationId,
      );
      return [ids.includes(on), ids.includes(off)];
    };
    expect(await listed({})).toEqual([true, false]);
    expect(await listed({ active: true })).toEqual([true, false]);
    expect(await listed({ active: false })).toEqual([false, true]);
    expect(await listed({ active: 'all' })).toEqual([true, true]);
    for (const active of ['ALL', 1, '']) {
      await expect(api.integrations.list({ active: active as never })).rejects.toMatchObject({ status: 400 });
    }
  });

  test('a service is registered from the URL of its document', async () => {
    const { customerIntegrationId, toolCount } = await api.integrations.create({
      name: 'Other CRM',
      kind: 'openapi',
      url: otherCrm.documentUrl,
    });

    const documented = Object.values(otherCrm.document.paths).flatMap((path) => Object.keys(path));
    expect(toolCount).toBe(documented.length);
    await api.integrations.delete({ customerIntegrationId });
  });

  test('tools that are not on the allow-list are invisible to planners and refused in plans', async () => {
    const { customerIntegrationId: id } = await register();
    const selectedCustomerIntegrationIds = [id];
    const tools = (await api.integrations.tools({ customerIntegrationId: id })).tools;
    expect(tools.map(({ name, enabled, effect, method, path }) => [name, enabled, effect, method, path])).toEqual([
      [`${id}.listThings`, true, 'read', 'GET', '/listThings'],
      [`${id}.addThing`, true, 'write', 'POST', '/addThing'],
    ]);

    const chosen = (await api.integrations.setTools({ customerIntegrationId: id, enabled: [`${id}.addThing`] })).tools;
    expect(chosen.map(({ enabled }) => enabled)).toEqual([false, true]);
    expect((await api.integrations.tools({ customerIntegrationId: id })).tools).toEqual(chosen);
    const before = stub.hits.length;
    const plan = aPlan(`${id}.listThings`);
    await expect(api.runs.create(aRun({ plan, selectedCustomerIntegrationIds }))).rejects.toMatchObject({
      status: 400,
      problem: { code: 'plan_invalid', errors: [{ pointer: '/plan/steps/0/tool' }] },
    });
    const { run } = await carryOut(api, aRun({ intent: 'List things', selectedCustomerIntegrationIds }));
    expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'no_plan' } });
    expect(stub.hits).toHaveLength(before);

    const byOperation = await api.integrations.setTools({ customerIntegrationId: id, enabled: ['addThing'] });
    expect(byOperation.tools).toEqual(chosen);
    await expect(
      api.integrations.setTools({ customerIntegrationId: id, enabled: ['addThing', 'other.addThing'] }),
    ).rejects.toMatchObject({ problem: { code: 'validation_failed', errors: [{ pointer: '/enabled/1' }] } });
    await expect(
      api.integrations.setTools({ customerIntegrationId: id, enabled: [`${id}.noSuchTool`] }),
    ).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: [{ pointer: '/enabled/0' }] },
    });
    await api.integrations.delete({ customerIntegrationId: id });
  });

  test("a user's own token takes precedence over the workspace's, until it is revoked", async () => {
    const { customerIntegrationId } = await register('of-the-workspace');
    const user = { customerIntegrationId, userId: 'ann@example.com/1' };
    const sent = async (userId: string) => {
      await carryOut(api, aRun({ userId, selectedCustomerIntegrationIds: [customerIntegrationId], plan }));
      return stub.hits.at(-1)!.headers.authorization;
    };
    const plan = aPlan(`${customerIntegrationId}.listThings`);

    await expect(api.integrations.getUser(user)).rejects.toMatchObject({ status: 404 });
    expect(await api.integrations.putCredentials({ ...user, apiToken: 'of-ann-herself' })).toMatchObject({
      userId: user.userId,
      active: true,
      token: { last4: 'self' },
    });
    expect(await api.integrations.getUser(user)).toMatchObject({ userId: user.userId, active: true });
    expect(await sent(user.userId)).toBe('Bearer of-ann-herself');
    expect(await sent('bob')).toBe('Bearer of-the-workspace');

    expect(await api.integrations.deleteCredentials(user)).toBeNull();
    expect(await sent(user.userId)).toBe('Bearer of-the-workspace');
    await api.integrations.patch({ customerIntegrationId, auth: { type: 'API_TOKEN', token: 'another-one' } });
    expect(await sent('bob')).toBe('Bearer another-one');
    await api.integrations.delete({ customerIntegrationId });
  });

  test('without any token the service is not called, and the run waits and says for which one', async () => {
    const { customerIntegrationId } = await api.integrations.create({
      name: 'Things',
      kind: 'openapi',
      document: stub.document,
      auth: { type: 'API_TOKEN' },
    });
    const before = stub.hits.length;
    const plan = aPlan(`${customerIntegrationId}.listThings`);
    const { runId } = await api.runs.create(aRun({ plan, selectedCustomerIntegrationIds: [customerIntegrationId] }));
    await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');

    const path = `/v1/integrations/${customerIntegrationId}/users/user-123/auth-url`;
    expect((await api.runs.get({ runId })).waitingOn).toMatchObject([{ kind: 'consent', resolveWith: { path } }]);
    expect(stub.hits).toHaveLength(before);
    await api.runs.cancel({ runId });
    await api.integrations.delete({ customerIntegrationId });
  });
});
