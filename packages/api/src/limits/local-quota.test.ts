import { expect, test } from 'vitest';
import { createLocalQuota } from './local-quota.ts';

const ana = { workspaceId: 'w', apiKeyId: 'https://id.example ana' };

test('a caller gets the quota, and it refills evenly', async () => {
  let at = 1_000_000;
  const quota = createLocalQuota(() => at);
  const take = (count: number, caller = ana) => quota.take(caller, count, 60, 60_000);
  expect(await take(50)).toEqual({ granted: 50, remaining: 10, nextMs: 0, fullMs: 50_000 });
  expect(await take(50)).toEqual({ granted: 10, remaining: 0, nextMs: 1000, fullMs: 60_000 });
  expect(await take(1)).toMatchObject({ granted: 0, remaining: 0 });
  expect(await take(1, { ...ana, workspaceId: 'other' })).toMatchObject({ granted: 1, remaining: 59 });
  at += 3_000;
  expect(await take(50)).toMatchObject({ granted: 3, remaining: 0 });
});
