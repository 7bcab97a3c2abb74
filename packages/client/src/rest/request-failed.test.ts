import { expect, test } from 'vitest';
import { RequestFailed } from './request-failed.ts';

const problem = { type: '/problems/gone', title: 'Gone', status: 410, code: 'gone' };

test('the message says what is wrong and what to do', () => {
  const failed = new RequestFailed({ ...problem, detail: 'The link has expired.', remedy: 'Ask for a new link.' });
  expect(failed.message).toBe('The link has expired. Ask for a new link.');
  expect(failed.problem.remedy).toBe('Ask for a new link.');
});

test('without a detail the message is the title', () => {
  expect(new RequestFailed(problem).message).toBe('Gone');
});
