// Many answers at the moment of the request: `e2e/original/asking.test.ts` has a few of them.
import { expect, onTestFinished, test } from 'vitest';
import { approveAtOnce } from '../original/answer.ts';
import { startWorld } from '../original/world.ts';

test('300 answers at the moment of the request all count', async () => {
  const world = await startWorld();
  onTestFinished(() => world.close());

  const statuses = await approveAtOnce(world, 30);

  expect(statuses).toEqual(Array.from({ length: 300 }, () => 'SUCCESS'));
});
