// Operators and the platform key read the settings and the state of the instance, without secrets; administrators read those of their workspace.
import { readdirSync, readFileSync } from 'node:fs';
import { loginsOf } from '@errand/db/testing';
import { beforeAll, expect, test } from 'vitest';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { aMember, type Member, sql } from './members.ts';
import { aPerson, type Person } from './person.ts';

const canaries = {
  ERRAND_MODEL_API_KEY: 'canary-model-key',
  ERRAND_FALLBACK_API_KEY: 'canary-fallback-key',
};
const plain = {
  ERRAND_MODEL_PROVIDER: 'openai-compatible',
  ERRAND_MODEL: 'canary-model',
  ERRAND_MODEL_BASE_URL: 'https://models.example/v1',
  ERRAND_FALLBACK_MODEL: 'second',
  ERRAND_FALLBACK_PROVIDER: 'openai',
  ERRAND_FOUR_EYES: 'true',
  ERRAND_APPROVAL_FLOOR: 'ON_START',
  ERRAND_RUN_DAYS: '365',
};

let stack: Stack;
let platformKey: string;
let operator: Person;
let admin: Member;
let viewer: Member;

beforeAll(async () => {
  const proxy = { ERRAND_EGRESS_PROXY: 'http://canary-user:canary-password@127.0.0.1:9' };
  stack = await startStack({ env: { ...plain, ...canaries, ...proxy } });
  platformKey = await newPlatformKey(stack);
  operator = await aPerson(stack.url, await loginLink(stack));
  admin = await aMember(stack, 'Grace', 'admin');
  viewer = await aMember(stack, 'Vic', 'viewer');
  return stack.close;
});

const platform = (path: string, method = 'GET', body?: object) =>
  request({ url: stack.url, apiKey: platformKey }, path, { method, ...(body && { body }) });

test.each([
  ['/v1/settings', 'settings.get'],
  ['/v1/system/status', 'system.status'],
])('%s answers operators and the platform key, and no other caller', async (path, name) => {
  expect((await platform(path)).status).toBe(200);
  expect((await operator.call(name)).status).toBe(200);
  const byKey = await request(stack, path);
  expect([byKey.status, byKey.problem.code]).toEqual([403, 'operators_only']);
  for (const person of [admin, viewer]) {
    for (const answer of [await person.call(name), await person.ask(name)])
      expect([answer.status, answer.body.code]).toEqual([403, 'operators_only']);
  }
  expect((await fetch(stack.url + path)).status).toBe(401);
});

test('the settings have their values and sources, and no secret', async () => {
  const { text } = await platform('/v1/settings');
  type SettingRow = { name: string; value?: string; isSet: boolean; isSecret: boolean; source: string };
  const { settings }: { settings: SettingRow[] } = JSON.parse(text);
  const settingByName = new Map(settings.map((setting) => [setting.name, setting]));
  for (const [name, value] of Object.entries(plain))
    expect(settingByName.get(name)).toMatchObject({ value, source: 'environment', isSecret: false });
  for (const name of [...Object.keys(canaries), 'DATABASE_URL', 'ERRAND_TENANT_DATABASE_URL', 'ERRAND_SEED']) {
    expect(settingByName.get(name)).toMatchObject({ isSet: true, isSecret: true, source: 'environment' });
    expect(settingByName.get(name)).not.toHaveProperty('value');
  }
  expect(settingByName.get('ERRAND_EGRESS_PROXY')).toMatchObject({ value: 'http://127.0.0.1:9/' });
  expect(settingByName.get('ERRAND_POOL_SIZE')).toMatchObject({
    value: '10',
    default: '10',
    source: 'default',
    isSet: false,
  });
  const logins = loginsOf(stack.databaseUrl);
  const passwords = [logins.url, logins.tenantUrl].map((url) => new URL(url!).password);
  const secrets = [
    ...Object.values(canaries),
    'canary-user',
    'canary-password',
    stack.crm.token,
    platformKey,
    ...passwords,
  ];
  const [keyId, sealing] = readFileSync(`${stack.dataDir}/master-keys`, 'utf8').trim().split(':');
  expect(settingByName.get('ERRAND_MASTER_KEYS')).toMatchObject({ isSet: true, isSecret: true, source: 'file' });
  const status = (await platform('/v1/system/status')).text;
  expect(status).toContain(`"masterKeyIds":["${keyId}"]`);
  for (const secret of [...secrets, sealing!]) {
    expect(secret.length).toBeGreaterThan(5);
    expect(text + status).not.toContain(secret);
  }
});

