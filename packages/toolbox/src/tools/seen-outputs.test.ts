import type { Json } from '@errand/contracts';
import type { UserForm } from '@errand/db';
import { describe, expect, test } from 'vitest';
import { formOf, learnForm, mergeForms } from './seen-outputs.ts';

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
  const form = formOf(value, 'user-1');
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
  ['names in a set', Object.fromEntries(['ada', 'bob', 'eve', 'kim', 'lea', 'max'].map((name) => [name, true]))],
  [
    'more than forty names',
    Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`${'abcdefgh'[n % 8]}${'x'.repeat(n)}`, n])),
  ],
])('%s as names of members are data, and are left out', (_, value) => {
  const form = formOf({ by: value }, 'user-1') as { properties: { by: object } };
  expect(form.properties.by).toEqual({ type: 'object', additionalProperties: expect.anything() });
});

test('names with spaces are kept: tables have such columns', () => {
  expect(formOf({ 'First name': 'Ada', Size: 2 }, 'user-1')).toEqual({
    type: 'object',
    properties: { 'First name': text, Size: { type: 'integer' } },
  });
});

test('forms grow by what is seen later', () => {
  const merged = mergeForms(formOf({ a: 1, b: [] }, 'user-1'), formOf({ a: null, b: [{ c: 'x' }], d: 1 }, 'user-1'));
  expect(merged).toEqual({
    type: 'object',
    properties: {
      a: { type: ['integer', 'null'] },
      b: { type: 'array', items: { type: 'object', properties: { c: text } } },
      d: { type: 'integer' },
    },
  });
  expect(mergeForms(merged, formOf({ a: 1 }, 'user-1'))).toEqual(merged);
  expect(mergeForms(formOf({ 'a@b.c': 1 }, 'user-1'), formOf({ a: 'x' }, 'user-1'))).toEqual({
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
    const form = formOf(value, 'user-1');
    expect(Buffer.byteLength(JSON.stringify(form))).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(JSON.stringify(mergeForms(form, formOf(deep, 'user-1'))))).toBeLessThanOrEqual(4096);
  }
});

describe('an id of the user', () => {
  const byUser = (name: string) =>
    formOf({ of: { [name]: true, bob: true } }, 'u_ada') as { properties: { of: object } };

  test.each(['u_ada', 'U_ADA', 'user:u_ada', 'u_ada.settings'])('%s as the name of a member is data', (name) => {
    expect(byUser(name).properties.of).toEqual({ type: 'object', additionalProperties: { type: 'boolean' } });
  });

  test('that is a word is data only as a whole name', () => {
    expect(formOf({ users: [], username: 'x' }, 'user')).toHaveProperty('properties.users');
    expect(formOf({ user: true }, 'user')).not.toHaveProperty('properties');
    expect(formOf({ a1: 1, b1: 2 }, '1')).toHaveProperty('properties.a1');
  });
});

describe('names that a form keeps', () => {
  const learn = (...answers: [userId: string, answer: Json][]) =>
    answers.reduce<readonly UserForm[]>(
      (forms, [userId, answer]) => learnForm(forms, userId, formOf(answer, userId)),
      [],
    );
  const integer = { type: 'integer' };

  test('are those of two users; the others belong to the user alone', () => {
    const page = { total: 1, byUser: { ada: true } };
    const ofAda = { userId: 'u1', form: formOf(page, '') };
    expect(learn(['u1', page], ['u1', page])).toEqual([ofAda]);
    const shared = { type: 'object', properties: { total: integer, byUser: { type: 'object' } } };
    const other = { total: 2, byUser: { bob: true } };
    expect(learn(['u1', page], ['u2', other])).toEqual([
      { form: shared },
      ofAda,
      { userId: 'u2', form: formOf(other, '') },
    ]);
  });

  test('are shared in all depths, with the types of all answers, and then no user has a form of their own', () => {
    const first = { rows: [{ id: 1, tags: ['x'] }], next: 'x', map: { 'a@b.c': 1 } };
    const second: Json = { rows: [{ id: 'x', tags: [] }, { tags: ['y'] }], next: null, map: { 'd@e.f': 2 } };
    const shared = {
      type: 'object',
      properties: {
        rows: {
          type: 'array',
          items: {
            type: 'object',
            properties: { id: { type: ['integer', 'string'] }, tags: { type: 'array', items: text } },
          },
        },
        next: { type: ['null', 'string'] },
        map: { type: 'object', additionalProperties: integer },
      },
    };
    expect(learn(['u1', first], ['u2', second])).toEqual([{ form: shared }]);
    expect(learn(['u1', first], ['u2', second], ['u3', { next: 1 }])).toEqual([
      { form: { ...shared, properties: { ...shared.properties, next: { type: ['integer', 'null', 'string'] } } } },
    ]);
  });

  test('are no names of a map, which one of two answers shows as members', () => {
    const map = { by: { 'a@b.c': { n: 1 }, bob: { n: 2 } } };
    const forms = learn(['u1', map], ['u2', { by: { bob: { n: 3 } } }]);
    expect(forms[0]).toEqual({
      form: {
        type: 'object',
        properties: {
          by: { type: 'object', additionalProperties: { type: 'object', properties: { n: integer } } },
        },
      },
    });
    expect(learn(['u1', [{ x: 1 }]], ['u2', { x: 1 }])[0]).toEqual({ form: { type: ['array', 'object'] } });
    expect(learn(['u1', []], ['u2', [{ x: 1 }]])[0]).toEqual({ form: { type: 'array' } });
  });

  test('of at most three users wait for a second one; the oldest gives way', () => {
    const answers = ['ann', 'bea', 'cem', 'dan'].map((name): [string, Json] => [`of ${name}`, { [name]: 1 }]);
    const waiting = (...of: string[]) => of.map((name) => ({ userId: `of ${name}`, form: formOf({ [name]: 1 }, '') }));
    const empty = { form: { type: 'object' } };
    expect(learn(...answers)).toEqual([empty, ...waiting('bea', 'cem', 'dan')]);
    const confirmed = { form: formOf({ bea: 1 }, '') };
    expect(learn(...answers, ['of eve', { bea: 1 }])).toEqual([confirmed, ...waiting('cem', 'dan')]);
  });

  test('may be those of every object, and an answer with known names changes nothing', () => {
    const odd = JSON.parse('{"__proto__": {"constructor": 1}, "toString": 2}') as Json;
    const forms = learn(['u1', odd], ['u2', odd]);
    expect(forms).toEqual([{ form: formOf(odd, '') }]);
    expect(learnForm(forms, 'u3', formOf(odd, ''))).toBe(forms);
    const own = learn(['u1', odd]);
    expect(learnForm(own, 'u1', formOf(odd, ''))).toBe(own);
  });
});
