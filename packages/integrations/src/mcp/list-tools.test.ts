// Listing the tools of an MCP server.
import { expect, test } from 'vitest';
import { eras, useStubMcp } from '../testing/fixtures/stub-mcp.ts';
import { watchLoop } from '../testing/watch-loop.ts';

const { list, call, calls, stub } = useStubMcp();
test.each(eras)('lists and calls by %s, with the arguments as they are', async (_, modern) => {
  const tools = [{ name: 'add note', title: 'Add a note', description: 'Adds it', inputSchema: { properties: {} } }];
  const listed = await list({ modern, tools });
  expect(listed).toMatchObject({
    tools: [
      {
        operation: 'add_note',
        title: 'Add a note',
        description: 'Adds it',
        inputSchema: { type: 'object' },
        effect: 'write',
        idempotent: false,
        call: { kind: 'mcp', name: 'add note' },
      },
    ],
    warnings: [],
  });
  expect(await call({ modern }, { idempotencyKey: 'key-1' })).toEqual({ ok: true, output: { text: 'ok' } });
  expect(calls()).toMatchObject([
    { params: { name: 'x', arguments: { text: 'Hi' }, _meta: { idempotencyKey: 'key-1' } } },
  ]);
});

test('one tool that cannot be used hides no other; names that would be one stay apart whatever their order', async () => {
  const inputSchema = { type: 'object' };
  const tools = [
    { name: 'get.item', inputSchema },
    { name: 'list', inputSchema: { type: 'array' } },
    { name: 'no schema' },
    { name: 'get/item', inputSchema },
    { name: 'odd', inputSchema, outputSchema: { anyOf: [{ type: 'object' }] } },
    { name: 'large', inputSchema, description: 'x'.repeat(70_000) },
    { name: 'n'.repeat(100), inputSchema },
  ];
  const inOrder = await list({ tools });
  const names = inOrder.tools.map(({ operation }) => operation);
  expect(names).toEqual([
    expect.stringMatching(/^get_item_[0-9a-f]{6}$/),
    expect.stringMatching(/^get_item_[0-9a-f]{6}$/),
    'odd',
    expect.stringMatching(/^n{57}_[0-9a-f]{6}$/),
  ]);
  expect(new Set(names).size).toBe(4);
  expect(inOrder.warnings.map((text) => text.split(':')[0])).toEqual(['list', 'no schema', 'large']);
  const reversed = await list({ tools: [...tools].reverse() });
  const byName = (listed: typeof inOrder) =>
    Object.fromEntries(listed.tools.map(({ operation, call }) => [(call as { name: string }).name, operation]));
  expect(byName(reversed)).toEqual(byName(inOrder));
});

test('arguments that a server of the newest revision wants as headers are sent so; tools that want what no header can be are left out', async () => {
  const marked = (property: object, more: object = {}) => ({ type: 'object', properties: { a: property, ...more } });
  const mark = (name: unknown, type = 'string') => ({ type, 'x-mcp-header': name });
  const wrong = {
    empty: marked(mark('')),
    spaced: marked(mark('My Region')),
    line: marked(mark('a\r\nb')),
    number: marked(mark('A', 'number')),
    object: marked(mark('A', 'object')),
    twice: marked(mark('A'), { b: mark('a') }),
    list: marked({ type: 'array', items: mark('A') }),
    choice: { type: 'object', anyOf: [marked(mark('A'))] },
    root: { type: 'object', 'x-mcp-header': 'A' },
  };
  const nested = marked({ type: 'object', properties: { b: mark('B', 'integer') } });
  const fine = { fine: marked(mark('Region'), { text: mark('Text') }), nested, plain: { type: 'object' } };
  const tools = Object.entries({ ...wrong, ...fine }).map(([name, inputSchema]) => ({ name, inputSchema }));
  const listed = await list({ modern: true, tools });
  expect(listed.tools.map(({ operation }) => operation)).toEqual(Object.keys(fine));
  expect(listed.warnings.map((text) => text.split(':')[0])).toEqual(Object.keys(wrong));
  expect((await list({ tools })).tools).toHaveLength(tools.length);
  await call({ modern: true }, { tool: { inputSchema: fine.fine } });
  expect(stub().hits.find(({ rpc }) => rpc === 'tools/call')?.headers['mcp-param-text']).toBe('Hi');
});

test.each(eras)('each request of a call has an id that no other call has, by %s', async (_, modern) => {
  const ids = new Set<unknown>();
  for (let n = 0; n < 3; n++) {
    await call({ modern });
    for (const { id } of calls()) ids.add(id);
  }
  expect(ids.size).toBe(3);
});

test('hints are shown, and trusted only when the owner says so', async () => {
  const annotations = { readOnlyHint: true, destructiveHint: false };
  const tools = [{ name: 'look', inputSchema: { type: 'object' }, annotations }];
  const hints = { call: { hints: annotations } };
  expect((await list({ tools })).tools).toMatchObject([{ effect: 'write', idempotent: false, ...hints }]);
  expect((await list({ tools }, { trustHints: true })).tools).toMatchObject([
    { effect: 'read', idempotent: true, ...hints },
  ]);
});

