import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { findOperation, inputSchemaOf } from './operations.ts';

const parse = (operation: string, ...pairs: string[]) => parseArguments(pairs, inputSchemaOf(findOperation(operation)));

describe('arguments have the types of the schema', () => {
  test.each([
    ['runs.list', ['pageSize=5', 'sort=createdAt'], { pageSize: 5, sort: 'createdAt' }],
    ['runs.list', ['status=FAILED', 'status=CANCELED'], { status: ['FAILED', 'CANCELED'] }],
    ['runs.list', ['waiting=true', 'metadata.team=007'], { waiting: true, metadata: { team: '007' } }],
    [
      'runs.create',
      ['intent=42', 'userId=7', 'budget.maxSteps=3'],
      { intent: '42', userId: '7', budget: { maxSteps: 3 } },
    ],
    ['runs.create', ['selectedCustomerIntegrationIds=*'], { selectedCustomerIntegrationIds: ['*'] }],
    ['runs.create', ['outputSchema:={"type":"object"}'], { outputSchema: { type: 'object' } }],
    ['integrations.list', ['active=all'], { active: 'all' }],
    ['integrations.list', ['active=false'], { active: false }],
    ['integrations.setTools', ['enabled:=["a","b"]'], { enabled: ['a', 'b'] }],
    ['questions.answer', ['requestId=x', 'answer=a=b'], { requestId: 'x', answer: 'a=b' }],
  ])('%s %s', (operation, pairs, input) => {
    expect(parse(operation, ...pairs)).toEqual(input);
  });
});

test.each([
  [['pageSize=many'], /pageSize cannot be "many"/],
  [['waiting=maybe'], /waiting cannot be "maybe"/],
  [['pageSize'], /is no argument/],
  [['metadata:={'], /metadata is not JSON/],
  [['__proto__.x=1'], /is no name of a field/],
])('%s is refused', (pairs, message) => {
  expect(() => parse('runs.list', ...pairs)).toThrow(message);
});

test.each([
  ['integrations.create', 'auth.token=t'],
  ['integrations.create', 'auth:={"type":"API_TOKEN","token":"t"}'],
  ['integrations.create', 'auth:={"clientSecret":"t"}'],
  ['integrations.putCredentials', 'apiToken=t'],
  ['integrations.putCredentials', 'password=t'],
  ['runs.create', 'passThrough:=[{"headers":{}}]'],
])('%s %s may be a secret', (operation, pair) => {
  expect(() => parse(operation, pair)).toThrow(/may be a secret/);
});
