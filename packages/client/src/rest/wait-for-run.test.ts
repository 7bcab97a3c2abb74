import { expect, test } from 'vitest';
import {
  json,
  openStream,
  page,
  refuse,
  startScriptedServer,
  stream,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { createRestClient } from './index.ts';
import { waitForRun } from './wait-for-run.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const frame = (seq: number, type: string, runStatus = 'RUNNING') =>
  `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ seq, type, runStatus })}\n\n`;
const head = (more: object = {}) => ({ runId: RUN, status: 'RUNNING', waitingOn: [], ...more });
const ended = head({ status: 'SUCCESS', endedAt: '2026-11-30T09:00:00.000Z', result: 7 });
const waiting = head({ waitingOn: [{ kind: 'call' }] });

/** Answers by the kind of the request, each time by its next turn. */
async function serve(turns: { events?: Turn[]; run: Turn[]; sse?: Turn[] }) {
  const server = await startScriptedServer((response, request) => {
    const kind = /\/(events|sse)\b/.exec(request.url!)?.[1] as 'events' | 'sse' | undefined;
    const list = turns[kind ?? 'run'] ?? [json(200, { events: [{ seq: 4 }] })];
    const [turn] = list.length > 1 ? list.splice(0, 1) : list;
    turn!(response, request);
  });
  const paths = () =>
    server.requests.map(({ line, lastEventId }) => [line.replace(`GET /v1/runs/${RUN}`, ''), lastEventId]);
  return { ...server, paths };
}
const hangUp: Turn = (response) => response.destroy();
const EVENTS = ['/events?order=desc&limit=1&links=false', undefined];

test('a run that has ended is returned at once', async () => {
  const { url, paths } = await serve({ run: [json(200, ended)] });
  expect(await waitForRun({ url, apiKey: 'k' }, RUN)).toMatchObject({ result: 7 });
  expect(paths()).toEqual([EVENTS, ['', undefined]]);
});

test('the stream is followed from the newest event, over lost connections, and the run is read at its end', async () => {
  const { url, paths } = await serve({
    events: [hangUp, json(200, { events: [{ seq: 4 }] })],
    run: [page(502), json(200, head()), hangUp, json(200, ended)],
    sse: [stream(frame(5, 'step')), page(503), stream(frame(5, 'step') + frame(6, 'end', 'SUCCESS'))],
  });
  expect(await waitForRun(createRestClient({ url, apiKey: 'k' }), RUN)).toMatchObject({ status: 'SUCCESS' });
  const sse = '/sse?links=false&progress=false';
  expect(paths()).toEqual([
    EVENTS,
    EVENTS,
    ['', undefined],
    ['', undefined],
    [sse, '4'],
    [sse, '5'],
    [sse, '5'],
    ['', undefined],
    ['', undefined],
  ]);
});

test('a run without events is followed from the first one', async () => {
  const { url, paths } = await serve({
    events: [json(200, { events: [] })],
    run: [json(200, head({ status: 'QUEUED' })), json(200, ended)],
    sse: [stream(frame(1, 'start') + frame(2, 'end', 'SUCCESS'))],
  });
  await waitForRun({ url, apiKey: 'k' }, RUN);
  expect(paths()[2]).toEqual(['/sse?links=false&progress=false', undefined]);
});

test('until waiting: a run that waits is returned, one that was answered meanwhile is not', async () => {
  const already = await serve({ run: [json(200, waiting)] });
  expect(await waitForRun({ url: already.url, apiKey: 'k' }, RUN, { until: 'waiting' })).toMatchObject(waiting);
  const { url, requests } = await serve({
    run: [json(200, head()), json(200, head()), json(200, waiting)],
    sse: [openStream(frame(5, 'step', 'PAUSED') + frame(6, 'step') + frame(7, 'authentication', 'AUTH_REQUIRED'))],
  });
  expect(await waitForRun({ url, apiKey: 'k' }, RUN, { until: 'waiting' })).toMatchObject(waiting);
  expect(requests).toHaveLength(5);
});

test('until end: a request to a person is not the end', async () => {
  const { url, requests } = await serve({
    run: [json(200, waiting), json(200, ended)],
    sse: [stream(frame(5, 'step', 'PAUSED') + frame(6, 'end', 'SUCCESS'))],
  });
  expect(await waitForRun({ url, apiKey: 'k' }, RUN)).toMatchObject({ result: 7 });
  expect(requests).toHaveLength(4);
});

test('a refusal is thrown with its problem document', async () => {
  for (const turns of [
    { events: [refuse(404, 'not_found')], run: [json(200, head())] },
    { run: [refuse(403, 'insufficient_scope')] },
    { run: [json(200, head())], sse: [refuse(401, 'unauthenticated')] },
  ]) {
    const { url } = await serve(turns);
    const failed = { name: 'RequestFailed', problem: { code: expect.any(String) } };
    await expect(waitForRun({ url, apiKey: 'k' }, RUN)).rejects.toMatchObject(failed);
  }
});

test('an answer that is no JSON ends the wait', async () => {
  const { url } = await serve({ run: [page(200)] });
  await expect(waitForRun({ url, apiKey: 'k' }, RUN)).rejects.toThrow(SyntaxError);
});

test('time and signals end the wait, and close the connection', async () => {
  for (const sse of [[openStream(frame(5, 'step'))], [hangUp]]) {
    const { url, open } = await serve({ run: [json(200, head())], sse });
    await expect(waitForRun({ url, apiKey: 'k' }, RUN, { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: `The run ${RUN} has not ended within 50 ms. It continues.`,
    });
    const controller = new AbortController();
    const wait = waitForRun({ url, apiKey: 'k' }, RUN, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(wait).rejects.toThrow('enough');
    await expect.poll(() => open.size).toBe(0);
    await expect(waitForRun({ url, apiKey: 'k' }, RUN, { signal: controller.signal })).rejects.toThrow('enough');
  }
});
