import type { Connection, WorkspaceDb } from '@errand/db';
import { expect, test } from 'vitest';
import { findVerifyUrl } from './confirmation.ts';

const OF_WORKSPACE = 'https://app.example.com/of-workspace';
const redirects = { mayReturnTo: (url: string) => new URL(url).origin === 'https://app.example.com' };
const workspaceDb = (verifyUrl?: string) =>
  ({ consentSettings: { get: async () => (verifyUrl === undefined ? {} : { verifyUrl }) } }) as WorkspaceDb;
const find = (ofIntegration?: string, ofWorkspace?: string) =>
  findVerifyUrl(redirects, workspaceDb(ofWorkspace), { verifyUrl: ofIntegration } as Connection);

test('the page of the integration comes before that of the workspace', async () => {
  const ofIntegration = 'https://app.example.com/of-integration';
  expect(await find(ofIntegration, OF_WORKSPACE)).toBe(ofIntegration);
  expect(await find(undefined, OF_WORKSPACE)).toBe(OF_WORKSPACE);
  expect(await find()).toBeUndefined();
});

test('a page that the operator allows no more stops consents instead of being left out', async () => {
  await expect(find('https://old.example.com/verify', OF_WORKSPACE)).rejects.toMatchObject({ code: 'url_not_allowed' });
  await expect(find(undefined, 'https://old.example.com/verify')).rejects.toMatchObject({ code: 'url_not_allowed' });
});
