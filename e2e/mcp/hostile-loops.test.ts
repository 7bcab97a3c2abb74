// An MCP server that prolongs calls without end, with the built service: its requests are limited, and others are served meanwhile.
import { type McpBehaviour, type StubMcpServer, startStubMcpServer } from '@errand/integrations/testing';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Office, startOffice } from '../fixtures/office.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let stub: StubMcpServer;
let office: Office;
let api: Api;
let tool: string;
beforeAll(async () => {
  stub = await startStubMcpServer();
  office = await startOffice({ allow: [stub.origin] });
  api = overRest(office.stack);
  const service = { name: 'Notes', kind: 'mcp', url: stub.url, trustHints: true, enable: 'all' } as const;
  behave({});
  tool = `${(await api.integrations.create(service)).customerIntegrationId}.x`;
  return () => Promise.all([office.close(), stub.close()]);
});
beforeEach(() => behave({}));

const behave = (more: McpBehaviour) => {
  const annotations = { readOnlyHint: true };
  stub.behave({ tools: [{ name: 'x', inputSchema: { type: 'object' }, annotations }], ...more });
};
const event = (message: object) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
const requests = (count: number) =>
  Array.from({ length: count }, (_, n) => event({ id: `s${n}`, method: 'sampling/createMessage', params: {} })).join(
    '',
  );
/** Accepts all answers. */
const before: McpBehaviour['before'] = (_, response, message) => {
  if (message === undefined || message.method !== undefined) return false;
  response.writeHead(202).end();
  return true;
};

test('five hundred requests of a server within one call are answered by a hundred requests at most', async () => {
  behave({
    before,
    call: (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(requests(500));
      return undefined;
    },
  });
  const { run } = await carryOut(api, aRun({ plan: aPlan(tool) }));
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_error' } });
  expect(stub.hits.length).toBeLessThanOrEqual(100);
});

test('the limits of a call cover its three attempts together', async () => {
  behave({
    before: (request, response, message) => {
      if (before(request, response, message)) return message?.id === 's59' ? !!stream?.destroy() || true : true;
      return false;
    },
    call: (_, response) => {
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' });
      stream.write(requests(60));
      return undefined;
    },
  });
  let stream: Parameters<NonNullable<McpBehaviour['call']>>[1] | undefined;
  const { run } = await carryOut(api, aRun({ plan: aPlan(tool) }));
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_error' } });
  expect(stub.hits.length).toBeLessThanOrEqual(100);
});

test('while a workspace always resumes eight calls, the runs of another workspace are served', async () => {
  let ids = 0;
  const resume = (response: Parameters<NonNullable<McpBehaviour['call']>>[1]) =>
    void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`retry: 0\nid: ${++ids}\ndata:\n\n`);
  behave({
    before: ({ headers }, response) => {
      if (headers['last-event-id'] === undefined) return false;
      resume(response);
      return true;
    },
    call: (_, response) => resume(response) as undefined,
  });
  const steps = Array.from({ length: 8 }, (_, n) => ({ id: `s${n}`, tool }));
  const plan = { goal: 'Call it eight times', steps, result: { $: 'steps.s0.output' } };
  const { runId } = await api.runs.create(aRun({ plan }));
  await expect.poll(() => stub.hits.filter(({ rpc }) => rpc === 'tools/call').length, { timeout: 60_000 }).toBe(8);
  await expect.poll(() => ids, { timeout: 60_000 }).toBeGreaterThan(8);
  const caller = await office.stranger();
  const otherApi = overRest(caller);
  const { document } = office.stub;
  const integration = await otherApi.integrations.create({
    name: 'Office',
    kind: 'openapi',
    document,
    auth: { type: 'NONE' },
  });
  const look = aRun({ plan: aPlan(`${integration.customerIntegrationId}.look`) });
  for (let n = 0; n < 10; n++) expect((await carryOut(otherApi, look)).run).toMatchObject({ status: 'SUCCESS' });
  const resumed = ids - 8;
  expect((await api.runs.get({ runId })).status).toBe('RUNNING');
  // At most 16 per call, however long the ten runs of the other workspace took.
  expect(resumed).toBeLessThanOrEqual(8 * 16);
  await api.runs.cancel({ runId });
}, 120_000);
