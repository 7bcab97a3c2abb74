import { evalSets } from '@errand/evals';
import { expect, it } from 'vitest';
import { measureEvals } from './search.ts';

/** Sets whose intents use other words than their service. */
const LOOSE = ['brindle', 'hirewell', 'torque'];
/** The sets for which the floors were measured. With more tools, fewer of the right ones rank first. */
const MEASURED = evalSets.filter(
  ({ name }) => !['talk-1', 'blind-7', 'blind-8', 'blind-9', 'blind-10', 'blind-11'].includes(name),
);
const SETS = MEASURED.filter(({ name }) => !name.startsWith('blind-'));

it.each([
  ['of the sets that use the words of their services', SETS.filter(({ name }) => !LOOSE.includes(name)), 0.93, 0.7],
  ['of these and of those in looser words', SETS, 0.92, 0.68],
  ['of these and of the first five blind sets', MEASURED.filter(({ name }) => name !== 'blind-6'), 0.88, 0.6],
  ['of these and of the first six blind sets', MEASURED, 0.87, 0.58],
] as const)(
  'finds nearly all that the evals call among the first twenty tools %s',
  async (_, sets, recall, ndcg) => {
    const { evalsRecallAt20, evalsNdcgAt5 } = await measureEvals(sets);
    expect(evalsRecallAt20).toBeGreaterThanOrEqual(recall);
    expect(evalsNdcgAt5).toBeGreaterThanOrEqual(ndcg);
  },
  300_000,
);
