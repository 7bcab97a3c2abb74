// A short version of `pnpm faults`: everything fails, nothing is lost, nothing happens twice.
import { expect, test } from 'vitest';
import { runSeed } from './seed-run.ts';
import { tell } from './verdict.ts';

test.each([1])(
  'every invariant holds through the faults of seed %i',
  async (seed) => {
    const { verdicts, summary } = await runSeed({ seed, seconds: 15, rate: 3 });

    for (const verdict of verdicts) expect(verdict.violations, `${summary}\n${tell(verdict)}`).toEqual([]);
    expect(verdicts.every(({ looked }) => looked > 0)).toBe(true);
  },
  240_000,
);
