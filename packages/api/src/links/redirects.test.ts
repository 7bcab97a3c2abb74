import { describe, expect, test } from 'vitest';
import { checkRedirect, checkVerifyUrl } from './redirects.ts';

const allowed = ['https://app.example.com', 'http://app.example.com', 'http://127.0.0.1:3000', 'http://localhost:3000'];
const redirects = { mayReturnTo: (url: string) => allowed.includes(new URL(url).origin) };
const pointerOf = (check: () => void): string | undefined => {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as { options: { errors: { pointer: string }[] } }).options.errors[0]?.pointer;
  }
};

describe('a page that confirms users', () => {
  test.each([
    ['https at an allowed origin', 'https://app.example.com/verify?of=1', undefined],
    ['http at this machine', 'http://127.0.0.1:3000/verify', undefined],
    ['http at localhost', 'http://localhost:3000/verify', undefined],
    ['http elsewhere, although redirects go there', 'http://app.example.com/verify', '/verifyUrl'],
    ['https at another origin', 'https://evil.example.com/verify', '/verifyUrl'],
    ['another port of this machine', 'http://127.0.0.1:4000/verify', '/verifyUrl'],
  ])('%s', (_, url, pointer) => {
    expect(pointerOf(() => checkVerifyUrl(redirects, url))).toBe(pointer);
  });

  test('may be absent or removed', () => {
    expect(pointerOf(() => checkVerifyUrl(redirects, undefined))).toBeUndefined();
    expect(pointerOf(() => checkVerifyUrl(redirects, null))).toBeUndefined();
  });
});

test('a redirect names its field if its origin is not allowed', () => {
  expect(pointerOf(() => checkRedirect(redirects, 'https://evil.example.com/', '/run/redirectUri'))).toBe(
    '/run/redirectUri',
  );
  expect(pointerOf(() => checkRedirect(redirects, undefined))).toBeUndefined();
});
