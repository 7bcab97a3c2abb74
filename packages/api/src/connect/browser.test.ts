import { expect, test } from 'vitest';
import { bind, bondOf, hashOfState, unbind } from './browser.ts';

const workspaceId = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const https = 'https://errand.example.com';
const stateHash = hashOfState('a state');
const sent = (setCookie: string) => ({ cookie: `other=1; ${setCookie.split(';')[0]}; more=2` });

test('a browser brings back the bond that it was given, for that state alone', () => {
  const { setCookie, hash } = bind(https, workspaceId, stateHash);
  expect(bondOf(sent(setCookie), https, stateHash)).toEqual({ workspaceId, hash });
  expect(bondOf(sent(setCookie), https, hashOfState('another'))).toBeUndefined();
  expect(bondOf({}, https, stateHash)).toBeUndefined();
  expect(bind(https, workspaceId, stateHash).hash).not.toBe(hash);
});

test('the cookie is for this host alone, out of reach of scripts, and gone afterwards', () => {
  const { setCookie } = bind(https, workspaceId, stateHash);
  expect(setCookie).toMatch(
    /^__Host-errand-consent-[\w-]{16}=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(unbind(https, stateHash)).toMatch(/^__Host-errand-consent-[\w-]{16}=; Path=\/; Max-Age=0; HttpOnly/);
  const plain = bind('http://127.0.0.1:4000', workspaceId, stateHash).setCookie;
  expect([plain.startsWith('errand-consent-'), plain.includes('Secure')]).toEqual([true, false]);
  // One that was set over plain http is not taken for one of https.
  expect(bondOf(sent(plain), https, stateHash)).toBeUndefined();
});

test.each(['x', `${workspaceId}.short`, `${workspaceId}.${'a'.repeat(43)}x`, `no-workspace.${'a'.repeat(43)}`])(
  'a cookie of another form (%s) is none',
  (value) => {
    const { setCookie } = bind(https, workspaceId, stateHash);
    const name = setCookie.split('=')[0];
    expect(bondOf({ cookie: `${name}=${value}` }, https, stateHash)).toBeUndefined();
  },
);
