import { expect, test } from 'vitest';
import { choicesOf, schemaWith } from './input-choice.ts';

const value = (name: string, sample: string | number, bound: boolean) => ({
  name,
  title: `The ${name}`,
  value: sample,
  from: 'intent' as const,
  bound,
  usedIn: [],
});
const action = {
  values: [value('account', 'Northwind', true), value('minAmount', 50_000, true), value('owner', 'Ada', false)],
  inputSchema: {
    type: 'object',
    properties: { account: { type: 'string', minLength: 2 }, minAmount: { type: 'integer' } },
    required: ['account'],
  },
};

test('the present choices come from the schema', () => {
  expect(choicesOf(action)).toEqual({ account: 'required', minAmount: 'optional', owner: 'fixed' });
});

test('a schema keeps the descriptions of inputs, describes new ones by their value, and leaves fixed values out', () => {
  expect(schemaWith(action, { account: 'optional', minAmount: 'fixed', owner: 'required' })).toEqual({
    type: 'object',
    properties: { account: { type: 'string', minLength: 2 }, owner: { type: 'string', title: 'The owner' } },
    required: ['owner'],
    additionalProperties: false,
  });
});
