import { expect, it } from 'vitest';
import { CloudAccessCache } from './cloud-access.ts';

it('makes a credential once for all who ask, until a minute before its end, and again when it was refused', async () => {
  const cache = new CloudAccessCache<number>();
  let calls = 0;
  const make = (lifeMs: number) => async () => {
    calls++;
    return { kind: 'access' as const, value: calls, expiresAt: new Date(Date.now() + lifeMs) };
  };
  await Promise.all(Array.from({ length: 30 }, () => cache.get('a', make(3_600_000))));
  expect(calls).toBe(1);
  expect(await cache.get('b', make(3_600_000))).toMatchObject({ value: 2 });
  cache.forget('a');
  expect(await cache.get('a', make(30_000))).toMatchObject({ value: 3 });
  expect(await cache.get('a', make(3_600_000))).toMatchObject({ value: 4 });
});

it('keeps no failure', async () => {
  const cache = new CloudAccessCache<number>();
  const refused = { kind: 'refused' as const, reason: 'AccessDenied' };
  expect(await cache.get('a', async () => refused)).toBe(refused);
  await expect(cache.get('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await cache.get('a', async () => ({ kind: 'later' as const, retryAfterMs: 1 }))).toMatchObject({
    kind: 'later',
  });
});
