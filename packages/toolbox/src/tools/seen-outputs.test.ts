import type { Json } from '@errand/contracts';
import { expect, test } from 'vitest';
import { formOf, mergeForms } from './seen-outputs.ts';

const text = { type: 'string' };

test('a form has names of members and types, and no value', () => {
  const value: Json = {
    items: [
      { id: 'secret-7', n: 1.5, tags: ['vip'] },
      { id: 'x', n: 2, gone: null },
    ],
    next: null,
    ok: true,
  };
  const form = formOf(value);
  expect(form).toEqual({
    type: 'object',
    properties: {
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: { id: text, n: { type: 'number' }, tags: { type: 'array', items: text }, gone: { type: 'null' } },
        },
      },
      next: { type: 'null' },
      ok: { type: 'boolean' },
    },
  });
  expect(JSON.stringify(form)).not.toMatch(/secret|vip/);
});

test.each<[string, Json]>([
  ['addresses', { 'ada@example.com': { n: 1 }, 'bob@example.com': { n: 2 } }],
  ['numbers', { 4711: 'a' }],
  ['ids', { cus_9s6XKzkNRiz8i3: { name: 'Ada' } }],
  ['uuids', { '0192f3a4-5b6c-7d8e-9f00-112233445566': 1 }],
  ['dates', { '2026-11-26': [1] }],
  [
    'names of six people',
    Object.fromEntries(['Ada', 'Bob', 'Eve', 'Kim', 'Lea', 'Max'].map((name) => [name, { n: 1 }])),
  ],
  [
    'more than forty names',
    Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`${'abcdefgh'[n % 8]}${'x'.repeat(n)}`, n])),
  ],
])('%s as names of members are data, and are left out', (_, value) => {
  const form = formOf({ by: value }) as { properties: { by: object } };
  expect(form.properties.by).toEqual({ type: 'object', additionalProperties: expect.anything() });
});

test('names with spaces are kept: tables have such columns', () => {
  expect(formOf({ 'First name': 'Ada', Size: 2 })).toEqual({
    type: 'object',
    properties: { 'First name': text, Size: { type: 'integer' } },
  });
});

test('forms grow by what is seen later', () => {
  const merged = mergeForms(formOf({ a: 1, b: [] }), formOf({ a: null, b: [{ c: 'x' }], d: 1 }));
  expect(merged).toEqual({
    type: 'object',
    properties: {
      a: { type: ['integer', 'null'] },
      b: { type: 'array', items: { type: 'object', properties: { c: text } } },
      d: { type: 'integer' },
    },
  });
  expect(mergeForms(merged, formOf({ a: 1 }))).toEqual(merged);
  expect(mergeForms(formOf({ 'a@b.c': 1 }), formOf({ a: 'x' }))).toEqual({
    type: 'object',
    additionalProperties: { type: ['integer', 'string'] },
  });
});

test('a form is bounded in depth and bytes, whatever the value is', () => {
  let deep: Json = 1;
  for (let n = 0; n < 50; n++) deep = { a: deep, b: [deep] };
  const wide = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [
      `name_of_member_${'abcdefghijklmnopqrstuvwxyz'[n % 26]}_${'y'.repeat(n)}`,
      { one: 'x', [`two_${'z'.repeat(n)}`]: [{ three: 1 }] },
    ]),
  );
  for (const value of [deep, wide, Array.from({ length: 100_000 }, () => wide)]) {
    const form = formOf(value);
    expect(Buffer.byteLength(JSON.stringify(form))).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(JSON.stringify(mergeForms(form, formOf(deep))))).toBeLessThanOrEqual(4096);
  }
});
