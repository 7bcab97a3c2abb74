// The second source: a tRPC router that was written without a contract and carries `meta.openapi`.
import { Validator } from '@seriousme/openapi-schema-validator';
import { initTRPC, TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type OpenApiMeta, openApiDocument, tracked } from './index.ts';
import { startService } from './testing/fixtures/service.ts';

const t = initTRPC.context<{ key?: string }>().meta<{ openapi?: OpenApiMeta }>().create();
const authed = t.procedure.use(({ ctx, next }) => {
  if (!ctx.key) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Send a key.' });
  return next();
});
const Book = z.object({ id: z.int(), lent: z.boolean() }).meta({ id: 'Book' });
const router = t.router({
  books: t.router({
    get: authed
      .meta({ openapi: { method: 'GET', path: '/books/{id}', tags: ['books'], summary: 'Read a book' } })
      .input(z.object({ id: z.int(), lent: z.boolean().default(false) }))
      .output(Book)
      .query(({ input }) => input),
    add: authed
      .meta({ openapi: { method: 'POST', path: '/books', successStatus: 201, errors: ['conflict'] } })
      .input(z.object({ id: z.int() }))
      .output(Book)
      .mutation(({ input }) => {
        if (input.id === 1) throw new TRPCError({ code: 'CONFLICT', message: 'It is here already.' });
        if (input.id === 2) throw new Error('password=hunter2');
        return { id: input.id, lent: false };
      }),
    shelf: t.procedure.meta({ openapi: { method: 'GET', path: '/shelf', deprecated: true } }).query(() => 'A'),
    watch: t.procedure
      .meta({ openapi: { method: 'GET', path: '/books/watch', protect: false } })
      .input(z.object({ to: z.int().default(1) }))
      .subscription(async function* ({ input }) {
        for (let id = 1; id <= input.to; id++) yield tracked(String(id), { type: 'lent', id });
      }),
    inner: t.procedure.query(() => 1),
  }),
});

describe('a router with meta.openapi', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  beforeAll(async () => {
    service = await startService({ router });
  });
  afterAll(() => service.app.close());

  it('is served with strict conversion and the declared status', async () => {
    expect((await service.call('GET', '/books/7?lent=true')).json).toEqual({ id: 7, lent: true });
    expect((await service.call('GET', '/books/7?lent=yes')).json).toMatchObject({
      status: 400,
      code: 'validation_failed',
      errors: [{ pointer: '/lent' }],
    });
    const added = await service.call('POST', '/books', { id: 3 });
    expect([added.status, added.json]).toEqual([201, { id: 3, lent: false }]);
    expect((await service.call('POST', '/books', { id: '3' })).status).toBe(400);
  });

  it('answers its errors as problems, and hides what is unexpected', async () => {
    const conflict = await service.call('POST', '/books', { id: 1 });
    expect(conflict.json).toMatchObject({ status: 409, code: 'conflict', detail: 'It is here already.' });
    const broken = await service.call('POST', '/books', { id: 2 });
    expect([broken.status, broken.text.includes('hunter2')]).toEqual([500, false]);
  });

  it('refuses an unknown caller before it reads the input', async () => {
    expect((await fetch(`${service.url}/books/x`)).status).toBe(401);
  });

  it('checks every value like a contract’s', async () => {
    const { json } = await service.call('POST', '/books', '{"id":3,"more":"\\u0000"}');
    expect(json).toMatchObject({ status: 400, code: 'invalid_string' });
  });

  it('serves procedures without an input or an output schema', async () => {
    expect(await service.call('GET', '/shelf')).toMatchObject({ status: 200, json: 'A' });
  });

  it('streams its subscriptions', async () => {
    const { text } = await service.call('GET', '/books/watch?to=2');
    expect(text.match(/^id: \d+$/gm)).toEqual(['id: 1', 'id: 2']);
    expect((await service.send('HEAD', '/books/watch')).status).toBe(405);
  });

  it('is described by a valid document', async () => {
    const document = openApiDocument(router, {
      info: { title: 'Books', version: '1' },
      servers: [{ url: 'https://books.example' }],
    });
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toMatchObject({ valid: true });
    expect(Object.keys(document.paths!)).toEqual(['/books/{id}', '/books', '/shelf', '/books/watch']);
    expect(document.servers).toEqual([{ url: 'https://books.example' }]);
    expect(document.paths!['/shelf']!.get!.deprecated).toBe(true);
    expect(document.paths!['/books/{id}']!.get).not.toHaveProperty('deprecated');
    expect(document.paths!['/books']!.post!.responses).toHaveProperty('201');
    expect(document.paths!['/books/watch']!.get!.security).toEqual([]);
  });
});
