// The image of the service: built, unpacked, and run as in containers without a writable file system.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createTestDatabase, loginsOf, masterKey } from '@errand/db/testing';
import { errands, startCrm } from '@errand/demo';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import type { Program } from '../fixtures/program.ts';
import { databaseEnv } from '../fixtures/server.ts';
import { Image } from './container.ts';

const MAX_BYTES = 175_000_000;
const repository = join(import.meta.dirname, '..', '..');
const READY = /"msg":"ready"/;

let image: Image;
beforeAll(async () => {
  image = await Image.create();
});
afterAll(() => image?.remove());

/** Every file of the image, with its path in it. */
const files = () =>
  readdirSync(image.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ path: relative(image.root, path), stat: statSync(path) }));

async function aDatabase() {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => database.drop());
  return { url: database.url, owner: loginsOf(database.url).ownerUrl! };
}

async function stop(container: Program): Promise<void> {
  const [first] = firstProcesses(container);
  process.kill(first!, 'SIGTERM');
  expect(await container.ended).toMatchObject({ code: 0, signal: null });
}

/** The processes that are number 1 of the container. */
function firstProcesses({ child }: Program): number[] {
  const path = `/proc/${child.pid}/task/${child.pid}/children`;
  return readFileSync(path, 'utf8').trim().split(' ').map(Number);
}

const post = async (url: string, path: string, apiKey: string, body: unknown) => {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json', prefer: 'wait=60' };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
};

test('it has a user without rights, no shell, labels, and at most 175 MB', () => {
  const { config } = image;
  expect(config).toMatchObject({ User: '65532:65532', Cmd: ['server'], StopSignal: 'SIGTERM' });
  expect(config.Labels).toMatchObject({
    'org.opencontainers.image.title': 'errand',
    'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
    'org.opencontainers.image.licenses': 'Apache-2.0',
    'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  expect(files().reduce((sum, { stat }) => sum + stat.size, 0)).toBeLessThanOrEqual(MAX_BYTES);
  expect(readdirSync(join(image.root, 'usr/bin')).sort()).toEqual(['errand', 'node']);
  // Everyone reads each file, only root may change it, and none gives rights.
  const special = files().filter(({ stat }) => stat.mode & 0o6022 || !(stat.mode & 0o004) || stat.uid !== 0);
  expect(special.map(({ path }) => path)).toEqual([]);
});

test('no layer has a key, a setting or an address of this machine', () => {
  const secrets = [/-----BEGIN [A-Z ]*PRIVATE KEY-----(\\n|\s)*[\w+/]{40}/, /er_live_[\w-]{20}/, repository];
  const found = files().flatMap(({ path, stat }) => {
    if (stat.size > 20_000_000) return [];
    const text = readFileSync(join(image.root, path), 'latin1');
    const contained = secrets.filter((secret) =>
      typeof secret === 'string' ? text.includes(secret) : secret.test(text),
    );
    return contained.map((secret) => `${path}: ${secret}`);
  });
  expect(found).toEqual([]);
  for (const path of ['etc/apt', 'usr/lib/errand/.env', 'usr/lib/errand/.errand', 'root/.npmrc'])
    expect(existsSync(join(image.root, path))).toBe(false);
  for (const name of ['hostname', 'hosts', 'resolv.conf']) expect(statSync(join(image.root, 'etc', name)).size).toBe(0);
});

test('its bill of materials lists Node, the Debian packages and the npm packages', () => {
  const bill = JSON.parse(readFileSync(join(image.root, 'usr/share/sbom/errand.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; purl: string; licenses?: unknown[] }[];
  };
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['node', 'libc6', 'tzdata', 'fastify', 'react', 'pg']));
  expect(bill.components.filter(({ version, licenses }) => !version || !licenses)).toEqual([]);
  const packages = readdirSync(join(image.root, 'var/lib/dpkg/status.d'));
  expect(names.filter((name) => packages.includes(name)).sort()).toEqual(packages.sort());
  for (const name of packages) expect(existsSync(join(image.root, 'usr/share/doc', name, 'copyright'))).toBe(true);
  expect(bill.components.find(({ name }) => name === 'node')!.version).toMatch(/^24\./);
});

test('it migrates, carries out an errand in two containers, says when it is ready, and ends in order', async () => {
  const { url, owner } = await aDatabase();
  const crm = await startCrm();
  onTestFinished(() => crm.close());
  const port = String(await freePort());
  const migrated = await image.run(['migrate'], { DATABASE_URL: owner });
  expect(migrated).toMatchObject({ code: 0, output: expect.stringContaining('_') });

  const env = {
    ...databaseEnv(url),
    ERRAND_OWNER_DATABASE_URL: '',
    ERRAND_MASTER_KEYS: masterKey(),
    ERRAND_EGRESS_ALLOW: crm.url,
    HOST: '127.0.0.1',
    PORT: port,
  };
  expect(await image.run(['health'], env)).toMatchObject({ code: 1, output: expect.stringContaining('ECONNREFUSED') });
  const http = image.start([], { ...env, ERRAND_ROLE: 'http' });
  const worker = image.start(['worker'], env);
  await Promise.all([http.printed(READY), worker.printed(READY)]);
  expect(await image.run(['health'], env)).toEqual({ code: 0, output: '' });

  const origin = `http://127.0.0.1:${port}`;
  const { output } = await image.run(['workspace', 'create', 'Acme', '--key'], { ...env, PUBLIC_URL: origin });
  const [, apiKey = ''] = /(er_live_\S+)/.exec(output) ?? [];
  const auth = { type: 'API_TOKEN', token: crm.token };
  const integration = { name: 'CRM', kind: 'openapi', url: crm.documentUrl, auth, enable: 'all' };
  expect(await post(origin, '/v1/integrations', apiKey, integration)).toMatchObject({ name: 'CRM' });
  for (const errand of [errands.salesSummary, errands.largeDeals, errands.logCall]) {
    const run = await post(origin, '/v1/runs', apiKey, {
      ...errand,
      selectedCustomerIntegrationIds: ['*'],
      userId: 'user-123',
    });
    expect(run).toMatchObject({ status: 'SUCCESS' });
  }
  const writes = crm.requests.filter(({ method }) => method !== 'GET');
  expect(writes).toMatchObject([{ operation: 'createActivity', status: 201 }]);
  for (const path of ['/console/', '/docs', '/openapi.json'])
    expect(`${path} ${(await fetch(origin + path)).status}`).toBe(`${path} 200`);
  const doctor = await image.run(['doctor'], env);
  expect(doctor.output).toMatch(/disk +The service uses no data folder\.[\s\S]*migrations/);

  await Promise.all([stop(http), stop(worker)]);
  expect(await image.run(['health'], env)).toMatchObject({ code: 1 });
});

test('the health is not good while the database is away', async () => {
  const port = String(await freePort());
  const env = {
    DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/errand',
    ERRAND_MASTER_KEYS: masterKey(),
    HOST: '127.0.0.1',
    PORT: port,
  };
  const service = await image.run([], env);
  expect(service).toMatchObject({ code: 1, output: expect.stringContaining('127.0.0.1:1') });
  expect(service.output).not.toContain(env.ERRAND_MASTER_KEYS.slice(5));
});
