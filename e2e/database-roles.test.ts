// The service's database connections: requirements at startup, and the messages about logins with too many rights.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, loginsOf } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startPooler } from './fixtures/pooler.ts';
import { type Server, startServer } from './fixtures/server.ts';

async function aDatabase() {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return database;
}

async function aServer(databaseUrl: string, env: Record<string, string> = {}): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-e2e-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const server = await startServer({ databaseUrl, dataDir, env });
  onTestFinished(() => server.kill());
  return server;
}

const list = ({ url, apiKey }: Server) => fetch(`${url}/v1/integrations`, { headers: { 'x-api-key': apiKey } });

test('behind a pooler that drops the role, requests answer 503 and nothing is read; with the role they answer', async () => {
  const database = await aDatabase();
  const pooler = await startPooler(Number(new URL(database.url).port));
  onTestFinished(() => pooler.close());
  // Only tenants' connections use it. Their login inherits its rights, so that only the check prevents access.
  const server = await aServer(database.url, {
    ERRAND_TENANT_DATABASE_URL: pooler.through(loginsOf(database.url).ownerUrl!),
  });
  expect((await list(server)).status).toBe(200);

  pooler.dropOptions();
  pooler.cut();
  await expect.poll(async () => (await list(server)).status).toBe(503);
  const answer = await list(server);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
  expect(await answer.json()).toMatchObject({ code: 'unavailable' });
  expect(server.log()).toMatch(/"level":50[^\n]*runs as \\"errand_owner\\" and not as \\"errand_app\\"/);

  pooler.handOn();
  await expect.poll(async () => (await list(server)).status).toBe(200);
});

test('a superuser’s DATABASE_URL works, and the log warns with a remedy', async () => {
  const database = await aDatabase();
  const superuser = { DATABASE_URL: database.url, ERRAND_TENANT_DATABASE_URL: '', ERRAND_OWNER_DATABASE_URL: '' };
  const server = await aServer(database.url, superuser);
  expect((await list(server)).status).toBe(200);
  expect(server.log()).toMatch(/"level":40[^\n]*\\"postgres\\" is a superuser[^\n]*docs\/security.md/);
});

test('with the logins of the embedded Postgres there is no warning, and a migrated service needs no owner', async () => {
  const database = await aDatabase();
  const server = await aServer(database.url, { ERRAND_OWNER_DATABASE_URL: '' });
  expect((await list(server)).status).toBe(200);
  expect(server.log()).not.toMatch(/login/);
});
