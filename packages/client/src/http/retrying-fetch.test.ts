// Which calls both clients send again, and after what.
import { expect, test } from 'vitest';
import { createClient } from '../index.ts';
import { createRestClient } from '../rest/index.ts';
import {
  json,
  openStream,
  page,
  problemOf,
  startScriptedServer,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import type { RetryOptions } from './retrying-fetch.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const errand = { intent: 'List all users', selectedCustomerIntegrationIds: ['*'], userId: 'ada' };

/** An answer of both transports. */
const accept = json(200, { runId: RUN, result: { data: { runId: RUN } } });
/** A refusal of both transports. */
const refuse = (status: number, code: string, { headers = {}, values = {} } = {}): Turn => {
  const problem = { ...problemOf(status, code), values };
  const error = { message: code, code: -32_000, data: { code: 'X', httpStatus: status, problem } };
  return json(status, { ...problem, error }, headers);
};
const hangUp: Turn = (response) => response.destroy();
const breakOff: Turn = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"runId":', () => response.destroy());
};

type Settings = RetryOptions & { url: string };
type Call = (settings: Settings, signal?: AbortSignal) => Promise<unknown>;
/** Throws what the client says about a failure. */
const rest = (settings: Settings) => {
  const client = createRestClient({ apiKey: 'k', ...settings });
  const answer = async (call: Promise<{ data?: unknown; error?: unknown }>) => {
    const { data, error } = await call;
    if (error !== undefined) throw Object.assign(new Error('refused'), { data: { problem: error } });
    return data;
  };
  return { client, answer };
};
const header = (key: string | undefined) => ({ params: { header: { 'Idempotency-Key': key } } });

const transports: [name: string, calls: { create: Call; keyed: Call; read: Call; decide: Call; register: Call }][] = [
  [
    'tRPC',
    {
      create: (settings, signal) =>
        createClient({ apiKey: 'k', ...settings }).runs.create.mutate(
          { ...errand, idempotencyKey: undefined },
          { signal },
        ),
      keyed: (settings) =>
        createClient({ apiKey: 'k', ...settings }).runs.create.mutate({ ...errand, idempotencyKey: 'order-42' }),
      read: (settings) => createClient({ apiKey: 'k', ...settings }).runs.get.query({ runId: RUN }),
      decide: (settings) =>
        createClient({ apiKey: 'k', ...settings }).approvals.decide.mutate({ approvalId: RUN, decision: 'approve' }),
      register: (settings) =>
        createClient({ apiKey: 'k', ...settings }).webhooks.create.mutate({
          url: 'https://app.example.com',
          events: ['*'],
        }),
    },
  ],
  [
    'REST',
    {
      create: (settings, signal) => {
        const { client, answer } = rest(settings);
        return answer(client.POST('/v1/runs', { body: errand, signal }));
      },
      keyed: (settings) => {
        const { client, answer } = rest(settings);
        return answer(client.POST('/v1/runs', { body: errand, ...header('order-42') }));
      },
      read: (settings) => {
        const { client, answer } = rest(settings);
        return answer(client.GET('/v1/runs/{runId}', { params: { path: { runId: RUN } } }));
      },
      decide: (settings) => {
        const { client, answer } = rest(settings);
        const params = { path: { approvalId: RUN } };
        return answer(client.POST('/v1/approvals/{approvalId}', { params, body: { decision: 'approve' } }));
      },
      register: (settings) => {
        const { client, answer } = rest(settings);
        return answer(client.POST('/v1/webhooks', { body: { url: 'https://app.example.com', events: ['*'] } }));
      },
    },
  ],
];

/** The idempotency key of a request, in its header or its body. */
const keyOf = ({ idempotencyKey, body }: { idempotencyKey: string | undefined; body: unknown }) =>
  idempotencyKey ?? (body as { idempotencyKey?: string } | undefined)?.idempotencyKey;

const temporary: [name: string, turn: Turn][] = [
  ['a lost connection', hangUp],
  ['an answer that broke off', breakOff],
  ['the page of a proxy', page(502)],
  ['408', refuse(408, 'request_timeout')],
  ['429', refuse(429, 'rate_limited')],
  ['503', refuse(503, 'unavailable')],
  ['504', page(504)],
  ['a first request that is still carried out', refuse(409, 'request_in_progress')],
];
const final: [name: string, turn: Turn][] = [
  ['400', refuse(400, 'validation_failed')],
  ['409', refuse(409, 'tools_changed')],
  ['422', refuse(422, 'idempotency_key_reused')],
  ['500', refuse(500, 'internal')],
];

test.each(transports)('%s: a server below a path is the same', async (_, { create, decide, read }) => {
  for (const call of [create, decide, read]) {
    const server = await startScriptedServer(hangUp, accept);
    await call({ url: `${server.url}/errand/` });
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]!.line).toMatch(/ \/errand\/(trpc|v1)\//);
  }
});

