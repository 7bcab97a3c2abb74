// Hostile requests to /mcp, from an agent or from a web page: the service keeps answering others at once.
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type Office, startOffice, startWaiting } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { type Caller, overRest } from '../fixtures/transports.ts';
import { agentOf } from './agent.ts';

/** Requests of a key that may wait in a process. */
const MAX_WAITS = 1000;
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let office: Office;
beforeAll(async () => {
  office = await startOffice();
  return office.close;
});

type Answer = { status: number; text: string };
type Parts = { headers?: Record<string, string> };

/** With Node's own client, because fetch sets Host itself. */
function send(caller: Caller, { headers = {} }: Parts, write: (request: http.ClientRequest) => void) {
  const { hostname, port } = new URL(caller.url);
  const ownHeaders = { 'x-api-key': caller.apiKey, 'x-user-id': 'ada', accept: 'application/json, text/event-stream' };
  const all = { 'content-type': 'application/json', ...ownHeaders, ...headers };
  const request = http.request({ hostname, port, path: '/mcp', method: 'POST', headers: all, agent: false });
  const answer = new Promise<Answer>((done, fail) => {
    request.on('error', fail);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('close', () => done({ status: response.statusCode!, text }));
    });
  });
  write(request);
  return { request, answer };
}
const sendJson = (body: unknown, parts: Parts = {}, caller: Caller = office.stack) =>
  send(caller, parts, (request) => request.end(JSON.stringify(body))).answer;
