import { ExplainedError } from '@errand/basics/explained-error';
import { expect, onTestFinished, test } from 'vitest';
import { openMetricsPort } from './metrics-port.ts';

/** The port of a text. */
async function aPort(text: () => Promise<string>) {
  let port = 0;
  const log = { info: (fields: object) => void ({ port } = fields as { port: number }) };
  onTestFinished(await openMetricsPort({ metricsHost: '127.0.0.1', metricsPort: 0 }, text, log));
  return `http://127.0.0.1:${port}/metrics`;
}

const answerOf = async (url: string) => {
  const response = await fetch(url);
  return [response.status, response.headers.get('content-type'), await response.text()];
};

test('an explained error is the text of the answer, and others are not shown', async () => {
  let text = async () => 'errand_up 1\n';
  const url = await aPort(() => text());
  expect(await answerOf(url)).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 'errand_up 1\n']);
  text = () => Promise.reject(new ExplainedError('No process is ready yet.'));
  expect(await answerOf(url)).toEqual([503, 'text/plain; charset=utf-8', 'No process is ready yet.\n']);
  text = () => Promise.reject(new Error('password=secret'));
  expect(await answerOf(url)).toEqual([503, 'text/plain; charset=utf-8', 'The metrics cannot be read now.\n']);
});
