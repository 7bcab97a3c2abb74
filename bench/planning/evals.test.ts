import { createBuiltinPlanner } from '@errand/planner-english';
import { expect, it } from 'vitest';
import { isImpossible, judgeSet } from './score.ts';
import { evalSets } from './sets.ts';

/** The least that the built-in planner gets right, and the most that it gets wrong, by set; a set without a line is only measured. */
const FLOORS: Record<string, { right: number; refused: number; wrongReads: number; wrongWrites: number }> = {
  demo: { right: 34, refused: 14, wrongReads: 0, wrongWrites: 0 },
  harbour: { right: 7, refused: 4, wrongReads: 0, wrongWrites: 0 },
  seedbank: { right: 7, refused: 4, wrongReads: 0, wrongWrites: 0 },
  apiary: { right: 8, refused: 4, wrongReads: 0, wrongWrites: 0 },
  waterlab: { right: 4, refused: 4, wrongReads: 0, wrongWrites: 0 },
  crescendo: { right: 10, refused: 4, wrongReads: 0, wrongWrites: 0 },
  galeops: { right: 9, refused: 4, wrongReads: 0, wrongWrites: 0 },
  freightdesk: { right: 5, refused: 4, wrongReads: 0, wrongWrites: 0 },
  brindle: { right: 13, refused: 4, wrongReads: 0, wrongWrites: 0 },
  hirewell: { right: 12, refused: 4, wrongReads: 0, wrongWrites: 0 },
  torque: { right: 9, refused: 4, wrongReads: 0, wrongWrites: 0 },
  'blind-3': { right: 32, refused: 12, wrongReads: 0, wrongWrites: 0 },
  'blind-4': { right: 27, refused: 12, wrongReads: 0, wrongWrites: 0 },
  'blind-5': { right: 32, refused: 10, wrongReads: 0, wrongWrites: 0 },
  'blind-6': { right: 29, refused: 10, wrongReads: 0, wrongWrites: 0 },
  'blind-7': { right: 28, refused: 10, wrongReads: 0, wrongWrites: 0 },
  'blind-8': { right: 30, refused: 10, wrongReads: 0, wrongWrites: 0 },
  'blind-9': { right: 29, refused: 10, wrongReads: 0, wrongWrites: 0 },
  'blind-10': { right: 23, refused: 10, wrongReads: 1, wrongWrites: 0 },
  'blind-11': { right: 22, refused: 10, wrongReads: 2, wrongWrites: 0 },
  'talk-1': { right: 29, refused: 10, wrongReads: 0, wrongWrites: 0 },
};

it.each(evalSets.filter(({ name }) => Object.hasOwn(FLOORS, name)))(
  'plans for $name as well as ever',
  async (set) => {
    const floor = FLOORS[set.name]!;
    const judged = await judgeSet(set, createBuiltinPlanner());
    const count = (verdict: string, impossible?: boolean) =>
      judged.filter((one) => one.verdict === verdict && (impossible ?? isImpossible(one)) === isImpossible(one)).length;
    expect(count('right', false)).toBeGreaterThanOrEqual(floor.right);
    expect(count('right', true)).toBeGreaterThanOrEqual(floor.refused);
    expect(count('wrong read')).toBeLessThanOrEqual(floor.wrongReads);
    expect(count('wrong write')).toBeLessThanOrEqual(floor.wrongWrites);
  },
  120_000,
);
