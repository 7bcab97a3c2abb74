// Calls whose answer is lost: the client sends them again, and there is one run.
import { createClient, type RetryOptions } from '@errand/client';
import { createRestClient, RequestFailed } from '@errand/client/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';

let stack: Stack;
let proxy: TcpProxy;
/** Requests that the CRM keeps back. */
let gate: { reached: () => void; opened: Promise<void> } | undefined;
let api: Api;
let tool: string;
beforeAll(async () => {
  const onRequest = async () => {
    gate?.reached();
    await gate?.opened;
  };
  stack = await startStack({ crm: { onRequest } });
  proxy = await startProxy({ port: Number(new URL(stack.url).port) });
  api = overRest(stack);
  tool = `${(await api.integrations.list({})).integrations[0]!.customerIntegrationId}.listUsers`;
});
afterAll(async () => {
  await proxy.close();
  await stack.close();
});

const body = (team: string, more: object = {}) => aRun({ plan: aPlan(tool), metadata: { team }, ...more });

const transports: [
  string,
  (caller: Caller & RetryOptions) => (body: ReturnType<typeof aRun>, wait?: string) => Promise<string>,
][] = [
  [
    'tRPC',
    (caller) => {
      const errand = createClient(caller);
      return async (input, prefer) => (await errand.runs.create.mutate({ ...input, prefer })).runId;
    },
  ],
  [
    'REST',
    (caller) => {
      const errand = createRestClient(caller);
      return async (body, prefer) => {
        const params = { header: { Prefer: prefer } };
        const { data, error } = await errand.POST('/v1/runs', { body: body as never, params });
        if (!data) throw new RequestFailed(error);
        return data.runId;
      };
    },
  ],
];

const runsOf = async (team: string) => (await api.runs.list({ metadata: { team } })).runs.map(({ runId }) => runId);
const throughProxy = (): Caller => ({ url: proxy.through(stack.url), apiKey: stack.apiKey });

test.each(transports)('%s: the connection is cut after the request was carried out', async (name, open) => {
  const team = `lost ${name}`;
  await proxy.set({ kind: 'mute' });
  const created = open(throughProxy())(body(team));
  await expect.poll(() => runsOf(team)).toHaveLength(1);
  await proxy.set({ kind: 'pass' });
  expect(proxy.cut()).toBeGreaterThan(0);
  const runId = await created;
  expect(await runsOf(team)).toEqual([runId]);
});

test.each(transports)('%s: the connection is cut in the middle of the answer', async (name, open) => {
  const team = `broken ${name}`;
  const isCut = proxy.cutAfter(700, 'down');
  const created = open(throughProxy())(body(team));
  await isCut;
  const runId = await created;
  expect(await runsOf(team)).toEqual([runId]);
});

test.each(transports)('%s: the connection is cut while the request is carried out', async (name, open) => {
  const team = `busy ${name}`;
  let release = () => {};
  const reached = new Promise<void>((resolve) => {
    gate = { reached: resolve, opened: new Promise((open) => (release = open)) };
  });
  const created = open(throughProxy())(body(team), 'wait=30');
  await reached;
  const connections = proxy.accepted();
  proxy.cut();
  // The next attempt is told that the first one has no answer yet.
  await expect.poll(() => proxy.accepted()).toBeGreaterThan(connections);
  release();
  gate = undefined;
  const runId = await created;
  expect(await runsOf(team)).toEqual([runId]);
});

test.each(transports)('%s: the service is killed after the request was carried out', async (name, open) => {
  const team = `killed ${name}`;
  await proxy.set({ kind: 'mute' });
  // A busy machine needs more than the half minute of the default to start the service.
  const created = open({ ...throughProxy(), retry: { attempts: 1000, totalMs: 150_000 } })(body(team));
  await expect.poll(() => runsOf(team)).toHaveLength(1);
  await proxy.set({ kind: 'pass' });
  await stack.restart();
  const runId = await created;
  expect(await runsOf(team)).toEqual([runId]);
});
