// Every operation of the contract for every kind of caller at every entry. The cells and the expected answers come from the contract, so
// new operations are covered automatically.
import { adminScopes, type Role, roles, type Scope, scopes, scopesOfRole } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { combine, exhaustive } from '../fixtures/combine.ts';
import { newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest as api } from '../fixtures/transports.ts';
import { type AnyOperation, allOperations, inputWith, type Kinds, type Operation } from '../tenancy/id-fields.ts';
import { type Answer, overConsole, overRest, overTrpc, type Send } from '../tenancy/send.ts';
import { stateOf } from '../tenancy/state.ts';
import { aMember, aStranger, at, type Member } from './members.ts';
import { type CallerKind, expectedOutcome, outcomeOf } from './rights.ts';

type Headers = Record<string, string>;
let stack: Stack;
const members = new Map<Role, Member>();
const keys = new Map<Scope, string>();
let stranger: Member;
let operator: Member;
let platformKey: string;
let cells = 0;

beforeAll(async () => {
  stack = await startStack({ seed: false });
  for (const role of roles) members.set(role, await aMember(stack, role, role));
  stranger = await aStranger(stack, 'of no workspace');
  operator = await aStranger(stack, 'of the instance', true);
  platformKey = await newPlatformKey(stack);
  for (const scope of scopes)
    keys.set(scope, (await api(stack).apiKeys.create({ name: scope, scopes: [scope], product: 'any' })).key);
  return stack.close;
});
afterAll(() => console.log(`${cells} cells of operation, caller and entry`));

const ENTRIES = { console: overConsole as Send, trpc: overTrpc as Send, rest: overRest };
type Entry = keyof typeof ENTRIES;

/** No kind of id is known, so inputs consist of the contract's examples: ids that nothing has. */
const EXAMPLES: Kinds = { schemas: new Set(), fields: {}, none: {} };
const exampleOf = (operation: AnyOperation) => inputWith(operation, EXAMPLES);
const INVALID = { unheardOf: 1 };

/** Whether the example names an object, so that a mutation changes nothing. Changes of the instance are free here. */
const isHarmless = ({ kind, callers, schema }: AnyOperation): boolean =>
  kind !== 'mutation' ||
  callers === 'instance' ||
  (schema.required ?? []).some((name) => /^(?!user|execution)\w+Ids?$/.test(name));

const IN_PARALLEL = 8;
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await act(item);
  };
  await Promise.all(Array.from({ length: IN_PARALLEL }, worker));
}

/** On a busy machine the database may not answer in time: clients try again, as the answer says. */
async function sendPatiently(send: () => Promise<Answer>): Promise<Answer> {
  const answer = await send();
  if (answer.status !== 503) return answer;
  await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1000));
  return send();
}

/** A refusal precedes the reading of the input, whatever the scope of a key: the platform key shows it for keys. */
const isTriedWithInvalid = (caller: CallerKind): boolean =>
  caller.kind === 'key' ? exhaustive || caller.scopes.length > 1 : caller.kind !== 'nobody';

/** Sends every operation. @returns the cells with another answer than the expected one */
async function unexpectedCells(entry: Entry, headers: Headers, caller: CallerKind): Promise<string[]> {
  const send = ENTRIES[entry];
  const unexpected: string[] = [];
  const served = allOperations.filter(({ http }) => entry !== 'rest' || http);
  await forEach(served, async (operation) => {
    const expected = expectedOutcome(operation, caller);
    const example = exampleOf(operation);
    // The handler decides about managers, after the input was read.
    const isDecidedLate = operation.callers === 'managers' && caller.kind === 'person';
    const isTriedTwice = entry !== 'rest' && isTriedWithInvalid(caller) && !isDecidedLate;
    const inputs =
      expected === 'allowed'
        ? [isHarmless(operation) ? example : INVALID]
        : [example, ...(isTriedTwice ? [INVALID] : [])];
    for (const input of inputs) {
      const outcome = outcomeOf(
        await sendPatiently(() => send({ url: stack.url, headers }, operation as Operation, input)),
      );
      cells++;
      if (outcome !== expected)
        unexpected.push(`${operation.name} ${JSON.stringify(input)}: ${outcome}, not ${expected}`);
    }
  });
  return unexpected;
}

const sessionOf = ({ headers }: Member): Headers => headers;
const withoutWorkspace = ({ headers: { 'x-errand-workspace': _, ...headers } }: Member): Headers => headers as Headers;
const withKey = (apiKey: string): Headers => ({ 'x-api-key': apiKey });
const allScopes = { kind: 'key', scopes } as const;
const nobody = { kind: 'nobody' } as const;
const VIEWER = { kind: 'person', workspace: 'viewer' } as const;

type Row = [title: string, headers: () => Headers, caller: CallerKind];

const people: Row[] = [
  ...roles.map(
    (role): Row => [
      `a person with the role ${role}`,
      () => sessionOf(members.get(role)!),
      { kind: 'person', workspace: role },
    ],
  ),
  [
    'an administrator who names no workspace',
    () => withoutWorkspace(members.get('admin')!),
    { kind: 'person', workspace: 'none' },
  ],
  [
    'an operator of the instance in a workspace of others',
    () => sessionOf(operator),
    { kind: 'person', workspace: 'foreign', isOperator: true },
  ],
  [
    'an operator of the instance who names no workspace',
    () => withoutWorkspace(operator),
    { kind: 'person', workspace: 'none', isOperator: true },
  ],
  ['a person of no workspace in one of others', () => sessionOf(stranger), { kind: 'person', workspace: 'foreign' }],
  ['a person of no workspace who names none', () => withoutWorkspace(stranger), { kind: 'person', workspace: 'none' }],
  [
    'an administrator in an unknown workspace',
    () => at(stack, members.get('admin')!, crypto.randomUUID()).headers,
    { kind: 'person', workspace: 'foreign' },
  ],
];

