// Outcomes of calls at MCP servers, also at faulty ones.
import type { ServerResponse } from 'node:http';
import type { ToolOutcome } from '@errand/contracts';
import { expect, test } from 'vitest';
import { described, eras, newTenant, text, token, useStubMcp } from '../testing/fixtures/stub-mcp.ts';
import { json, type McpBehaviour, startStubMcpServer } from '../testing/stub-mcp-server.ts';
import { watchLoop } from '../testing/watch-loop.ts';
import { callMcpTool } from './call-mcp-tool.ts';

const { call, calls, stub, egress } = useStubMcp();

test.each<[string, object, unknown]>([
  ['structured content', { ...text('{"b":2}'), structuredContent: { a: 1 } }, { a: 1 }],
  ['one JSON text', text('[{"a": 1}]'), [{ a: 1 }]],
  ['a text that is a number', text('42'), { text: '42' }],
  ['words', text('Done.'), { text: 'Done.' }],
  ['nothing', { content: [] }, null],
  [
    'an image, without its bytes',
    {
      content: [
        { type: 'text', text: 'Here' },
        { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      ],
    },
    { text: 'Here', parts: [{ type: 'image', mimeType: 'image/png', bytes: 3 }] },
  ],
  [
    'a link',
    { content: [{ type: 'resource_link', uri: 'file:///a', name: 'a' }] },
    { text: '', parts: [{ type: 'resource_link', uri: 'file:///a', name: 'a' }] },
  ],
])('the output of a tool: %s', async (_, result, output) => {
  expect(await call({ call: () => result })).toEqual({ ok: true, output });
});

test('what the tool says of its failure is told, cut and without our secrets', async () => {
  const message = `No such account. You sent tok-4711. ${'x'.repeat(5000)}`;
  const outcome = await call({ call: () => ({ ...text(message), isError: true }) }, { auth: token });
  expect(outcome).toMatchObject({ ok: false, code: 'upstream_error', retryable: false, effectKnown: 'no' });
  const { output } = outcome as { output: string };
  expect(output).toMatch(/^No such account\. You sent \[secret\]\./);
  expect(output.length).toBeLessThan(2100);
});

const failing: [string, McpBehaviour['call'], Partial<ToolOutcome> & object][] = [
  [
    '500',
    (_, response) => void json(response, 500, { error: 'secret internals' }),
    { code: 'upstream_error', status: 500, retryable: true, effectKnown: 'unknown' },
  ],
  [
    '429',
    (_, response) => void json(response, 429, {}, { 'retry-after': '7' }),
    { code: 'upstream_error', status: 429, retryable: true, retryAfterMs: 7000, effectKnown: 'no' },
  ],
  [
    '403',
    (_, response) => void json(response, 403, {}),
    { code: 'upstream_error', status: 403, retryable: false, effectKnown: 'no' },
  ],
  [
    '400',
    (_, response) => void json(response, 400, {}),
    { code: 'upstream_error', status: 400, retryable: false, effectKnown: 'no' },
  ],
  [
    'bad arguments',
    ({ id }, response) =>
      void json(response, 200, { jsonrpc: '2.0', id, error: { code: -32602, message: 'text is missing' } }),
    { code: 'upstream_error', effectKnown: 'no', output: expect.stringContaining('text is missing') },
  ],
  [
    'an internal error',
    ({ id }, response) => void json(response, 200, { jsonrpc: '2.0', id, error: { code: -32603, message: 'oops' } }),
    { code: 'upstream_error', effectKnown: 'unknown' },
  ],
  [
    'a connection that breaks',
    (_, response) => void response.destroy(),
    { code: 'upstream_unreachable', effectKnown: 'unknown' },
  ],
];

test.each(failing)('a write that meets %s', async (_, behave, expected) => {
  const outcome = await call({ call: behave });
  expect(outcome).toMatchObject({ ok: false, ...expected });
  expect(JSON.stringify(outcome)).not.toContain('secret internals');
});

test.each(failing)('a read that meets %s has changed nothing', async (_, behave) => {
  expect(await call({ call: behave }, { tool: { effect: 'read' } })).toMatchObject({ ok: false, effectKnown: 'no' });
});

test.each(eras)(
  'a stream that ends without the answer is noticed before the time of the call is over, by %s',
  async (_, modern) => {
    const behave: McpBehaviour['call'] = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hi\n\n');
      setTimeout(() => response.destroy(), 100);
      return undefined;
    };
    const outcome = await call({ modern, call: behave }, { timeoutMs: 20_000 });
    expect(outcome).toMatchObject({ ok: false, code: 'upstream_unreachable', effectKnown: 'unknown' });
    expect(calls()).toHaveLength(1);
  },
);

