// Backups of services that run, restored elsewhere: counts, keys, credentials, consents and audit chains.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, entriesOf } from '@errand/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { as, MASTER_KEYS, reaches, startConsentStack } from '../fixtures/consents.ts';
import { databaseEnv, type Server, startServer } from '../fixtures/server.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';
import { answerOf, errand } from './errand.ts';

const PASSPHRASE = 'an example of a passphrase';
const USER_TOKEN = 'token-of-ada-7d21';
const VERIFY = fileURLToPath(new URL('../../apps/server/dist/verify-audit.js', import.meta.url));

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'errand-restore-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function started(options: Parameters<typeof startServer>[0]): Promise<Server> {
  const server = await startServer(options);
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** A service with an embedded database, an integration, a token of a user, and runs that are created without a pause. */
async function aBusyService() {
  const stub = await startStub({ take: { answer: (response) => json(response, 1) } });
  const env = { ERRAND_EGRESS_ALLOW: stub.origin };
  const server = await startServer({ env });
  const api = overRest(server);
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Stub',
    kind: 'openapi',
    document: stub.document,
    auth: { type: 'API_TOKEN' },
  });
  await api.integrations.putCredentials({ customerIntegrationId: id, userId: 'ada', apiToken: USER_TOKEN });
  const run = aRun({ userId: 'ada', selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.take`) });
  let isBusy = true;
  let created = 0;
  const load = Array.from({ length: 4 }, async () => {
    for (; isBusy; created++) await api.runs.create(run);
  });
  await vi.waitFor(() => expect(created).toBeGreaterThan(20), { timeout: 60_000 });
  const endLoad = async () => {
    isBusy = false;
    await Promise.all(load);
  };
  const close = async () => {
    await server.stop();
    await stub.close();
  };
  return { stub, env, server, run, created: () => created, endLoad, close };
}

async function countOf(url: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SET ROLE errand_system');
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  await client.end();
  return rows[0]!.n;
}

describe('of an embedded database under load', () => {
  let service: Awaited<ReturnType<typeof aBusyService>>;
  let folder: string;
  let file: string;
  let masterKeys: string;
  let backup: Record<string, unknown>;
  let createdBefore: number;
  let createdDuring: number;
  beforeAll(async () => {
    service = await aBusyService();
    folder = await mkdtemp(join(tmpdir(), 'errand-restore-'));
    file = join(folder, 'backup.zip');
    createdBefore = service.created();
    const args = ['backup', file, '--data', service.server.dataDir, '--with-keys', '--passphrase-file', '-'];
    backup = await answerOf(args, { input: PASSPHRASE });
    createdDuring = service.created() - createdBefore;
    await service.endLoad();
    masterKeys = (await readFile(join(service.server.dataDir, 'master-keys'), 'utf8')).trim();
  });
  afterAll(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });

  const rowsOf = async (): Promise<Map<string, number>> => {
    const manifest = (await entriesOf(file)).get('manifest.json')!.toString();
    const { tables } = JSON.parse(manifest) as { tables: { name: string; rows: number }[] };
    return new Map(tables.map(({ name, rows }) => [name, rows]));
  };

  test('the backup has neither the master key nor a secret, and its owner alone reads it', async () => {
    expect(createdDuring).toBeGreaterThan(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const all = Buffer.concat([...(await entriesOf(file)).values()]);
    const { dataDir, apiKey } = service.server;
    const dev = JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as Record<string, string>;
    const passwords = ['databaseUrl', 'tenantDatabaseUrl'].map((name) => new URL(dev[name]!).password);
    for (const secret of [masterKeys, masterKeys.split(':')[1]!, apiKey, USER_TOKEN, PASSPHRASE, ...passwords])
      expect(all.includes(secret)).toBe(false);
  });

  test('another folder gets all of it: rows, keys, credentials and audit chains', async () => {
    const dataDir = join(await aFolder(), 'copy');
    const restored = await answerOf(['restore', file, '--data', dataDir, '--passphrase-file', '-'], {
      input: PASSPHRASE,
    });
    expect(restored.rows).toBe(backup.rows);
    expect(await readFile(join(dataDir, 'master-keys'), 'utf8')).toBe(`${masterKeys}\n`);

    const copy = await started({ dataDir, env: service.env });
    const { databaseUrl } = JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as { databaseUrl: string };
    const rows = await rowsOf();
    for (const table of ['run', 'run_event', 'ledger', 'tool'])
      expect([table, await countOf(databaseUrl, table)]).toEqual([table, rows.get(table)]);
    expect(rows.get('run')).toBeGreaterThanOrEqual(createdBefore);
    const env = { ...process.env, ERRAND_DATA_DIR: dataDir };
    const audit = await promisify(execFile)(process.execPath, [VERIFY], { env });
    expect(audit.stderr).toMatch(/[1-9]\d* entries checked, 0 breaches/);

    // The key of the original works, and so does the token of the user.
    const api = overRest({ url: copy.url, apiKey: service.server.apiKey });
    await answerOf(['resume', '--data', dataDir]);
    service.stub.hits.length = 0;
    const { runId } = await api.runs.create(service.run);
    await expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 90_000 }).toBe('SUCCESS');
    expect(service.stub.hits.at(-1)?.headers.authorization).toBe(`Bearer ${USER_TOKEN}`);
  });

  test('a Postgres of the operator gets all of it', async () => {
    const target = await createTestDatabase(inject('postgres'), { empty: true });
    onTestFinished(() => target.drop());
    const settings = { ...databaseEnv(target.url), ERRAND_MASTER_KEYS: masterKeys };
    expect((await answerOf(['restore', file], { env: settings })).rows).toBe(backup.rows);
    expect(await countOf(target.url, 'run')).toBe((await rowsOf()).get('run'));
  });
});

test('of a Postgres of the operator: consents of users are usable', async () => {
  const original = await startConsentStack();
  onTestFinished(() => original.close());
  await as('ada', original).connected();
  const folder = await aFolder();
  const file = join(folder, 'backup.zip');
  await answerOf(['backup', file], { env: databaseEnv(original.stack.databaseUrl) });
  await original.stack.end();

  const target = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => target.drop());
  const keys = { ERRAND_MASTER_KEYS: MASTER_KEYS };
  await answerOf(['restore', file], { env: { ...databaseEnv(target.url), ...keys } });
  await answerOf(['resume'], { env: databaseEnv(target.url) });
  const allow = [original.world.authorization.url, original.world.calendar.url].join(',');
  const server = await started({ databaseUrl: target.url, env: { ...keys, ERRAND_EGRESS_ALLOW: allow } });
  const api = overRest({ url: server.url, apiKey: original.stack.apiKey });
  const copy = { ...original, api };
  const runId = await as('ada', copy).ask();
  await reaches(copy, runId, 'SUCCESS');
});

test('commands that cannot work say why, and end with another code than 0', async () => {
  const folder = await aFolder();
  const refusal = async (args: string[], env = {}) => {
    const { code, stderr } = await errand(args, { env, cwd: folder });
    expect(code).not.toBe(0);
    return stderr;
  };
  expect(await refusal(['backup', '--data', join(folder, 'none')])).toContain('There is no database in');
  expect(await refusal(['restore', 'none.zip'])).toMatch(/There is no file .*none\.zip/);
  expect(await refusal(['resume'])).toContain('There is no database in');
  const target = await createTestDatabase(inject('postgres'));
  onTestFinished(() => target.drop());
  await answerOf(['backup', join(folder, 'b.zip')], { env: databaseEnv(target.url) });
  expect(await refusal(['restore', 'b.zip', '--data', join(folder, 'new')])).toContain('holds no master keys');
  expect(await refusal(['backup', '--with-keys'], databaseEnv(target.url))).toContain('There are no master keys');
  expect(await answerOf(['resume'], { env: databaseEnv(target.url) })).toEqual({ resumed: false });
  expect(await readdir(folder)).toEqual(['b.zip']);
});
