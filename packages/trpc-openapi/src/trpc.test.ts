// tRPC's endpoint, with tRPC's own client where it matters.
import { TRPCClientError } from '@trpc/client';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { mutation } from './contract.ts';
import { implement } from './implement.ts';
import { serverOptions } from './server.ts';
import { startService } from './testing/fixtures/service.ts';
import { trpcClient } from './testing/fixtures/transports.ts';
import { mountTrpc } from './trpc.ts';

let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  service = await startService({ pingMs: 50 });
});
afterAll(() => service.app.close());

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  service.call('POST', `/trpc/${path}`, body, headers);

it('serves operations without a REST path', async () => {
  expect(await trpcClient(service).inner.query({})).toBe('over tRPC alone');
});

it('answers each call of a batch for itself', async () => {
  const client = trpcClient(service);
  const calls = await Promise.allSettled([
    client.notes.get.query({ id: 'n1' }),
    client.notes.get.query({ id: 'n404' }),
  ]);
  expect(calls).toMatchObject([
    { status: 'fulfilled', value: { id: 'n1' } },
    { status: 'rejected', reason: { data: { httpStatus: 404, problem: { code: 'not_found' } } } },
  ]);
});

it('limits the calls of a batch', async () => {
  const path = Array.from({ length: 51 }, () => 'inner').join(',');
  const { status } = await service.call('GET', `/trpc/${path}?batch=1&input=%7B%7D`);
  expect(status).toBe(400);
});

it('gives the client the typed problem of a failed stream', async () => {
  const error = await new Promise((_resolve, reject) => {
    trpcClient(service).notes.events.subscribe({ list: 'none' }, { onError: reject });
  }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toMatchObject({ data: { httpStatus: 404, problem: { code: 'not_found' } } });
});

it('puts the last id of a reconnecting client where the operation expects it', async () => {
  const { text } = await service.call('GET', '/trpc/notes.events?input=%7B%22list%22%3A%22a%22%7D', undefined, {
    'last-event-id': '2',
  });
  expect(text).toContain('id: 3');
  expect(text).not.toContain('id: 2');
});

it('ends its streams with the server', async () => {
  const secondService = await startService();
  const items: unknown[] = [];
  const open = trpcClient(secondService).notes.events.subscribe(
    { list: 'live' },
    { onData: (item) => items.push(item) },
  );
  await vi.waitFor(() => expect(items).toHaveLength(2));
  // The stream has no end of its own, and its client does not leave.
  await secondService.app.close();
  open.unsubscribe();
  await vi.waitFor(() => expect(secondService.seen).toMatchObject({ left: 1, aborted: 1 }));
});

it.for<[string, string, object, number, string]>([
  ['text/plain', '{}', {}, 415, 'unsupported_media_type'],
  ['multipart/form-data; boundary=x', '{}', {}, 415, 'unsupported_media_type'],
  ['application/json', '{}', { 'content-encoding': 'br' }, 415, 'unsupported_media_type'],
  ['application/json', '{"text":', {}, 400, 'invalid_json'],
  ['application/json', JSON.stringify({ text: 'x'.repeat(1024 * 1024) }), {}, 413, 'body_too_large'],
])('refuses a body of %s (%.12s) %j', async ([type, body, more, status, code]) => {
  const answer = await post('notes.create', body, { 'content-type': type, ...more });
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(`"code":"${code}"`);
});

it('answers refused bodies and unknown procedures in tRPC’s shape', async () => {
  for (const answer of [await post('notes.create', '{"text":'), await post('nothing', '{}')]) {
    const { error } = answer.json;
    expect(error).toMatchObject({ message: expect.any(String), code: expect.any(Number) });
    expect(error.data).toMatchObject({ httpStatus: answer.status, problem: { status: answer.status } });
    expect(error.data).not.toHaveProperty('stack');
  }
});

it('reads a malformed input in the URL as the caller’s mistake', async () => {
  const { status, json } = await service.call('GET', '/trpc/notes.get?input=%7B');
  expect([status, json.error.data.problem.code]).toEqual([400, 'invalid_json']);
});

it('does not change anything by GET', async () => {
  const { status } = await service.call('GET', '/trpc/notes.visit?input=%7B%22id%22%3A%22n1%22%7D');
  expect([status, service.seen.visits]).toEqual([405, 0]);
});

it('takes a body as large as the operation allows, over tRPC as over REST', async () => {
  const Text = z.object({ text: z.string() });
  const http = { route: 'POST /big', bodyLimit: 3 * 1024 * 1024 } as const;
  const router = implement(
    { big: mutation({ input: Text, output: z.object({ length: z.int() }), scope: null, http }) },
    { big: async ({ input }) => ({ length: input.text.length }) },
  );
  const app = Fastify(serverOptions());
  mountTrpc(app, { router, createContext: () => ({}) });
  const send = (length: number) =>
    app.inject({ method: 'POST', url: '/trpc/big', payload: { text: 'x'.repeat(length) } });
  expect([(await send(2_000_000)).statusCode, (await send(4_000_000)).statusCode]).toEqual([200, 413]);
  await app.close();
});
