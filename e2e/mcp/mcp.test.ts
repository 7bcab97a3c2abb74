// MCP servers as integrations: registered by address, selected by their owner, called by runs.
import { type StubMcpServer, startStubMcpServer } from '@errand/integrations/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest, overTrpc } from '../fixtures/transports.ts';
import { mcpTransports, startEverything } from './everything.ts';

let stub: StubMcpServer;
let stack: Stack;
let api: Api;
const everything = new Map<string, Awaited<ReturnType<typeof startEverything>>>();
beforeAll(async () => {
  stub = await startStubMcpServer();
  for (const transport of mcpTransports) everything.set(transport, await startEverything(transport));
  const allow = [stub.origin, ...[...everything.values()].map(({ origin }) => origin)];
  stack = await startStack({ seed: false, allow });
  api = overRest(stack);
});
afterAll(async () => {
  await stack.close();
  for (const server of everything.values()) await server.close();
  await stub.close();
});

const text = { type: 'string' };
const addNote = {
  name: 'add_note',
  title: 'Add a note',
  description: 'Adds a note',
  inputSchema: { type: 'object', properties: { text }, required: ['text'] },
};
const readNotes = {
  name: 'read_notes',
  description: 'All notes',
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
};
const answered = (structuredContent: object) => ({ content: [], structuredContent });
beforeEach(() => {
  stub.behave({ tools: [addNote, readNotes], call: () => answered({ id: 'note-1' }) });
});

const refused = (code: string, detail = '') =>
  expect.objectContaining({ problem: expect.objectContaining({ code, detail: expect.stringContaining(detail) }) });
type New = Parameters<Api['integrations']['create']>[0];
const register = (more: Partial<New> = {}, caller = api) =>
  caller.integrations.create({ name: 'Notes', kind: 'mcp', url: stub.url, enable: 'reads', ...more });
const toolsOf = async (id: string) => {
  const tools = (await api.integrations.tools({ customerIntegrationId: id })).tools;
  return tools.map(({ name, enabled, effect }) => [name.split('.')[1], enabled, effect]);
};
const callOf = (id: string, tool: string, args: object = {}) =>
  carryOut(
    api,
    aRun({
      plan: aPlan(`${id}.${tool}`, {
        steps: [{ id: 'only', tool: `${id}.${tool}`, args: args as never }],
        result: { $: 'steps.only.output' },
      }),
    }),
  );

test('its tools are disabled writes until the owner changes that', async () => {
  const integration = await register({}, overTrpc(stack));
  const { customerIntegrationId: id } = integration;
  expect(integration).toMatchObject({
    kind: 'mcp',
    toolCount: 2,
    enabledToolCount: 0,
    trustHints: false,
    warnings: [],
  });
  expect(integration.toolsText).toContain('0 of 2 tools are on');
  expect(await toolsOf(id)).toEqual([
    ['add_note', false, 'write'],
    ['read_notes', false, 'write'],
  ]);
  const trusting = await register({ trustHints: true }, overTrpc(stack));
  expect(await toolsOf(trusting.customerIntegrationId)).toEqual([
    ['add_note', false, 'write'],
    ['read_notes', true, 'read'],
  ]);
});

test('an invalid registration is refused with a remedy', async () => {
  const to = overTrpc(stack);
  await expect(register({ url: undefined }, to)).rejects.toEqual(refused('validation_failed', 'url'));
  await expect(register({ document: {} }, to)).rejects.toEqual(refused('validation_failed', 'no document'));
  await expect(register({ url: 'http://10.0.0.1/mcp' }, to)).rejects.toEqual(refused('url_not_allowed'));
  await expect(register({ url: `${stack.url}/healthz` }, to)).rejects.toEqual(refused('url_not_allowed'));
  await expect(register({ auth: google }, to)).rejects.toEqual(refused('not_supported', 'OAUTH2'));
  const { customerIntegrationId } = await register({}, to);
  await expect(to.integrations.patch({ customerIntegrationId, auth: google })).rejects.toEqual(
    refused('not_supported', 'OAUTH2'),
  );
  await expect(to.integrations.patch({ customerIntegrationId, auth: { type: 'OAUTH2' } })).rejects.toEqual(
    refused('oauth_failed', ''),
  );
  stub.behave({ before: (_request, response) => void response.writeHead(500).end() === undefined });
  await expect(register({}, to)).rejects.toEqual(refused('mcp_failed', 'status 500'));
  stub.behave({ before: (_request, response) => void response.writeHead(401).end() === undefined });
  await expect(register({}, to)).rejects.toEqual(refused('mcp_failed', 'requires a credential'));
});

