// The audit log as an operator checks it: the built command, with the database of a running service.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { stackForTest } from './fixtures/stack.ts';
import { overRest } from './fixtures/transports.ts';

const command = fileURLToPath(new URL('../apps/server/dist/verify-audit.js', import.meta.url));

const verify = (databaseUrl: string, ...heads: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl };
    execFile(process.execPath, [command, ...heads], { env }, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });

test('the command finds the chain intact, then names a changed entry and a missing end', async () => {
  const { databaseUrl, ...caller } = await stackForTest();
  const api = overRest(caller);
  await api.apiKeys.create({ name: 'k', scopes: ['runs:read'] });
  const sealed = async () => (await api.audit.list({})).entries.every(({ seal }) => seal);
  await expect.poll(sealed, { timeout: 60_000, interval: 500 }).toBe(true);
  const whole = await verify(databaseUrl);
  expect([whole.code, whole.err]).toEqual([0, expect.stringMatching(/^[1-9]\d* entries checked, 0 breaches/)]);
  const head = whole.out.trim();
  expect(head).toMatch(/^[0-9a-f-]{36}:\d+:[0-9a-f]{64}$/);

  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  onTestFinished(() => owner.end());
  await owner.query(`SET session_replication_role = replica`);
  await owner.query(`UPDATE audit SET actor_label = 'somebody else' WHERE action = 'integration.created'`);
  const changed = await verify(databaseUrl, head);
  expect([changed.code, changed.err]).toEqual([1, expect.stringContaining('was changed or moved')]);

  await owner.query('DELETE FROM audit_seal');
  const cut = await verify(databaseUrl, head);
  expect([cut.code, cut.err]).toEqual([1, expect.stringContaining('is gone: the chain was cut')]);
});
