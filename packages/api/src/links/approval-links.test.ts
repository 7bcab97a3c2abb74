import { randomUUID } from 'node:crypto';
import { Vault } from '@errand/db';
import { expect, test } from 'vitest';
import { createApprovalLinks } from './approval-links.ts';

const key = (n: number) => `k${n}:${Buffer.alloc(32, n).toString('base64')}`;
const links = (...masterKeys: string[]) =>
  createApprovalLinks(
    () => new Vault(masterKeys).keysFor('approval link'),
    () => 'https://errand.example',
  );
const link = { workspaceId: randomUUID(), approvalId: randomUUID(), action: 'approve' as const };

test('a token says what it leads to, and nothing else is one', () => {
  const { sign, open } = links(key(1));
  const token = sign(link);
  expect(open(token)).toEqual(link);
  expect(open(sign({ ...link, action: 'deny' }))).toEqual({ ...link, action: 'deny' });
  const bytes = Buffer.from(token, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(open(changed.toString('base64url')), `byte ${i}`).toBeNull();
  }
  for (const invalidToken of ['', token.slice(1), `${token}A`, `${token}=`, `${token} `, token.replace(/^./, '+')]) {
    expect(open(invalidToken), invalidToken).toBeNull();
  }
});

test('a token outlives a new master key, and ends with the one that signed it', () => {
  const token = links(key(1)).sign(link);
  expect(links(key(2), key(1)).open(token)).toEqual(link);
  expect(links(key(2)).open(token)).toBeNull();
});

test('a request has two links, for the same approval', () => {
  const { approvalLinks, open } = links(key(1));
  const actions = approvalLinks(link.workspaceId, link.approvalId).map(({ action, url }) => {
    const { origin, pathname, searchParams } = new URL(url);
    return [action, origin + pathname, [...searchParams.keys()], open(searchParams.get('token')!)];
  });
  const at = 'https://errand.example/v1/runs/approval';
  expect(actions).toEqual([
    ['approve', at, ['token'], link],
    ['deny', at, ['token'], { ...link, action: 'deny' }],
  ]);
});
