import type { ServerResponse } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { type Answer, request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import type { Caller } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

let stack: Stack;
let slow: Stub;
let otherCaller: Caller;
/** Requests for the document, which wait until the test answers them. */
const documentRequests: ServerResponse[] = [];
let whenAsked = () => {};
beforeAll(async () => {
  slow = await startStub({
    openapi: {
      answer: (response) => {
        documentRequests.push(response);
        whenAsked();
      },
    },
  });
  stack = await startStack({ seed: false, allow: [slow.origin] });
  otherCaller = await anotherWorkspace(stack);
  return () => Promise.all([stack.close(), slow.close()]);
});

const document = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  servers: [{ url: 'https://things.example.com' }],
  paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'ok' } } } } },
});
const body = (source: object) => ({ name: 'Things', kind: 'openapi', ...source });
const fetching = (caller: Caller, signal?: AbortSignal) =>
  request(caller, '/v1/integrations', { body: body({ url: `${slow.origin}/openapi` }), ...(signal && { signal }) });
const until = async (count: number) => {
  while (documentRequests.length < count) await new Promise<void>((done) => (whenAsked = done));
};
const tooMany = { status: 429, problem: { code: 'too_many_imports' } };

test('a workspace has eight concurrent imports, more get a Retry-After, and other workspaces do not wait', async () => {
  const leaving = new AbortController();
  const abandoned = [1, 2].map(() => fetching(stack, leaving.signal).catch(() => 'left'));
  const staying: Promise<Answer>[] = Array.from({ length: 6 }, () => fetching(stack));
  await until(8);

  const ninth = await request(stack, '/v1/integrations', { body: body({ document }) });
  expect(ninth).toMatchObject(tooMany);
  expect(Number(ninth.headers.get('retry-after'))).toBeGreaterThan(0);
  const integration = await request(otherCaller, '/v1/integrations', { body: body({ document }) });
  expect(integration.status).toBe(201);
  const { customerIntegrationId } = JSON.parse(integration.text) as { customerIntegrationId: string };
  const refresh = `/v1/integrations/${customerIntegrationId}/refresh`;
  expect((await request(otherCaller, refresh, { body: { document } })).status).toBe(200);

  // a caller that disconnects releases its slot
  leaving.abort();
  expect(await Promise.all(abandoned)).toEqual(['left', 'left']);
  await expect
    .poll(async () => (await request(stack, '/v1/integrations', { body: body({ document }) })).status)
    .toBe(201);

  for (const response of documentRequests) json(response, JSON.parse(document));
  expect((await Promise.all(staying)).map(({ status }) => status)).toEqual(Array(6).fill(201));
});
