import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@errand/contracts';
import { type Connection, type Db, openDatabase } from '@errand/db';
import { anIntegration, createTestDatabase, masterKey } from '@errand/db/testing';
import { createEgress, type Egress } from '@errand/integrations';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Credentials, createCredentials } from './credentials.ts';

/** A slow server that rotates refresh tokens, so that all callers arrive before its answer. */
class Rotating {
  valid = '';
  refreshes = 0;
  reuses = 0;
  clients = new Set<string | undefined>();
  broken = false;
  revoked: (string | null)[] = [];
  #arrived = () => {};
  /** Resolves when the next refresh has arrived. */
  next = () =>
    new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
  readonly server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = new URLSearchParams(body).get('refresh_token');
    if (request.url === '/revoke') {
      this.revoked.push(new URLSearchParams(body).get('token'));
      return void response.end();
    }
    this.#arrived();
    this.refreshes++;
    this.clients.add(request.headers.authorization);
    const json = (status: number, value: object) =>
      setTimeout(
        () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
        200,
      );
    if (this.broken) return json(503, { error: 'temporarily_unavailable' });
    if (token !== this.valid) {
      this.reuses++;
      return json(400, { error: 'invalid_grant' });
    }
    this.valid = `rt-${this.refreshes}`;
    return json(200, { access_token: `at-${this.refreshes}`, refresh_token: this.valid, expires_in: 300 });
  });
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let processes: { db: Db; egress: Egress; credentials: Credentials }[];
let rotating: Rotating;
let workspaceId: string;
let connection: Connection;
let userId = '';
let n = 0;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  rotating = new Rotating();
  await new Promise<void>((done) => rotating.server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(rotating.server.address() as AddressInfo).port}`;
  const masterKeys = [masterKey('k1')];
  processes = [0, 1].map(() => {
    const db = openDatabase({ ...database.logins, masterKeys });
    const egress = createEgress({ allowOrigins: [origin] });
    return { db, egress, credentials: createCredentials({ db, egress, redact: () => {}, log: { warn: () => {} } }) };
  });
  const { db } = processes[0]!;
  await db.ready();
  ({ workspaceId } = await db.workspaces.create('one'));
  const workspace = db.forWorkspace(workspaceId);
  const integration = await workspace.integrations.create(
    anIntegration({
      auth: { type: 'OAUTH2', clientId: 'errand', scopes: [] },
      oauthServer: {
        authorizationUrl: `${origin}/authorize`,
        tokenUrl: `${origin}/token`,
        revocationUrl: `${origin}/revoke`,
      },
      token: new Secret('client-secret'),
    }),
  );
  connection = (await workspace.integrations.connection(integration.customerIntegrationId))!;
});
afterAll(async () => {
  for (const { db, egress } of processes) await Promise.all([db.close(), egress.close()]);
  await new Promise((done) => rotating.server.close(done));
  await database.drop();
});
beforeEach(async () => {
  userId = `user-${++n}`;
  Object.assign(rotating, { valid: 'rt-0', refreshes: 0, reuses: 0, broken: false, revoked: [] });
});

const give = (more: { expiresAt?: Date } = {}) =>
  processes[0]!.db.forWorkspace(workspaceId).grants.store(connection, userId, {
    accessToken: new Secret('at-0'),
    refreshToken: new Secret('rt-0'),
    ...more,
  });
const refusal = {
  ok: false,
  code: 'credential_rejected',
  message: '401',
  retryable: false,
  effectKnown: 'no',
} as const;
const open = ({ credentials }: (typeof processes)[number], rejected?: string, renewed = false) => {
  const key = { workspaceId, connection, userId };
  if (rejected === undefined) return credentials.open(key);
  const auth = { type: 'OAUTH2', accessToken: new Secret(rejected) } as const;
  return credentials.renew(key, { auth, owner: 'user' }, refusal, renewed);
};
const revealed = (opened: Awaited<ReturnType<typeof open>>) =>
  opened && 'auth' in opened && 'accessToken' in opened.auth ? opened.auth.accessToken?.reveal() : opened;
const thirty = () => Promise.all(Array.from({ length: 30 }, (_, i) => open(processes[i % 2]!)));

test('of thirty calls in two processes one refreshes a token that has run out, and all use what it got', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  expect(new Set((await thirty()).map(revealed))).toEqual(new Set(['at-1']));
  expect([rotating.refreshes, rotating.reuses]).toEqual([1, 0]);
  const [basic = ''] = [...rotating.clients].map((header) => header?.replace('Basic ', ''));
  expect(decodeURIComponent(Buffer.from(basic, 'base64').toString())).toBe('errand:client-secret');
});

test('a token that the service refused is refreshed once, too', async () => {
  await give();
  const calls = Array.from({ length: 30 }, (_, i) => open(processes[i % 2]!, 'at-0'));
  expect(new Set((await Promise.all(calls)).map(revealed))).toEqual(new Set(['at-1']));
  expect(revealed(await open(processes[1]!, 'at-0'))).toBe('at-1');
  expect([rotating.refreshes, rotating.reuses]).toEqual([1, 0]);
});

test('a token that is refused although it was just refreshed is asked for again, unless there is a newer one', async () => {
  await give();
  expect(revealed(await open(processes[0]!, 'at-0'))).toBe('at-1');
  // Thirty calls with the same refused token: one marks it, and none refreshes again.
  const calls = Array.from({ length: 30 }, (_, i) => open(processes[i % 2]!, 'at-1', true));
  for (const opened of await Promise.all(calls)) {
    expect(opened).toMatchObject({ outcome: { code: 'credential_missing', effectKnown: 'no' } });
  }
  expect([rotating.refreshes, rotating.reuses]).toEqual([1, 0]);
  const { credentials, audit } = processes[0]!.db.forWorkspace(workspaceId);
  expect(await credentials.getUser(connection.customerIntegrationId, userId)).toMatchObject({
    active: false,
    needsReconnect: true,
    reconnectReason: 'rejected',
  });
  const marks = (await audit.list({ action: 'credential.rejected' }, 100)).filter(
    (entry) => entry.details.userId === userId,
  );
  expect(marks).toHaveLength(1);
  await give();
  expect(revealed(await open(processes[1]!, 'at-1', true))).toBe('at-0');
});

test('a user who consents again during a refresh: the new consent is used, and nothing is revoked', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  const requested = rotating.next();
  const opening = open(processes[1]!);
  await requested;
  const fresh = { accessToken: new Secret('at-new'), refreshToken: new Secret('rt-new') };
  await processes[0]!.db.forWorkspace(workspaceId).grants.store(connection, userId, fresh);
  expect(revealed(await opening)).toBe('at-new');
  expect(rotating.revoked).toEqual([]);
});

test('what is erased right after a refresh is revoked as it is then', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  expect(revealed(await open(processes[1]!))).toBe('at-1');
  const { grants } = await processes[0]!.db.forWorkspace(workspaceId).credentials.eraseUser(userId);
  expect(grants.map(({ grant }) => grant.refreshToken?.reveal())).toEqual(['rt-1']);
});

test('a server that is down for now leaves the grant as it was, and the call may be tried again', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  rotating.broken = true;
  expect(await open(processes[0]!)).toMatchObject({ outcome: { ok: false, retryable: true, effectKnown: 'no' } });
  rotating.broken = false;
  expect(revealed(await open(processes[1]!))).toMatch(/^at-/);
  expect(rotating.reuses).toBe(0);
});

test('a grant that ended is asked for again and not refreshed again', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  rotating.valid = 'another';
  const missing = { outcome: { code: 'credential_missing', effectKnown: 'no' } };
  expect(await open(processes[0]!)).toMatchObject(missing);
  expect(await open(processes[1]!)).toMatchObject(missing);
  expect(rotating.refreshes).toBe(1);
  expect(await processes[1]!.credentials.isMissing({ workspaceId, connection, userId })).toBe(true);
});

test('a process that dies while it refreshes costs the consent: nobody sends its refresh token again', async () => {
  await give({ expiresAt: new Date(Date.now() - 1000) });
  const { db } = processes[0]!;
  const id = connection.customerIntegrationId;
  await db.forWorkspace(workspaceId).grants.claim(connection, userId, randomUUID());
  const waiting = open(processes[1]!);
  await db.pool.query(`UPDATE integration_user SET refresh_until = now() - interval '1 second' WHERE user_id = $1`, [
    userId,
  ]);
  expect(await waiting).toMatchObject({ outcome: { code: 'credential_missing' } });
  expect(rotating.refreshes).toBe(0);
  expect(await db.forWorkspace(workspaceId).credentials.getUser(id, userId)).toMatchObject({ reconnectReason: 'lost' });
});

test.each(['AWS_ASSUME_ROLE', 'GOOGLE_SERVICE_ACCOUNT_OAUTH'] as const)(
  'the key of %s makes nothing for an origin for which it was not stored',
  async (type) => {
    const { db, credentials } = processes[0]!;
    const { integrations } = db.forWorkspace(workspaceId);
    const keys = { roleArn: 'arn:aws:iam::123456789012:role/x', region: 'eu-central-1', service: 's', scopes: ['s'] };
    const secret = new Secret(JSON.stringify({ token_uri: `${connection.baseUrl}/token` }));
    const integration = await integrations.create(anIntegration({ auth: { type, ...keys }, token: secret }));
    const stored = (await integrations.connection(integration.customerIntegrationId))!;
    const moved = { ...stored, baseUrl: 'https://evil.example.com' };
    const refused = { outcome: { code: 'credential_unavailable', effectKnown: 'no' } };
    expect(await credentials.open({ workspaceId, connection: moved, userId })).toMatchObject(refused);
    expect(await credentials.isMissing({ workspaceId, connection: moved, userId })).toBe(false);
    expect(rotating.refreshes).toBe(0);
    expect((await db.forWorkspace(workspaceId).credentials.openIntegrationSecret(stored))?.reveal()).toBe(
      secret.reveal(),
    );
  },
);
