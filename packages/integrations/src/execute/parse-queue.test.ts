import type { ServerResponse } from 'node:http';
import type { DescribedTool } from '@errand/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { importOpenApi } from '../openapi/import-openapi.ts';
import { importedTools } from '../testing/fixtures/imported-tools.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { callTool, ParseQueue } from './call-tool.ts';

const CALLS = 8;
const large = `[${'{},'.repeat(80_000)}{}]`;

let stub: StubService;
let egress: Egress;
let tool: DescribedTool;
let responses: ServerResponse[] = [];

beforeAll(async () => {
  stub = await startStubService((_, response) => {
    responses.push(response);
    if (responses.length < CALLS) return;
    // All of them answer at the same moment.
    for (const response of responses) response.writeHead(200, { 'content-type': 'application/json' }).end(large);
    responses = [];
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
  const imported = await importOpenApi({
    egress,
    customerIntegrationId: 'stub_12345678',
    document: {
      openapi: '3.0.3',
      info: { title: 'Stub', version: '1' },
      servers: [{ url: stub.origin }],
      paths: { '/read': { get: { operationId: 'read', responses: {} } } },
    },
  });
  tool = importedTools(imported, 'stub_12345678').get('read')!;
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

test('between two that are parsed is a pause as long as the turn of the first', async () => {
  const queue = new ParseQueue();
  const spans: { from: number; to: number }[] = [];
  const parse = async () => {
    await queue.wait(1_000_000);
    const from = performance.now();
    while (performance.now() < from + 15);
    spans.push({ from, to: performance.now() });
  };
  await Promise.all(Array.from({ length: 5 }, parse));
  const pauses = spans.slice(1).map(({ from }, i) => from - spans[i]!.to);
  // A timer counts whole ms, from the beginning of its turn.
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(12);
});

test('answers of many small objects that come together are parsed one a turn of the event loop', async () => {
  let turn = 0;
  const tick = () => {
    turn++;
    ticking = setImmediate(tick);
  };
  let ticking = setImmediate(tick);
  const parsedIn: number[] = [];
  const call = async () => {
    const options = { baseUrl: stub.origin, auth: { type: 'NONE' }, credentialOrigin: stub.origin, egress } as const;
    const outcome = await callTool(tool, {}, options);
    parsedIn.push(turn);
    expect(outcome).toMatchObject({ ok: true });
  };
  try {
    // In the third round the code is warm, so the answers arrive together.
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: CALLS }, call));
  } finally {
    clearImmediate(ticking);
  }
  const turnsBetween = parsedIn.slice(1).map((turn, i) => turn - parsedIn[i]!);
  expect(turnsBetween).toHaveLength(3 * CALLS - 1);
  expect(Math.min(...turnsBetween)).toBeGreaterThanOrEqual(1);
});
