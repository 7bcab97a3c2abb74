import type { CallerPrincipal } from '@errand/contracts';
import type { Db } from '@errand/db';
import { expect, test } from 'vitest';
import { BrowserOrigins } from './browser-origins.ts';

const PAGE = 'https://app.example.com';
const token = { kind: 'user_token', workspaceId: 'w' } as CallerPrincipal;

/** @param offered by the operator @param listed by the workspace */
function aCheck(offered: readonly string[], listed: readonly string[]) {
  const reads: string[] = [];
  const list = async () => listed;
  const forWorkspace = (workspaceId: string) => {
    reads.push(workspaceId);
    return { browserOrigins: { list } };
  };
  const origins = new BrowserOrigins(
    { forWorkspace } as unknown as Db,
    offered,
    () => 'https://errand.example.com/api',
  );
  return { origins, reads };
}

test('a list is read once for many requests, and again after a change', async () => {
  const { origins, reads } = aCheck([PAGE], [PAGE]);
  await Promise.all([origins.check(PAGE, token), origins.check(PAGE, token)]);
  await origins.check(PAGE, token);
  expect(reads).toEqual(['w']);
  origins.forget('w');
  await origins.check(PAGE, token);
  expect(reads).toEqual(['w', 'w']);
});

test('requests of keys and of the service itself read no list', async () => {
  const { origins, reads } = aCheck([PAGE], [PAGE]);
  await origins.check('https://errand.example.com', token);
  const key = { kind: 'api_key', workspaceId: 'w' } as CallerPrincipal;
  await expect(origins.check(PAGE, key)).rejects.toMatchObject({ code: 'key_in_browser' });
  const platform = { kind: 'platform', id: 'p', label: 'p' } as const;
  await expect(origins.check(PAGE, platform)).rejects.toMatchObject({ code: 'key_in_browser' });
  expect(reads).toEqual([]);
});

test('an origin that the operator has withdrawn is refused although the workspace still lists it', async () => {
  const { origins } = aCheck([], [PAGE]);
  await expect(origins.check(PAGE, token)).rejects.toMatchObject({
    code: 'origin_not_allowed',
    options: { remedy: expect.stringContaining('ERRAND_CORS_ORIGINS') },
  });
});

test('a refused list does not name the origins of other workspaces', () => {
  const { origins } = aCheck([PAGE, 'https://tenant-two.example'], []);
  origins.checkOffered([PAGE]);
  const refusal = () => origins.checkOffered([PAGE, 'https://x.example']);
  expect(refusal).toThrow('ERRAND_CORS_ORIGINS does not allow https://x.example.');
  try {
    refusal();
  } catch (error) {
    expect(JSON.stringify([(error as Error).message, error])).not.toMatch(/app\.example|tenant-two/);
  }
});
