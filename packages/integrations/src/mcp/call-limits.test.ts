// Limits of one call: every loop that a server controls ends, by count, bytes or time.
import type { ServerResponse } from 'node:http';
import { CallBudget } from '@errand/basics/call-budget';
import { expect, test } from 'vitest';
import { eras, text, useStubMcp } from '../testing/fixtures/stub-mcp.ts';
import type { McpBehaviour } from '../testing/stub-mcp-server.ts';

const { call, calls, list, stub } = useStubMcp();

const read = { tool: { effect: 'read' } } as const;
const sse = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const event = (message: object) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
const resumptions = () => stub().hits.filter(({ headers }) => headers['last-event-id'] !== undefined);

let ids = 0;
/** A stream that ends at once and can be resumed without end. */
const resumable = (response: ServerResponse, more = '') =>
  void sse(response).end(`retry: 0\nid: ${++ids}\n${more}data:\n\n`);
const alwaysResumed = (more = ''): McpBehaviour => ({
  before: ({ headers }, response) => {
    if (headers['last-event-id'] === undefined) return false;
    resumable(response, more);
    return true;
  },
  call: (_, response) => resumable(response, more) as undefined,
});

test.each(eras)(
  'a stream that can always be resumed is asked for again after a second or more, by %s',
  async (_, modern) => {
    const outcome = await call({ modern, ...alwaysResumed() }, { ...read, timeoutMs: 1500 });
    expect(outcome).toMatchObject({ ok: false, code: 'upstream_timeout' });
    expect(resumptions().length).toBeLessThanOrEqual(1);
  },
);

test('resumptions are counted over all attempts, and the last one ends the call', async () => {
  const budget = new CallBudget({ totalMs: 60_000, reconnects: 1 });
  const outcome = await call(alwaysResumed(), { ...read, budget, timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ ok: false, code: 'upstream_error', retryable: false });
  expect(resumptions()).toHaveLength(1);
  expect(await call(alwaysResumed(), { ...read, budget })).toMatchObject({ code: 'upstream_error', effectKnown: 'no' });
  expect(stub().hits).toEqual([]);
});

test('bytes are counted over all streams of a call', async () => {
  const budget = new CallBudget({ totalMs: 60_000, bytes: 100_000 });
  const padding = `: ${'x'.repeat(60_000)}\n`;
  const outcome = await call(alwaysResumed(padding), { ...read, budget, timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ ok: false, code: 'upstream_too_large' });
  expect(resumptions()).toHaveLength(1);
});

test.each(['sampling/createMessage', 'roots/list', 'elicitation/create', 'ping'])(
  'of five hundred requests of a server, %s, a hundred at most are answered, and the call ends',
  async (method) => {
    const outcome = await call(
      {
        before: (_, response, message) => {
          if (message?.method !== undefined) return false;
          response.writeHead(202).end();
          return true;
        },
        call: (_, response) => {
          sse(response).write(
            Array.from({ length: 500 }, (__, n) => event({ id: `s${n}`, method, params: {} })).join(''),
          );
          return undefined;
        },
      },
      { timeoutMs: 20_000 },
    );
    expect(outcome).toMatchObject({ ok: false, code: 'upstream_error', retryable: false, effectKnown: 'unknown' });
    expect(stub().hits.length).toBeLessThanOrEqual(100);
  },
);

test('a stream of messages without end ends the call', async () => {
  const note = event({ method: 'notifications/message', params: { level: 'info', data: 1 } });
  const behaviour: McpBehaviour = {
    call: (_, response) => {
      const flood = () => {
        while (!response.destroyed && response.write(note.repeat(100)));
      };
      sse(response).on('drain', flood);
      flood();
      return undefined;
    },
  };
  const budget = new CallBudget({ totalMs: 60_000, bytes: 2 ** 30, messages: 5000 });
  const outcome = await call(behaviour, { ...read, budget, timeoutMs: 60_000, maxBytes: 2 ** 30 });
  expect(outcome).toMatchObject({ ok: false, code: 'upstream_error' });
});

