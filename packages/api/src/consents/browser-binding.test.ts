import { expect, test } from 'vitest';
import { clearBindingCookie, createBinding, readBinding, stateHashOf } from './browser-binding.ts';

const WORKSPACE_ID = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const HTTPS = 'https://errand.example.com';
const stateHash = stateHashOf('a state');
const sent = (setCookie: string) => ({ cookie: `other=1; ${setCookie.split(';')[0]}; more=2` });

test('a browser returns the bond that it got, for that state alone', () => {
  const { setCookie, hash } = createBinding(HTTPS, WORKSPACE_ID, stateHash);
  expect(readBinding(sent(setCookie), HTTPS, stateHash)).toEqual({ workspaceId: WORKSPACE_ID, hash });
  expect(readBinding(sent(setCookie), HTTPS, stateHashOf('another'))).toBeUndefined();
  expect(readBinding({}, HTTPS, stateHash)).toBeUndefined();
  expect(createBinding(HTTPS, WORKSPACE_ID, stateHash).hash).not.toBe(hash);
});

test('the cookie is for this host alone, out of reach of scripts, and gone afterwards', () => {
  const { setCookie } = createBinding(HTTPS, WORKSPACE_ID, stateHash);
  expect(setCookie).toMatch(
    /^__Host-errand-consent-[\w-]{16}=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  expect(clearBindingCookie(HTTPS, stateHash)).toMatch(
    /^__Host-errand-consent-[\w-]{16}=; Path=\/; Max-Age=0; HttpOnly/,
  );
  const plain = createBinding('http://127.0.0.1:4000', WORKSPACE_ID, stateHash).setCookie;
  expect([plain.startsWith('errand-consent-'), plain.includes('Secure')]).toEqual([true, false]);
  // One that was set over plain http is not taken for one of https.
  expect(readBinding(sent(plain), HTTPS, stateHash)).toBeUndefined();
});

test.each(['x', `${WORKSPACE_ID}.short`, `${WORKSPACE_ID}.${'a'.repeat(43)}x`, `no-workspace.${'a'.repeat(43)}`])(
  'a cookie of another form (%s) is none',
  (value) => {
    const { setCookie } = createBinding(HTTPS, WORKSPACE_ID, stateHash);
    const name = setCookie.split('=')[0];
    expect(readBinding({ cookie: `${name}=${value}` }, HTTPS, stateHash)).toBeUndefined();
  },
);
