// Trials of stored credentials: by a read without arguments alone, with the credential of a user or of the workspace.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, transports } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let stub: Stub;
beforeAll(async () => {
  stub = await startCallableStub({
    whoami: {
      method: 'GET',
      answer: (response, { headers }) => {
        const token = headers.authorization;
        if (token === 'Bearer good' || token === 'Bearer of-the-workspace')
          return json(response, { name: 'secret name' });
        return void response.writeHead(token === 'Bearer broken' ? 500 : 401).end();
      },
    },
    change: { method: 'POST', answer: (response) => json(response, {}) },
  });
  workspace = await openWorkspace({ seed: false });
});
afterAll(async () => {
  await workspace.close();
  await stub.close();
});

const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  let at: { customerIntegrationId: string };
  const tool = (name: string) => `${at.customerIntegrationId}.${name}`;
  beforeAll(async () => {
    api = apiOver(workspace);
    const auth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;
    const service = { name: 'Tried', document: stub.document, auth, enable: 'all' } as const;
    const { customerIntegrationId } = await api.integrations.create(service);
    at = { customerIntegrationId };
    for (const [userId, apiToken] of [
      ['ann', 'good'],
      ['bob', 'revoked'],
      ['cem', 'broken'],
    ] as const)
      await api.integrations.putCredentials({ ...at, userId, apiToken });
  });

  test('the credential of a user is accepted, rejected, or its state stays unknown', async () => {
    const called = { tool: tool('whoami') };
    expect(await api.integrations.try({ ...at, userId: 'ann' })).toEqual({
      ...called,
      result: 'accepted',
      status: 200,
    });
    expect(await api.integrations.try({ ...at, userId: 'bob' })).toEqual({
      ...called,
      result: 'rejected',
      status: 401,
    });
    expect(await api.integrations.try({ ...at, userId: 'cem' })).toEqual({ ...called, result: 'unknown', status: 500 });
    // Nothing is marked: a trial changes no credential.
    expect((await api.integrations.getUser({ ...at, userId: 'bob' })).needsReconnect).toBe(false);
    const { entries } = await api.audit.list({ target: at.customerIntegrationId, actions: ['credential.used'] });
    expect(entries).toHaveLength(3);
    expect(entries.at(-1)).toMatchObject({
      actor: { type: 'api_key' },
      details: { trial: true, of: 'user', userId: 'ann', calls: 1 },
    });
  });

  test('without a user, the credential of the workspace is tried', async () => {
    expect(await api.integrations.try(at)).toEqual({ result: 'unknown', notTried: 'no_credential' });
    const auth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;
    await api.integrations.patch({ ...at, auth: { ...auth, token: 'of-the-workspace' } });
    expect(await api.integrations.try(at)).toMatchObject({ result: 'accepted' });
  });

  test('a write, a tool that is off and an unknown tool are not called', async () => {
    const notTried = { result: 'unknown', notTried: 'no_tool' };
    const ofAnn = { ...at, userId: 'ann' };
    const posts = () => stub.hits.length;
    const before = posts();
    for (const name of ['change', 'nothing'])
      expect(await api.integrations.try({ ...ofAnn, tool: tool(name) })).toEqual(notTried);
    await api.integrations.setTools({ ...at, enabled: [tool('change')] });
    expect(await api.integrations.try({ ...ofAnn, tool: tool('whoami') })).toEqual(notTried);
    expect(await api.integrations.try(ofAnn)).toEqual(notTried);
    expect(posts()).toBe(before);
    await api.integrations.patch({ ...at, active: false });
    await expect(api.integrations.try(ofAnn)).rejects.toEqual(refused(400, 'connection_inactive'));
    await expect(api.integrations.try({ customerIntegrationId: 'crm_00000000' })).rejects.toEqual(
      refused(404, 'not_found'),
    );
  });
});
