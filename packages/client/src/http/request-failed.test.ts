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

test('a problem document is read from the answer', async () => {
  const failed = await RequestFailed.from(new Response(JSON.stringify(problem), { status: 410 }));
  expect(failed.problem).toEqual(problem);
});

test('the page of a proxy is no problem document, also if it never ends', async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(60)) });
  for (const body of ['<h1>Not here</h1>', null, endless]) {
    const { problem } = await RequestFailed.from(new Response(body, { status: 404 }));
    expect(problem).toMatchObject({ status: 404, code: 'unknown', remedy: 'Check the URL.' });
  }
});
