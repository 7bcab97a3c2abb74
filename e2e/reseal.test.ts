// A new master key while secrets are stored: the command may be killed at any point, and completes when it runs to its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Secret } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { anIntegration, aTarget, createTestDatabase, masterKey } from '@errand/db/testing';
import { expect, inject, test } from 'vitest';
import { databaseEnv } from './fixtures/server.ts';

const command = fileURLToPath(new URL('../apps/server/dist/reseal.js', import.meta.url));
const USERS = 600;

test('secrets are encrypted again despite a kill, and the old key can be removed', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const [old, fresh] = [masterKey('old'), masterKey('fresh')];
  const open = async (...masterKeys: string[]) => {
    const db = openDatabase({ ...database.logins, masterKeys });
    await db.ready();
    return db;
  };
  const before = await open(old, fresh);
  const { workspaceId } = await before.workspaces.create('one');
  const workspaceDb = before.forWorkspace(workspaceId);
  const integration = await workspaceDb.integrations.create(anIntegration({ token: new Secret('token-of-all') }));
  const id = integration.customerIntegrationId;
  const target = aTarget(id);
  await workspaceDb.credentials.putUserToken(target, 'user-0', new Secret('token-of-one'));
  for (let i = 0; i < USERS; i += 50) {
    const some = Array.from({ length: 50 }, (_, j) => `user-${i + j}`);
    await Promise.all(
      some.map((user) => workspaceDb.grants.store(target, user, { accessToken: new Secret(`at-${user}`) })),
    );
  }
  await workspaceDb.pendingConsents.put(
    {
      stateHash: 'hash',
      customerIntegrationId: id,
      userId: 'user-0',
      grantDestination: '',
      verifier: new Secret('verifier'),
      redirectUri: 'https://errand.example.com/v1/oauth/callback',
    },
    'browser',
  );
  const byKey = async () => {
    const { rows } = await before.pool.query<{ keyId: string; n: number }>(
      `SELECT convert_from(substring(sealed_grant FROM 3 FOR get_byte(sealed_grant, 1)), 'UTF8') AS "keyId", count(*)::int AS n
       FROM integration_user GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ keyId, n }) => [keyId, n])) as { old?: number; fresh?: number };
  };

  const killed = start(database.url, `${fresh} ${old}`);
  await expect.poll(async () => (await byKey()).fresh ?? 0, { interval: 5, timeout: 60_000 }).toBeGreaterThan(20);
  const closed = once(killed.child, 'close');
  killed.child.kill('SIGKILL');
  await closed;
  const midway = await byKey();
  expect([midway.old! > 0, midway.fresh! > 20, midway.old! + midway.fresh!]).toEqual([true, true, USERS]);
  const both = await open(fresh, old);
  await expectAll(both);
  await both.close();

  const second = start(database.url, `${fresh} ${old}`);
  const [code] = await once(second.child, 'close');
  expect([code, second.said()]).toEqual([0, expect.stringContaining(' 0 could not be opened')]);
  const third = start(database.url, `${fresh} ${old}`);
  await once(third.child, 'close');
  expect(third.said()).toContain('0 sealed again, 0 could not be opened.');

  await before.close();
  const after = await open(fresh);
  await expectAll(after);
  await after.close();
  await database.drop();

  async function expectAll(db: Awaited<ReturnType<typeof open>>) {
    const { credentials, grants, pendingConsents } = db.forWorkspace(workspaceId);
    expect((await credentials.openIntegrationSecret(target))?.reveal()).toBe('token-of-all');
    expect((await credentials.open(target, 'user-0'))?.token.reveal()).toBe('token-of-one');
    for (const user of ['user-0', 'user-300', `user-${USERS - 1}`]) {
      expect((await grants.read(target, user))?.accessToken.reveal()).toBe(`at-${user}`);
    }
    expect(await pendingConsents.take('hash', 'another browser')).toBeUndefined();
  }
}, 60_000);

function start(databaseUrl: string, keys: string): { child: ChildProcess; said: () => string } {
  const env = { PATH: process.env.PATH, ...databaseEnv(databaseUrl), ERRAND_MASTER_KEYS: keys };
  const child = spawn(process.execPath, [command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  }
  return { child, said: () => text };
}
