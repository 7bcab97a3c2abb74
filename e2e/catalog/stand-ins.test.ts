// Each service of the catalogue, played by a stand-in that is made from its entry alone: registered by its id, connected by each of its ways
// to authenticate, tried, and called by a run with a read, which first reaches a limit, and a write.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalog } from '@errand/catalog';
import { type CatalogEntry, type CatalogWay, kindsOf, type ListedTool, variablesIn } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { aRun } from '../fixtures/builders.ts';
import { exhaustive } from '../fixtures/combine.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { type NotesServer, startNotesServer } from '../mcp/notes-server.ts';
import { CLIENT } from './authorization-stand-in.ts';
import { sampleOf } from './sample.ts';
import { type StandIn, startStandIn, TOKEN, USER } from './stand-in.ts';

const packed = await openCatalog().search();
const overHttp = packed.filter((entry) => kindsOf(entry).includes('openapi'));
const overMcp = packed.filter((entry) => !kindsOf(entry).includes('openapi'));
// Services that authenticate alike take the same code, which the project `slow` runs for every service.
const httpEntries = exhaustive ? overHttp : sampled(overHttp);
const mcpEntries = exhaustive ? overMcp : overMcp.slice(0, 1);
const ways = httpEntries.flatMap((entry) =>
  entry.auth.map((way, index) => ({ id: entry.id, title: titleOf(way), index })),
);

/** For each type of way to authenticate, and for rules about answers, the first service that has it. */
function sampled(entries: readonly CatalogEntry[]): CatalogEntry[] {
  const traitsOf = ({ auth, rules }: CatalogEntry) => [
    ...auth.map(({ type }) => type),
    ...(rules?.answers ? ['rules'] : []),
  ];
  const traits = new Set<string>();
  return entries.filter((entry) => {
    const added = traitsOf(entry).filter((trait) => !traits.has(trait));
    for (const trait of added) traits.add(trait);
    return added.length > 0;
  });
}

function titleOf({ type, title }: CatalogWay): string {
  return title ?? type;
}

let folder: string;
let stack: Stack;
let api: Api;
let notes: NotesServer;
const standIns = new Map<string, StandIn>();
/** Services of which a run has succeeded. */
const succeeded = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-catalog-'));
  notes = await startNotesServer();
  for (const entry of httpEntries) standIns.set(entry.id, await startStandIn(entry));
  const entries = [...[...standIns.values()].map(({ entry }) => entry), ...mcpEntries.map(atNotes)];
  for (const entry of entries) await writeFile(join(folder, `${entry.id}.json`), JSON.stringify(entry));
  const allow = [...[...standIns.values()].map(({ origin }) => origin), notes.stub.origin, notes.authorization.url];
  stack = await startStack({ seed: false, allow, env: { ERRAND_CATALOG_DIR: folder } });
  api = overRest(stack);
});
afterAll(async () => {
  await stack?.close();
  await Promise.all([...standIns.values()].map((standIn) => standIn.close()));
  await notes?.close();
  await rm(folder, { recursive: true, force: true });
});

const atNotes = (entry: CatalogEntry): CatalogEntry => ({
  ...entry,
  sources: entry.sources.map((source) => (source.kind === 'mcp' ? { ...source, url: notes.stub.url } : source)),
});

/** The value of each variable in the test. */
const valuesOf = ({ entry, origin }: StandIn): Record<string, string> =>
  Object.fromEntries(
    Object.entries(entry.variables).map(([name, { from, path, example, default: standard, enum: choices }]) => [
      name,
      from === 'tokenAnswer' && path === 'instance_url' ? origin : (standard ?? example ?? choices?.[0] ?? 'x1'),
    ]),
  );

const credentialsOf = ({ type, title }: CatalogWay) => ({
  ...(title !== undefined && { way: title }),
  ...(type === 'API_TOKEN' && { token: TOKEN }),
  ...(type === 'BASIC' && USER),
  ...((type === 'OAUTH2' || type === 'CLIENT_CREDENTIALS') && CLIENT),
});

/** Registers a service by its id, with the values that the owner must give. */
async function register(
  { entry }: StandIn,
  way: CatalogWay,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const used = new Set(
    variablesIn(JSON.stringify([way, way.baseUrl ?? entry.baseUrl, entry.headers, entry.arguments, entry.query])),
  );
  // A token of the owner is for all users, so the owner also gives the values of users.
  const isForAll = way.type !== 'OAUTH2';
  const needed = Object.entries(entry.variables).filter(
    ([name, { from = 'owner', default: standard }]) =>
      used.has(name) && standard === undefined && (from === 'owner' || (from === 'user' && isForAll)),
  );
  const { customerIntegrationId } = await api.integrations.create({
    catalog: entry.id,
    // By default the transports of tests enable all tools.
    enable: undefined,
    variables: Object.fromEntries(needed.map(([name]) => [name, values[name]!])),
    auth: credentialsOf(way),
  });
  return customerIntegrationId;
}

/** The fields of the connect page for the variables of users. */
const enteredValues = ({ entry }: StandIn, values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(entry.variables).flatMap(([name, { from }]) =>
      from === 'user' ? [[`variable.${name}`, values[name]!]] : [],
    ),
  );

function stepOf(id: string, tool: ListedTool) {
  const schema = tool.inputSchema as Parameters<typeof sampleOf>[0];
  const args = sampleOf(schema) as Record<string, unknown>;
  const takesText = schema.properties?.body?.properties?.text !== undefined;
  return { id, tool: tool.name, args: { ...args, ...(takesText && { body: { text: 'Hello' } }) } } as const;
}

