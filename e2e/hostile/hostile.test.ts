// Every field that a stranger fills, with every shape, at its largest size: nothing holds the event loop, stays in memory, or ends the process.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentProbes, lackingMembers } from './documents.ts';
import { Meter, type Probe } from './meter.ts';
import { operationProbes } from './operations.ts';
import { answerProbes, json, Outside, type Party } from './outside.ts';
import { authorizationParties, mcpParties, toolParties, webhookParties } from './parties.ts';
import { issuerAt, modelAt } from './settings.ts';
import { startWorld, type World } from './world.ts';

const outside = await new Outside().listen();
const issuer = await new Outside().listen();
const model = await new Outside().listen();
const [signIn, planning] = [issuerAt(issuer), modelAt(model)];
let world: World;
let meter: Meter;
beforeAll(async () => {
  issuer.route = signIn.route;
  model.route = planning.route;
  world = await startWorld([outside.origin, issuer.origin], signIn.settings);
  meter = await Meter.of(world);
  return async () => {
    await world.close();
    for (const stub of [outside, issuer, model]) stub.close();
  };
});
afterAll(() => console.log(`The twenty worst of ${meter.rows.length} probes:\n${meter.table()}`));

/** The faults of a surface. */
async function faultsOf(
  surface: string,
  probes: Iterable<Probe> | AsyncIterable<Probe>,
  at = meter,
): Promise<string[]> {
  const before = at.faults.length;
  await at.measure(surface, probes);
  return at.faults.slice(before);
}

function* probesOf(stub: Outside, parties: readonly Party[]): Generator<Probe> {
  for (const party of parties) yield* answerProbes(stub, party);
}

test('inputs of operations', async () => {
  expect(await faultsOf('operations', operationProbes(world))).toEqual([]);
});

test.each([
  ['tools', toolParties],
  ['MCP servers', mcpParties],
  ['authorization servers', authorizationParties],
  ['receivers of webhooks', webhookParties],
])('answers of %s', async (surface, partiesOf) => {
  expect(await faultsOf(surface, probesOf(outside, await partiesOf(world, outside)))).toEqual([]);
});

test('documents of services', async () => {
  expect(lackingMembers()).toEqual([]);
  outside.route = () => ({ name: 'any', answer: json({ id: 'a' }) });
  expect(await faultsOf('documents', documentProbes(world, outside.origin))).toEqual([]);
});

test('answers of an issuer at a sign-in', async () => {
  expect(await faultsOf('sign-in', probesOf(issuer, signIn.parties(world)))).toEqual([]);
});

test('answers of a model', async () => {
  const planned = await startWorld([model.origin], planning.settings);
  const other = await Meter.of(planned);
  const faults = await faultsOf('model', probesOf(model, planning.parties(planned)), other);
  meter.rows.push(...other.rows);
  await planned.close();
  expect(faults).toEqual([]);
});
