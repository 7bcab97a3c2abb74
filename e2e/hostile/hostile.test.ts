// Every field that a stranger fills, with every shape, at its largest size: nothing holds the event loop, stays in memory, or ends the process.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Meter } from './meter.ts';
import { operationProbes } from './operations.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let meter: Meter;
beforeAll(async () => {
  world = await startWorld([]);
  meter = new Meter(world.office.stack, world.look);
  await world.office.stack.used();
  return () => world.close();
});
afterAll(() => console.log(`The twenty worst of ${meter.rows.length} probes:\n${meter.table()}`));

/** The faults of a surface. */
async function faultsOf(surface: string, probes: Parameters<Meter['measure']>[1]): Promise<string[]> {
  const before = meter.faults.length;
  await meter.measure(surface, probes);
  return meter.faults.slice(before);
}

test('inputs of operations', async () => {
  expect(await faultsOf('operations', operationProbes(world, process.env.HOSTILE_ONLY))).toEqual([]);
});
