// The client of this service at the authorization server of an MCP server.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import { createEgress, type InstanceEgress } from '@errand/integrations';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createServiceAuthorization } from './service-authorization.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
let egress: InstanceEgress;
let server: Server;
let origin = '';
let workspaceId = '';
let n = 0;
/** The answer of the server to a registration, and the received requests. */
let answer: { status: number; body: object };
let sent: { body: string; headers: object }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    sent.push({ body, headers: request.headers });
    const { status, body: members } = answer;
    const registration = { client_id: `c${sent.length}`, client_secret: 'secret-of-the-client', ...members };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(registration));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey('k1')] });
  await db.ready();
  ({ workspaceId } = await db.workspaces.create('one'));
  egress = createEgress({ allowOrigins: [origin] });
});
afterAll(async () => {
  await Promise.all([db.close(), egress.close()]);
  await new Promise((done) => server.close(done));
  await database.drop();
});
beforeEach(() => {
  answer = { status: 201, body: {} };
  sent = [];
});

const PUBLIC = 'https://errand.example.com';
const authorizations = (publicUrl = PUBLIC) =>
  createServiceAuthorization({ db, egress, redact: () => {}, publicUrl: () => publicUrl });
const aServer = (more: object = {}): Json => ({
  issuer: `https://auth-${++n}.example.com`,
  authorizationUrl: `${origin}/authorize`,
  tokenUrl: `${origin}/token`,
  registrationUrl: `${origin}/register`,
  ...more,
});
const clientAt = async (from: Json, publicUrl?: string) => {
  const server = await authorizations(publicUrl).withClient(workspaceId, from);
  return server.kind === 'found' ? (server.server as { client: { clientId: string } }).client : server;
};

test('is the document about it where the server takes documents and can read it; else it registers', async () => {
  const takes = aServer({ takesClientDocuments: true });
  expect(await clientAt(takes)).toMatchObject({
    clientId: `${PUBLIC}/oauth/client.json`,
    clientAuthentication: 'none',
  });
  expect(sent).toEqual([]);
  expect(authorizations().clientDocument()).toMatchObject({
    client_id: `${PUBLIC}/oauth/client.json`,
    redirect_uris: [`${PUBLIC}/v1/oauth/callback`],
    token_endpoint_auth_method: 'none',
  });
  for (const inside of [
    'http://127.0.0.1:4000',
    'https://errand.internal',
    'https://10.0.0.1',
    'https://errand.example.com:8443',
  ]) {
    expect(authorizations(inside).clientDocument()).toBeUndefined();
    expect(await clientAt(aServer({ takesClientDocuments: true }), inside)).toMatchObject({
      clientId: `c${sent.length}`,
    });
  }
  expect(await clientAt(aServer())).toMatchObject({ clientId: 'c5', clientAuthentication: 'client_secret_basic' });
});

test('registers once at each issuer and for each address of this service, however many ask', async () => {
  const [first, two] = [aServer(), aServer()];
  const clients = await Promise.all(Array.from({ length: 10 }, () => clientAt(first)));
  expect(new Set(clients.map((client) => JSON.stringify(client))).size).toBe(1);
  const before = sent.length;
  expect(await clientAt(first)).toEqual(clients[0]);
  expect(sent).toHaveLength(before);
  expect(await clientAt(two)).not.toEqual(clients[0]);
  expect(await clientAt(first, 'https://moved.example.com')).not.toEqual(clients[0]);
  expect(sent).toHaveLength(before + 2);
  expect(JSON.stringify(sent)).not.toMatch(/authorization"|x-api-key/i);
});

test('registers again before its secret ends', async () => {
  const from = aServer();
  answer.body = { client_secret_expires_at: Math.floor(Date.now() / 1000) + 300 };
  const first = await clientAt(from);
  answer.body = {};
  const second = await clientAt(from);
  expect(second).not.toEqual(first);
  expect(await clientAt(from)).toEqual(second);
});

test('says what to register where it cannot register itself', async () => {
  const refusal = (from: Json) => authorizations().withClient(workspaceId, from);
  const byHand = (why: string) =>
    expect.objectContaining({
      code: 'oauth_failed',
      detail: expect.stringMatching(`${why}.*redirect URI ${PUBLIC}/v1/oauth/callback.*clientId`),
      options: expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/auth/clientId' })] }),
    });
  await expect(refusal(aServer({ registrationUrl: undefined }))).rejects.toEqual(
    byHand('does not support client registration'),
  );
  answer = { status: 401, body: { error: 'access_denied' } };
  await expect(refusal(aServer())).rejects.toEqual(byHand('status 401, access_denied'));
  answer = { status: 503, body: {} };
  expect(await refusal(aServer())).toMatchObject({ kind: 'later', why: expect.stringContaining('does not answer') });
});
