import { expect, test } from 'vitest';
import { ENDS_IN_MS, figuresOf, wrongOf } from './finish.ts';

const finish = { runId: 'run-1', status: 'SUCCESS', error: null, ms: 100 };

test('a race is lost by a run that ends otherwise, too late, or not at all', () => {
  const wrong = [
    { ...finish, status: 'PARTIAL_SUCCESS', error: 'internal' },
    { ...finish, ms: ENDS_IN_MS + 1 },
    { ...finish, status: 'AUTH_REQUIRED' },
  ];
  expect(wrongOf([finish, ...wrong])).toEqual(wrong);
  expect(figuresOf([finish, ...wrong])).toBe(
    '2 SUCCESS, 1 PARTIAL_SUCCESS (internal), 1 AUTH_REQUIRED; p50 100 ms, p99 100 ms, longest 5001 ms after the last answer',
  );
});
