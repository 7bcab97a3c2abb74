import { expect, test } from 'vitest';
import {
  clearSurplusLogins,
  clearTicketCookie,
  loginCookie,
  readLoginCookie,
  readTicketCookie,
  ticketCookie,
} from './login-cookies.ts';

const HTTPS = new URL('https://errand.example');
const HTTP = new URL('http://127.0.0.1:4000');
const pairOf = (line: string): string => line.split(';')[0]!;

test('over https, no other host and no plain http can set the cookies', () => {
  expect(loginCookie(HTTPS, 's', 'secret')).toMatch(
    /^__Host-errand-login-[\w-]{16}=secret; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
  );
  expect(ticketCookie(HTTPS, 'secret')).toBe(
    '__Host-errand-ticket=secret; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60',
  );
});

test('over http, each service of the machine has its own', () => {
  const path = 'Path=/console/sign-in/oidc; HttpOnly';
  expect(ticketCookie(HTTP, 'secret')).toBe(`errand_4000-ticket=secret; ${path}; SameSite=Strict; Max-Age=60`);
  expect(clearTicketCookie(HTTP)).toBe(`errand_4000-ticket=; ${path}; SameSite=Strict; Max-Age=0`);
  const other = new URL('http://127.0.0.1:4001');
  expect(readTicketCookie(other, { cookie: pairOf(ticketCookie(HTTP, 'secret')) })).toBeUndefined();
});

test('a login is read for its own state alone', () => {
  const cookie = `a=b; ${pairOf(loginCookie(HTTPS, 'one', 'first'))}; ${pairOf(loginCookie(HTTPS, 'two', 'second'))}`;
  expect(['one', 'two', 'three'].map((state) => readLoginCookie(HTTPS, { cookie }, state))).toEqual([
    'first',
    'second',
    undefined,
  ]);
});

test('a browser with many login cookies loses them', () => {
  const cookiesOf = (count: number) =>
    ['session=x', ...Array.from({ length: count }, (_, n) => pairOf(loginCookie(HTTPS, `${n}`, 'x')))].join('; ');
  expect(clearSurplusLogins(HTTPS, { cookie: cookiesOf(7) })).toEqual([]);
  const cleared = clearSurplusLogins(HTTPS, { cookie: cookiesOf(8) });
  expect(cleared).toHaveLength(8);
  for (const line of cleared) expect(line).toMatch(/^__Host-errand-login-[\w-]{16}=; .*Max-Age=0$/);
  expect(clearSurplusLogins(HTTPS, {})).toEqual([]);
});
