import { Secret } from '@errand/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubAuthorizationServer, startStubAuthorizationServer } from '../testing/stub-authorization-server.ts';
import { type CurrentGrant, freshAccess, type GrantStore } from './access.ts';
import { startAuthorization } from './authorize.ts';
import { discoverAuthorization } from './discover.ts';
import { redeemCode } from './redeem.ts';

/** A single grant in memory, with a lock. */
class MemoryGrants implements GrantStore<string> {
  #turn = Promise.resolve(true);
  constructor(public grant: CurrentGrant | undefined) {}
  async read() {
    return this.grant;
  }
  exclusively(_key: string, turn: Parameters<GrantStore<string>['exclusively']>[1]) {
    this.#turn = this.#turn.then(async () => {
      const change = await turn(this.grant);
      if (!this.grant || change.kind === 'none') return true;
      if (change.kind === 'reconnect') this.grant = { ...this.grant, reconnectReason: change.reason };
      else this.grant = keptOf(change.tokens, this.grant.refreshGrant);
      return true;
    });
    return this.#turn;
  }
}
type TokensChange = { accessToken: Secret; refreshToken?: Secret; expiresAt?: Date };
const keptOf = (
  { accessToken, refreshToken, expiresAt }: TokensChange,
  grant: CurrentGrant['refreshGrant'],
): CurrentGrant => ({
  accessToken,
  ...(expiresAt && { expiresAt }),
  ...(grant && refreshToken && { refreshGrant: { ...grant, refreshToken } }),
});

let stub: StubAuthorizationServer;
let egress: Egress;
let row: MemoryGrants;

beforeEach(async () => {
  stub = await startStubAuthorizationServer();
  egress = createEgress({ allowOrigins: [stub.origin] });
  const server = await discoverAuthorization({ issuer: stub.origin }, { egress });
  const client = { clientId: stub.clientId, clientSecret: new Secret(stub.clientSecret) };
  const { url, pending } = await startAuthorization({ server, client, redirectUri: 'https://e.example.com/cb' });
  const tokens = await redeemCode({ server, client, callback: stub.consent(url), pending }, { egress });
  row = new MemoryGrants(keptOf(tokens, { server, client, refreshToken: tokens.refreshToken as Secret }));
});
afterEach(async () => {
  await egress.close();
  await stub.close();
});

const refreshes = () => stub.hits.filter((hit) => hit.body.includes('grant_type=refresh_token')).length;
const access = (rejected?: Secret) => freshAccess(row, 'ada', { egress, ...(rejected && { rejectedToken: rejected }) });
const expire = (ms: number) => {
  row.grant = { ...(row.grant as CurrentGrant), expiresAt: new Date(Date.now() + ms) };
};

it('uses the token that is there while it lasts', async () => {
  expect(await access()).toEqual({ kind: 'access', accessToken: row.grant?.accessToken });
  expect(refreshes()).toBe(0);
});

it.each([
  ['has run out', () => expire(-1)],
  ['is about to run out', () => expire(20_000)],
])('refreshes once for thirty callers when the token %s', async (_name, prepare) => {
  prepare();
  const all = await Promise.all(Array.from({ length: 30 }, () => access()));
  expect(new Set(all.map((access) => access.kind === 'access' && access.accessToken.reveal())).size).toBe(1);
  expect([refreshes(), stub.reuses()]).toEqual([1, 0]);
});

it('refreshes once for thirty callers whose token was refused', async () => {
  const { accessToken } = row.grant as CurrentGrant;
  const all = await Promise.all(Array.from({ length: 30 }, () => access(accessToken)));
  for (const access of all)
    expect(access.kind === 'access' && access.accessToken.reveal()).not.toBe(accessToken.reveal());
  expect([refreshes(), stub.reuses()]).toEqual([1, 0]);
});

it('refreshes a second token from what the first refresh gave', async () => {
  expire(-1);
  await access();
  expire(-1);
  expect((await access()).kind).toBe('access');
  expect([refreshes(), stub.reuses()]).toEqual([2, 0]);
});

it('asks for the user once the answer of a refresh was lost, and does not try the old token again', async () => {
  expire(-1);
  stub.faults.push({ cut: 'after' });
  expect(await access()).toEqual({ kind: 'reconnect', reason: 'lost' });
  expect(await access()).toEqual({ kind: 'reconnect', reason: 'lost' });
  expect([refreshes(), stub.reuses()]).toEqual([1, 0]);
});

it('goes on with a token that still lasts while the server is down, and waits with one that does not', async () => {
  expire(20_000);
  stub.faults.push({ status: 503 }, { status: 503, headers: { 'retry-after': '3' } });
  expect((await access()).kind).toBe('access');
  expire(-1);
  expect(await access()).toEqual({ kind: 'later', retryAfterMs: 3_000 });
  expect(row.grant?.reconnectReason).toBeUndefined();
});

it('asks for the user when there is no refresh token, and tells when there is nothing at all', async () => {
  const { refreshGrant: _, ...plain } = row.grant as CurrentGrant;
  row.grant = { ...plain, expiresAt: new Date(Date.now() + 10_000) };
  expect((await access()).kind).toBe('access');
  expect(await access(plain.accessToken)).toEqual({ kind: 'reconnect', reason: 'no_refresh_token' });
  row.grant = undefined;
  expect(await access()).toEqual({ kind: 'missing' });
});

it('refreshes once for a call, also when what it gets has run out already', async () => {
  stub.answer.expires_in = 0;
  expire(-1000);
  expect((await access()).kind).toBe('access');
  expect(refreshes()).toBe(1);
  expect((await access()).kind).toBe('access');
  expect(refreshes()).toBe(2);
});
