import type { Json, JsonSchema } from '@errand/contracts';
import { expect, test } from 'vitest';
import { wrapSingleItems } from './wrap-single-items.ts';

const texts: JsonSchema = { type: 'array', items: { type: 'string' } };
const schema: JsonSchema = {
  type: 'object',
  properties: { names: texts, groups: { type: 'array', items: { type: 'object', properties: { tags: texts } } } },
};

test.each<[Json, Json]>([
  [{ names: 'a' }, { names: ['a'] }],
  [{ names: ['a'] }, { names: ['a'] }],
  [
    { names: null, other: 'x' },
    { names: null, other: 'x' },
  ],
  [{ groups: { tags: 'a' } }, { groups: [{ tags: ['a'] }] }],
  [{ groups: [{ tags: 'a' }, { tags: ['b', 'c'] }] }, { groups: [{ tags: ['a'] }, { tags: ['b', 'c'] }] }],
  ['text', 'text'],
])('%j becomes %j', (value, listed) => {
  expect(wrapSingleItems(value, schema)).toEqual(listed);
});

test('a reference is followed, and one in a circle ends', () => {
  const circle: JsonSchema = {
    $ref: '#/definitions/n',
    definitions: { n: { type: 'array', items: { $ref: '#/definitions/n' } } },
  };
  expect(wrapSingleItems('a', { ...texts, items: { $ref: '#/none' } })).toEqual(['a']);
  expect(JSON.stringify(wrapSingleItems('a', circle)).startsWith('[[[')).toBe(true);
});
