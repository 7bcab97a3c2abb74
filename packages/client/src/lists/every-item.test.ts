import { contract } from '@errand/contracts';
import { operations } from '@errand/trpc-openapi/contract';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { createClient } from '../index.ts';
import { createRestClient, RequestFailed } from '../rest/index.ts';
import { json, startScriptedServer } from '../testing/fixtures/scripted-server.ts';
import { everyItem, type PageRequest } from './every-item.ts';

type Shape = Record<string, { _zod: { def: { type: string } } }>;
const shapeOf = (schema: unknown) => (schema as { shape: Shape }).shape;
/** The type of a field; of an optional one the type inside. */
const typeOf = (field: unknown): string => {
  const { type, innerType } = (field as { _zod: { def: { type: string; innerType?: unknown } } })._zod.def;
  return type === 'optional' || type === 'default' ? typeOf(innerType) : type;
};

const lists = operations(contract).filter(({ op }) => op.kind === 'query' && 'cursor' in (shapeOf(op.input) ?? {}));

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('every list of the contract', () => {
  test('there are lists', () => expect(lists.length).toBeGreaterThan(14));

  test.each(lists)('$name has pages that fit', async ({ op }) => {
    const output = shapeOf(op.output);
    const arrays = Object.keys(output).filter((name) => typeOf(output[name]) === 'array');
    expect(arrays).toHaveLength(1);
    expect(op.input).toBeDefined();
    const { pageSize } = shapeOf(op.input);
    expect((pageSize as unknown as { safeParse(value: number): { success: boolean } }).safeParse(100).success).toBe(
      true,
    );

    const isNested = 'pagination' in output;
    const requests: PageRequest[] = [];
    const readPage = async (page: PageRequest) => {
      requests.push(page);
      const nextCursor = requests.length < 3 ? `c${requests.length}` : undefined;
      return {
        ...(isNested ? { pagination: { pageSize: 2, nextCursor } } : { nextCursor }),
        [arrays[0]!]: [`${requests.length}a`, `${requests.length}b`],
      };
    };
    expect(isNested || 'nextCursor' in output).toBe(true);
    expect(await collect(everyItem(readPage))).toEqual(['1a', '1b', '2a', '2b', '3a', '3b']);
    expect(requests.map(({ cursor }) => cursor)).toEqual([undefined, 'c1', 'c2']);
  });
});

test('items have the types of their lists, over both transports', () => {
  const errand = createClient({ url: 'http://127.0.0.1:1', apiKey: 'k' });
  const rest = createRestClient({ url: 'http://127.0.0.1:1', apiKey: 'k' });
  const runs = everyItem((page) => errand.runs.list.query({ status: ['FAILED'], ...page }));
  type Item<I> = I extends AsyncGenerator<infer T> ? T : never;
  expectTypeOf<Item<typeof runs>['status']>().toEqualTypeOf<
    Awaited<ReturnType<typeof errand.runs.get.query>>['status']
  >();
  const entries = everyItem((page) => errand.pending.list.query(page));
  expectTypeOf<Item<typeof entries>>().toHaveProperty('kind');
  const integrations = everyItem(async (query) => {
    const { data, error } = await rest.GET('/v1/integrations', { params: { query } });
    if (!data) throw new RequestFailed(error);
    return data;
  });
  expectTypeOf<Item<typeof integrations>['customerIntegrationId']>().toEqualTypeOf<string>();
});

test('a page is read only when it is needed', async () => {
  const server = await startScriptedServer(
    json(200, { result: { data: { users: [{ userId: 'ada' }, { userId: 'ben' }], nextCursor: 'x' } } }),
    json(200, { result: { data: { users: [{ userId: 'cem' }] } } }),
  );
  const errand = createClient({ url: server.url, apiKey: 'k' });
  const users = everyItem((page) => errand.users.list.query({ q: 'a', ...page }));
  const seen: unknown[] = [];
  for await (const { userId } of users) {
    seen.push(userId, server.requests.length);
    if (userId === 'cem') break;
  }
  expect(seen).toEqual(['ada', 1, 'ben', 1, 'cem', 2]);
  const inputs = server.requests.map(({ line }) =>
    JSON.parse(new URL(line.slice(4), 'http://x').searchParams.get('input')!),
  );
  expect(inputs).toEqual([
    { q: 'a', pageSize: 100 },
    { q: 'a', pageSize: 100, cursor: 'x' },
  ]);
});

test.each([1, 2, 3, 7])('a list with a cycle of %i cursors is not read for ever', async (length) => {
  let pages = 0;
  const readPage = async () => ({ items: [pages], nextCursor: `c${pages++ % length}` });
  await expect(collect(everyItem(readPage))).rejects.toThrow(/leads back/);
  expect(pages).toBeLessThan(4 * length + 2);
});

test('a list of empty pages is not read without an end, and some empty pages are no fault', async () => {
  let pages = 0;
  const readEmptyPage = async () => ({ items: [], nextCursor: `c${pages++}` });
  await expect(collect(everyItem(readEmptyPage))).rejects.toThrow('1000 pages in a row are empty');
  expect(pages).toBe(1001);

  const readPage = async ({ cursor = '0' }) => {
    const page = Number(cursor);
    return { items: page % 900 === 899 ? [page] : [], nextCursor: page < 1799 ? `${page + 1}` : undefined };
  };
  expect(await collect(everyItem(readPage))).toEqual([899, 1799]);
});

test('another answer is a mistake', async () => {
  for (const page of [{}, { a: [], b: [] }, { items: 'x' }])
    await expect(collect(everyItem(async () => page))).rejects.toThrow(/not a page/);
  await expect(collect(everyItem(() => Promise.reject(new Error('refused'))))).rejects.toThrow('refused');
});