for (const [transport, { create, keyed, read, decide, register }] of transports) {
  test(`${transport}: after a temporary failure a run is created with the same key`, async () => {
    await Promise.all(
      temporary.map(async ([name, turn]) => {
        const server = await startScriptedServer(turn, accept);
        await expect(create({ url: server.url }), name).resolves.toMatchObject({ runId: RUN });
        const [first, second, ...others] = server.requests.map(keyOf);
        expect(first).toMatch(/^[0-9a-f-]{36}$/);
        expect([second, others], name).toEqual([first, []]);
        expect(server.requests[1]!.body).toEqual(server.requests[0]!.body);
      }),
    );
  });

  test(`${transport}: the caller's key is kept, and each call has its own`, async () => {
    const server = await startScriptedServer(hangUp, accept);
    await keyed({ url: server.url });
    await create({ url: server.url });
    await create({ url: server.url });
    const keys = server.requests.map(keyOf);
    expect(keys.slice(0, 2)).toEqual(['order-42', 'order-42']);
    expect(new Set(keys).size).toBe(3);
  });

  test(`${transport}: after any other refusal nothing is sent again`, async () => {
    for (const [name, turn] of final)
      for (const call of [create, read]) {
        const server = await startScriptedServer(turn, accept);
        await expect(call({ url: server.url }), name).rejects.toHaveProperty('data.problem.code');
        expect(server.requests, name).toHaveLength(1);
      }
  });

  test(`${transport}: reads and decisions are sent again, other changes are not`, async () => {
    for (const call of [read, decide]) {
      const server = await startScriptedServer(refuse(503, 'unavailable'), accept);
      await call({ url: server.url });
      expect(server.requests.map(keyOf)).toEqual([undefined, undefined]);
    }
    for (const turn of [hangUp, breakOff, refuse(503, 'unavailable')]) {
      const server = await startScriptedServer(turn, accept);
      await expect(register({ url: server.url })).rejects.toThrow();
      expect(server.requests.map(keyOf)).toEqual([undefined]);
    }
  });

  test(`${transport}: attempts and time are limited, and the last failure is reported`, async () => {
    const unavailable = refuse(503, 'unavailable');
    const few = await startScriptedServer(unavailable);
    const failed = { data: { problem: { code: 'unavailable' } } };
    await expect(create({ url: few.url, retry: { attempts: 2 } })).rejects.toMatchObject(failed);
    expect(few.requests).toHaveLength(2);
    const none = await startScriptedServer(unavailable);
    await expect(create({ url: none.url, retry: { totalMs: 0 } })).rejects.toMatchObject(failed);
    expect(none.requests).toHaveLength(1);
  });

  test(`${transport}: no attempt comes before Retry-After`, async () => {
    const waits = [
      refuse(503, 'unavailable', { headers: { 'retry-after': '2' } }),
      refuse(503, 'unavailable', { values: { retryAfterSeconds: 2 } }),
      refuse(503, 'unavailable', { headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } }),
    ];
    for (const turn of waits) {
      const server = await startScriptedServer(turn, accept);
      await expect(create({ url: server.url, retry: { totalMs: 1500 } })).rejects.toThrow();
      expect(server.requests).toHaveLength(1);
    }
    const server = await startScriptedServer(waits[0]!, accept);
    await expect(create({ url: server.url, retry: { totalMs: 2500 } })).resolves.toMatchObject({ runId: RUN });
  });

  test(`${transport}: without retries each call is sent once, without a key`, async () => {
    const server = await startScriptedServer(refuse(503, 'unavailable'), accept);
    await expect(create({ url: server.url, retry: false })).rejects.toThrow();
    expect(server.requests.map(keyOf)).toEqual([undefined]);
  });

  test(`${transport}: a signal ends a call and its retries`, async () => {
    const controller = new AbortController();
    const server = await startScriptedServer(() => controller.abort(), accept);
    await expect(create({ url: server.url }, controller.signal)).rejects.toThrow(/abort/i);
    const later = new AbortController();
    const busy = await startScriptedServer((response, request) => {
      response.on('finish', () => setImmediate(() => later.abort()));
      refuse(503, 'unavailable', { headers: { 'retry-after': '20' } })(response, request);
    }, accept);
    await expect(create({ url: busy.url }, later.signal)).rejects.toThrow(/abort/i);
    expect([server.requests.length, busy.requests.length]).toEqual([1, 1]);
  });
}

test('a stream over REST is not kept back until its end', async () => {
  const server = await startScriptedServer(openStream('data: {}\n\n'));
  const { client } = rest({ url: server.url });
  const options = { params: { path: { runId: RUN } }, parseAs: 'stream' } as const;
  const { data } = await client.GET('/v1/runs/{runId}/sse', options);
  const reader = data!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('retry: 1');
  await reader.cancel();
});