/** The first enabled read, and the first enabled write, as steps of a plan. */
async function stepsOf(customerIntegrationId: string) {
  const { tools } = await api.integrations.tools({ customerIntegrationId });
  const enabled = tools.filter((tool) => tool.enabled);
  const read = enabled.find((tool) => tool.effect === 'read')!;
  const write = enabled.find((tool) => tool.effect !== 'read' && tool.method !== 'DELETE')!;
  return [stepOf('read', read), ...(write ? [stepOf('write', write)] : [])];
}

/** Allows the access of a user at the authorization server. */
async function consent(url: string, entered: Readonly<Record<string, string>>): Promise<void> {
  const browser = new Browser();
  const end = await browser.submit(await browser.open(url), { decision: 'allow', ...entered });
  expect(end.url.search, end.html).toBe('?status=success');
}

/** Starts a run, gives the consent that it waits for, and waits for its end. @returns its status */
async function carryOut(
  customerIntegrationId: string,
  steps: Awaited<ReturnType<typeof stepsOf>>,
  entered: Readonly<Record<string, string>> = {},
): Promise<string> {
  const plan = { goal: 'Read and write', steps };
  const { runId } = await api.runs.create(
    aRun({ userId: 'ada', selectedCustomerIntegrationIds: [customerIntegrationId], plan }),
  );
  for await (const event of api.runs.stream({ runId }))
    if (event.type === 'authentication' && event.auth.status === 'required') await consent(event.auth.url!, entered);
  const run = await api.runs.get({ runId, includeEvents: true });
  if (run.status !== 'SUCCESS') reasons.push(JSON.stringify(run.events).slice(-2000));
  return run.status;
}

/** Tries the credential: the first request is the operation that the entry names for it. */
async function expectTrial({ entry, calls, faults }: StandIn, customerIntegrationId: string): Promise<void> {
  calls.length = 0;
  const trial = await api.integrations.try({ customerIntegrationId, userId: 'ada' });
  expect({ faults, trial }).toMatchObject({ faults: [], trial: { result: 'accepted' } });
  const operation = entry.rules?.test?.operation;
  expect(calls.map((call) => call.operation)).toEqual([operation ?? expect.any(String)]);
}

/** Executes a read, which first reaches a limit, and a write. */
async function expectRun(
  standIn: StandIn,
  customerIntegrationId: string,
  entered: Readonly<Record<string, string>>,
): Promise<void> {
  standIn.limitCall();
  reasons.length = 0;
  const steps = await stepsOf(customerIntegrationId);
  const status = await carryOut(customerIntegrationId, steps, entered);
  expect({ faults: standIn.faults, status }, reasons.join('\n')).toEqual({ faults: [], status: 'SUCCESS' });
  expect(standIn.calls.map(({ operation }) => operation)).toHaveLength(steps.length);
  succeeded.add(standIn.entry.id);
}

/** The events of runs without success, for the messages of failed tests. */
const reasons: string[] = [];

describe.each(ways)('$id by $title', ({ id, index }) => {
  const isFirst = index === 0;
  test(isFirst ? 'from its id to a finished run' : 'from its id to an accepted credential', async () => {
    const standIn = standIns.get(id)!;
    const way = standIn.entry.auth[index]!;
    const values = valuesOf(standIn);
    const entered = enteredValues(standIn, values);
    standIn.begin(way, values);
    const customerIntegrationId = await register(standIn, way, values);
    const integration = await api.integrations.get({ customerIntegrationId });
    expect(integration).toMatchObject({ name: standIn.entry.name, catalog: { id, version: standIn.entry.version } });
    // The ways of a service differ in the credential, which the trial sends.
    if (isFirst) await expectRun(standIn, customerIntegrationId, entered);
    else if (way.type === 'OAUTH2') {
      const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId: 'ada' });
      await consent(authorizeUrl, entered);
    }
    if (!isFirst || standIn.entry.rules?.test) await expectTrial(standIn, customerIntegrationId);
  });
});

const refusing = httpEntries.filter(({ rules }) => rules?.answers);
test.each(refusing.map(({ id }) => id))('a write that %s refuses with status 200 is no success', async (id) => {
  const standIn = standIns.get(id)!;
  const way = standIn.entry.auth.find(({ type }) => type === 'API_TOKEN')!;
  const values = valuesOf(standIn);
  standIn.begin(way, values);
  const customerIntegrationId = await register(standIn, way, values);
  const steps = await stepsOf(customerIntegrationId);
  standIn.refuseWrite();
  expect(await carryOut(customerIntegrationId, steps)).not.toBe('SUCCESS');
});

test.each(mcpEntries.map(({ id }) => id))('%s by MCP, from its id to a finished run', async (id) => {
  notes.behave();
  const { customerIntegrationId } = await api.integrations.create({ catalog: id, trustHints: true, enable: undefined });
  await api.integrations.patch({ customerIntegrationId, confirmIssuer: notes.authorization.url });
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId: 'ada' });
  const browser = new Browser();
  const login = await browser.submit(await browser.open(authorizeUrl), { decision: 'allow' });
  const end = await browser.submit(login, { username: 'ada', password: 'analytical-engine', decision: 'allow' });
  expect(end.url.search).toBe('?status=success');
  await expect
    .poll(async () => (await api.integrations.get({ customerIntegrationId })).enabledToolCount, { timeout: 60_000 })
    .toBe(1);
  expect(await carryOut(customerIntegrationId, await stepsOf(customerIntegrationId))).toBe('SUCCESS');
  expect(notes.calls.map(({ tool }) => tool)).toEqual(['read_notes']);
  succeeded.add(id);
});

test('every service that was tried has finished a run', () => {
  const tried = [...httpEntries, ...mcpEntries];
  console.log(`${succeeded.size} of ${tried.length}`);
  expect([...succeeded].sort()).toEqual(tried.map(({ id }) => id).sort());
  if (exhaustive) expect(tried).toHaveLength(packed.length);
});
