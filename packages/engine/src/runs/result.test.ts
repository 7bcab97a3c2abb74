import { expect, test } from 'vitest';
import { type Outcome, toEnd } from './result.ts';

const outcome = (overrides: Partial<Outcome> = {}): Outcome => ({
  effects: 0,
  failures: [],
  result: { total: 1 },
  resultError: null,
  ...overrides,
});
const broke = { code: 'upstream_error', message: 'It answered 500.' };
const missing = { code: 'nothing_found', message: 'No such account.' };
const spent = { code: 'budget_exhausted', message: 'maxSteps.' };
const misfit = { code: 'result_validation_failed' as const, message: 'It does not fit.', retryable: false };

test.each<[string, Outcome, string, boolean]>([
  ['all well', outcome(), 'SUCCESS', true],
  ['all well with a write', outcome({ effects: 1 }), 'SUCCESS', true],
  ['all well with an empty result', outcome({ result: undefined }), 'SUCCESS', false],
  ['something failed, part of the result is there', outcome({ failures: [broke] }), 'PARTIAL_SUCCESS', true],
  [
    'something failed, a write was made',
    outcome({ failures: [broke], effects: 1, result: undefined }),
    'PARTIAL_SUCCESS',
    false,
  ],
  [
    'nothing was found by a search that counts as a write',
    outcome({ failures: [missing], effects: 1, changed: false, result: undefined }),
    'NO_SUCCESS',
    false,
  ],
  [
    'something failed, the result holds nothing',
    outcome({ failures: [broke], result: { a: null, b: [] } }),
    'FAILED',
    false,
  ],
  [
    'something failed, and no step gave what the result holds',
    outcome({ failures: [broke], found: false }),
    'FAILED',
    false,
  ],
  [
    'something failed, no step gave what the result holds, a write was made',
    outcome({ failures: [broke], found: false, effects: 1 }),
    'PARTIAL_SUCCESS',
    false,
  ],
  ['nothing was found', outcome({ failures: [missing], result: null }), 'NO_SUCCESS', false],
  ['nothing was found and something broke', outcome({ failures: [missing, broke], result: null }), 'FAILED', false],
  ['the budget ran out before anything', outcome({ failures: [spent], result: undefined }), 'NO_SUCCESS', false],
  [
    'the budget ran out after a write',
    outcome({ failures: [spent], effects: 1, result: undefined }),
    'PARTIAL_SUCCESS',
    false,
  ],
  ['the result does not fit', outcome({ resultError: misfit }), 'FAILED', false],
  ['the result does not fit, a write was made', outcome({ resultError: misfit, effects: 1 }), 'PARTIAL_SUCCESS', false],
])('%s', (_, fields, status, hasResult) => {
  const end = toEnd(fields);
  expect([end.status, end.result !== undefined]).toEqual([status, hasResult]);
  expect(end.error === null).toBe(status === 'SUCCESS');
});

test('the error named is the one that broke, not the one that was merely out of reach', () => {
  expect(toEnd(outcome({ failures: [missing, broke], result: null })).error?.code).toBe('upstream_error');
});

test.each([
  ['a part of the result is there', 1, true, true],
  ['several steps have no answer', 2, false, true],
  ['the step that failed is all that the result reads', 1, false, false],
])('the error names the values that the result lacks when %s', (_, steps, foundValue, isNamed) => {
  const absent = { pointer: '/result/count', message: 'It is null.' };
  const missing = { steps, text: 'The result has no "count": "find" at CRM failed.', errors: [absent] };
  const message = isNamed ? `${broke.message} ${missing.text}` : broke.message;
  expect(toEnd(outcome({ failures: [broke], found: foundValue, missing }))).toMatchObject({
    summary: message,
    error: { code: broke.code, message, errors: [absent] },
  });
});

test.each<[string, Partial<Outcome>, boolean]>([
  ['nothing was done', {}, true],
  ['a write was done', { effects: 1 }, false],
  ['a write was about to be made', { intended: 1 }, false],
])('whether to try again when %s', (_, overrides, retryable) => {
  const failures = [{ code: 'internal', message: 'Something broke.' }];
  expect(toEnd(outcome({ result: undefined, failures, ...overrides })).error?.retryable).toBe(retryable);
});
