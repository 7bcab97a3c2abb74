import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Api, ask, startApi } from '../testing/fixtures/service.ts';

let api: Api;
let key: string;
beforeAll(async () => {
  api = await startApi(inject('postgres'), { work: false });
  key = await api.key();
});
afterAll(() => api.close());

const get = (path: string, as = key) => ask(api.url, path, { key: as });

test('users are listed, read and erased; the audit log names the key that did it', async () => {
  const crm = { name: 'CRM', kind: 'openapi', document: '{}', auth: { type: 'API_TOKEN' } };
  const { customerIntegrationId: id } = (await ask(api.url, '/v1/integrations', { key, body: crm })).body;
  for (const user of ['ada', 'bob/1', 'cy']) {
    const path = `/v1/integrations/${id}/users/${encodeURIComponent(user)}/credentials`;
    await ask(api.url, path, { key, method: 'PUT', body: { apiToken: `token_of_${user}` } });
  }
  const first = (await get('/v1/users?pageSize=2')).body;
  expect(first.users.map((user: { userId: string }) => user.userId)).toEqual(['ada', 'bob/1']);
  const second = (await get(`/v1/users?pageSize=2&cursor=${first.nextCursor}`)).body;
  expect(second).toMatchObject({
    users: [{ userId: 'cy', connections: [{ customerIntegrationId: id, active: true }] }],
  });
  expect(second).not.toHaveProperty('nextCursor');
  expect((await get('/v1/users?cursor=%20')).body.code).toBe('invalid_cursor');

  expect((await get('/v1/users/bob%2F1')).body).toEqual(first.users[1]);
  const erase = () => ask(api.url, '/v1/users/bob%2F1', { key, method: 'DELETE' });
  expect((await erase()).body).toEqual({ userId: 'bob/1', erased: [id] });
  expect((await erase()).body).toEqual({ userId: 'bob/1', erased: [] });
  expect((await get('/v1/users/bob%2F1')).status).toBe(404);

  const { entries } = (await get('/v1/audit?action=credential.erased')).body;
  expect(entries).toMatchObject([
    {
      action: 'credential.erased',
      target: 'bob/1',
      details: { erased: [id] },
      actor: { type: 'api_key', label: 'test' },
    },
  ]);
  const { actor } = entries[0];
  expect(actor.ip).toMatch(/127\.0\.0\.1/);
  const page = (await get(`/v1/audit?actorId=${actor.id}&pageSize=3`)).body;
  expect(page.entries).toHaveLength(3);
  const rest = (await get(`/v1/audit?actorId=${actor.id}&cursor=${page.nextCursor}`)).body;
  expect(rest.entries.map((entry: { action: string }) => entry.action)).toContain('integration.created');
  expect(JSON.stringify([page, rest])).not.toContain('token_of_');
  expect(api.faults).toEqual([]);
});

test('who may not, reads no audit log and erases nobody', async () => {
  const reader = await api.key(['runs:read']);
  expect((await get('/v1/audit', reader)).body.code).toBe('insufficient_scope');
  const erase = await ask(api.url, '/v1/users/ada', { key: reader, method: 'DELETE' });
  expect(erase.body.code).toBe('insufficient_scope');
});
