import { expect, test } from 'vitest';
import { leavesOf, ruleInWords, ruleSchema } from './rule.ts';

const args = { body: { accountId: 'acc_1', amount: 100, tags: ['a'], owner: {} }, query: { dry: true } };

test('without conditions a rule fits exactly these arguments', () => {
  expect(ruleSchema({ body: { amount: 100 } }, {})).toEqual({
    type: 'object',
    properties: {
      body: {
        type: 'object',
        properties: { amount: { const: 100 } },
        required: ['amount'],
        additionalProperties: false,
      },
    },
    required: ['body'],
    additionalProperties: false,
  });
});

test('each value can be the same, at most, or any', () => {
  const conditions = { '/body/amount': 'at_most', '/body/accountId': 'any', '/query/dry': 'any' } as const;
  expect(ruleSchema(args, conditions)).toMatchObject({
    properties: {
      body: {
        properties: {
          accountId: {},
          amount: { type: 'number', maximum: 100 },
          tags: { const: ['a'] },
          owner: { const: {} },
        },
        required: ['amount', 'tags', 'owner'],
      },
      query: { properties: { dry: {} }, additionalProperties: false },
    },
    required: ['body'],
  });
  expect(ruleInWords('Pay', leavesOf(args), conditions)).toBe(
    '“Pay” needs no approval if amount at most 100, tags is ["a"], owner is {}.',
  );
});

test('a rule for a call without arguments allows none', () => {
  expect(leavesOf({})).toEqual([]);
  expect(ruleSchema({}, {})).toEqual({ type: 'object', properties: {}, additionalProperties: false });
});
