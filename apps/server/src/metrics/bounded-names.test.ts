import { expect, test } from 'vitest';
import { BoundedNames } from './bounded-names.ts';

function counted(max: number) {
  let redactions = 0;
  const names = new BoundedNames(max, (text) => {
    redactions++;
    return text;
  });
  return { names, redactions: () => redactions };
}

test('each of 60 names is redacted once, also those that share the value `other`', () => {
  const { names, redactions } = counted(50);
  const sixty = Array.from({ length: 60 }, (_, n) => `name ${n}`);
  const rounds = Array.from({ length: 20 }, () => sixty.map((name) => names.of(name)));
  expect(redactions()).toBe(60);
  for (const values of rounds) expect(values).toEqual([...sixty.slice(0, 50), ...Array(10).fill('other')]);
});

test('names that differ only in unsafe characters share a value, and each is redacted once', () => {
  const { names, redactions } = counted(1);
  const variants = [...'"\\{}\n*'].map((unsafe) => `a${unsafe}`);
  for (let round = 0; round < 3; round++)
    expect(new Set(variants.map((name) => names.of(name)))).toEqual(new Set(['a_']));
  expect(redactions()).toBe(variants.length);
});

test('a value keeps its names after any number of other names', () => {
  const { names } = counted(2);
  expect([names.of('a'), names.of('b')]).toEqual(['a', 'b']);
  for (let n = 0; n < 5000; n++) expect(names.of(`later ${n}`)).toBe('other');
  expect([names.of('a'), names.of('b'), names.of('later 0')]).toEqual(['a', 'b', 'other']);
});
