import { expect, test } from 'vitest';
import { EMPTY, readForm } from './form-values.ts';
import { schemaOf } from './schema-of.ts';

test('the schema of an example has its shape', () => {
  expect(
    schemaOf({ total: 1.5, name: 'x', open: true, note: null, deals: [{ id: 1, owner: 'a' }, { id: 2 }] }),
  ).toEqual({
    type: 'object',
    properties: {
      total: { type: 'number' },
      name: { type: 'string' },
      open: { type: 'boolean' },
      note: {},
      deals: {
        type: 'array',
        items: {
          type: 'object',
          properties: { id: { type: 'number' }, owner: { type: 'string' } },
          required: ['id'],
        },
      },
    },
    required: ['total', 'name', 'open', 'deals'],
  });
  expect(schemaOf([])).toEqual({ type: 'array' });
  expect(schemaOf([1, 'x'])).toEqual({ type: 'array', items: {} });
});

test('a property of an example that is named like a member of objects is only a property', () => {
  const schema = schemaOf(JSON.parse('{"__proto__": 1, "constructor": "x"}')) as { properties: object };
  expect(Object.keys(schema.properties).sort()).toEqual(['__proto__', 'constructor']);
});

test('the form names what is missing, field by field', () => {
  expect(readForm({ ...EMPTY, outputSchema: '{', maxToolCalls: '-1' }).errors).toEqual({
    intent: expect.any(String),
    userId: expect.any(String),
    outputSchema: expect.stringContaining('not JSON'),
    maxToolCalls: expect.any(String),
  });
  expect(readForm({ ...EMPTY, intent: 'x', userId: 'u', outputSchema: '[]', isExample: false }).errors).toEqual({
    outputSchema: expect.stringContaining('is an object'),
  });
});

test('fields that were left empty are not sent', () => {
  expect(readForm({ ...EMPTY, intent: ' Do it ', userId: 'ada' }).input).toEqual({
    intent: 'Do it',
    userId: 'ada',
    selectedCustomerIntegrationIds: ['*'],
    approvalStrategy: 'ON_WRITE',
  });
  expect(
    readForm({ ...EMPTY, intent: 'x', userId: 'u', integrations: ['crm'], outputSchema: '{"a": 1}', maxSeconds: '60' })
      .input,
  ).toMatchObject({
    selectedCustomerIntegrationIds: ['crm'],
    outputSchema: { type: 'object', required: ['a'] },
    budget: { maxSeconds: 60 },
  });
});