/** At the console only the headers of a whole session count, and a key beside them is refused. */
const wrongAtConsole: Row[] = [
  ['nobody', () => ({}), nobody],
  ['a key with all scopes', () => withKey(stack.apiKey), nobody],
  ['the platform key', () => withKey(platformKey), nobody],
  ['a bearer key', () => ({ authorization: `Bearer ${stack.apiKey}` }), nobody],
  [
    'an administrator with a key beside the session',
    () => ({ ...sessionOf(members.get('admin')!), ...withKey(stack.apiKey) }),
    nobody,
  ],
];

const onlyCookie = ({ headers }: Member): Headers => ({ cookie: headers.cookie! });
const keyCallers: Row[] = [
  ['nobody', () => ({}), nobody],
  ['the cookie of an administrator', () => onlyCookie(members.get('admin')!), nobody],
  ['the session of an administrator', () => sessionOf(members.get('admin')!), nobody],
  ['the session of an operator of the instance', () => sessionOf(operator), nobody],
  [
    'a key with all scopes beside the session of a viewer',
    () => ({ ...sessionOf(members.get('viewer')!), ...withKey(stack.apiKey) }),
    allScopes,
  ],
  [
    'a key of a scope beside the session of an administrator',
    () => ({ ...sessionOf(members.get('admin')!), ...withKey(keys.get('runs:read')!) }),
    { kind: 'key', scopes: ['runs:read'] },
  ],
  ['the platform key', () => withKey(platformKey), { kind: 'platform' }],
];

const scopeCallers = scopes.map(
  (scope): Row => [`a key with the scope ${scope}`, () => withKey(keys.get(scope)!), { kind: 'key', scopes: [scope] }],
);
// Both entries check the scope in the same procedure, so each scope takes one of them.
const scopesAtEntries = combine(scopeCallers, () => ['trpc', 'rest'] as const);
const callersAt = (entry: 'trpc' | 'rest'): Row[] => [
  ...keyCallers,
  ...scopesAtEntries.filter(([, at]) => at === entry).map(([row]) => row),
];

test('the contract gives a valid example of each input', () => {
  const invalid = allOperations.filter((operation) => !operation.isValid(exampleOf(operation)));
  expect(invalid.map(({ name }) => name)).toEqual([]);
});

test.each([...people, ...wrongAtConsole])(
  '%s gets the expected answers at /console/trpc',
  async (_, headers, caller) => {
    expect(await unexpectedCells('console', headers(), caller)).toEqual([]);
  },
);
test.each(callersAt('trpc'))('%s gets the expected answers at /trpc', async (_, headers, caller) => {
  expect(await unexpectedCells('trpc', headers(), caller)).toEqual([]);
});
test.each(callersAt('rest'))('%s gets the expected answers at /v1', async (_, headers, caller) => {
  expect(await unexpectedCells('rest', headers(), caller)).toEqual([]);
});

test('/mcp accepts keys of a workspace, and no session or platform key', async () => {
  const list = { method: 'POST', body: { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} } };
  const status = async (headers: Headers) => {
    const accept = 'application/json, text/event-stream';
    const { url } = stack;
    const answer = await request({ url, apiKey: '' }, '/mcp', {
      ...list,
      headers: { accept, 'x-user-id': 'u', ...headers },
    });
    return answer.status;
  };
  const admin = members.get('admin')!;
  for (const headers of [{}, onlyCookie(admin), sessionOf(admin), sessionOf(operator), withKey(platformKey)])
    expect(await status(headers)).toBe(401);
  expect(await status({ ...sessionOf(admin), ...withKey(stack.apiKey) })).toBe(200);
});

test('what a viewer is refused changes no row of the workspace', async () => {
  const viewer = members.get('viewer')!;
  await viewer.ask('session.get');
  const mutations = allOperations.filter(({ kind }) => kind === 'mutation');
  const refused = mutations.filter((operation) => expectedOutcome(operation, VIEWER) !== 'allowed');
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const before = await stateOf(pool, viewer);
  await forEach(refused, async (operation) => {
    await overConsole({ url: stack.url, headers: viewer.headers }, operation, exampleOf(operation));
  });
  const after = await stateOf(pool, viewer);
  await pool.end();
  expect(refused.length).toBeGreaterThan(30);
  expect(after).toEqual(before);
});

test('each role has all scopes of the one before, and the last one has all', () => {
  for (const [n, role] of roles.entries()) {
    const lower = n === 0 ? [] : scopesOfRole[roles[n - 1]!];
    expect(scopesOfRole[role]).toEqual(expect.arrayContaining([...lower]));
    expect(scopesOfRole[role].length).toBeGreaterThan(lower.length);
  }
  expect(scopesOfRole.admin.toSorted()).toEqual(adminScopes.toSorted());
});

test.each(roles)('session.get names the scopes of a person with the role %s', async (role) => {
  const { body } = await members.get(role)!.ask('session.get');
  expect(body.scopes.toSorted()).toEqual(scopesOfRole[role].toSorted());
  expect(body.workspace.role).toBe(role);
});

test('a viewer changes nothing but the own session and membership', () => {
  const allowed = allOperations.filter(
    (operation) => operation.kind === 'mutation' && expectedOutcome(operation, VIEWER) === 'allowed',
  );
  expect(allowed.map(({ name }) => name)).toEqual(['session.end', 'members.leave']);
});