const google = { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH' as const, scopes: ['x'], serviceAccountKey: '{}' };

test('a run calls a tool with flat arguments; a write has its idempotency key, and its output is the result', async () => {
  const { customerIntegrationId: id } = await register({ enable: 'all' });
  stub.hits.length = 0;
  const { run } = await callOf(id, 'add_note', { text: 'Buy milk' });
  expect(run).toMatchObject({ status: 'SUCCESS', result: { id: 'note-1' } });
  const calls = stub.hits.filter(({ rpc }) => rpc === 'tools/call');
  expect(calls).toMatchObject([
    { params: { name: 'add_note', arguments: { text: 'Buy milk' }, _meta: { idempotencyKey: expect.any(String) } } },
  ]);
  await expect(callOf(id, 'add_note', { words: 'Buy milk' })).rejects.toEqual(refused('plan_invalid'));
});

test('an intent is planned over its tools without a model', async () => {
  const { customerIntegrationId: id } = await register({ trustHints: true });
  stub.behave({ tools: [addNote, readNotes], call: () => answered({ notes: [{ id: 'n1', text: 'Milk' }] }) });
  const { run } = await carryOut(api, aRun({ intent: 'List all notes', selectedCustomerIntegrationIds: [id] }));
  expect(run.status).toBe('SUCCESS');
  expect(JSON.stringify(run.result)).toContain('Milk');
});

test('a write needs approval where writes do, and a failure of the tool ends the run with its message', async () => {
  const { customerIntegrationId: id } = await register({ enable: 'all' });
  stub.behave({ call: () => ({ isError: true, content: [{ type: 'text', text: 'The notebook is full.' }] }) });
  const { run } = await callOf(id, 'add_note', { text: 'x' });
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_error' } });
  expect(
    JSON.stringify(await api.runs.get({ runId: run.runId, includeEvents: true, includeToolCalls: true })),
  ).toContain('The notebook is full.');
});

test('tools are read with the first token, sent as a bearer; a changed tool is disabled, a new order changes nothing', async () => {
  let open = false;
  const needsToken = {
    tools: [addNote, readNotes],
    before: (request: { headers: { authorization?: string } }, response: { writeHead(n: number): { end(): void } }) => {
      open = request.headers.authorization === 'Bearer secret-token';
      if (!open) response.writeHead(401).end();
      return !open;
    },
  };
  stub.behave(needsToken as never);
  const integration = await register({ auth: { type: 'API_TOKEN' } });
  const { customerIntegrationId } = integration;
  expect(integration).toMatchObject({ toolCount: 0, warnings: [expect.stringContaining('once a token is stored')] });
  expect(stub.hits).toEqual([]);
  await api.integrations.putCredentials({ customerIntegrationId, userId: 'user-123', apiToken: 'secret-token' });
  expect(await api.integrations.get({ customerIntegrationId })).toMatchObject({ toolCount: 2, enabledToolCount: 0 });
  await api.integrations.setTools({ customerIntegrationId, enabled: 'all' });

  stub.behave({ ...needsToken, before: undefined, tools: [readNotes, addNote] } as never);
  await api.integrations.patch({ customerIntegrationId, auth: { type: 'NONE' } });
  expect(await api.integrations.refresh({ customerIntegrationId })).toMatchObject({
    enabledToolCount: 2,
    needsReview: false,
  });
  stub.behave({ tools: [readNotes, { ...addNote, description: 'Adds a note, and mails it to all' }] });
  expect(await api.integrations.refresh({ customerIntegrationId })).toMatchObject({
    enabledToolCount: 1,
    needsReview: true,
  });
  stub.behave({ tools: [] });
  await expect(api.integrations.refresh({ customerIntegrationId })).rejects.toEqual(
    refused('mcp_failed', 'previous tools stay'),
  );
  expect(await api.integrations.get({ customerIntegrationId })).toMatchObject({ toolCount: 2, enabledToolCount: 1 });
});

test.each([
  ['all', ['add_note', 'read_notes'], []],
  ['reads', ['read_notes'], []],
  [['add_note', 'gone'], ['add_note'], ['It has no tool "gone", which was to be enabled.']],
] as const)('`enable` is stored until the tools are read: %s', async (enable, on, warnings) => {
  const integration = await register({ auth: { type: 'API_TOKEN' }, trustHints: true, enable: enable as never });
  const { customerIntegrationId } = integration;
  expect(integration).toMatchObject({ toolCount: 0 });
  await api.integrations.putCredentials({ customerIntegrationId, userId: 'user-123', apiToken: 'secret-token' });
  const enabled = async () => (await toolsOf(customerIntegrationId)).flatMap(([name, is]) => (is ? [name] : []));
  expect(await enabled()).toEqual(on);
  expect((await api.integrations.get({ customerIntegrationId })).warnings).toEqual(warnings);
  // It applies to the first list only.
  stub.behave({ tools: [addNote, readNotes, { ...readNotes, name: 'later' }] });
  await api.integrations.refresh({ customerIntegrationId });
  expect(await enabled()).toEqual(on);
});

test('the owner sets the effects of single tools, until a tool changes', async () => {
  const { customerIntegrationId } = await register();
  const [add, read] = ['add_note', 'read_notes'].map((name) => `${customerIntegrationId}.${name}`) as [string, string];
  const choose = (effects: Record<string, 'read' | 'write'>) =>
    api.integrations.setTools({ customerIntegrationId, enabled: 'reads', effects });
  await choose({ [read]: 'read' });
  expect(await toolsOf(customerIntegrationId)).toEqual([
    ['add_note', false, 'write'],
    ['read_notes', true, 'read'],
  ]);
  await expect(choose({ [`${add}s`]: 'read' })).rejects.toEqual(refused('validation_failed'));
  const entries = (await api.audit.list({ pageSize: 5 })).entries.filter(({ action }) => action === 'tools.chosen');
  expect(entries[0]!.details).toMatchObject({ effects: { [read]: 'read' }, enabled: [read] });
  await api.integrations.refresh({ customerIntegrationId });
  expect(await toolsOf(customerIntegrationId)).toContainEqual(['read_notes', true, 'read']);
  stub.behave({ tools: [addNote, { ...readNotes, description: 'All notes, and deletes them' }] });
  await api.integrations.refresh({ customerIntegrationId });
  expect(await toolsOf(customerIntegrationId)).toContainEqual(['read_notes', false, 'write']);
});

test('a call with a lost answer is uncertain, and needs a decision', async () => {
  const { customerIntegrationId: id } = await register({ enable: 'all' });
  stub.behave({
    tools: [addNote],
    call: (_message, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hi\n\n');
      setTimeout(() => response.destroy(), 20);
      return undefined;
    },
  });
  const plan = aPlan(`${id}.add_note`, { steps: [{ id: 'only', tool: `${id}.add_note`, args: { text: 'x' } }] });
  const { runId } = await api.runs.create(aRun({ plan }));
  await expect
    .poll(async () => (await api.runs.get({ runId })).waitingOn, { timeout: 10_000 })
    .toMatchObject([{ kind: 'effect' }]);
  expect(stub.hits.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(1);
});

test.each(mcpTransports)('the reference server is listed and called over %s', async (transport) => {
  const integration = await register({ name: 'Everything', url: everything.get(transport)!.url, enable: 'all' });
  const { customerIntegrationId: id } = integration;
  expect(integration.toolCount).toBeGreaterThan(8);
  expect(integration.warnings).toEqual([]);
  const { run } = await callOf(id, 'echo', { message: 'Hello' });
  expect(run).toMatchObject({ status: 'SUCCESS', result: { text: 'Echo: Hello' } });
  const { run: image } = await callOf(id, 'get-tiny-image');
  expect(image.result).toMatchObject({ parts: [{ type: 'image', mimeType: 'image/png', bytes: expect.any(Number) }] });
  const { run: weather } = await callOf(id, 'get-structured-content', { location: 'Chicago' });
  expect(weather.result).toMatchObject({ conditions: expect.any(String) });
});
