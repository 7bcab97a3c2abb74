import type { JsonSchema } from '@errand/contracts';
import { expect, test } from 'vitest';
import { showShape } from './shape.ts';

const shape = (schema: JsonSchema, maxBytes = 8192) => showShape(schema, 'Thing', maxBytes);

test.each<[string, JsonSchema, string]>([
  ['scalars', { type: 'string' }, 'string'],
  ['a format', { type: 'string', format: 'date' }, 'string<date>'],
  ['anything', {}, 'any'],
  ['a constant', { const: 'a "b"' }, '"a \\"b\\""'],
  ['choices', { enum: ['won', 'lost', null] }, '"won" | "lost" | null'],
  ['several types', { type: ['string', 'null'] }, 'string | null'],
  ['nullable', { type: 'integer', nullable: true }, 'integer | null'],
  ['a list', { type: 'array', items: { type: 'number' } }, 'number[]'],
  ['a list of choices', { type: 'array', items: { enum: ['a', 'b', 'c', 'd'] } }, '("a" | "b" | "c" | "d")[]'],
  ['a list of either', { items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, '(string | number)[]'],
  ['a tuple', { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }, '[string, number]'],
  ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, integer>'],
  ['an open object', { type: 'object' }, 'object'],
  ['an object that is closed', { type: 'object', additionalProperties: false }, '{}'],
  [
    'members, optional ones with a question mark',
    { properties: { id: { type: 'string' }, 'due-on': { type: 'string' } }, required: ['id'] },
    '{id: string, "due-on"?: string}',
  ],
  [
    'several parts',
    { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } } }] },
    '{a?: string} & {b?: string}',
  ],
  [
    'meaning and limits',
    { type: 'integer', description: 'How many.\n  At most', minimum: 1, maximum: 100, default: 20 },
    'integer /* How many. At most; 1 to 100; default 20 */',
  ],
  ['a bound', { type: 'string', maxLength: 5, pattern: '^a' }, 'string /* at most 5 characters; matches ^a */'],
  ['a comment that would end too soon', { type: 'string', description: 'a */ b' }, 'string /* a * / b */'],
])('writes %s', (_, schema, text) => {
  expect(shape(schema)).toBe(text);
});

test('a type with several uses gets a name; a type with one use is written in place', () => {
  const person = { properties: { name: { type: 'string' }, email: { type: 'string', format: 'email' }, city: {} } };
  const schema: JsonSchema = {
    properties: {
      owner: { $ref: '#/$defs/person' },
      buyer: { $ref: '#/$defs/person' },
      deal: { $ref: '#/$defs/deal' },
    },
    $defs: { person, deal: { properties: { amount: { type: 'number' } } } },
  };
  expect(shape(schema)).toBe(
    'type Person = {name?: string, email?: string<email>, city?: any}\n{owner?: Person, buyer?: Person, deal?: {amount?: number}}',
  );
});

test('a type that contains itself ends', () => {
  const schema: JsonSchema = {
    $ref: '#/$defs/node',
    $defs: { node: { properties: { name: { type: 'string' }, children: { items: { $ref: '#/$defs/node' } } } } },
  };
  expect(shape(schema)).toBe('type Node = {name?: string, children?: Node[]}\nNode');
});

test('the number of omitted choices and members is a note, not an item', () => {
  const values = Array.from({ length: 500 }, (_, n) => `v${n}`);
  const text = shape({ enum: values });
  expect(text).toMatch(/^"v0" \| .*"v59" \/\* 440 more choices \*\/$/);
  const wide = Object.fromEntries(values.map((name) => [name, { type: 'string' }]));
  expect(shape({ properties: wide, required: ['v499'] })).toMatch(
    /v499: string, \/\* 300 more members: v199, v200, .*v\d+…? \*\/\}$/,
  );
});

const large = (width: number, depth: number): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: width }, (_, n) => [
      `member${n}`,
      depth > 1 && n % 3 === 0
        ? large(width, depth - 1)
        : { type: 'string', description: 'Says what it is. '.repeat(9) },
    ]),
  ),
});

const isWhole = (text: string): boolean => {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\/\*.*?\*\//gs, '');
  return (
    ['{}', '()', '[]'].every(([open, close]) => bare.split(open!).length === bare.split(close!).length) &&
    !/\/\*|\*\//.test(bare)
  );
};

test.each([20_000, 4000, 1500, 400, 60])(
  'the less room there is the less is told, and nothing is cut in the middle: %d',
  (max) => {
    const text = shape(large(9, 4), max);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max);
    expect(isWhole(text)).toBe(true);
    if (max > 400) expect(text).toContain('member8?:');
  },
);

test('schemas that would be endless are written in little time', () => {
  const bomb = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [
      `d${n}`,
      { properties: { a: { $ref: `#/$defs/d${n + 1}` }, b: { $ref: `#/$defs/d${(n * 7) % 30}` } } },
    ]),
  );
  const before = process.cpuUsage();
  const text = shape({ $ref: '#/$defs/d0', $defs: bomb }, 16_384);
  expect(process.cpuUsage(before).user).toBeLessThan(500_000);
  expect(isWhole(text)).toBe(true);
});

test('text that only models would see is removed', () => {
  expect(shape({ type: 'string', description: 'a\u202eb\u{e0041}', enum: ['x\u200by'] })).toBe('"xy" /* ab */');
});
