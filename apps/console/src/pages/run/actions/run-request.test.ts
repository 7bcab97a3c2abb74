import { expect, it } from 'vitest';
import { run } from '../log/event-fixtures.ts';
import { bodyOf } from './run-request.ts';

it('leaves empty fields out of the request', () => {
  const errand = run({
    context: '',
    metadata: {},
    selectedCustomerIntegrationIds: ['*'],
    approvalStrategy: 'ON_WRITE',
  });
  expect(Object.keys(bodyOf(errand))).toEqual([
    'intent',
    'userId',
    'selectedCustomerIntegrationIds',
    'approvalStrategy',
  ]);
  expect(bodyOf({ ...errand, context: 'a=b', metadata: { team: 'x' } })).toMatchObject({
    context: 'a=b',
    metadata: { team: 'x' },
  });
});
