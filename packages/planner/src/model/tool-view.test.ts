import type { ToolSpec } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aTool } from '../testing/planning.ts';
import { findTools, viewTools } from './tool-view.ts';

const many = (count: number, overrides: (n: number) => Partial<ToolSpec> = () => ({})) =>
  Array.from({ length: count }, (_, n) =>
    aTool(`office_11112222.thing${n}Report`, { title: `Report ${n}`, ...overrides(n) }),
  );
const names = (tools: readonly ToolSpec[]) => tools.map(({ name }) => name);
const wide = Object.fromEntries(
  Array.from({ length: 600 }, (_, n) => [`aRatherLongNameOfAMember${n}`, { type: 'string' }]),
);

test.each([1, 40, 41, 400, 401, 1000])('of %d tools each is shown, named, or found by its words', (count) => {
  const tools = many(count);
  const { named, shown, integrations } = viewTools(tools, 40, {});
  const listed = [...names(shown.tools), ...names(named.tools)];
  expect(new Set(listed).size).toBe(listed.length);
  for (const { name } of shown.tools) expect(shown.text).toContain(`tool ${name} (read)`);
  for (const { operation } of named.tools) expect(`\n${named.text}\n`).toContain(`\n${operation}: Report `);
  expect(listed).toHaveLength(count > 400 ? 0 : count);
  if (count <= 400) return expect(integrations).toBeUndefined();
  expect(integrations).toContain(`${count} tools`);
  for (const { operation, title = '' } of [tools[0]!, tools[count - 1]!])
    expect(findTools(tools, title)).toContain(`\n${operation}: ${title}`);
});

test('however large tools are, their shapes fit, and the others are named', () => {
  const of = (n: number) => Object.fromEntries(Object.entries(wide).map(([name, schema]) => [`${name}of${n}`, schema]));
  const tools = many(40, (n) => ({
    description: 'd'.repeat(5000),
    inputSchema: { type: 'object', properties: of(n), required: Object.keys(of(n)) },
    outputSchema: { type: 'array', items: { type: 'object', properties: of(n) } },
  }));
  const { named, shown } = viewTools(tools, 40, {});
  expect(Buffer.byteLength(shown.text)).toBeLessThanOrEqual(22 * 1024);
  expect(shown.tools.length + named.tools.length).toBe(40);
  expect(shown.text.split('{').length).toBe(shown.text.split('}').length);
});

test('names that do not fit can be searched for', () => {
  const long = 'x'.repeat(100);
  const tools = many(400).map((tool) => ({ ...tool, operation: `${long}${tool.operation}` }));
  const { named, integrations } = viewTools(tools, 40, {});
  expect(named.tools.length).toBeGreaterThan(100);
  expect(named.tools.length).toBeLessThan(400);
  expect(Buffer.byteLength(named.text)).toBeLessThanOrEqual(24 * 1024);
  expect(integrations).toContain('400 tools');
});

test('the shape of earlier answers is shown for undescribed outputs', () => {
  const described = { outputSchema: { type: 'object', properties: { id: { type: 'string' } } } };
  const tools = many(2, (n) => (n === 0 ? described : {}));
  const seenSchema = { type: 'object', properties: { total: { type: 'integer' } } };
  const view = viewTools(tools, 40, Object.fromEntries(tools.map(({ name }) => [name, seenSchema])));
  expect(view.shown.text.match(/returns .*/g)).toEqual([
    'returns {id?: string}',
    'returns not described; seen: {total?: integer}',
  ]);
});

test('the pages of a list are shown as a plan reads them', () => {
  const [byCursor, byLink, without] = many(3, (n) =>
    n === 0
      ? { pages: { items: 'data.0.rows', next: 'meta.next-cursor', into: 'query.cursor' } }
      : n === 1
        ? { pages: { items: 'value', linkIn: '@odata.nextLink' } }
        : {},
  );
  const { text } = viewTools([byCursor!, byLink!, without!], 40, {}).shown;
  expect(text.match(/ {2}pages: .*/g)).toEqual([
    '  pages: {"items":{"$":"page.data[0].rows"},"next":{"$":"page.meta.`next-cursor`"},"into":"query.cursor"}',
    '  pages: {"items":{"$":"page.value"}}; link has the query parameters of the next page',
  ]);
});
