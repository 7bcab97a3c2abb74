// JSON Schemas with their references followed and their compositions flattened.
import { expect, it } from 'vitest';
import { shapeOf } from './shape.ts';

const ROOT = {
  definitions: {
    A: { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
    S: { type: 'string', enum: ['a', 'b'], description: 'State' },
  },
};
/** Without what says nothing. */
const told = (shape: object) =>
  Object.fromEntries(
    Object.entries(shape).filter(
      ([, value]) =>
        ![undefined, false, ''].includes(value) &&
        Object.keys(Object(value)).length + Number(typeof value !== 'object') > 0,
    ),
  );

it.each<[object, object]>([
  [{}, { type: 'any' }],
  [{ type: 'string' }, { type: 'string' }],
  [{ type: ['string', 'null'] }, { type: 'string', nullable: true }],
  [
    { type: 'string', nullable: true },
    { type: 'string', nullable: true },
  ],
  [{ $ref: '#/definitions/A' }, { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }],
  [{ $ref: '#/definitions/S' }, { type: 'string', enum: ['a', 'b'], description: 'State' }],
  [
    {
      allOf: [{ $ref: '#/definitions/A' }, { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] }],
    },
    { type: 'object', properties: { b: { type: 'string' }, id: { type: 'integer' } }, required: ['b', 'id'] },
  ],
  [
    { allOf: [{ $ref: '#/definitions/A' }], properties: { b: { type: 'string' } }, required: ['b'] },
    { type: 'object', properties: { id: { type: 'integer' }, b: { type: 'string' } }, required: ['id', 'b'] },
  ],
  [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, { type: 'integer', nullable: true }],
  [
    { oneOf: [{ $ref: '#/definitions/A' }, { type: 'string' }] },
    { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] },
  ],
  [{ oneOf: [{ const: 'x' }, { const: 'y' }] }, { type: 'string', enum: ['x', 'y'] }],
  [{ oneOf: [{ const: 'x' }, { type: 'null' }] }, { type: 'string', enum: ['x'], nullable: true }],
  [{ const: 'x' }, { type: 'any', enum: ['x'] }],
  [{ properties: { a: { type: 'string' } } }, { type: 'object', properties: { a: { type: 'string' } } }],
  [{ items: { type: 'string' } }, { type: 'array', items: { type: 'string' } }],
  [{ enum: ['a'] }, { type: 'string', enum: ['a'] }],
  [{ enum: [1] }, { type: 'any', enum: [1] }],
  [
    { type: 'integer', minimum: 1, maximum: 9 },
    { type: 'integer', minimum: 1, maximum: 9 },
  ],
  [
    { type: 'string', title: 'Day', description: 'when' },
    { type: 'string', description: 'Day. when' },
  ],
  [
    { type: 'string', example: 'x', examples: ['y'] },
    { type: 'string', examples: ['y', 'x'] },
  ],
  [
    { type: 'string', readOnly: true },
    { type: 'string', readOnly: true },
  ],
  [
    { type: 'string', format: 'date', maxLength: 10, pattern: '^a', default: 'z' },
    { type: 'string', format: 'date', pattern: '^a', default: 'z', maxLength: 10 },
  ],
  [
    { allOf: [{ type: 'string', description: 'of a part' }], description: 'own' },
    { type: 'string', description: 'own' },
  ],
  [{ type: 'nonsense' }, { type: 'any' }],
  [{ type: 'array', items: true }, { type: 'array' }],
  [{ type: 'string', minimum: '1', format: 5 }, { type: 'string' }],
])('%j', (schema, expected) => {
  expect(told(shapeOf(schema as Record<string, never>, ROOT as never))).toEqual(expected);
});
