import { expect, test } from 'vitest';
import { textsOf } from './result-words.ts';

test.each([
  ['texts in objects and lists', { deals: [{ name: 'Northwind', owner: 'Ada' }], total: 3 }, 'Northwind Ada'],
  ['a text alone', 'Contoso', 'Contoso'],
  ['escapes', { a: 'say "hi"\n', 'b": "c': '\\ü\u0001' }, 'say "hi"\n \\ü\u0001'],
  ['a text with a colon after it', ['a:', ':b', '":'], 'a: :b ":'],
  ['nothing', { a: 1, b: [true, null] }, ''],
])('%s are found, and names of members are not', (_, value, texts) => {
  expect(textsOf(JSON.stringify(value))).toBe(texts);
  expect(textsOf(JSON.stringify(value, null, 2))).toBe(texts);
});

test('the begin of a JSON text has the same texts, wherever it is cut', () => {
  const json = JSON.stringify({ name: 'a "quoted" \\ word', list: ['\u0002x', 'é'], long: 'y'.repeat(50) });
  const whole = textsOf(json);
  for (let end = 0; end <= json.length; end++) {
    const texts = textsOf(json.slice(0, end));
    // A name that is cut off may be read as a text.
    const known = texts.split(' ').slice(0, -1).join(' ');
    expect([end, whole.startsWith(known)]).toEqual([end, true]);
  }
});

test('at most 2,000 characters are read, in linear time', () => {
  expect(textsOf(JSON.stringify(Array.from({ length: 5000 }, (_, n) => `word${n}`)))).toHaveLength(2000);
  expect(textsOf(JSON.stringify('x'.repeat(20_000)))).toHaveLength(2000);
  for (const json of ['"'.repeat(20_000), '\\'.repeat(20_000), `"${'\\"'.repeat(10_000)}`, `"${'\\\\'.repeat(9999)}\\`])
    expect(textsOf(json).length).toBeLessThanOrEqual(2000);
});
