import { Vault } from '@errand/db';
import { afterEach, expect, test, vi } from 'vitest';
import { createConsentLinks } from './consent-links.ts';

const key = (keyId: string, byte: number) => `${keyId}:${Buffer.alloc(32, byte).toString('base64')}`;
const links = (...keys: string[]) =>
  createConsentLinks(
    () => new Vault(keys).keysFor('consent link'),
    () => 'https://errand.example.com',
    ['https://app.example.com'],
  );
const port = links(key('k1', 1));
const link = {
  workspaceId: 'w1',
  customerIntegrationId: 'crm_1a2b3c4d',
  registrationId: 'r1',
  userId: 'ann "✓"',
  userName: 'Ann <✓>',
  returnTo: 'https://x',
};

afterEach(() => {
  vi.useRealTimers();
});

test('a link says again what it was made for', () => {
  expect(port.open(port.sign(link))).toEqual(link);
  const { returnTo: _returnTo, userName: _userName, ...plain } = link;
  expect(port.open(port.sign(plain))).toEqual(plain);
  const url = new URL(port.consentLink('w1', 'c1'));
  expect(url.origin + url.pathname).toBe('https://errand.example.com/v1/connect');
  expect(port.open(url.searchParams.get('token') ?? '')).toEqual({ workspaceId: 'w1', consentId: 'c1' });
});

test('whatever is changed in it is noticed', () => {
  const token = port.sign(link);
  for (let i = 0; i < token.length; i++) {
    const otherCharacter = token[i] === 'A' ? 'B' : 'A';
    expect(port.open(token.slice(0, i) + otherCharacter + token.slice(i + 1)), `at ${i}`).toBeNull();
  }
  for (const bad of ['', '.', token.slice(0, -43), token.slice(-43), `${token}x`, `${token}=`])
    expect(port.open(bad)).toBeNull();
  expect(links(key('k1', 2)).open(token)).toBeNull();
});

test('it is good for a day, and over a rotation of the master key', () => {
  vi.useFakeTimers();
  const token = port.sign(link);
  expect(links(key('k2', 2), key('k1', 1)).open(token)).toEqual(link);
  vi.advanceTimersByTime(24 * 3_600_000 - 1);
  expect(port.open(token)).toEqual(link);
  vi.advanceTimersByTime(2);
  expect(port.open(token)).toBeNull();
});

test.each([
  ['https://app.example.com/connected?x=1', true],
  ['https://errand.example.com/', true],
  ['https://app.example.com.evil.example.com/', false],
  ['https://app.example.com:8443/', false],
  ['http://app.example.com/', false],
  ['https://app.example.com@evil.example.com/', false],
  ['https://user@app.example.com/', false],
  ['https://evil.example.com/?https://app.example.com', false],
])('users may be sent to %s: %s', (url, may) => {
  expect(port.mayReturnTo(url)).toBe(may);
});
