import { expect, test } from 'vitest';
import { createClient, problemOf, streamEvents } from './index.ts';
import { problemOf as aProblem, json, page, refuse, startScriptedServer } from './testing/fixtures/scripted-server.ts';

const problem = aProblem(503, 'unavailable');
const thrownBy = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const call = (url: string) =>
  thrownBy(
    createClient({ url, apiKey: 'k', retry: false }).runs.get.query({ runId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01' }),
  );

test('the problem of a failed call, also of a service that is starting', async () => {
  const error = { message: 'x', code: -32_000, data: { code: 'X', httpStatus: 503, problem } };
  const { url } = await startScriptedServer(json(503, { error }), json(503, problem));
  expect(problemOf(await call(url))).toEqual(problem);
  expect(problemOf(await call(url))).toEqual(problem);
});

test('the problem of a refused stream', async () => {
  const { url } = await startScriptedServer(refuse(404, 'not_found'));
  const error = await thrownBy(streamEvents({ url, apiKey: 'k', runId: 'r' }).next());
  expect(problemOf(error)).toEqual(aProblem(404, 'not_found'));
});

test('other errors have none', async () => {
  const { url } = await startScriptedServer(page(502));
  for (const error of [await call(url), await call('http://127.0.0.1:1'), new Error('x'), undefined])
    expect(problemOf(error)).toBeUndefined();
});
