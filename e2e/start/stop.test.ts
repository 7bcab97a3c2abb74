// SIGTERM, with connections that could block a stop: the process exits with 0. After 30 s it would exit with 1.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { masterKey } from '@errand/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { slowTest } from '../fixtures/combine.ts';
import { request } from '../fixtures/request.ts';
import { startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { json, startStub } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';

async function aStack(): Promise<Stack> {
  const started = await startStack();
  onTestFinished(() => started.close());
  return started;
}

/** A connection that has sent these bytes. */
async function send({ url }: Stack, bytes: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const head = (stack: Stack, line: string, ...more: string[]) =>
  [`${line} HTTP/1.1`, 'host: x', `x-api-key: ${stack.apiKey}`, ...more].join('\r\n');

test('a process ends with 0 whatever its clients do with their connections', async () => {
  const stack = await aStack();
  const json = 'content-type: application/json';
  await send(stack, '');
  await send(stack, head(stack, 'GET /v1/runs', 'x-ha'));
  await send(stack, `${head(stack, 'POST /v1/runs', json, 'content-length: 99')}\r\n\r\n{"intent":`);
  await send(stack, `${head(stack, 'GET /v1/runs', 'connection: upgrade', 'upgrade: h2c')}\r\n\r\n`);
  const unread = await send(stack, '');
  unread.pause();
  for (let i = 0; i < 100; i++) unread.write(`${head(stack, 'GET /openapi.json')}\r\n\r\n`);
  // The server has read the last of them when it answers another one.
  expect((await request(stack, '/readyz')).status).toBe(200);
  expect(await stack.end()).toBe(0);
});

test('a request that waits for its run is answered with the run as it is', async () => {
  const stack = await aStack();
  const api = overRest(stack);
  const [crm] = (await api.integrations.list({})).integrations;
  const tool = `${crm!.customerIntegrationId}.listUsers`;
  const body = aRun({ plan: aPlan(tool), approvalStrategy: 'ON_START' });
  const waiting = request(stack, '/v1/runs', { body, headers: { prefer: 'wait=60' } });
  await expect.poll(async () => (await api.pending.list({})).pending.length).toBe(1);
  expect(await stack.end()).toBe(0);
  const { status, text } = await waiting;
  expect([status, JSON.parse(text)]).toEqual([201, expect.objectContaining({ runId: expect.any(String) })]);
});

slowTest('a process that stops claims no run while it still answers requests', async () => {
  const held: ServerResponse[] = [];
  const slow = await startStub({ openapi: { answer: (response) => void held.push(response) } });
  onTestFinished(() => slow.close());
  const env = { ERRAND_MASTER_KEYS: masterKey() };
  const stack = await startStack({ env, allow: [slow.origin] });
  onTestFinished(() => stack.close());
  const other = await startServer({ databaseUrl: stack.databaseUrl, env: { ...env, ERRAND_ROLE: 'http' } });
  onTestFinished(async () => void (await other.stop()));
  const body = { name: 'Slow', kind: 'openapi', url: `${slow.origin}/openapi` };
  const underWay = request(stack, '/v1/integrations', { body });
  await expect.poll(() => held.length).toBe(1);
  const api = overRest({ url: other.url, apiKey: stack.apiKey });
  const [crm] = (await api.integrations.list({})).integrations;
  const ended = stack.end();
  // It has begun to stop when it accepts no connection.
  await expect.poll(() => fetch(stack.url).catch(() => 'refused')).toBe('refused');
  const { runId } = await api.runs.create(aRun({ plan: aPlan(`${crm!.customerIntegrationId}.listUsers`) }));
  await new Promise((done) => setTimeout(done, 3000));
  expect((await api.runs.get({ runId })).status).toBe('QUEUED');
  json(held[0]!, JSON.parse(slow.document));
  expect((await underWay).status).toBe(201);
  expect(await ended).toBe(0);
});