test('a hint that a tool only reads does not count where its name says that it writes', async () => {
  const annotations = { readOnlyHint: true };
  const named = ['delete_note', 'list_notes'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations }));
  const both = {
    name: 'look',
    inputSchema: { type: 'object' },
    annotations: { ...annotations, destructiveHint: true },
  };
  const trusted = await list({ tools: [...named, both] }, { trustHints: true });
  expect(trusted.tools.map(({ operation, effect, statedEffect }) => [operation, effect, statedEffect])).toEqual([
    ['delete_note', 'write', 'read'],
    ['list_notes', 'read', undefined],
    ['look', 'write', 'read'],
  ]);
  expect(trusted.warnings.map((text) => text.split(':')[0])).toEqual(['delete_note', 'look']);
  expect((await list({ tools: named })).tools.map(({ effect, proposedEffect }) => [effect, proposedEffect])).toEqual([
    ['write', undefined],
    ['write', 'read'],
  ]);
});

test('many pages are read, and an endless list is cut with a warning', async () => {
  const page = (n: number) => Array.from({ length: 100 }, (_, i) => ({ name: `t${n}_${i}`, inputSchema: {} }));
  expect((await list({ pages: Array.from({ length: 10 }, (_, n) => page(n)) })).tools).toHaveLength(1000);
  const endless = await list({
    pages: Array.from({ length: 65 }, (_, n) => [{ name: `t${n}`, inputSchema: {} }]),
    endless: true,
  });
  expect(endless.tools).toHaveLength(64);
  expect(endless.warnings.at(-1)).toContain('The list has more than');
  expect(stub().hits.filter(({ rpc }) => rpc === 'tools/list')).toHaveLength(64);
});

test('an output that its own schema would refuse is kept, and a pattern of a stranger holds nothing up', async () => {
  const outputSchema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } }, required: ['a'] };
  const tools = [{ name: 'x', inputSchema: { type: 'object' }, outputSchema }];
  const loop = watchLoop();
  await list({ tools });
  const structuredContent = { a: `${'a'.repeat(30)}!` };
  const outcome = await call({ tools, call: () => ({ content: [], structuredContent }) }, { tool: { outputSchema } });
  expect(loop.longestMs()).toBeLessThan(100);
  expect(outcome).toEqual({ ok: true, output: structuredContent });
});

test('tools of many megabytes are cut with a warning', async () => {
  const description = 'x'.repeat(60_000);
  const page = (n: number) =>
    Array.from({ length: 50 }, (_, i) => ({ name: `t${n}_${i}`, description, inputSchema: {} }));
  const { tools, warnings } = await list({ pages: [0, 1, 2, 3].map(page) });
  expect(tools.length).toBeGreaterThan(100);
  expect(tools.length).toBeLessThan(150);
  expect(warnings.at(-1)).toContain('the rest is left out');
});

test.each(eras)('what is no tool hides none, by %s', async (_, modern) => {
  const deep = `{"name":"deep","inputSchema":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
  const others = [null, 7, [], { name: null }, { name: { toString: 1, valueOf: 1 } }, { name: 'n'.repeat(2 ** 20) }];
  const tools = [...others, { name: '' }, { name: '__proto__', inputSchema: {} }, { name: 'x', inputSchema: {} }];
  const { tools: read, warnings } = await list({
    modern,
    before: (_request, response, message) => {
      if (message?.method !== 'tools/list') return false;
      const result = JSON.stringify({ resultType: 'complete', ttlMs: 0, cacheScope: 'private', tools });
      const text = `{"jsonrpc":"2.0","id":${message.id},"result":${result.replace('"tools":[', `"tools":[${deep},`)}}`;
      response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      return true;
    },
  });
  expect(read.map(({ operation }) => operation)).toEqual(['proto', 'x']);
  expect(warnings).toHaveLength(others.length + 2);
  expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(500);
});

test.each(eras)('a list ends after two thousand tools by %s, also if none of them is usable', async (_, modern) => {
  const tools = Array.from({ length: 2_500 }, (_, n) => (n < 2000 ? null : { name: `t${n}`, inputSchema: {} }));
  expect((await list({ modern, tools: tools as never })).tools).toEqual([]);
});

test('the answer to a handshake has at most 64 KiB', async () => {
  const greet = (bytes: number): Parameters<typeof list>[0] => ({
    before: (_, response, message) => {
      if (message?.method !== 'initialize') return false;
      const serverInfo = { name: 'stub', version: '1' };
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo,
        instructions: 'x'.repeat(bytes),
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
      return true;
    },
  });
  expect((await list(greet(60_000))).tools).toHaveLength(1);
  await expect(list(greet(70_000))).rejects.toThrow();
});
