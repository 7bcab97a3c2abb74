// Connections must return to their pool even if their check outlasts their callers.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase } from '../database.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

/** A proxy before Postgres. The first connections break; the checks of the others wait for a release. */
async function startProxy(target: URL, broken: number) {
  const sockets = new Set<Socket>();
  const checks: (() => void)[] = [];
  let holding = true;
  let count = 0;
  const server = createServer((inner) => {
    sockets.add(inner);
    inner.on('error', () => {});
    if (count++ < broken) return inner.once('data', () => inner.destroy());
    const outer = connect(Number(target.port), target.hostname);
    sockets.add(outer);
    outer.on('error', () => {}).pipe(inner);
    inner.on('close', () => outer.destroy());
    inner.on('data', (bytes) => {
      if (holding && bytes.includes('current_user')) checks.push(() => outer.write(bytes));
      else outer.write(bytes);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: Object.assign(new URL(target), { port: String((server.address() as AddressInfo).port) }).href,
    letGo() {
      holding = false;
      for (const go of checks.splice(0)) go();
    },
  };
}

test('a connection whose check outlasts its callers serves the next one', async () => {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  const proxy = await startProxy(new URL(database.logins.url), 2);
  const db = openDatabase({ url: proxy.url, masterKeys: [masterKey()], poolSize: 4, connectTimeoutMs: 500 });
  onTestFinished(() => db.close());
  // Two connections break, then the waiting callers get new ones. Their checks wait until all callers have given up.
  const connections = await Promise.allSettled(Array.from({ length: 6 }, () => db.pool.connect()));
  expect(connections.map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
  proxy.letGo();
  expect((await db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
