// No request follows a redirect, because the key would go to the other address.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createClient, problemOf, streamEvents, waitForRun } from '../index.ts';
import { createRestClient } from '../rest/index.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const calls: Record<string, (options: { url: string; apiKey: string }) => Promise<unknown>> = {
  'a query over tRPC': (options) => createClient(options).runs.get.query({ runId: RUN }),
  'a query over tRPC that is sent once': (options) =>
    createClient({ ...options, retry: false }).runs.get.query({ runId: RUN }),
  'a change over tRPC': (options) => createClient(options).apiKeys.create.mutate({ name: 'k', scopes: ['admin'] }),
  'a subscription': (options) =>
    new Promise((resolve, reject) =>
      createClient(options).runs.stream.subscribe({ runId: RUN }, { onError: reject, onComplete: () => resolve(0) }),
    ),
  'a stream of events': (options) => streamEvents({ ...options, runId: RUN }).next(),
  'a wait': (options) => waitForRun(options, RUN),
  REST: async (options) => {
    const { error } = await createRestClient(options).GET('/v1/session');
    throw Object.assign(new Error('refused'), { problem: error });
  },
};

test.each(Object.entries(calls))('%s does not follow a redirect to another origin', async (_, call) => {
  let strangers = 0;
  const stranger = await serve((_, response) => {
    strangers++;
    response.end('{}');
  });
  const url = await serve(({ url: path }, response) =>
    response.writeHead(307, { location: `${stranger}${path}` }).end(),
  );
  const error = await call({ url, apiKey: 'er_live_secret' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const problem = problemOf(error) ?? (error as { problem?: unknown }).problem;
  expect(problem).toMatchObject({ code: 'redirected', detail: expect.stringContaining(stranger) });
  expect(strangers).toBe(0);
});
