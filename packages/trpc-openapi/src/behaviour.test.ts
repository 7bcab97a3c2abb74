// The behaviour that all transports share: one suite, run over each.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startService } from './testing/fixtures/service.ts';
import { transports } from './testing/fixtures/transports.ts';

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

describe.each(transports)('over $name', ({ call, stream }) => {
  let service: Awaited<ReturnType<typeof startService>>;
  beforeAll(async () => {
    service = await startService({ validateOutput: true });
  });
  afterAll(() => service.app.close());

  it('passes the parsed input and the authorised caller to the handler', async () => {
    expect(await call(service, 'notes.get', { id: 'n7' })).toEqual({
      data: { id: 'n7', text: 'milk', pinned: false, owner: 'ann' },
    });
  });

  it('fills defaults and keeps types', async () => {
    const { data } = (await call(service, 'notes.list', { pinned: false, tags: ['home'], sizes: [3] })) as {
      data: { asked: unknown };
    };
    expect(data.asked).toEqual({ limit: 10, pinned: false, tags: ['home'], sizes: [3] });
  });

  it('sends a result that was serialised beforehand', async () => {
    expect(await call(service, 'notes.create', { text: 'tea', pinned: true })).toEqual({
      data: { id: 'n1', text: 'tea', pinned: true, owner: 'ann' },
    });
  });

  it('sends null and nothing as what they are', async () => {
    expect(await call(service, 'notes.touch', { id: 'n0' })).toEqual({ data: null });
    expect(await call(service, 'notes.remove', { id: 'n0' })).toEqual({ data: undefined });
  });

  it('answers an expected error with its status, title and detail', async () => {
    const { problem } = (await call(service, 'notes.get', { id: 'n404' })) as { problem: object };
    expect(problem).toEqual({
      type: 'about:blank',
      title: 'There is no such note',
      status: 404,
      detail: 'No note has this id.',
      code: 'not_found',
      instance: expect.stringMatching(/^urn:request:[\w-]{36}$/),
    });
  });

  it('answers a status that tRPC has no word for, and what to do about the code', async () => {
    expect(await call(service, 'notes.get', { id: 'n410' })).toMatchObject({
      problem: { status: 410, code: 'gone', remedy: 'Write the note again.' },
    });
  });

  it('prefers the remedy of the error to that of its code', async () => {
    expect(await call(service, 'notes.get', { id: 'n411' })).toMatchObject({
      problem: { code: 'gone', detail: 'The list was erased.', remedy: 'Ask its owner.' },
    });
  });

  it('points at what is wrong with the input', async () => {
    expect(await call(service, 'notes.create', { text: '', count: 1.5, more: 1 })).toMatchObject({
      problem: {
        status: 400,
        code: 'validation_failed',
        errors: [{ pointer: '/text' }, { pointer: '/count' }, { pointer: '/more', message: 'Unknown field' }],
      },
    });
  });

  it('says what replaces a field that the input had before', async () => {
    expect(await call(service, 'notes.list', { page: 2, more: 1 })).toMatchObject({
      problem: {
        code: 'validation_failed',
        detail: '/page: Unknown field: lists take cursor',
        remedy: 'Send `cursor`.',
        errors: [{ pointer: '/page' }, { pointer: '/more', message: 'Unknown field' }],
      },
    });
    const { problem } = (await call(service, 'notes.list', { more: 1 })) as { problem: object };
    expect(problem).not.toHaveProperty('remedy');
  });

  it.each([['5'], [Number.MAX_SAFE_INTEGER + 1], [true]])('does not take %j for an integer', async (count) => {
    expect(await call(service, 'notes.create', { text: 'a', count })).toMatchObject({
      problem: { code: 'validation_failed', errors: [{ pointer: '/count' }] },
    });
  });

  it('takes the code of a failure from the schema that failed', async () => {
    expect(await call(service, 'notes.list', { cursor: 'x' })).toMatchObject({ problem: { code: 'invalid_cursor' } });
  });

  it('refuses an unknown caller before it reads the input', async () => {
    const outcome = await call(service, 'notes.create', { text: 5, extra: nested(70) }, 'nobody');
    expect(outcome).toMatchObject({ problem: { status: 401, code: 'unauthenticated' } });
  });

  it('refuses a caller without the permission before it reads the input', async () => {
    const outcome = await call(service, 'notes.create', { text: 5 }, 'reader');
    expect(outcome).toMatchObject({ problem: { status: 403, code: 'insufficient_scope' } });
  });

  it('takes 64 levels and refuses 65', async () => {
    expect(await call(service, 'notes.create', { text: 'a', extra: nested(63) })).toHaveProperty('data');
    expect(await call(service, 'notes.create', { text: 'a', extra: nested(64) })).toMatchObject({
      problem: { status: 400, code: 'json_too_deep' },
    });
  });

  it.each([
    ['5 000 levels', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'json_too_deep'],
    ['300 001 items', `[${'0,'.repeat(300_000)}0]`, 'invalid_json'],
  ])('refuses %s', async (_, extra, code) => {
    const [url, body] =
      call === transports[0]!.call
        ? ['/v1/notes', `{"text":"a","extra":${extra}}`]
        : ['/trpc/notes.create', `{"text":"a","extra":${extra}}`];
    const { status, text } = await service.call('POST', url!, body);
    expect(status).toBe(400);
    expect(text).toContain(code);
  });

  it.each([
    ['NUL in a string', '{"text":"a\\u0000b"}', '/text'],
    ['a lone surrogate in a string', '{"text":"\\ud83d"}', '/text'],
    ['NUL in a key', '{"text":"a","extra":{"a\\u0000":1}}', '/extra/a\0'],
    ['a lone surrogate deep inside', '{"text":"a","extra":[[{"x":"\\udc00"}]]}', '/extra/0/0/x'],
  ])('refuses %s', async (_, json, pointer) => {
    expect(await call(service, 'notes.create', JSON.parse(json))).toMatchObject({
      problem: { status: 400, code: 'invalid_string', errors: [{ pointer }] },
    });
  });

  it.each([['{"text":"a","__proto__":{"pinned":true}}'], ['{"text":"a","extra":{"constructor":{"prototype":{}}}}']])(
    'refuses %s',
    async (json) => {
      expect(await call(service, 'notes.create', JSON.parse(json))).toMatchObject({
        problem: { status: 400, code: 'invalid_json' },
      });
    },
  );

  it('takes an object of 10 000 members and refuses one more', async () => {
    const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
    expect(await call(service, 'notes.create', { text: 'a', extra: members(10_000) })).toHaveProperty('data');
    expect(await call(service, 'notes.create', { text: 'a', extra: { deep: members(10_001) } })).toMatchObject({
      problem: { status: 400, code: 'invalid_json', errors: [{ pointer: '/extra/deep' }] },
    });
  });

  it('refuses a number out of range anywhere', async () => {
    const [url, body] =
      call === transports[0]!.call
        ? ['/v1/notes', '{"text":"a","extra":[[1e999]]}']
        : ['/trpc/notes.create', '{"text":"a","extra":[[1e999]]}'];
    const { status, text } = await service.call('POST', url!, body);
    expect(status).toBe(400);
    expect(text).toContain('"pointer":"/extra/0/0"');
  });

  it('takes a whole pair of surrogates and the word constructor', async () => {
    expect(await call(service, 'notes.create', { text: '😀', extra: { constructor: 'acme' } })).toMatchObject({
      data: { text: '😀' },
    });
  });

  it('hides the text of an unexpected error and tells it to onError', async () => {
    const before = service.faults.length;
    const outcome = (await call(service, 'broken', {})) as { problem: object };
    expect(outcome.problem).toMatchObject({ status: 500, code: 'internal', title: 'Internal error' });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(service.faults.slice(before)).toMatchObject([{ message: 'password=hunter2' }]);
  });

  it.each([[false], [true]])('streams every item in order (serialised beforehand: %s)', async (shared) => {
    const items = await stream(service, { list: 'a', shared });
    expect(items.map(({ id, data }) => [id, data.type, data.seq])).toEqual([
      ['1', 'written', 1],
      ['2', 'written', 2],
      ['3', 'end', 3],
    ]);
  });

  it('resumes behind the last id', async () => {
    const items = await stream(service, { list: 'a', after: 2 });
    expect(items.map(({ id }) => id)).toEqual(['3']);
  });

  it('ends a stream that has nothing left', async () => {
    expect(await stream(service, { list: 'done', after: 3 })).toEqual([]);
  });

  it('ends the handler when the reader leaves', async () => {
    const { left, aborted } = service.seen;
    await stream(service, { list: 'live' }, 2);
    await vi.waitFor(() => expect(service.seen).toMatchObject({ left: left + 1, aborted: aborted + 1 }));
  });
});
