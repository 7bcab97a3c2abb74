import { expect, test } from 'vitest';
import { checkCsrfToken, checkOrigin, issueCsrfToken } from './csrf.ts';

const old = Buffer.alloc(32, 1);
const port = (publicUrl = 'https://errand.example/base', ...formKeys: Buffer[]) => ({
  formKeys: () => (formKeys.length ? formKeys : [old]) as [Buffer],
  publicUrl: () => publicUrl,
});
const failed = expect.objectContaining({ code: 'csrf_failed' });
const cookieOf = (setCookie: string) => ({ cookie: `other=1; ${setCookie.split(';', 1)[0]}` });

test('over https no other host can have set the cookie', () => {
  expect(issueCsrfToken(port(), {}, 'a').setCookie).toMatch(
    /^__Host-errand-approval=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
  );
  expect(issueCsrfToken(port('http://127.0.0.1:4000'), {}, 'a').setCookie).toMatch(
    /^errand-approval=[\w-]{43};.*Strict$/,
  );
});

test('a form fits its browser and its approval, also after the key was changed, and keeps the cookie there is', () => {
  const { csrf, setCookie } = issueCsrfToken(port(), {}, 'a');
  const headers = cookieOf(setCookie);
  checkCsrfToken(port(), headers, 'a', csrf);
  checkCsrfToken(port(undefined, Buffer.alloc(32, 2), old), headers, 'a', csrf);
  expect(issueCsrfToken(port(), headers, 'b').setCookie).toBe(setCookie);
  const others = cookieOf(issueCsrfToken(port(), {}, 'a').setCookie);
  const wrong: [{ cookie?: string }, string, string][] = [
    [{}, 'a', csrf],
    [others, 'a', csrf],
    [headers, 'b', csrf],
    [headers, 'a', ''],
    [headers, 'a', csrf.slice(1)],
    [{ cookie: '__Host-errand-approval=short' }, 'a', csrf],
  ];
  for (const [cookies, approvalId, word] of wrong) {
    expect(() => checkCsrfToken(port(), cookies, approvalId, word)).toThrow(failed);
  }
  expect(() => checkCsrfToken(port(undefined, Buffer.alloc(32, 2)), headers, 'a', csrf)).toThrow(failed);
});

test.each([
  [{}],
  [{ origin: 'https://errand.example' }],
  [{ origin: 'http://inside:4000', host: 'inside:4000' }],
  [{ origin: 'null', 'sec-fetch-site': 'same-origin' }],
  [{ 'sec-fetch-site': 'none' }],
])('our own pages and programs may send: %o', (headers) => {
  checkOrigin(port(), headers);
});

test.each([
  [{ origin: 'https://evil.example', host: 'errand.example' }],
  [{ origin: 'https://errand.example.evil.test' }],
  [{ origin: 'null', 'sec-fetch-site': 'cross-site' }],
  [{ origin: 'https://errand.example', 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
])('other sites may not: %o', (headers) => {
  expect(() => checkOrigin(port(), headers)).toThrow(failed);
});
