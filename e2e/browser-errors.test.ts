// A person who types an address or follows a broken link gets a page with links; programs get problem documents.
import { beforeAll, expect, test } from 'vitest';
import { HTML } from './fixtures/links.ts';
import { openWorkspace, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  return () => workspace.close();
});

const get = (path: string, accept: string, method = 'GET') =>
  fetch(`${workspace.url}${path}`, { method, headers: { accept } });

test.each([
  ['/nowhere', 404, 'Not found'],
  ['/v1/runs', 401, 'No valid API key'],
  ['/v1/runs/approval?token=x', 404, 'No such approval'],
  ['/v1/connect?token=x', 404, ''],
  ['/problems/approval_gone', 200, ''],
  ['/problems/none', 404, 'Not found'],
])('a browser at %s gets a page that leads on', async (path, status, title) => {
  const answer = await get(path, HTML);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; img-src data:; style-src 'sha256-/,
  );
  const text = await answer.text();
  expect(text).toContain(`<h1>${title}`);
  expect(text).toMatch(/<a href="\/docs">|Go back|Open the link/);
  expect(text).not.toMatch(/undefined|<script/);
});

test.each(['application/json', '*/*', 'application/json, text/html;q=0.9'])(
  'a program that takes %s gets the problem',
  async (accept) => {
    const answer = await get('/nowhere', accept);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await answer.json()).toMatchObject({ status: 404, code: 'not_found' });
  },
);

test('only GET answers with pages: other methods answer programs', async () => {
  const answer = await get('/v1/runs', HTML, 'POST');
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
});
