import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { ProblemError, query, subscription } from './contract.ts';
import { implement } from './implement.ts';
import { mountRest } from './rest/rest.ts';
import { serverOptions } from './server.ts';
import { mountTrpc } from './trpc.ts';

class StoreDown extends Error {}

const options = {
  translate: (error: unknown) =>
    error instanceof StoreDown
      ? new ProblemError('unavailable', 'Try again.', { headers: { 'retry-after': '1' } })
      : undefined,
};
const app = Fastify(serverOptions(options));
const logged: unknown[] = [];

beforeAll(() => {
  const down = () => {
    throw new StoreDown('the password is 1234');
  };
  const input = z.object({});
  const output = z.object({ n: z.int() });
  const router = implement(
    {
      get: query({ input, output, scope: null, http: { route: 'GET /get' } }),
      follow: subscription({ input, output, scope: null, http: { route: 'GET /follow' } }),
    },
    { get: down, follow: down },
    options,
  );
  const mount = {
    ...options,
    router,
    createContext: () => ({}),
    onError: ({ error }: { error: unknown }) => void logged.push(error),
  };
  mountRest(app, mount);
  mountTrpc(app, mount);
});
afterAll(() => app.close());

// tRPC tells of a failed subscription in its stream; its client takes this status for one to try again.
it.each([
  ['/get', 503, '1'],
  ['/follow', 503, '1'],
  ['/trpc/get?input={}', 503, '1'],
  ['/trpc/follow?input={}', 200, undefined],
])('answers a library’s error at %s as the problem that it is, and logs its text', async (url, status, retryAfter) => {
  logged.length = 0;
  const answer = await app.inject({ url });
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([status, retryAfter]);
  expect(answer.body).toContain('"status":503');
  expect(answer.body).toContain('"code":"unavailable"');
  expect(answer.body).not.toContain('1234');
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.every((error) => error instanceof StoreDown)).toBe(true);
});
