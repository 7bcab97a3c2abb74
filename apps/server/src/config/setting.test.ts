import { expect, test } from 'vitest';
import { ConfigError, flag, hours } from './setting.ts';

test('hours may be fractions, and are more than none', () => {
  expect(['24', '0.5', '0.0001', undefined].map((value) => hours('H', value))).toEqual([
    86_400_000,
    1_800_000,
    360,
    undefined,
  ]);
  for (const value of ['0', '-1', 'x', '1e3', '87601', '1.', '']) expect(() => hours('H', value)).toThrow(ConfigError);
});

test('a flag is true or false, and false unless it is set', () => {
  expect([flag('F', 'true'), flag('F', 'false'), flag('F', undefined)]).toEqual([true, false, false]);
  expect(() => flag('F', 'yes')).toThrow('F must be one of true, false, not "yes".');
});
