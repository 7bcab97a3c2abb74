// A run whose tools answer more than its limit ends; the process that carries it out does not.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const BYTES = 255 * 1024;
const bodies = { objects: `[${'{},'.repeat(BYTES / 3 - 1)}{}]`, text: JSON.stringify('x'.repeat(BYTES - 2)) };

let stack: Stack;
let stub: Stub;
let api: Api;
let id: string;

beforeAll(async () => {
  stub = await startStub(
    Object.fromEntries(
      Object.entries(bodies).map(([name, body]) => [
        name,
        { answer: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(body) },
      ]),
    ),
  );
  // Forty such answers, parsed, are larger than this.
  const env = { NODE_OPTIONS: '--max-old-space-size=160' };
  stack = await startStack({ seed: false, allow: [stub.origin], env });
  api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: 'token-of-large' } as const;
  const integration = await api.integrations.create({ name: 'Large', kind: 'openapi', document: stub.document, auth });
  id = integration.customerIntegrationId;
  return () => Promise.all([stack.close(), stub.close()]);
}, 60_000);

const DEFAULT_BYTES = 32 * 2 ** 20;

const reading = (operation: string, maxOutputBytes = DEFAULT_BYTES) =>
  aRun({
    selectedCustomerIntegrationIds: [id],
    budget: { maxToolCalls: 5000, ...(maxOutputBytes < DEFAULT_BYTES && { maxOutputBytes }) },
    plan: {
      goal: 'Read all',
      steps: ['a', 'b'].map((step) => ({ id: step, tool: `${id}.${operation}`, forEach: { $: '[1..1000]' } })),
    },
  });
const messageOf = (bytes: number) => `The outputs of the run came to more than ${bytes} bytes (maxOutputBytes).`;

test.each(Object.keys(bodies))(
  'a run of 2,000 answers of 255 KiB (%s) ends with an exceeded budget',
  async (operation) => {
    const { pid } = stack;
    const before = stub.hits.length;
    const { run } = await carryOut(api, reading(operation), { includeToolCalls: false });
    const error = { code: 'budget_exhausted', message: messageOf(DEFAULT_BYTES) };
    expect(run).toMatchObject({ status: 'NO_SUCCESS', error });
    expect(stub.hits.length - before).toBeLessThan(129 + 8);
    expect(stack.pid).toBe(pid);
    expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
  },
  60_000,
);

test('also when its process is killed in the middle', async () => {
  const bytes = DEFAULT_BYTES / 2;
  const before = stub.hits.length;
  const { runId } = await api.runs.create(reading('objects', bytes));
  while (stub.hits.length < before + 40) await sleep(5);
  await stack.restart();
  const end = (await eventsOf(api, runId)).at(-1);
  const error = { code: 'budget_exhausted', message: messageOf(bytes) };
  expect(end).toMatchObject({ type: 'end', runStatus: 'NO_SUCCESS', error });
  // Only unrecorded answers are read again.
  expect(stub.hits.length - before).toBeLessThan(65 + 3 * 8);
}, 60_000);
