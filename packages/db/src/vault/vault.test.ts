import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Secret } from '@errand/contracts';
import { describe, expect, test } from 'vitest';
import { last4, Vault } from './vault.ts';

const masterKey = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
const location = { workspaceId: 'w1', table: 'integration_user', row: ['crm_1', 'ann'], column: 'sealed' };
const k1 = masterKey('k1');
const k2 = masterKey('k2');
const unavailable = expect.objectContaining({ code: 'credential_unavailable' });

describe('a sealed value', () => {
  const vault = new Vault([k1]);
  const blob = vault.seal(new Secret('s3cret ✓'), location);

  test('opens in its location', () => {
    expect(vault.open(blob, location).reveal()).toBe('s3cret ✓');
  });

  test('does not contain the text, and differs each time', () => {
    expect(blob.includes('s3cret')).toBe(false);
    expect(vault.seal(new Secret('s3cret ✓'), location).equals(blob)).toBe(false);
  });

  test.each([
    ['workspace', { ...location, workspaceId: 'w2' }],
    ['table', { ...location, table: 'integration' }],
    ['row', { ...location, row: ['crm_1', 'bob'] }],
    ['row that reads the same', { ...location, row: ['crm_1","ann'] }],
    ['column', { ...location, column: 'other' }],
  ])('does not open in another %s', (_what, elsewhere) => {
    expect(() => vault.open(blob, elsewhere)).toThrow(unavailable);
  });

  test('does not open when any byte was flipped', () => {
    for (let i = 0; i < blob.length; i++) {
      const changed = Buffer.from(blob);
      changed[i]! ^= 1;
      expect(() => vault.open(changed, location), `byte ${i}`).toThrow(unavailable);
    }
  });

  test('does not open when cut, to any length', () => {
    for (let length = 0; length < blob.length; length++)
      expect(() => vault.open(blob.subarray(0, length), location), `${length} bytes`).toThrow(unavailable);
  });

  test('an empty secret opens as empty', () => {
    expect(vault.open(vault.seal(new Secret(''), location), location).reveal()).toBe('');
    expect(() => new Vault([k2]).open(blob, location)).toThrow(unavailable);
  });
});

describe('master keys', () => {
  const old = new Vault([k1]).seal(new Secret('old'), location);

  test('after a rotation the new key seals and the old one still opens', () => {
    const both = new Vault([k2, k1]);
    expect(both.open(old, location).reveal()).toBe('old');
    const fresh = both.seal(new Secret('new'), location);
    expect(new Vault([k2]).open(fresh, location).reveal()).toBe('new');
    expect(() => new Vault([k1]).open(fresh, location)).toThrow(unavailable);
  });

  test('a wrong key under a known id does not open', () => {
    expect(() => new Vault([masterKey('k1')]).open(old, location)).toThrow(unavailable);
  });

  test.each([
    ['none', [], /no master key/],
    ['too short', ['k1:AAAA'], /master key 1 is not/],
    ['without an id', [randomBytes(32).toString('base64')], /master key 1 is not/],
    ['doubled', [k1, k2, masterKey('k2')], /same id/],
  ])('%s: refused with what to do', (_what, keys, message) => {
    expect(() => new Vault(keys)).toThrow(message);
  });

  test('the error about a malformed key does not show it', () => {
    const secret = randomBytes(31).toString('base64');
    expect(() => new Vault([`k1:${secret}`])).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    );
  });

  test('keys for different purposes and master keys differ', () => {
    const vault = new Vault([k2, k1]);
    const keys = [...vault.keysFor('api key'), ...vault.keysFor('approval link')].map((key) => key.toString('hex'));
    expect(new Set(keys).size).toBe(4);
    expect(vault.keysFor('api key')[1]).toEqual(new Vault([k1]).keysFor('api key')[0]);
  });
});

test('fingerprints reveal equal secrets only within a workspace', () => {
  const vault = new Vault([k1]);
  const print = (value: string, workspace: string) => vault.fingerprint(new Secret(value), workspace);
  expect(print('abc', 'w1')).toMatch(/^[0-9a-f]{8}$/);
  expect(print('abc', 'w1')).toBe(print('abc', 'w1'));
  expect(print('abc', 'w1')).not.toBe(print('abd', 'w1'));
  expect(print('abc', 'w1')).not.toBe(print('abc', 'w2'));
});

test('no characters of a short secret are shown', () => {
  expect(last4(new Secret('crm_abcdefghk3Zq'))).toBe('k3Zq');
  expect(last4(new Secret('pin1234'))).toBe('');
});

test('a Secret does not print itself', () => {
  const secret = new Secret('s3cret');
  const messages = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
    String(Object.entries(secret)),
  ];
  expect(messages.join(' ')).not.toContain('s3cret');
  expect(structuredClone({ ...secret })).toEqual({});
});
