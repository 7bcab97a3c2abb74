import { expect, test } from 'vitest';
import { oneLine, visible, visibleJson, visibleValue } from './visible.ts';

test('control characters and marks of direction are escapes, and texts of all languages stay', () => {
  expect(visible('a\x1b[31mb\x07\x9bc\u202ed\u200be')).toBe('a\\x1b[31mb\\x07\\x9bc\\u202ed\\u200be');
  expect(visible('tag \u{e0041}, lone \ud800')).toBe('tag \\u{e0041}, lone \\ud800');
  const texts = ['Größe', '日本語', 'עברית', '👩‍👩‍👧 family', 'tab\tand\nline'];
  for (const text of texts) expect(visible(text)).toBe(text);
  expect(visible('old\r\nlines\ragain')).toBe('old\nlines\nagain');
});

test('one line has no line breaks', () => {
  expect(oneLine('  a\n\tb\r\nc  ')).toBe('a b c');
});

test('values are visible in texts, names and lists, at any depth', () => {
  expect(visibleValue({ 'a\x1b': ['b\x07', { c: 1, d: null, e: 'f\x7f' }] })).toEqual({
    'a\\x1b': ['b\\x07', { c: 1, d: null, e: 'f\\x7f' }],
  });
});

test('JSON stays the same value', () => {
  const value = { text: 'a\x1b\x9b\u202e\u{e0041}\u2028' };
  expect(visibleJson(value)).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(visibleJson(value))).toEqual(value);
});
