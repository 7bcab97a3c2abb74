import { expect, test } from 'vitest';
import type { Entry } from '../../decide/entry.ts';
import type { PendingFrame } from '../../live/demand.ts';
import { hear, NOTHING_HEARD, neighbour, openEntries, selectableWith } from './inbox.ts';

const entry = (id: string, more: Partial<Entry> = {}): Entry =>
  ({
    kind: 'call',
    approvalId: id,
    text: `Pay ${id}`,
    intent: 'Bills',
    mayDecide: true,
    tool: 'a.pay',
    ...more,
  }) as Entry;
const added = (id: string, more?: Partial<Entry>): PendingFrame => ({ type: 'added', entry: entry(id, more) });
const gone = (id: string): PendingFrame => ({
  type: 'gone',
  kind: 'call',
  approvalId: id,
  runId: 'r',
  why: 'decided',
  decision: 'approve',
  decidedBy: 'Ada',
});
const page = { entries: [entry('1'), entry('2')], nextCursor: undefined, readAt: 100 };
const ids = (entries: Entry[]) => entries.map(({ approvalId }) => approvalId);

test('frames add and remove requests; the opened one stays with its closing', () => {
  const heard = hear(NOTHING_HEARD, [added('3'), gone('1'), added('2')], 101);
  expect(ids(openEntries(page, heard, {}, undefined))).toEqual(['2', '3']);
  expect(ids(openEntries(page, heard, {}, '1'))).toEqual(['1', '2', '3']);
  expect(heard.gone.get('1')).toMatchObject({ why: 'decided', decision: 'approve', by: 'Ada' });
});

test('a request that was added before a later reading without it is closed, unless there are more pages', () => {
  const heard = hear(NOTHING_HEARD, [added('3')], 99);
  expect(ids(openEntries(page, heard, {}, undefined))).toEqual(['1', '2']);
  expect(ids(openEntries({ ...page, nextCursor: 'c' }, heard, {}, undefined))).toEqual(['1', '2', '3']);
});

test('the first to expire comes first, and filters hold for frames', () => {
  const soon = { expiresAt: '2026-01-01T00:00:00.000Z' };
  const frames = [added('3', soon), added('4', { kind: 'plan' }), added('5', { text: 'Refund' })];
  const heard = hear(NOTHING_HEARD, frames, 101);
  expect(ids(openEntries(page, heard, {}, undefined))).toEqual(['3', '1', '2', '4', '5']);
  expect(ids(openEntries(page, heard, { kind: 'plan' }, undefined))).toEqual(['1', '2', '4']);
  expect(ids(openEntries(page, heard, { q: 'REFUND' }, undefined))).toEqual(['1', '2', '5']);
});

test('a snapshot forgets what was added before it', () => {
  const heard = hear(NOTHING_HEARD, [added('3'), { type: 'snapshot', open: 0, more: false }], 101);
  expect(heard.added.size).toBe(0);
});

test('the next request is opened after a decision', () => {
  expect(neighbour(['1', '2', '3'], '2', 1)).toBe('3');
  expect(neighbour(['1', '2', '3'], '3', 1)).toBe('2');
  expect(neighbour(['1', '2', '3'], '1', -1)).toBeUndefined();
  expect(neighbour(['1'], '1', 1)).toBeUndefined();
  expect(neighbour(['1'], 'other', 1)).toBe('1');
});

test('only calls of one tool are decided together', () => {
  const entries = [
    entry('1'),
    entry('2', { tool: 'a.other' }),
    entry('3', { kind: 'plan' }),
    entry('4', { mayDecide: false }),
  ];
  expect(ids(entries.filter(selectableWith(entries, new Set())))).toEqual(['1', '2']);
  expect(ids(entries.filter(selectableWith(entries, new Set(['2']))))).toEqual(['2']);
});
