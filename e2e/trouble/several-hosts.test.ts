// A service with a list of two hosts and no router: a promotion, and no host that accepts writes.
import { asAdmin, startTestPair } from '@errand/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { request } from '../fixtures/request.ts';
import { startServer } from '../fixtures/server.ts';

const body = { name: 'one', scopes: ['runs:read'] };

async function aService() {
  const pair = await startTestPair();
  onTestFinished(() => pair.stop());
  const { url, tenantUrl, ownerUrl } = pair.urls;
  const env = { DATABASE_URL: url, ERRAND_TENANT_DATABASE_URL: tenantUrl, ERRAND_OWNER_DATABASE_URL: ownerUrl };
  const server = await startServer({ env });
  onTestFinished(() => server.stop().then(() => {}));
  const look = async () => {
    const [created, ready] = await Promise.all([request(server, '/v1/api-keys', { body }), request(server, '/readyz')]);
    return [created, ready].map(({ status, problem, headers }) => [status, problem.code, headers.get('retry-after')]);
  };
  return { pair, server, look };
}

const GOOD = [
  [201, undefined, null],
  [200, undefined, null],
];
const AWAY = [
  [503, 'unavailable', '1'],
  [503, 'unavailable', '1'],
];

test('writes succeed again after the standby is promoted, and get 503 before', async () => {
  const { pair, server, look } = await aService();
  await expect.poll(look).toEqual(GOOD);
  process.kill(pair.primary.pid, 'SIGKILL');
  await expect.poll(look).toEqual(AWAY);
  // The standby answers and is read-only.
  for (let n = 0; n < 5; n++) expect(await look()).toEqual(AWAY);

  await asAdmin(pair.standby, 'SELECT pg_promote()');
  await expect.poll(look).toEqual(GOOD);

  await pair.standby.stop();
  await expect.poll(look).toEqual(AWAY);
  expect(server.log()).not.toContain(new URL(pair.primary.url).password);
});
