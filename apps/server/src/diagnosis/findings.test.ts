import type { SystemStatus } from '@errand/contracts';
import { expect, test } from 'vitest';
import { clockFinding } from './database-findings.ts';
import { findingsOfStatus, webhooksFinding } from './status-findings.ts';

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
  findingsOfStatus({ workers: [], queue: { due: 0, claimed: 0 }, database: { ...database, ...change } }).find(
    (finding) => finding.check === check,
  )?.status;

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

test('a run that has been due for two minutes is a warning', () => {
  const finding = (queue: SystemStatus['queue']) =>
    findingsOfStatus({ workers: [], queue, database }).find(({ check }) => check === 'queue')!;
  expect(finding({ due: 1, claimed: 0, oldestDueSeconds: 119 }).status).toBe('ok');
  expect(finding({ due: 9, claimed: 4, oldestDueSeconds: 130 })).toMatchObject({
    status: 'warning',
    text: 'A run has been due for 2 minutes; 9 are due, and 4 execute.',
  });
  expect(finding('unknown').status).toBe('skipped');
});

test('the queue of a restored database waits for its resumption, not for workers', () => {
  const queue = { due: 10, claimed: 0, oldestDueSeconds: 840, heldSince: '2026-12-07T09:00:00.000Z' };
  const finding = findingsOfStatus({ workers: [], queue, database }).find(({ check }) => check === 'queue')!;
  expect(finding).toMatchObject({
    status: 'warning',
    text: 'The database was restored at 2026-12-07T09:00:00.000Z and is held, so no run starts; 10 are due.',
    remedy: expect.stringContaining('errand resume'),
  });
  expect(JSON.stringify(finding)).not.toContain('workers');
});

test('a message to a webhook that has waited for ten minutes is a warning', () => {
  const finding = (oldestDueSeconds: number) => webhooksFinding({ outbox: 2, due: 1, waiting: 7, oldestDueSeconds });
  expect(finding(599).status).toBe('ok');
  expect(finding(600)).toMatchObject({
    status: 'warning',
    text: 'A message to a webhook has waited for 10 minutes; 3 wait.',
  });
  expect(webhooksFinding(undefined).status).toBe('skipped');
});
