// A change of the master key with two processes on one database: nothing is lost at any step, forwards or backwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Office, payments, startWaiting, tokensOf } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { databaseEnv, type Server, startServer } from '../fixtures/server.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';

const command = fileURLToPath(new URL('../../apps/server/dist/reseal.js', import.meta.url));
const [old, fresh] = [masterKey('old'), masterKey('fresh')];
/** Secrets of earlier steps: they must work on every process at every step. */
const created = {
  apiKeys: [] as string[],
  integrations: [] as string[],
  links: [] as string[],
  cursors: [] as string[],
};

async function aService() {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  const stub = await startStub({
    look: {
      answer: (response, { headers }) => json(response, { ok: /^Bearer token-\d$/.test(headers.authorization ?? '') }),
    },
    pay: { method: 'POST', answer: (response) => json(response, { id: 'paid' }) },
  });
  onTestFinished(() => stub.close());
  const run = async (name: 'a' | 'b') => {
    const dataDir = await mkdtemp(join(tmpdir(), `errand-e2e-${name}-`));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    let server: Server | undefined;
    onTestFinished(() => server?.kill());
    return {
      get server() {
        return server!;
      },
      async restart(...keys: string[]) {
        // Like an operator: a killed process counts as alive for another 15 s.
        await server?.end();
        const env = { ERRAND_MASTER_KEYS: keys.join(' '), ERRAND_EGRESS_ALLOW: stub.origin };
        server = await startServer({ databaseUrl: database.url, dataDir, env });
        return server;
      },
    };
  };
  const reseal = async (...keys: string[]) => {
    const env = { PATH: process.env.PATH, ...databaseEnv(database.url), ERRAND_MASTER_KEYS: keys.join(' ') };
    const child = spawn(process.execPath, [command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    return { code: code as number, said: output };
  };
  return { stub, a: await run('a'), b: await run('b'), reseal };
}

/** Creates an API key, a credential, a link and a cursor on this process. */
async function make(server: Server, document: string): Promise<void> {
  const api = overRest(server);
  created.apiKeys.push((await api.apiKeys.create({ name: `key ${created.apiKeys.length}`, scopes: ['admin'] })).key);
  const auth = { type: 'API_TOKEN', token: `token-${created.integrations.length}` } as const;
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Stub',
    kind: 'openapi',
    document,
    auth,
  });
  created.integrations.push(id);
  const { runId } = await startWaiting(api, payments({ id } as Office, [1], { plan: aPlan(`${id}.pay`) }));
  created.links.push((await tokensOf(api, runId))[0]!.approve);
  await startWaiting(api, payments({ id } as Office, [1], { plan: aPlan(`${id}.pay`) }));
  created.cursors.push((await api.runs.list({ pageSize: 1 })).pagination.nextCursor!);
}

/** Everything created so far works on this process. */
async function expectAll(server: Server, ...except: 'links'[]): Promise<void> {
  for (const apiKey of created.apiKeys) {
    expect((await request({ ...server, apiKey }, '/v1/integrations')).status).toBe(200);
  }
  for (const cursor of created.cursors) {
    if (except.length === 0) expect((await request(server, `/v1/runs?pageSize=1&cursor=${cursor}`)).status).toBe(200);
  }
  for (const token of created.links) {
    const options = { headers: { accept: 'application/json' } };
    const { status, text } = await request({ ...server, apiKey: '' }, `/v1/runs/approval?token=${token}`, options);
    if (except.length === 0) expect([status, JSON.parse(text).state]).toEqual([200, 'pending']);
  }
  const looks = created.integrations.map((id) =>
    carryOut(overRest(server), aRun({ plan: { ...aPlan(`${id}.look`), result: { $: 'steps.only.output.ok' } } })),
  );
  for (const { run } of await Promise.all(looks)) expect([run.status, run.result]).toEqual(['SUCCESS', true]);
}

test('a rolling change and a rollback at each step lose nothing: keys, credentials, links and cursors', async () => {
  const { stub, a, b, reseal } = await aService();
  const both = (...except: 'links'[]) => Promise.all([a, b].map(({ server }) => expectAll(server, ...except)));
  await Promise.all([a.restart(old), b.restart(old)]);
  await make(a.server, stub.document);
  await both();

  // One process has the new key; the other does not, even after a restart.
  await a.restart(fresh, old);
  await make(a.server, stub.document);
  await expectAll(a.server);
  await b.restart(old);
  await both();
  // A switch before all processes have the key is refused, with their names, and changes nothing.
  const early = await reseal(fresh, old);
  expect(early).toEqual({ code: 1, said: expect.stringContaining(`(process ${b.server.pid})`) });
  await b.restart(old);
  await both();
  // Back.
  await a.restart(old);
  await both();

  // Every process has it.
  await a.restart(fresh, old);
  await b.restart(fresh, old);
  await make(b.server, stub.document);
  await both();

  // It now encrypts on the running processes, without a restart.
  const unused = await overRest(a.server).apiKeys.create({ name: 'unused', scopes: ['runs:read'] });
  const first = await reseal(fresh, old);
  expect([first.code, first.said]).toEqual([
    1,
    expect.stringMatching(/0 could not be opened[\s\S]*API keys were not used[\s\S]*unused \(/),
  ]);
  await make(a.server, stub.document);
  await both();
  // Back to the old key, with both configured: it encrypts again once `reseal` has run. Without the new key there is no way back.
  await a.restart(old, fresh);
  await both();
  await expect(a.restart(old)).rejects.toThrow(/now sealed with the master key "fresh"/);
  await a.restart(old, fresh);
  expect((await reseal(old, fresh)).said).toContain('0 could not be opened');
  await both();
  expect((await reseal(fresh, old)).said).toContain('0 could not be opened');
  await both();
  await overRest(a.server).apiKeys.revoke({ apiKeyId: unused.apiKeyId });
  const last = await reseal(fresh, old);
  expect([last.code, last.said]).toEqual([0, expect.stringMatching(/^0 sealed again, 0 could not be opened/)]);

  // After the removal of the old key, only its signatures become invalid, as `reseal` announced.
  await a.restart(fresh);
  await expectAll(a.server, 'links');
  await b.restart(fresh);
  await both('links');
}, 300_000);
