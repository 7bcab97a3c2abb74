// The audit log as an operator checks it: the built command, with the database of a running service.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AuditChain } from '@errand/contracts';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { stackForTest } from './fixtures/stack.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

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

type ChainEnd = AuditChain['head'];
/** The code of docs/security.md. */
const security = readFileSync(new URL('../docs/security.md', import.meta.url), 'utf8');
const [, code] = /```js\n(const sortMembers[\s\S]*?)```/.exec(security)!;
const { verifyLinks } = (await import(
  `data:text/javascript,${encodeURIComponent(`${code}export { verifyLinks };`)}`
)) as {
  verifyLinks: (page: AuditChain, before?: ChainEnd) => Promise<ChainEnd>;
};

/** Verifies the chain from answers of the API, three links a page. */
async function verifyByApi(api: Api): Promise<{ end: ChainEnd | undefined; head: ChainEnd }> {
  let end: ChainEnd | undefined;
  for (;;) {
    const page = await api.audit.chain({ afterSeq: end?.seq ?? 0, pageSize: 3 });
    expect(page.links.length).toBeLessThanOrEqual(3);
    if (page.links.length === 0) return { end, head: page.head };
    end = await verifyLinks(page, end);
  }
}

test('callers verify the chain from answers alone, with the code of the documentation', async () => {
  const { databaseUrl, ...caller } = await stackForTest();
  const api = overRest(caller);
  for (let n = 1; n <= 4; n++) await api.apiKeys.create({ name: `é "${n}"`, scopes: ['runs:read'] });
  const sealed = async () => (await api.audit.list({})).entries.filter(({ seal }) => seal).length;
  await expect.poll(sealed, { timeout: 60_000, interval: 500 }).toBeGreaterThan(6);

  const { end, head } = await verifyByApi(api);

  expect(end!.seq).toBeGreaterThan(6);
  expect(head.seq).toBeGreaterThanOrEqual(end!.seq);
  if (head.seq === end!.seq) expect(head).toEqual(end);
  const { links } = await overTrpc(caller).audit.chain({ afterSeq: end!.seq - 1, pageSize: 1 });
  expect(links).toMatchObject([end!]);

  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  onTestFinished(() => owner.end());
  await owner.query(`SET session_replication_role = replica`);
  await owner.query(
    `UPDATE audit SET actor_label = 'Eve' WHERE audit_id = (SELECT audit_id FROM audit_seal WHERE seq = 2)`,
  );
  await expect(verifyByApi(api)).rejects.toThrow('Entry 2 was changed or moved.');
  await owner.query(`DELETE FROM audit WHERE audit_id = (SELECT audit_id FROM audit_seal WHERE seq = 1)`);
  await expect(verifyByApi(api)).rejects.toThrow('Entry 1 was deleted.');
});
