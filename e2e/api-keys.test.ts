// Creates, lists, rotates and revokes keys over the API, with every transport.
import { beforeAll, describe, expect, test } from 'vitest';
import { request } from './fixtures/request.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, transports } from './fixtures/transports.ts';

let stack: Stack;
let second: Server;
beforeAll(async () => {
  stack = await startStack({ seed: false });
  second = await startServer({
    databaseUrl: stack.databaseUrl,
    dataDir: stack.dataDir,
    env: { ERRAND_ROLE: 'http' },
  });
  return async () => {
    await second.kill();
    await stack.close();
  };
});

const statusOf = async (apiKey: string, url = stack.url) => (await request({ url, apiKey }, '/v1/runs')).status;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

const seenOf = async (api: Api, id: string) =>
  (await api.apiKeys.list({})).apiKeys.find(({ apiKeyId }) => apiKeyId === id);

// Both at once: each waits until the other process reads its key again.
test.concurrent.for(transports)(
  'over %s, a revoked key is refused at once here, and elsewhere within half a minute',
  { timeout: 60_000 },
  async ([, apiOver], { expect }) => {
    const api = apiOver(stack);
    const { key, apiKeyId } = await api.apiKeys.create({ name: 'gone', scopes: ['runs:read'] });
    expect([await statusOf(key), await statusOf(key, second.url)]).toEqual([200, 200]);
    expect(await api.apiKeys.revoke({ apiKeyId })).toBeFalsy();
    expect(await statusOf(key)).toBe(401);
    await expect.poll(() => statusOf(key, second.url), { timeout: 32_000, interval: 1000 }).toBe(401);
    const revoked = await seenOf(api, apiKeyId);
    expect(revoked).toMatchObject({ revokedAt: expect.any(String) });
    await api.apiKeys.revoke({ apiKeyId });
    expect(await seenOf(api, apiKeyId)).toEqual(revoked);
    expect((await api.apiKeys.list({ active: true })).apiKeys.map((apiKey) => apiKey.apiKeyId)).not.toContain(apiKeyId);
    expect((await api.apiKeys.list({ active: false })).apiKeys.map((apiKey) => apiKey.apiKeyId)).toContain(apiKeyId);
  },
);

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(stack);
  });
  test('a key is renamed, and keeps everything else', async () => {
    const { key, ...created } = await api.apiKeys.create({ name: 'before', scopes: ['admin'] });
    const named = apiOver({ ...stack, apiKey: key });
    const { apiKeyId } = created;
    await named.session.get({});
    const renamed = await api.apiKeys.rename({ apiKeyId, name: 'after' });
    const { lastUsedAt: _, lastUsedIp: __, ...rest } = renamed;
    expect(rest).toEqual({ ...created, name: 'after' });
    expect(renamed.madeBy).toMatchObject({ type: 'api_key', label: expect.any(String) });
    expect(await seenOf(api, apiKeyId)).toMatchObject({ name: 'after', madeBy: renamed.madeBy });
    await named.webhooks.list({});
    const made = await named.apiKeys.create({ name: 'made', scopes: ['runs:read'] });
    expect(made.madeBy).toEqual({ type: 'api_key', id: apiKeyId, label: 'after' });
    const { entries } = await api.audit.list({ target: apiKeyId, actions: ['api_key.renamed'] });
    expect(entries).toMatchObject([{ details: { name: 'after' } }]);
    await api.apiKeys.revoke({ apiKeyId });
    await expect(
      api.apiKeys.rename({ apiKeyId: '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04', name: 'x' }),
    ).rejects.toMatchObject({ status: 404, problem: { code: 'not_found' } });
  });

  test('a key is shown once, has the rights of its scopes, and is recognisable in the list', async () => {
    const expiresAt = inMs(3_600_000);
    const { key, ...created } = await api.apiKeys.create({ name: 'reader', scopes: ['runs:read'], expiresAt });
    expect(created).toMatchObject({ name: 'reader', scopes: ['runs:read'], expiresAt, last4: key.slice(-4) });
    expect(key.startsWith(created.prefix)).toBe(true);
    expect(await statusOf(key)).toBe(200);
    const reader = apiOver({ ...stack, apiKey: key });
    const refused = { status: 403, problem: { code: 'insufficient_scope' } };
    await expect(reader.apiKeys.list({})).rejects.toMatchObject(refused);
    await expect(reader.apiKeys.create({ name: 'x', scopes: ['runs:read'] })).rejects.toMatchObject(refused);
    await expect(reader.apiKeys.revoke({ apiKeyId: created.apiKeyId })).rejects.toMatchObject(refused);
    await expect(reader.apiKeys.rotate({ apiKeyId: created.apiKeyId })).rejects.toMatchObject(refused);

    await expect
      .poll(() => seenOf(api, created.apiKeyId))
      .toEqual({
        ...created,
        lastUsedAt: expect.any(String),
        lastUsedIp: '127.0.0.1',
      });
    const [newest] = (await api.apiKeys.list({ active: true })).apiKeys;
    expect(newest).toMatchObject(created);
    expect(JSON.stringify([(await api.apiKeys.list({})).apiKeys, await dump(stack.databaseUrl)])).not.toContain(
      key.slice(8),
    );
    expect(stack.log()).not.toContain(key.slice(8));
  });

  test('persons:claim needs a product and is no part of admin; a rotation keeps both', async () => {
    const scopes = ['runs:read', 'persons:claim'] as const;
    await expect(api.apiKeys.create({ name: 'x', scopes: [...scopes] })).rejects.toMatchObject({
      status: 400,
      problem: { errors: [{ pointer: '/product' }] },
    });
    expect((await api.session.get({})).scopes).not.toContain('persons:claim');
    const { key: adminKey } = await api.apiKeys.create({ name: 'admin', scopes: ['admin'] });
    const byAdmin = apiOver({ ...stack, apiKey: adminKey }).apiKeys;
    const created = await byAdmin.create({ name: 'desk', scopes: [...scopes], product: 'helpdesk' });
    expect(created).toMatchObject({ scopes, product: 'helpdesk' });
    const rotated = await api.apiKeys.rotate({ apiKeyId: created.apiKeyId });
    expect(rotated).toMatchObject({ scopes, product: 'helpdesk' });
    expect(await seenOf(api, rotated.apiKeyId)).toMatchObject({ product: 'helpdesk' });
    const deciding = apiOver({ ...stack, apiKey: rotated.key });
    const refused = { status: 403, problem: { code: 'insufficient_scope' } };
    await expect(
      deciding.apiKeys.create({ name: 'x', scopes: ['persons:claim'], product: 'helpdesk' }),
    ).rejects.toMatchObject(refused);
    for (const product of ['Help Desk', 'a:b', '', 'x'.repeat(41)])
      await expect(api.apiKeys.create({ name: 'x', scopes: ['admin'], product })).rejects.toMatchObject({
        status: 400,
      });
  });

  test('a rotated key remains valid during the overlap, and cannot be rotated again', async () => {
    const old = await api.apiKeys.create({ name: 'rotated', scopes: ['runs:read', 'runs:write'] });
    const rotated = await api.apiKeys.rotate({ apiKeyId: old.apiKeyId, overlapSeconds: 2 });
    expect(rotated).toMatchObject({ name: 'rotated', scopes: ['runs:read', 'runs:write'] });
    expect(rotated).not.toHaveProperty('expiresAt');
    expect([await statusOf(old.key), await statusOf(rotated.key)]).toEqual([200, 200]);
    expect(await seenOf(api, old.apiKeyId)).toMatchObject({
      replacedBy: rotated.apiKeyId,
      expiresAt: expect.any(String),
    });
    const ended = { status: 409, problem: { code: 'api_key_ended' } };
    await expect(api.apiKeys.rotate({ apiKeyId: old.apiKeyId })).rejects.toMatchObject(ended);
    await expect.poll(() => statusOf(old.key), { timeout: 5000 }).toBe(401);
    expect(await statusOf(rotated.key)).toBe(200);

    const next = await api.apiKeys.rotate({ apiKeyId: rotated.apiKeyId });
    const day = Date.parse((await seenOf(api, rotated.apiKeyId))!.expiresAt!) - Date.now();
    expect(Math.abs(day - 86_400_000)).toBeLessThan(60_000);
    expect(await statusOf(next.key)).toBe(200);
  });

  test('invalid fields of a key are refused by name', async () => {
    const refused = (code: string, pointer: string) => ({ status: 400, problem: { code, errors: [{ pointer }] } });
    const create = (more: object) => api.apiKeys.create({ name: 'x', scopes: ['runs:read'], ...more });
    await expect(create({ scopes: [] })).rejects.toMatchObject(refused('validation_failed', '/scopes'));
    await expect(create({ scopes: ['root'] })).rejects.toMatchObject(refused('validation_failed', '/scopes/0'));
    await expect(create({ name: '' })).rejects.toMatchObject(refused('validation_failed', '/name'));
    await expect(create({ expiresAt: inMs(-1000) })).rejects.toMatchObject(refused('validation_failed', '/expiresAt'));
    await expect(create({ idempotencyKey: 'k' })).rejects.toMatchObject(refused('not_supported', '/idempotencyKey'));
    await expect(api.apiKeys.revoke({ apiKeyId: crypto.randomUUID() })).rejects.toMatchObject({ status: 404 });
  });
});
