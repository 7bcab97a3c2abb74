import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('members are sorted by UTF-16 code units at every level, lists keep their order', () => {
  // The example of RFC 8785, section 3.2.3, without its control characters.
  const value = {
    '\u20ac': 'Euro Sign',
    '\ufb33': 'Dalet',
    '1': 'One',
    '\ud83d\ude00': 'Smiley',
    '\u00f6': 'o',
    a: [{ z: 1, b: null }],
  };
  expect(canonicalJson(value)).toBe(
    '{"1":"One","a":[{"b":null,"z":1}],"\u00f6":"o","\u20ac":"Euro Sign","\ud83d\ude00":"Smiley","\ufb33":"Dalet"}',
  );
});

test('numbers are written in ECMAScript form, and NaN and infinity are refused', () => {
  expect(canonicalJson([1e30, 4.5, 0.002, 1e-27, -0])).toBe('[1e+30,4.5,0.002,1e-27,0]');
  expect(() => canonicalJson(Number.NaN)).toThrow('finite');
});
