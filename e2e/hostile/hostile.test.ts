// Every field that a stranger fills, with every shape, at its largest size: nothing holds the event loop, stays in memory, or ends the process.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Meter, type Probe } from './meter.ts';
import { operationProbes } from './operations.ts';
import { answerProbes, Outside, type Party } from './outside.ts';
import { authorizationParties, issuerOf, mcpParties, modelOf, toolParties, webhookParties } from './parties.ts';
import { startWorld, type World } from './world.ts';

const [outside, issuer, model] = await Promise.all([1, 2, 3].map(() => new Outside(() => undefined).listen()));
const [signIn, planning] = [issuerOf(issuer!), modelOf(model!)];
let world: World;
let meter: Meter;
beforeAll(async () => {
  issuer!.route = signIn.route;
  model!.route = planning.route;
  world = await startWorld([outside!.origin, issuer!.origin], signIn.settings);
  meter = new Meter(world.office.stack, world.look);
  await world.office.stack.used();
  return async () => {
    await world.close();
    for (const each of [outside!, issuer!, model!]) each.close();
  };
});
afterAll(() => console.log(`The twenty worst of ${meter.rows.length} probes:\n${meter.table()}`));

/** The faults of a surface. */
async function faultsOf(surface: string, probes: Iterable<Probe> | AsyncIterable<Probe>, at = meter): Promise<string[]> {
  const before = at.faults.length;
  await at.measure(surface, probes);
  return at.faults.slice(before);
}

function* probesOf(at: Outside, parties: readonly Party[]): Generator<Probe> {
  for (const party of parties) yield* answerProbes(at, party);
}

test('inputs of operations', async () => {
  expect(await faultsOf('operations', operationProbes(world, process.env.HOSTILE_ONLY))).toEqual([]);
});

test.each([
  ['tools', toolParties],
  ['MCP servers', mcpParties],
  ['authorization servers', authorizationParties],
  ['webhook receivers', webhookParties],
])('answers of %s', async (surface, partiesOf) => {
  expect(await faultsOf(surface, probesOf(outside!, await partiesOf(world, outside!)))).toEqual([]);
});

test('answers of an issuer at a sign-in', async () => {
  expect(await faultsOf('sign-in', probesOf(issuer!, signIn.parties(world)))).toEqual([]);
});

test('answers of a model', async () => {
  const planned = await startWorld([model!.origin], planning.settings);
  const other = new Meter(planned.office.stack, planned.look);
  await planned.office.stack.used();
  const faults = await faultsOf('model', probesOf(model!, planning.parties(planned)), other);
  meter.rows.push(...other.rows);
  await planned.close();
  expect(faults).toEqual([]);
});
