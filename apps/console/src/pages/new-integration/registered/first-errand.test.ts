import { expect, test } from 'vitest';
import { firstErrand } from './first-errand.ts';

const tool = (name: string, more: object = {}) => ({
  name: `crm.${name}`,
  enabled: true,
  effect: 'read' as const,
  inputSchema: { type: 'object' },
  ...more,
});
const grouped = { properties: { path: { properties: { id: {} }, required: ['id'] } } };

test('a read without required arguments comes before others', () => {
  const tools = [
    tool('getDeal', { title: 'Get a deal', inputSchema: grouped }),
    tool('listDeals', { title: 'List deals.' }),
  ];
  expect(firstErrand(tools)).toBe('List deals');
  expect(firstErrand(tools.slice(0, 1))).toBe('Get a deal');
});

test('the words of the name stand for a missing title', () => {
  expect(firstErrand([tool('listOpenDeals')])).toBe('List open deals');
  expect(firstErrand([tool('read_notes')])).toBe('Read notes');
});

test('writes and tools that are off give none', () => {
  expect(firstErrand([tool('a', { effect: 'write' }), tool('b', { enabled: false })])).toBeUndefined();
});