test('progress resets the time of an attempt, and not that of the call', async () => {
  const timers: NodeJS.Timeout[] = [];
  const behaviour: McpBehaviour = {
    call: ({ params }, response) => {
      const { progressToken } = (params?._meta ?? {}) as { progressToken?: string };
      sse(response);
      let progress = 0;
      const send = () =>
        response.write(event({ method: 'notifications/progress', params: { progressToken, progress: ++progress } }));
      timers.push(setInterval(send, 20));
      return undefined;
    },
  };
  const budget = new CallBudget({ totalMs: 1000 });
  expect(await call(behaviour, { ...read, budget, timeoutMs: 800 })).toMatchObject({ code: 'upstream_timeout' });
  expect(await call(behaviour, { ...read, budget, timeoutMs: 800 })).toMatchObject({ code: 'upstream_timeout' });
  expect(stub().hits).toEqual([]);
  for (const timer of timers) clearInterval(timer);
});

test('a server of the older transport whose stream ends is not asked for another one', async () => {
  const behaviour: McpBehaviour = {
    before: ({ method, url }, response, message) => {
      if (method === 'GET') {
        sse(response).write('retry: 0\nevent: endpoint\ndata: /mcp?session=1\n\n');
        if (calls().length > 0) response.end();
        stream = response;
      } else if (!url?.includes('session')) {
        response.writeHead(405).end();
      } else {
        response.writeHead(202).end();
        answerOnStream(message?.id, message?.method);
      }
      return true;
    },
  };
  const answerOnStream = (id: string | number | undefined, rpc: string | undefined) => {
    const serverInfo = { name: 'old', version: '1' };
    const result = { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo };
    const unknown = { error: { code: -32601, message: 'Method not found' } };
    if (rpc === 'tools/call') stream?.end();
    else if (id !== undefined) stream?.write(event({ id, ...(rpc === 'initialize' ? { result } : unknown) }));
  };
  let stream: ServerResponse | undefined;
  const outcome = await call(behaviour, { timeoutMs: 3000 });
  expect(outcome).toMatchObject({ ok: false, code: 'upstream_unreachable', effectKnown: 'unknown' });
  expect(stub().hits.filter(({ method }) => method === 'GET')).toHaveLength(1);
});

test('a redirect to itself is followed five times', async () => {
  const outcome = await call({
    before: ({ url = '' }, response) => {
      response.writeHead(307, { location: url }).end();
      return true;
    },
  });
  expect(outcome).toMatchObject({ ok: false });
  expect(stub().hits.length).toBeLessThanOrEqual(24);
});

test('a list whose pages never end, with a new cursor each time, is read up to its limits', async () => {
  let page = 0;
  const { tools } = await list({
    before: (_, response, message) => {
      if (message?.method !== 'tools/list') return false;
      const result = { tools: [{ name: `t${++page}`, inputSchema: { type: 'object' } }], nextCursor: `c${page}` };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
      return true;
    },
  });
  expect([tools.length, page]).toEqual([64, 64]);
});

/** Sends single bytes without end. */
function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}

test.each<[string, McpBehaviour]>([
  ['the stream of a call', { call: (_, response) => void trickle(sse(response)) as never }],
  ['a failure of a call', { call: (_, response) => void trickle(response.writeHead(500)) as never }],
  [
    'a notification',
    {
      before: (_, response, message) => {
        if (message?.method !== 'notifications/initialized') return false;
        trickle(response.writeHead(202));
        return true;
      },
    },
  ],
])('%s that comes byte by byte for ever ends with the time of the call', async (_, behaviour) => {
  const budget = new CallBudget({ totalMs: 1000 });
  expect(await call(behaviour, { ...read, budget, timeoutMs: 800 })).toMatchObject({ code: 'upstream_timeout' });
});

test('a server that sends interim answers for ever is left', async () => {
  let sent = 0;
  const outcome = await call(
    {
      call: (_, response) => {
        const more = () => {
          if (!response.socket?.destroyed) response.socket?.write('HTTP/1.1 103 Early Hints\r\n\r\n', more);
          sent++;
        };
        more();
        return undefined;
      },
    },
    { ...read, timeoutMs: 20_000 },
  );
  expect(outcome).toMatchObject({ code: 'upstream_unreachable' });
  expect(sent).toBeLessThan(1_000_000);
});

test('a call within its limits is as before', async () => {
  const budget = CallBudget.ofCall(2000);
  expect(await call({ call: () => text('Done.') }, { budget })).toEqual({ ok: true, output: { text: 'Done.' } });
  expect(budget.reached).toBeUndefined();
});
