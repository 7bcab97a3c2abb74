import { RunStatus } from '@errand/contracts';
import { expect, test } from 'vitest';
import { barsOf, countsText, GROUPS, searchOfBar, sumOf } from './groups.ts';

test('each status is in one group', () => {
  expect(GROUPS.flatMap(({ statuses }) => statuses).sort()).toEqual([...RunStatus.options].sort());
});

test('bars have the counts of their groups, and the last ends with the window', () => {
  const bars = barsOf({
    to: '2026-03-10T10:01:30.000Z',
    bucketMs: 60_000,
    buckets: [
      {
        from: '2026-03-10T10:00:00.000Z',
        counts: [
          { status: 'SUCCESS', runs: 1200 },
          { status: 'PAUSED', runs: 1 },
          { status: 'AUTH_REQUIRED', runs: 2 },
        ],
      },
      { from: '2026-03-10T10:01:00.000Z', counts: [] },
    ],
  });
  expect(bars.map(({ to }) => to)).toEqual(['2026-03-10T10:01:00.000Z', '2026-03-10T10:01:30.000Z']);
  expect(countsText(sumOf(bars))).toBe('1,203 errands: 1,200 success, 3 waits');
  expect(countsText(bars[1]!)).toBe('0 errands');
  expect(searchOfBar({ userId: 'ada', within: '1h', peek: 'x' }, bars[1]!)).toEqual({
    userId: 'ada',
    from: '2026-03-10T10:01:00Z',
    to: '2026-03-10T10:01:30Z',
  });
});
