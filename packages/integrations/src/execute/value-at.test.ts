import type { Json } from '@errand/contracts';
import { expect, it } from 'vitest';
import { valueAt } from './value-at.ts';

it.each<[string, Json, Json | undefined]>([
  ['a.b', { a: { b: 1 } }, 1],
  ['errors.0.code', { errors: [{ code: 'X' }] }, 'X'],
  ['@odata.nextLink', { '@odata.nextLink': '/x' }, '/x'],
  ['meta.@odata.nextLink', { meta: { '@odata.nextLink': '/x' } }, '/x'],
  ['a.b', { a: null }, undefined],
  ['a', [1], undefined],
  ['a.length', { a: 'text' }, undefined],
  ['constructor.name', {}, undefined],
])('reads %s', (path, value, expected) => {
  expect(valueAt(value, path)).toBe(expected);
});
