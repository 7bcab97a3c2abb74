import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@errand/client';
import { expect, test } from 'vitest';
import { sayError } from './say-error.ts';

const said = (error: unknown) => {
  const lines: string[] = [];
  sayError(error, { say: (text) => lines.push(text) });
  return lines.join('\n');
};

/** The error of a call to a server with this answer, or to a closed port without one. */
async function errorOf(body: string | undefined): Promise<unknown> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (body === undefined) await new Promise((done) => server.close(done));
  const error = await createClient({ url, apiKey: 'er_test', retry: false })
    .runs.list.query({})
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  server.close();
  return error;
}

test('a refused connection is said to be one', async () => {
  expect(said(await errorOf(undefined))).toMatch(/^error: The service cannot be reached: .*ECONNREFUSED/);
});

test('an answer of another program is not said to be a lost connection', async () => {
  expect(said(await errorOf('<!doctype html><p>Hello'))).toMatch(
    /^error: The answer does not come from Errand: .*<!doctype/,
  );
});

test('an error with a cause of another kind keeps its message', () => {
  expect(said(new Error('The file is not JSON.', { cause: new Error('position 3') }))).toBe(
    'error: The file is not JSON.',
  );
});

test('an error without a message has its code', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  expect(said(refused)).toBe('error: ECONNREFUSED');
  expect(said(new TypeError('fetch failed', { cause: refused }))).toBe(
    'error: The service cannot be reached: ECONNREFUSED.',
  );
});
