import { once } from 'node:events';
import { connect } from 'node:net';
import { ExplainedError } from '@errand/basics/explained-error';
import { expect, onTestFinished, test } from 'vitest';
import { openMetricsPort } from './metrics-port.ts';

/** The port of a text. */
async function aPort(text?: () => Promise<string>) {
  const closers: (() => Promise<void>)[] = [];
  const log = { info: () => {} };
  const { port, serve } = await openMetricsPort({ metricsHost: '127.0.0.1', metricsPort: 0 }, { log, closers });
  for (const close of closers) onTestFinished(close);
  if (text) serve(text);
  return `http://127.0.0.1:${port}/metrics`;
}

const answerOf = async (url: string) => {
  const response = await fetch(url);
  return [response.status, response.headers.get('content-type'), await response.text()];
};

test('until there are metrics the answer is 503', async () => {
  expect(await answerOf(await aPort())).toEqual([503, 'text/plain; charset=utf-8', 'The service is starting.\n']);
});

test('an explained error is the text of the answer, and others are not shown', async () => {
  let text = async () => 'errand_up 1\n';
  const url = await aPort(() => text());
  expect(await answerOf(url)).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 'errand_up 1\n']);
  text = () => Promise.reject(new ExplainedError('No process is ready yet.'));
  expect(await answerOf(url)).toEqual([503, 'text/plain; charset=utf-8', 'No process is ready yet.\n']);
  text = () => Promise.reject(new Error('password=secret'));
  expect(await answerOf(url)).toEqual([503, 'text/plain; charset=utf-8', 'The metrics cannot be read now.\n']);
});

test('connections that send nothing leave the port to others after some seconds', { timeout: 15_000 }, async () => {
  const url = await aPort(async () => 'errand_up 1\n');
  const silent = Array.from({ length: 64 }, () => connect(Number(new URL(url).port), '127.0.0.1').resume());
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  await expect(answerOf(url)).rejects.toThrow();
  await Promise.all(silent.map((socket) => once(socket, 'close')));
  expect(await answerOf(url)).toContain('errand_up 1\n');
});
