import { expect, test } from 'vitest';
import { describesOutput } from './tool.ts';

test.each([
  [undefined, false],
  [{}, false],
  [{ type: 'object' }, false],
  [{ type: 'array', description: 'A list' }, false],
  [{ type: 'object', additionalProperties: true }, false],
  [{ type: 'string' }, true],
  [{ type: 'array', items: { type: 'string' } }, true],
  [{ properties: { a: {} } }, true],
  [{ $ref: '#/$defs/a' }, true],
  [{ type: 'object', additionalProperties: { type: 'string' } }, true],
])('%j is a description of an output: %s', (outputSchema, expected) => {
  expect(describesOutput(outputSchema === undefined ? {} : { outputSchema })).toBe(expected);
});