test('a server that does not answer is left after the timeout; one that tells of its progress is waited for', async () => {
  const silent = await call({ call: () => undefined }, { timeoutMs: 300 });
  expect(silent).toMatchObject({ ok: false, code: 'upstream_timeout', effectKnown: 'unknown' });
  const slow: McpBehaviour['call'] = ({ id, params }, response) => {
    const { progressToken } = (params?._meta ?? {}) as { progressToken?: string };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (message: object) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    let cancellations = 0;
    const timer = setInterval(() => {
      if (++cancellations < 6)
        return void send({ method: 'notifications/progress', params: { progressToken, progress: cancellations } });
      clearInterval(timer);
      send({ id, result: text('late') });
      response.end();
    }, 100);
    return undefined;
  };
  expect(await call({ call: slow }, { timeoutMs: 300 })).toEqual({ ok: true, output: { text: 'late' } });
});

test('a call that is given up is cancelled at the server', async () => {
  const stop = new AbortController();
  let closed = false;
  const outcome = call(
    {
      call: (_, response) => {
        response.on('close', () => {
          closed = !response.writableFinished;
        });
        setTimeout(() => stop.abort(), 50);
        return undefined;
      },
    },
    { signal: stop.signal },
  );
  expect(await outcome).toMatchObject({ ok: false, code: 'canceled', effectKnown: 'unknown' });
  await expect.poll(() => closed).toBe(true);
});

test('a call carries the trace of its run in _meta if that is wanted', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
  const metas: unknown[] = [];
  const note: McpBehaviour = {
    before: (_, __, message) => {
      if (message?.method === 'tools/call') metas.push((message.params as { _meta?: object })._meta);
      return false;
    },
  };
  await call(note, { traceparent });
  await call(note);
  expect(metas).toMatchObject([{ traceparent }, {}]);
  expect(metas[1]).not.toHaveProperty('traceparent');
});

test('a session that the server has ended is begun again once, and the call is made once', async () => {
  let gone = true;
  const outcome = await call({
    before: (_, response, message) => {
      if (message?.method !== 'tools/call' || !gone) return false;
      gone = false;
      json(response, 404, { jsonrpc: '2.0', id: message.id, error: { code: -32001, message: 'Session not found' } });
      return true;
    },
  });
  expect(outcome).toMatchObject({ ok: true });
  expect(stub().hits.filter(({ rpc }) => rpc === 'initialize')).toHaveLength(2);
});

test('a redirect within the origin is followed; one to another origin is not, and gets no credential', async () => {
  const otherServer = await startStubMcpServer();
  const to = (location: string): McpBehaviour => ({
    before: (request, response) => {
      if (request.url !== '/mcp') return false;
      response.writeHead(307, { location }).end();
      return true;
    },
  });
  expect(await call(to('/mcp/'), { auth: token })).toMatchObject({ ok: true });
  expect(calls().map(({ headers }) => headers.authorization)).toEqual(['Bearer tok-4711', 'Bearer tok-4711']);
  expect(await call(to(`${otherServer.origin}/mcp`), { auth: token })).toMatchObject({ ok: false, effectKnown: 'no' });
  expect(otherServer.hits).toEqual([]);
  await otherServer.close();
});

