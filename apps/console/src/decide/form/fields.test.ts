import { expect, test } from 'vitest';
import { faultOf } from './check.ts';
import { fieldsOf } from './fields.ts';
import type { Json } from './json.ts';

const shapeOf = (schema: object, values?: Json) =>
  fieldsOf(schema as never, values).map(
    ({ pointer, kind, isRequired }) => `${pointer} ${kind}${isRequired ? '!' : ''}`,
  );

test('fields of nested objects come with required ones first, in the order of the document', () => {
  const schema = {
    type: 'object',
    required: ['body'],
    properties: {
      query: { type: 'object', properties: { dryRun: { type: 'boolean' } } },
      body: {
        $ref: '#/$defs/Deal',
      },
    },
    $defs: {
      Deal: {
        type: 'object',
        required: ['amount', 'owner'],
        properties: {
          note: { type: 'string' },
          amount: { type: 'number' },
          owner: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
          tags: { type: 'array', items: { $ref: '#/$defs/Tag' } },
        },
      },
      Tag: { type: 'string', enum: ['new', 'old'] },
    },
  };
  expect(shapeOf(schema)).toEqual([
    '/body/amount number!',
    '/body/owner/id text!',
    '/body/note text',
    '/body/tags set',
    '/query/dryRun boolean',
  ]);
});

test('schemas without a control of their own are JSON', () => {
  const odd = {
    oneOf: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    rows: { type: 'array', items: { type: 'object' } },
    several: { type: ['string', 'number'] },
    free: { type: 'object' },
    anything: true,
    lost: { $ref: '#/$defs/missing' },
    remote: { $ref: 'https://example.com/schema.json' },
    loop: { $ref: '#/properties/loop' },
    both: { allOf: [{ type: 'string' }, { minLength: 1 }] },
  };
  expect(shapeOf({ properties: odd }).every((shape) => shape.endsWith(' json'))).toBe(true);
});

test('ways to write null, constants and titles of choices', () => {
  const properties = {
    a: { type: ['string', 'null'] },
    b: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    c: { type: 'number', nullable: true },
    d: { allOf: [{ $ref: '#/$defs/D' }], description: 'Its own words' },
  };
  const fields = fieldsOf({ properties, $defs: { D: { const: 'x', description: 'General' } } }, undefined);
  expect(fields.map(({ kind, isNullable }) => [kind, isNullable])).toEqual([
    ['text', true],
    ['integer', true],
    ['number', true],
    ['choice', false],
  ]);
  expect(fields[3]!.description).toBe('Its own words');
  const [named] = fieldsOf({ properties: { e: { oneOf: [{ const: 'c1', title: 'Ann' }] } } }, undefined);
  expect(named).toMatchObject({ kind: 'choice', options: [{ value: 'c1', label: 'Ann' }] });
});

test('a value that its control cannot show is JSON, and unknown arguments have a field', () => {
  const schema = { properties: { n: { type: 'number' }, list: { type: 'array', items: { type: 'string' } } } };
  expect(shapeOf(schema, { n: '12', list: ['a\nb'], 'x/y': [1] })).toEqual(['/n json', '/list json', '/x~1y json']);
});

test('a schema that refers to itself makes few fields', () => {
  const names = Array.from({ length: 60 }, (_, i) => `p${i}`);
  const schema = { properties: Object.fromEntries(names.map((name) => [name, { $ref: '#' }])) };
  expect(fieldsOf(schema, undefined).length).toBeLessThan(1_000);
});

test('messages for values that are not valid', () => {
  const properties = {
    n: { type: 'integer', minimum: 1, maximum: 8 },
    s: { type: 'string', maxLength: 3, pattern: '^a' },
    e: { enum: ['in', 'out'] },
    d: { type: 'string', format: 'date' },
    t: { type: 'string', format: 'date-time' },
  };
  const faults = (values: Json) =>
    fieldsOf({ properties, required: ['n'] }, values).flatMap((field) => faultOf(field, values) ?? []);
  expect(faults({})).toEqual(['Required.']);
  expect(faults({ n: 0, s: 'abcd', e: 'on' })).toEqual([
    'At least 1.',
    'At most 3 characters; there are 4.',
    'Choose one of the values.',
  ]);
  expect(faults({ n: 9.5, s: 'b', d: 'soon', t: '2027-01-31' })).toEqual([
    'A whole number is expected.',
    'Must match ^a',
    'A day is expected: 2027-01-31.',
    'A time with its zone is expected: 2027-01-31T09:30:00Z.',
  ]);
  expect(faults({ n: 8, s: 'a', e: 'in', d: '2027-01-31', t: '2027-01-31T09:30:00+01:00' })).toEqual([]);
});

test('a required field of an absent optional object is not missing', () => {
  const schema = {
    properties: { owner: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
  };
  const [id] = fieldsOf(schema, {});
  expect([faultOf(id!, {}), faultOf(id!, { owner: {} })]).toEqual([undefined, 'Required.']);
});

test('a pattern that could run for long is left to the service', () => {
  const [field] = fieldsOf({ properties: { s: { type: 'string', pattern: '^(a+)+$' } } }, {});
  expect(faultOf(field!, { s: `${'a'.repeat(100)}b` })).toBeUndefined();
});