const callOf = (name: string, args: object, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const goesOn = async () => expect((await sendJson(LIST)).status).toBe(200);

test('without an issuer no answer names one, and a token is a wrong key', async () => {
  const { url } = office.stack;
  expect((await fetch(`${url}/.well-known/oauth-protected-resource/mcp`)).status).toBe(404);
  const parts = [{ alg: 'none' }, { iss: url, aud: `${url}/mcp`, sub: 'ada' }];
  const token = `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
  for (const headers of [[], [['authorization', `Bearer ${token}`]]] as [string, string][][]) {
    const answer = await fetch(`${url}/mcp`, { method: 'POST', headers });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="errand"']);
  }
});

test('a body of 100 MB is refused by its Content-Length, or cut off without one', async () => {
  const announced = send(office.stack, { headers: { 'content-length': String(100 * 2 ** 20) } }, (request) =>
    request.flushHeaders(),
  );
  expect((await announced.answer).status).toBe(413);
  announced.request.destroy();
  let sent = 0;
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const streamed = send(office.stack, {}, (request) => {
    const pump = () => {
      while (sent < 100 * 2 ** 20 && !request.destroyed) {
        sent += chunk.length;
        if (!request.write(chunk)) return void request.once('drain', pump);
      }
      request.end();
    };
    pump();
  });
  const ended = await streamed.answer.then(
    ({ status }) => status,
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(ended);
  expect(sent).toBeLessThan(50 * 2 ** 20);
  await goesOn();
});

test('a batch has at most a hundred messages, each of which is counted', async () => {
  const batch = (length: number) => Array.from({ length }, (_, id) => ({ ...LIST, id }));
  expect((await sendJson(batch(10_000))).status).toBe(413);
  expect(await sendJson(batch(101))).toMatchObject({ status: 400, text: expect.stringContaining('validation_failed') });
  const { status, text } = await sendJson(batch(100));
  expect([status, text.split('"execute_intent"').length]).toEqual([200, 101]);
});

test('headers of 64 KB and an idempotency key of 1 MB are refused', async () => {
  expect((await sendJson(LIST, { headers: { 'mcp-session-id': 'x'.repeat(64 * 1024) } })).status).toBe(431);
  const execute = (idempotencyKey: string) => sendJson(callOf('execute_intent', { intent: 'x', idempotencyKey }));
  expect((await execute('k'.repeat(2 ** 20))).status).toBe(413);
  expect((await execute('k'.repeat(200_000))).text).toContain('invalid_idempotency_key');
  await goesOn();
});

test.each([
  ['no origin at all', { origin: 'null' }],
  ['a name that begins like ours', { origin: 'OURS.evil.example' }],
  ['ours as a user of theirs', { origin: 'http://127.0.0.1@evil.example' }],
  ['ours behind a mark', { origin: 'http://evil.example#OURS' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ['a file', { origin: 'file://' }],
  ['two origins', { origin: 'OURS, http://evil.example' }],
  ['a name that only the proxy may say', { host: 'evil.example', 'x-forwarded-host': 'OURS' }],
  ['a host with a user', { host: 'OURS@evil.example' }],
])('a page or name is refused: %s', async (_, headers) => {
  const { host, origin } = new URL(office.stack.url);
  const named = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace('OURS', name.includes('host') ? host : origin),
  ]);
  const { status, text } = await sendJson(LIST, { headers: Object.fromEntries(named) });
  expect([400, 403]).toContain(status);
  expect(text).not.toContain('execute_intent');
});

test('a thousand waiting requests of one key do not block others, and free their slots when they end', async () => {
  const later = aRun({ userId: 'ada', startAt: new Date(Date.now() + 3_600_000).toISOString() });
  const { runId } = await overRest(office.stack).runs.create(later);
  const status = (waitSeconds = 0, id = 1) => callOf('run_status', { runId, waitSeconds }, id);
  const batch = Array.from({ length: 50 }, (_, id) => status(25, id));
  const hanging: ReturnType<typeof send>[] = [];
  for (let waits = 0; waits < MAX_WAITS; waits += batch.length) {
    hanging.push(send(office.stack, {}, (request) => request.end(JSON.stringify(batch))));
    // Once a later request is served, the earlier ones are waiting.
    expect((await sendJson(status())).text).toContain('QUEUED');
  }
  for (const { answer } of hanging) answer.catch(() => {});
  expect((await sendJson(status(25))).text).toContain('too_many_waits');
  const waits = { body: later, headers: { prefer: 'wait=1' } };
  expect(await request(office.stack, '/v1/runs', waits)).toMatchObject({
    status: 429,
    problem: { code: 'too_many_waits' },
  });
  const otherCaller = await office.callerWith('runs:read', 'runs:write');
  expect((await sendJson(status(1), {}, otherCaller)).text).toContain('QUEUED');
  for (const { request } of hanging) request.destroy();
  await expect.poll(async () => (await request(office.stack, '/v1/runs', waits)).status, { timeout: 10_000 }).toBe(201);
});

test('there are no notifications, so no stream stays open for them', async () => {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'tests', version: '1' },
  };
  const filter = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['test://x'] };
  const listen = { ...LIST, method: 'subscriptions/listen', params: { notifications: filter, _meta: meta } };
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
  const { text } = await sendJson(listen, { headers });
  // The answer has arrived, so the stream has ended.
  expect(text).toContain('"resultType":"complete"');
  expect(text).toContain('"notifications":{}');
});

test('the state of a question is valid only in its own workspace', async () => {
  const capabilities = { elicitation: { form: {} } };
  const plan = { goal: 'Pay', steps: [{ id: 'only', tool: `${office.id}.pay`, args: { body: { amount: 7 } } }] };
  const { waitingOn } = await startWaiting(
    overRest(office.stack),
    aRun({ userId: 'ada', approvalStrategy: 'ON_TOOL_CALL', plan }),
  );
  const args = { approvalId: waitingOn[0]!.approvalId };
  const ada = await agentOf([office.stack], { userId: 'ada', capabilities });
  const { requestState } = await ada.decide(args);
  const answered = { said: 'approve', requestState: String(requestState) };
  const stranger = await agentOf([await office.stranger()], { userId: 'ada', capabilities });
  await expect(stranger.decide(args, answered)).rejects.toMatchObject({ code: -32602 });
  await expect(stranger.decide({ approvalId: 'x'.repeat(36) }, answered)).rejects.toMatchObject({ code: -32602 });
  expect(office.stub.hits.filter(({ body }) => body.includes('7'))).toEqual([]);
  expect(await ada.decide(args, answered)).toMatchObject({ structuredContent: { decision: 'approve' } });
});

test('of twenty concurrent, different decisions about one call one counts, and the call is made once', async () => {
  const steps = [{ id: 'only', tool: `${office.id}.pay`, args: { body: { amount: 4711 } } }];
  const run = await startWaiting(
    overRest(office.stack),
    aRun({ userId: 'ada', approvalStrategy: 'ON_TOOL_CALL', plan: { goal: 'Pay', steps } }),
  );
  const { approvalId } = run.waitingOn[0]!;
  const words = ['approve', 'deny'];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => sendJson(callOf('decide', { approvalId, decision: words[n % 2] }, n))),
  );
  const taken = words.filter((word) =>
    answers.some(({ text }, n) => words[n % 2] === word && !text.includes('isError')),
  );
  expect(taken).toHaveLength(1);
  const refusals = answers.filter(({ text }) => text.includes('isError'));
  expect(refusals.length).toBeGreaterThanOrEqual(10);
  for (const { text } of refusals) expect(text).toMatch(/approval_already_decided|approval_gone|not_found/);
  const status = () => sendJson(callOf('run_status', { runId: run.runId, waitSeconds: 10 }));
  expect((await status()).text).toMatch(taken[0] === 'approve' ? /SUCCESS/ : /approval_denied/);
  expect(office.stub.hits.filter(({ body }) => body.includes('4711'))).toHaveLength(taken[0] === 'approve' ? 1 : 0);
});

test('an idempotency key identifies one errand of one workspace', async () => {
  const execute = (more: object, caller: Caller = office.stack) =>
    sendJson(callOf('execute_intent', { intent: 'Look', idempotencyKey: 'once', ...more }), {}, caller);
  const runIdIn = ({ text }: Answer) => /"runId":"([0-9a-f-]{36})"/.exec(text)?.[1];
  const first = runIdIn(await execute({}));
  expect(first).toBeDefined();
  expect(runIdIn(await execute({}))).toBe(first);
  for (const change of [{ intent: 'Pay' }, { approvalStrategy: 'ON_START' }])
    expect((await execute(change)).text).toMatch(/idempotency_key_reused|validation_failed/);
  const stranger = await office.stranger();
  const theirs = runIdIn(await execute({ intent: 'Pay' }, stranger));
  expect([typeof theirs, theirs === first]).toEqual(['string', false]);
  for (const name of ['run_status', 'decide'])
    for (const caller of [stranger, await office.callerWith('runs:read', 'approvals:decide')]) {
      const { text } = await sendJson(callOf(name, { runId: caller === stranger ? first : theirs }), {}, caller);
      expect(text).toMatch(/not_found|validation_failed/);
      expect(text).not.toContain('Look');
    }
});

test('a thousand connections with half a request delay no one', async () => {
  const { hostname, port } = new URL(office.stack.url);
  const sockets = Array.from({ length: 1000 }, () => {
    const socket = net.connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write('POST /mcp HTTP/1.1\r\nHost: x\r\ncontent-length: 100000\r\n');
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await goesOn();
  expect((await fetch(`${office.stack.url}/healthz`)).status).toBe(200);
  for (const socket of sockets) socket.destroy();
});
