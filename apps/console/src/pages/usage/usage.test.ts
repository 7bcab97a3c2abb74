import { expect, test } from 'vitest';
import { csvOf } from '../../display/csv.ts';
import { barsOf, MAX_BARS } from './bars.ts';
import { csvRowsOf } from './csv-rows.ts';
import { runsSearchOfRow } from './runs-search.ts';
import { rangeOf, searchOf } from './search.ts';
import type { UsageReport, UsageRow } from './use-usage.ts';

const NOW = Date.parse('2026-11-30T23:00:00Z');
const aRow = (key: string, more: Partial<UsageRow> = {}): UsageRow => ({
  ...{ key, runs: 3, succeeded: 2, failed: 1, calls: 6, callErrors: 1, tokens: 10 },
  ...more,
});

test('the address has one grouping and at most one filter', () => {
  expect(searchOf({ from: '2026-11-01', to: 'x', by: 'tool', more: 1 })).toEqual({ from: '2026-11-01', by: 'tool' });
  expect(searchOf({ by: 'tool', userId: 'ada', tool: 'x' })).toEqual({ userId: 'ada' });
  expect(searchOf({ by: 'x', userId: '' })).toEqual({});
});

test('the range is what the service accepts', () => {
  expect(rangeOf({}, NOW)).toEqual({ from: '2026-11-01', to: '2026-11-30' });
  expect(rangeOf({ from: '2026-11-20' }, NOW)).toEqual({ from: '2026-11-20', to: '2026-11-30' });
  expect(rangeOf({ from: '2026-11-20', to: '2026-11-10' }, NOW)).toEqual({ from: '2026-11-10', to: '2026-11-10' });
  expect(rangeOf({ from: '2020-01-01', to: '2026-11-30' }, NOW)).toEqual({ from: '2025-11-30', to: '2026-11-30' });
  expect(rangeOf({ from: '2020-01-01', to: '2026-11-30', by: 'user' }, NOW)).toEqual({
    from: '2026-08-31',
    to: '2026-11-30',
  });
});

test('bars show days without errands, and weeks where there are too many days', () => {
  const days = barsOf({ from: '2026-11-28', to: '2026-12-01' }, [aRow('2026-11-29')]);
  expect(days.map(({ from, runs }) => [from, runs])).toEqual([
    ['2026-11-28', 0],
    ['2026-11-29', 3],
    ['2026-11-30', 0],
    ['2026-12-01', 0],
  ]);
  const range = { from: '2025-11-30', to: '2026-11-30' };
  const weeks = barsOf(range, [aRow('2025-12-01'), aRow('2025-12-02'), aRow('2026-11-30')]);
  expect(weeks.length).toBeLessThanOrEqual(MAX_BARS);
  expect(weeks[0]).toEqual({ from: '2025-11-30', to: '2025-12-06', runs: 6, succeeded: 4, failed: 2 });
  expect(weeks.at(-1)).toMatchObject({ to: '2026-11-30', runs: 3 });
});

test('rows lead to their errands where a filter of the list has them', () => {
  const search = { from: '2026-11-01', to: '2026-11-30' };
  expect(runsSearchOfRow(search, 'day', aRow('2026-11-29'))).toEqual({ from: '2026-11-29', to: '2026-11-29' });
  expect(runsSearchOfRow(search, 'status', aRow('FAILED'))).toEqual({ ...search, status: ['FAILED'] });
  const requester = { type: 'api_key', id: 'k', label: 'Sales' } as const;
  expect(runsSearchOfRow(search, 'requester', aRow('api_key:k', { requester }))).toEqual({
    ...search,
    requestedBy: 'api_key:k',
  });
  expect(runsSearchOfRow(search, 'requester', aRow('claimed:desk'))).toBeUndefined();
  expect(runsSearchOfRow(search, 'user', aRow('other', { other: true }))).toBeUndefined();
  expect(runsSearchOfRow(search, 'user', aRow('other'))).toEqual({ ...search, userId: 'other' });
});

test('the CSV has the numbers of each row, and no formula of a user', () => {
  const rows = [
    aRow('=1+1', { cost: { amount: 0.5, currency: 'USD' }, p50Ms: 5, phases: { queued: { p50Ms: 1, p95Ms: 2 } } }),
    aRow('other', { other: true }),
  ];
  const report = { by: 'user', from: '', to: '', rows } as unknown as UsageReport;
  const [header = '', first = '', last = ''] = csvOf(csvRowsOf(report, new Map())).split('\r\n');
  expect(header).toContain('user,name,runs,succeeded,failed,calls,callErrors,tokens');
  expect(first).toMatch(/^'=1\+1,'=1\+1,3,2,1,6,1,10/);
  expect(first).toContain('0.5,USD');
  expect(last).toMatch(/^other,all others,3,2/);
});
