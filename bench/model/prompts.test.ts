import { expect, test } from 'vitest';
import { measurePrompts } from './prompts.ts';

type Prompts = {
  tools: number;
  userKilobytes: number;
  sharedPercent: number;
  repairKeepsPercent: number;
  replanKeepsPercent: number;
};

const MOST_KILOBYTES = { crm: 12, large38: 25, tools300: 30, tools1000: 30 };

test('prompts stay small, and runs with the same tools share their beginning', async () => {
  const figures = (await measurePrompts()) as Record<string, Prompts>;
  expect(figures.crm?.tools).toBe(26);
  for (const [set, most] of Object.entries(MOST_KILOBYTES)) {
    const { userKilobytes, sharedPercent, repairKeepsPercent, replanKeepsPercent } = figures[set]!;
    expect(userKilobytes, set).toBeLessThanOrEqual(most);
    expect(sharedPercent, set).toBeGreaterThanOrEqual(90);
    expect([repairKeepsPercent, replanKeepsPercent], set).toEqual([100, 100]);
  }
}, 60_000);
