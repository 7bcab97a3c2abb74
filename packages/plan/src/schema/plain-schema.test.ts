import type { Json } from '@errand/contracts';
import { expect, test } from 'vitest';
import { randomNumbers } from '../testing/random-json.ts';
import { surelyFits } from './plain-schema.ts';
import { validate } from './schema.ts';

const judge = (schema: object, value: Json) =>
  validate({ text: JSON.stringify(schema), dialect: 'tool', closed: true }, value).ok;

const deal = {
  type: 'object',
  properties: {
    path: { type: 'object', properties: { id: { type: 'integer', format: 'int64' } }, required: ['id'] },
    query: {
      type: 'object',
      properties: {
        stage: { type: 'string', enum: ['open', 'won'] },
        limit: { type: 'integer', minimum: 1, maximum: 100 },
        tags: { type: 'array', items: { type: 'string', maxLength: 5 } },
      },
    },
  },
  required: ['path'],
};

test.each<[string, Json]>([
  ['all of it', { path: { id: 7 }, query: { stage: 'won', limit: 100, tags: ['a', 'bcdef'] } }],
  ['what is required', { path: { id: 7 } }],
])('arguments that fit are known to: %s', (_, value) => {
  expect(surelyFits(deal, value)).toBe(true);
  expect(judge(deal, value)).toBe(true);
});

test.each<[string, Json]>([
  ['nothing', {}],
  ['another type', { path: { id: '7' } }],
  ['a fraction', { path: { id: 7.5 } }],
  ['a property that is not listed', { path: { id: 7, name: 'x' } }],
  ['a property of every object', { path: { id: 7 }, constructor: 1 }],
  ['none of the enumeration', { path: { id: 7 }, query: { stage: 'lost' } }],
  ['more than the most', { path: { id: 7 }, query: { limit: 101 } }],
  ['a long item', { path: { id: 7 }, query: { tags: ['abcdef'] } }],
  ['a list', [{ path: { id: 7 } }]],
  ['null', null],
])('arguments that do not fit are never said to: %s', (_, value) => {
  expect(judge(deal, value)).toBe(false);
  expect(surelyFits(deal, value)).toBe(false);
});

test.each<[string, object]>([
  ['a pattern', { type: 'string', pattern: '^(a+)+$' }],
  ['a reference', { $ref: '#/definitions/a', definitions: { a: {} } }],
  ['a combination', { allOf: [{ type: 'string' }] }],
  ['a format of text', { type: 'string', format: 'date' }],
  ['a list of types', { type: ['string', 'null'] }],
  ['a type that there is none of', { type: 'text' }],
  ['a keyword that nobody knows', { type: 'string', $async: true }],
  ['open properties', { properties: {}, additionalProperties: { type: 'string' } }],
])('a schema that needs the validator is left to it: %s', (_, schema) => {
  expect(surelyFits(schema, 'aaa')).toBe(false);
  expect(surelyFits({ type: 'object', properties: { a: schema } }, { a: 'aaa' })).toBe(false);
});

test('of 5,000 random schemas and values, none is said to fit that the validator refuses', () => {
  const random = randomOf(20_311);
  let fitting = 0;
  for (let i = 0; i < 1000; i++) {
    const schema = aSchema(random, 0);
    for (let k = 0; k < 5; k++) {
      const value = aValue(random, 0);
      if (!surelyFits(schema, value)) continue;
      fitting++;
      expect(judge(schema, value), JSON.stringify({ schema, value })).toBe(true);
    }
  }
  expect(fitting).toBeGreaterThan(250);
}, 30_000);

type Random = (below: number) => number;

function randomOf(seed: number): Random {
  const next = randomNumbers(seed);
  return (below) => Math.floor(next() * below);
}

const scalars: Json[] = [null, true, false, 0, 1, 7, -1, 2.5, 2 ** 31, 1e300, '', 'a', 'bc', '😀😀', 'constructor'];
const names = ['a', 'b', 'toString'];

function aSchema(random: Random, depth: number): Record<string, unknown> {
  const schema: Record<string, unknown> = {};
  const kinds = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
  if (random(4) > 0) schema.type = kinds[random(depth > 2 ? 5 : 7)];
  if (random(3) === 0) schema.enum = [...new Set([scalars[random(15)], scalars[random(15)]])];
  if (random(3) === 0) schema.minimum = random(3) - 1;
  if (random(3) === 0) schema.maximum = random(9);
  if (random(3) === 0) schema.minLength = random(3);
  if (random(3) === 0) schema.maxLength = random(4);
  if (random(4) === 0) schema.format = ['int32', 'int64', 'double', 'float'][random(4)];
  if (depth > 2) return schema;
  if (random(2) === 0) {
    schema.properties = Object.fromEntries(names.slice(random(3)).map((name) => [name, aSchema(random, depth + 1)]));
  }
  if (random(3) === 0) schema.required = names.slice(random(3));
  if (random(4) === 0) schema.additionalProperties = false;
  if (random(2) === 0) schema.items = aSchema(random, depth + 1);
  return schema;
}

function aValue(random: Random, depth: number): Json {
  const kind = depth > 2 ? 2 : random(4);
  if (kind === 0) {
    return Object.fromEntries(names.slice(random(3)).map((name) => [name, aValue(random, depth + 1)]));
  }
  if (kind === 1) return Array.from({ length: random(3) }, () => aValue(random, depth + 1));
  return scalars[random(scalars.length)]!;
}
