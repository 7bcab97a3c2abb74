import { expect, test } from 'vitest';
import { checkText } from './check-text.ts';

const check = (text: string) => checkText(Buffer.from(text));
const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;

test('128 levels pass, and 130 do not', () => {
  check(nested(128));
  expect(() => check(nested(130))).toThrow('nested over 64 levels');
});

test('lists one after another, and brackets within texts, are not nested', () => {
  check(`[${Array(1000).fill('[[]]').join()}]`);
  check(JSON.stringify(['['.repeat(100), '\\"['.repeat(100), '\\\\', '{'.repeat(100), '",['.repeat(400_000)]));
});

test('300,000 parts pass, and more do not', () => {
  check(`[${Array(149_999).fill('[]').join()}]`);
  expect(() => check(`[${Array(150_001).fill('[]').join()}]`)).toThrow('at most 300000');
  expect(() => check(`[${Array(300_001).fill('0').join()}]`)).toThrow('at most 300000');
});

test('text that is no JSON is left to the parser', () => {
  for (const text of ['', '"', '"\\', ']]]', '\ufeff{}', '{"a', '[1,']) check(text);
});
