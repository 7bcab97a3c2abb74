import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../statements/scope.ts';
import { openTestPool } from '../testing/database.ts';
import { claimRequest, finishRequest, forgetRequest, type KeyedRequest, unlockRequest } from './idempotency.ts';

let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 8 });
  ({ pool } = opened);
  return opened.close;
});
beforeEach(() => {
  scope = { pool, workspaceId: newId() };
});

type Claims = readonly Awaited<ReturnType<typeof claimRequest>>[];
const ownOf = (claims: Claims) => claims.flatMap((c) => (c.state === 'claimed' ? [c.runId] : []))[0]!;

const request: KeyedRequest = { operation: 'runs.create', key: 'k', sha256: Buffer.alloc(32, 1) };

test('of a hundred equal requests one is executed, and the others get its answer', async () => {
  const claims = await Promise.all(Array.from({ length: 100 }, () => claimRequest(scope, request, 10_000)));
  expect(claims.filter((c) => c.state === 'claimed')).toHaveLength(1);
  expect(claims.filter((c) => c.state === 'in_flight')).toHaveLength(99);
  await finishRequest(scope, request, ownOf(claims), '{"a":1}');
  expect(await claimRequest(scope, request, 10_000)).toEqual({ state: 'done', body: '{"a":1}' });
});

test('the key with another request is rejected, but free in another workspace', async () => {
  await claimRequest(scope, request, 10_000);
  expect(await claimRequest(scope, { ...request, sha256: Buffer.alloc(32, 2) }, 10_000)).toEqual({ state: 'other' });
  expect(await claimRequest({ pool, workspaceId: newId() }, request, 10_000)).toMatchObject({ state: 'claimed' });
});

test('a takeover from a silent or broken holder gets the same run id', async () => {
  const first = await claimRequest(scope, request, 1);
  await sleep(5);
  const second = await claimRequest(scope, request, 10_000);
  expect(second).toEqual({ ...first, takenOver: true });
  expect(await claimRequest(scope, request, 10_000)).toEqual({ state: 'in_flight' });
  await unlockRequest(scope, request, ownOf([first]));
  expect(await claimRequest(scope, request, 10_000)).toEqual(second);
});

test('a rejected request releases its key', async () => {
  const claimedId = ownOf([await claimRequest(scope, request, 10_000)]);
  await forgetRequest(scope, request, newId());
  expect(await claimRequest(scope, request, 10_000)).toEqual({ state: 'in_flight' });
  await forgetRequest(scope, request, claimedId);
  expect(await claimRequest(scope, { ...request, sha256: Buffer.alloc(32, 2) }, 10_000)).toMatchObject({
    state: 'claimed',
    takenOver: false,
  });
});
