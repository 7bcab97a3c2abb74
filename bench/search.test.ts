import { expect, it } from 'vitest';
import { measureEvals } from './search.ts';

it('finds nearly all that the evals call among the first twenty tools of all their services', async () => {
  const { evalsRecallAt20, evalsNdcgAt5 } = await measureEvals();
  expect(evalsRecallAt20).toBeGreaterThanOrEqual(0.92);
  expect(evalsNdcgAt5).toBeGreaterThanOrEqual(0.68);
}, 60_000);
