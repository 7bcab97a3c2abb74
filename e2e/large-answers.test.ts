// Answers at their size limit: they stay within it, report omissions, and all of the data can be read.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Run, RunEvent } from '@errand/contracts';
import { openDatabase } from '@errand/db';
import { loginsOf, seedLargeRuns } from '@errand/db/testing';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Caller, overRest, overTrpc } from './fixtures/transports.ts';

const MIB = 1024 * 1024;
const OUTPUT_BYTES = 256_000;
/** Bytes of the arguments and answers of the run's calls in Postgres. */
const callBytes = OUTPUT_BYTES + '{"text" : ""}'.length + '{"path": {"id": 1}}'.length;

let stack: Stack;
let quiet: Caller;
let ids: string[];
let long: string;
beforeAll(async () => {
  stack = await startStack();
  const admin = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const masterKeys = [(await readFile(join(stack.dataDir, 'master-keys'), 'utf8')).trim()];
  const db = openDatabase({ ...loginsOf(stack.databaseUrl), masterKeys });
  const { workspaceId } = await db.workspaces.first();
  const quietWorkspace = await db.workspaces.create('quiet');
  quiet = {
    url: stack.url,
    apiKey: (await db.apiKeys.create(quietWorkspace.workspaceId, { name: 'q', scopes: ['admin'] })).key,
  };
  await seedLargeRuns(admin, quietWorkspace.workspaceId, { runs: 20, calls: 1, outputBytes: 320 });
  ids = await seedLargeRuns(admin, workspaceId, {
    runs: 99,
    calls: 2,
    outputBytes: OUTPUT_BYTES,
    resultBytes: 200_000,
  });
  [long] = (await seedLargeRuns(admin, workspaceId, { runs: 1, calls: 60, outputBytes: OUTPUT_BYTES })) as [string];
  await admin.end();
  await db.close();
  return () => stack.close();
});

const callsOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? (event.step.toolCalls ?? []) : []));

test.each([
  '/v1/runs?pageSize=100',
  '/v1/runs?pageSize=100&includeEvents=true&includeToolCalls=true',
  '/v1/runs?pageSize=100&includeEvents=true&includeToolCalls=true&customerIntegrationIds=crm_00000000',
])('a page of large runs has at most 8 MiB, and is the same each time: %s', async (path) => {
  const { status, text } = await request(stack, path);
  expect(status).toBe(200);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8 * MIB);
  const { runs } = JSON.parse(text) as { runs: Run[] };
  expect(runs).toHaveLength(100);
  const large = runs.filter(({ runId }) => ids.includes(runId));
  for (const run of large) {
    expect(run.result).toBeUndefined();
    expect(run.leftOut).toEqual([
      { field: 'result', bytes: expect.toSatisfy((bytes) => bytes > 200_000), path: `/v1/runs/${run.runId}` },
    ]);
    if (path.includes('includeEvents')) expect(run.events).toHaveLength(4);
  }
  expect((await request(stack, path)).text).toBe(text);
});

test('omitted parts of a page can be read at the URL that it names', async () => {
  const { runs } = await overRest(stack).runs.list({ pageSize: 100 });
  const { leftOut } = runs.find(({ runId }) => runId === ids[0])!;
  const whole = JSON.parse((await request(stack, leftOut![0]!.path)).text) as Run;
  expect((whole.result as { text: string }).text).toHaveLength(200_000);
  expect(whole.leftOut).toBeUndefined();
});

test('calls beyond the size limit are references, and each can be read whole', async () => {
  const { events } = await overRest(stack).runs.get({ runId: long, includeEvents: true, includeToolCalls: true });
  expect(events).toHaveLength(62);
  const calls = callsOf(events);
  const out = calls.filter(({ leftOut }) => leftOut);
  expect([calls.length, out.length]).toEqual([60, expect.toSatisfy((n) => n > 20 && n < 40)]);
  // The first ones are complete.
  expect(calls.slice(calls.length - out.length)).toEqual(out);
  for (const call of out.slice(0, 3)) {
    expect(call).toEqual({
      toolCallId: call.toolCallId,
      toolName: 'crm_00000000.getItem',
      toolResult: { approvalResult: { status: 'NOT_REQUIRED', text: expect.any(String) } },
      leftOut: { bytes: callBytes, path: `/v1/runs/${long}/calls/${call.toolCallId}` },
      state: 'done',
      effect: 'read',
      attempts: 1,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    const whole = JSON.parse((await request(stack, call.leftOut!.path)).text);
    expect(whole.toolResult.executionResult.text).toHaveLength(OUTPUT_BYTES);
  }
});

test('a log can be read to its end in pages within the limit', async () => {
  const events: RunEvent[] = [];
  for (let after = 0; ; after = events.at(-1)!.seq) {
    const page = await overTrpc(stack).runs.events({ runId: long, after, limit: 1000, includeToolCalls: true });
    events.push(...page.events);
    if (!page.eventsTruncated) break;
  }
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 62 }, (_, i) => i + 1));
});

