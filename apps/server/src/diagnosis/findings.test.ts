import type { SystemStatus } from '@errand/contracts';
import { expect, test } from 'vitest';
import { clockFinding } from './database-findings.ts';
import { findingsOfStatus } from './status-findings.ts';

test.each([
  [0, 'ok', 'agree'],
  [-1999, 'ok', 'agree'],
  [2000, 'warning', '2 s ahead of'],
  [-29_000, 'warning', '29 s behind'],
  [30_000, 'failed', '30 s ahead of'],
])('a clock that is %i ms ahead is %s', (aheadMs, status, text) => {
  expect(clockFinding(aheadMs)).toMatchObject({ status, text: expect.stringContaining(text) });
});

const database = {
  bytes: 1,
  connections: { used: 1, max: 2 },
  oldestSnapshot: {},
  unusedIndexes: { indexes: [] },
} satisfies SystemStatus['database'];
const statusOf = (check: string, change: object) =>
  findingsOfStatus({ workers: [], database: { ...database, ...change } }).find((finding) => finding.check === check)
    ?.status;

test('a transaction of ten minutes is a warning', () => {
  expect(statusOf('snapshot', {})).toBe('ok');
  expect(statusOf('snapshot', { oldestSnapshot: { transactions: 1, seconds: 599 } })).toBe('ok');
  expect(statusOf('snapshot', { oldestSnapshot: { transactions: 1, seconds: 600 } })).toBe('warning');
  expect(statusOf('snapshot', { oldestSnapshot: 'unknown' })).toBe('skipped');
});

test('unused indexes of 256 MiB are a warning', () => {
  const unused = (bytes: number) => ({ unusedIndexes: { indexes: [{ table: 'run', index: 'run_words', bytes }] } });
  expect(statusOf('indexes', unused(2 ** 28 - 1))).toBe('ok');
  expect(statusOf('indexes', unused(2 ** 28))).toBe('warning');
});