test('the credential is sent with each request, and not where the service has moved to', async () => {
  await call({}, { auth: token });
  expect(new Set(stub().hits.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer tok-4711']));
  await call({}, { auth: token, credentialOrigin: 'https://elsewhere.example' });
  expect(new Set(stub().hits.map(({ headers }) => headers.authorization))).toEqual(new Set([undefined]));
});

test.each([401, 403])('a refused credential, %s', async (status) => {
  const refuse: McpBehaviour = {
    before: (_, response) => {
      json(response, status, { error: 'no' });
      return true;
    },
  };
  const code = status === 401 ? 'credential_rejected' : 'upstream_error';
  expect(await call(refuse, { auth: token })).toMatchObject({ ok: false, code, effectKnown: 'no', status });
});

test('an address that may not be called is not', async () => {
  const outcome = await callMcpTool(
    described(),
    {},
    {
      baseUrl: 'http://127.0.0.1:9/mcp',
      auth: { type: 'NONE' },
      credentialOrigin: 'http://127.0.0.1:9',
      egress: egress(),
      tenant: newTenant(),
    },
  );
  expect(outcome).toMatchObject({ ok: false, code: 'url_not_allowed', effectKnown: 'no' });
});

test('a page of HTML and an answer of 20 MiB end the call with a reason', async () => {
  const html: McpBehaviour = {
    before: (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>');
      return true;
    },
  };
  expect(await call(html)).toMatchObject({ ok: false, effectKnown: 'no' });
  const huge = await call({ call: () => text('x'.repeat(20 * 2 ** 20)) }, { tool: { effect: 'read' } });
  expect(huge).toMatchObject({ ok: false, code: 'upstream_too_large' });
});

test('a second call needs one request where the server is known', async () => {
  const tenant = newTenant();
  for (const rpcs of [['server/discover', 'tools/call'], ['tools/call']]) {
    await call({ modern: true }, { tenant });
    expect(stub().hits.map(({ rpc }) => rpc)).toEqual(rpcs);
  }
});

/** A stream of chunks, many of them in one packet. */
const chunked = (response: ServerResponse, chunks: readonly string[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' }).flushHeaders();
  const text = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  response.socket?.end(`${text}0\r\n\r\n`);
};

test('a stream of single bytes, or of thousands of messages, holds nobody up', async () => {
  const answer = (id: unknown) =>
    `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...text('Done.') } })}\n\n`;
  const ping = 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n\n';
  const streams: ((id: unknown) => string[])[] = [
    (id) => [...`:${' '.repeat(50_000)}\n${answer(id)}`],
    (id) => [...Array<string>(12_000).fill(ping), answer(id)],
  ];
  for (const stream of streams) {
    const loop = watchLoop();
    const outcome = await call(
      {
        modern: true,
        call: ({ id }, response) => void chunked(response, stream(id)) as never,
      },
      { timeoutMs: 20_000 },
    );
    expect(loop.longestMs()).toBeLessThan(300);
    expect(outcome).toMatchObject({ ok: true, output: { text: 'Done.' } });
  }
});

test.each([true, false])(
  'a server that has changed its revision is called in the new one, once (to discovery: %s)',
  async (later) => {
    const tenant = newTenant();
    let calls = 0;
    const speaks = (modern: boolean): McpBehaviour => ({
      modern,
      call: () => {
        calls++;
        return text('Done.');
      },
      before: ({ headers }, response, message) => {
        const isNew = headers['mcp-protocol-version'] === '2026-07-28';
        if (message?.method !== 'tools/call' || isNew === modern) return false;
        const error = { code: -32000, message: 'Unsupported protocol version' };
        json(response, 400, { jsonrpc: '2.0', id: message.id, error });
        return true;
      },
    });
    for (const modern of [!later, later, later])
      expect(await call(speaks(modern), { tenant })).toMatchObject({ ok: true });
    expect(calls).toBe(3);
  },
);