test('each frame of a stream is within the limit', async () => {
  const events: RunEvent[] = [];
  for await (const event of overTrpc(stack).runs.stream({ runId: long, includeToolCalls: true })) events.push(event);
  expect(events).toHaveLength(62);
  for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(2 * MIB);
  expect(callsOf(events).every(({ leftOut }) => leftOut === undefined)).toBe(true);
});

test('a call of any run can be read by its id; one without an event is not found', async () => {
  const api = overTrpc(stack);
  const [crm] = (await api.integrations.list({})).integrations;
  const { run } = await carryOut(api, aRun({ plan: aPlan(`${crm!.customerIntegrationId}.listUsers`) }));
  const { events } = await api.runs.get({ runId: run.runId, includeEvents: true, includeToolCalls: true });
  const [call] = callsOf(events);
  expect(await api.runs.toolCall({ runId: run.runId, toolCallId: call!.toolCallId })).toEqual(call);
  const missing = { status: 404, problem: { code: 'not_found' } };
  await expect(api.runs.toolCall({ runId: run.runId, toolCallId: 'nothing.7' })).rejects.toMatchObject(missing);
  await expect(overTrpc(quiet).runs.toolCall({ runId: run.runId, toolCallId: 'only' })).rejects.toMatchObject(missing);
});

test('the calls of one batch share the size limit of an answer', async () => {
  const input = { pageSize: 100, includeEvents: true, includeToolCalls: true };
  const many = 20;
  const inputs = Object.fromEntries(Array.from({ length: many }, (_, i) => [i, input]));
  const names = Array(many).fill('runs.list').join(',');
  const path = `/trpc/${names}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`;
  const { status, text } = await request(stack, path);
  expect([status, JSON.parse(text).length]).toEqual([200, many]);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8 * MIB);
});

test('another key is served during reads of the largest pages', async () => {
  const readers = new AbortController();
  const read = async () => {
    while (!readers.signal.aborted) {
      await request(stack, '/v1/runs?pageSize=100&includeEvents=true&includeToolCalls=true');
      await request(stack, `/v1/runs/${long}?includeEvents=true&includeToolCalls=true`);
    }
  };
  // More of them than connections.
  const reading = Promise.all(Array.from({ length: 5 }, read));
  const statuses: number[] = [];
  for (let i = 0; i < 15; i++) statuses.push((await request(quiet, '/v1/runs?pageSize=20&includeEvents=true')).status);
  readers.abort();
  await reading;
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('readers that never read share at most 64 MiB of the service, and others are not affected', async () => {
  const { hostname, port } = new URL(stack.url);
  const head = [
    `GET /v1/runs/${long}?includeEvents=true&includeToolCalls=true HTTP/1.1`,
    'host: errand',
    `x-api-key: ${stack.apiKey}`,
  ];
  const sockets: Socket[] = [];
  const answered = Array.from({ length: 14 }, async () => {
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await once(socket, 'readable');
    return String(socket.read(20)).slice(9, 12);
  });
  const statuses = await Promise.all(answered);
  expect(statuses.filter((status) => status === '200')).toHaveLength(8);
  expect(statuses.filter((status) => status === '503')).toHaveLength(6);
  expect((await request(quiet, '/v1/runs?pageSize=20&includeEvents=true')).status).toBe(200);
  expect((await request(stack, '/v1/runs?pageSize=1')).status).toBe(200);
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(async () => (await request(stack, `/v1/runs/${long}/events?includeToolCalls=true`)).status)
    .toBe(200);
});

test('over tRPC a large page has the same limit', async () => {
  const list = await overTrpc(stack).runs.list({ pageSize: 100, includeEvents: true, includeToolCalls: true });
  expect(JSON.stringify(list).length).toBeLessThanOrEqual(8 * MIB);
  expect(list.runs).toHaveLength(100);
});
