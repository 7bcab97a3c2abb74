import { afterEach, expect, test, vi } from 'vitest';
import { FailedAttempts, ipPrefix } from './failed-attempts.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('after twenty wrong keys an address is refused for the rest of a minute, except with known keys', () => {
  vi.useFakeTimers();
  const keys = new FailedAttempts();
  const [guesser, otherAddress] = [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }];
  for (let i = 0; i < 19; i++) keys.record(guesser);
  expect(keys.waitMs(guesser)).toBe(0);
  vi.advanceTimersByTime(10_000);
  keys.record(guesser);
  expect(keys.waitMs(guesser)).toBe(50_000);
  expect(keys.waitMs(otherAddress)).toBe(0);
  vi.advanceTimersByTime(50_000);
  expect(keys.waitMs(guesser)).toBe(0);
  keys.record(guesser);
  expect(keys.waitMs(guesser)).toBe(0);
});

test('processes of one port share the limit', () => {
  const keys = new FailedAttempts(3);
  const guesser = { ip: '192.0.2.1' };
  for (let i = 0; i < 6; i++) keys.record(guesser);
  expect(keys.waitMs(guesser)).toBe(0);
  keys.record(guesser);
  expect(keys.waitMs(guesser)).toBeGreaterThan(0);
});

test('a guesser with many addresses costs no more than so much memory', () => {
  const keys = new FailedAttempts();
  const guesser = { ip: '192.0.2.1' };
  for (let i = 0; i < 20; i++) keys.record(guesser);
  for (let i = 0; i < 9_999; i++) keys.record({ ip: `10.0.${i >> 8}.${i & 255}` });
  expect(keys.waitMs(guesser)).toBeGreaterThan(0);
  keys.record({ ip: '10.1.0.0' });
  expect(keys.waitMs(guesser)).toBe(0); // the first one of 10 001 is forgotten
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1'],
  ['2001:0db8:0000:0001::9', '2001:db8:0:1'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (ip, prefix) => {
  expect(ipPrefix(ip)).toBe(prefix);
});