test('the status names versions, migrations, workers, keys and the state of the database', async () => {
  const status = JSON.parse((await platform('/v1/system/status')).text);
  const migrations = readdirSync(new URL('../../prisma/migrations', import.meta.url)).filter((name) =>
    /^\d/.test(name),
  );
  expect(status).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    nodeVersion: process.version,
    postgresVersion: expect.stringMatching(/^\d+/),
    migrations: { last: migrations.sort().at(-1), appliedAt: expect.any(String), pending: [] },
    workers: [{ isAlive: true, heartbeatAt: expect.any(String) }],
    queue: { due: 0, claimed: 0 },
    model: { isConfigured: true, provider: 'openai-compatible', name: 'canary-model' },
    retention: { runDays: 365, webhookDays: 30 },
  });
  const { bytes, connections, oldestSnapshot, unusedIndexes } = status.database;
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(connections.used).toBeGreaterThan(0);
  expect(connections.max).toBeGreaterThanOrEqual(connections.used);
  expect(oldestSnapshot).toEqual(expect.any(Object));
  expect(unusedIndexes.indexes.length).toBeGreaterThan(0);
});

test('many requests at once read the database once', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => platform('/v1/system/status')));
  // A cached answer may expire in between.
  expect(new Set(answers.map(({ text }) => JSON.parse(text).readAt)).size).toBeLessThan(3);
});

test('every caller sees the floors and features of the instance', async () => {
  const expected = {
    approvals: { fourEyes: true, taint: false, floors: ['ON_START', 'ON_WRITE'] },
    features: { model: true, oidc: false },
  };
  expect(JSON.parse((await request(stack, '/v1/session')).text)).toMatchObject(expected);
  for (const person of [operator, viewer]) expect((await person.call('session.get')).body).toMatchObject(expected);
});

test('administrators see the limits of their workspace and the faults of its integrations; others do not', async () => {
  const api = overRest(stack);
  const { customerIntegrationId } = (await api.integrations.list({})).integrations[0]!;
  const at = { customerIntegrationId };
  expect((await api.workspace.status({})).integrations).toEqual({ total: 1, withFaults: 0, faulty: [] });
  for (const userId of ['ann', 'bob', 'cy'])
    await api.integrations.putCredentials({ ...at, userId, apiToken: `token-of-${userId}-123456` });
  const states = `UPDATE integration_user SET token_rejected_at = CASE user_id WHEN 'ann' THEN now() END,
    token_destination = CASE user_id WHEN 'bob' THEN 'https://elsewhere.example' ELSE token_destination END`;
  await sql(stack, states);
  await sql(stack, 'UPDATE integration SET needs_review = true');
  const users = await Promise.all(['ann', 'bob', 'cy'].map((userId) => api.integrations.getUser({ ...at, userId })));
  expect(users.map(({ needsReconnect }) => needsReconnect)).toEqual([true, true, false]);
  const expected = {
    approvals: { fourEyes: true, taint: false, floors: ['ON_START', 'ON_WRITE'] },
    limits: { requestsPerMinute: 300_000, runsAtOnce: 60, openRuns: 20_000 },
    ownLimits: { runs: 7 },
    integrations: {
      total: 1,
      withFaults: 1,
      faulty: [{ ...at, faults: ['needs_review', 'users_must_reconnect'], usersConnected: 3, usersToReconnect: 2 }],
    },
  };
  const { workspaceId } = await api.workspace.status({});
  const limits = { runs: 7, streams: null };
  expect((await platform(`/v1/workspaces/${workspaceId}/limits`, 'PATCH', limits)).status).toBe(200);
  await expect.poll(async () => (await api.workspace.status({})).ownLimits, { timeout: 30_000 }).toEqual({ runs: 7 });
  expect(await api.workspace.status({})).toMatchObject(expected);
  expect((await admin.ask('workspace.status')).body).toMatchObject(expected);
  const refused = await viewer.ask('workspace.status');
  expect([refused.status, refused.body.code]).toEqual([403, 'insufficient_scope']);
  expect((await platform('/v1/workspace/status')).problem.code).toBe('insufficient_scope');
  const { key } = await api.apiKeys.create({
    name: 'all but admin',
    scopes: ['runs:read', 'runs:write', 'connections:write'],
  });
  const byKey = await request({ url: stack.url, apiKey: key }, '/v1/workspace/status');
  expect([byKey.status, byKey.problem.code]).toEqual([403, 'insufficient_scope']);
});
