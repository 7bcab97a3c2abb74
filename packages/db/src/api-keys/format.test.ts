import { expect, test } from 'vitest';
import { isWellFormedKey, makeKey } from './format.ts';

test('each key is unique: a prefix and 38 base62 digits', () => {
  const keys = Array.from({ length: 500 }, makeKey);
  for (const key of keys) expect(key).toMatch(/^er_live_[0-9A-Za-z]{38}$/);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every(isWellFormedKey)).toBe(true);
});

test('a mistyped key is no key', () => {
  const key = makeKey();
  for (let i = 0; i < key.length; i++) {
    const wrongDigit = key[i] === 'x' ? 'y' : 'x';
    expect(isWellFormedKey(key.slice(0, i) + wrongDigit + key.slice(i + 1)), `position ${i}`).toBe(false);
  }
  for (const text of [
    '',
    'er_live_',
    key.slice(1),
    key.slice(0, -1),
    `${key}0`,
    ` ${key}`,
    `${key}\n`,
    key.toUpperCase(),
  ])
    expect(isWellFormedKey(text), JSON.stringify(text)).toBe(false);
});

test('the random digits use the whole alphabet evenly', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 1000; i++)
    for (const digit of makeKey().slice(8, 40)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 32 000 draws: 516 each, standard deviation 23; six of them and more would be bias.
  for (const [digit, count] of counts) expect(Math.abs(count - 516), digit).toBeLessThan(140);
});
