import { expect, test } from 'vitest';
import { retentionFinding } from './retention-finding.ts';

const GIB = 2 ** 30;
const growth = { runsPerDay: 100_000, bytesPerRun: 7070, eventBytesPerRun: 2500, databaseBytes: 10 * GIB };

test.each([
  [{}, 'failed'],
  [{ eventDays: 3 }, 'warning'],
  [{ outputDays: 3 }, 'warning'],
  [{ runDays: 3 }, 'ok'],
])('retention %j is %s', (retention, status) => {
  expect(retentionFinding(retention).status).toBe(status);
  expect(retentionFinding(retention, { ...growth, freeBytes: 1000 * GIB }).status).toBe(status);
});

test('the longest retention that fits the disk is proposed, with the space that it needs', () => {
  const remedy = (freeBytes?: number) => retentionFinding({}, { ...growth, freeBytes }).remedy;
  expect(remedy(1000 * GIB)).toBe(
    'Set ERRAND_EVENT_DAYS=30, ERRAND_OUTPUT_DAYS=30 and ERRAND_RUN_DAYS=365, which need about 162.3 GiB.',
  );
  expect(remedy(100 * GIB)).toBe(
    'Set ERRAND_EVENT_DAYS=30, ERRAND_OUTPUT_DAYS=30 and ERRAND_RUN_DAYS=90, which need about 45.3 GiB.',
  );
  expect(remedy(0)).toContain('ERRAND_RUN_DAYS=7,');
  expect(retentionFinding({}, { ...growth, databaseBytes: GIB / 2, freeBytes: 0 }).remedy).toContain('larger disk');
  expect(remedy()).toContain('ERRAND_RUN_DAYS=365');
});

test('the text says how fast the data grow and when the disk is full', () => {
  expect(retentionFinding({}, { ...growth, freeBytes: 66 * GIB }).text).toBe(
    'Runs, their events and their outputs are kept without limit. They grow by 675 MiB a day, by 100000 runs of 7.1 KB; without removal the disk is full in 100 days.',
  );
  expect(retentionFinding({}, growth).text).not.toContain('disk');
});

test('a retention that needs more than the disk has is a warning', () => {
  expect(retentionFinding({ runDays: 3650 }, { ...growth, freeBytes: 100 * GIB })).toMatchObject({
    status: 'warning',
    text: expect.stringContaining('They will take 2403.3 GiB'),
  });
});
