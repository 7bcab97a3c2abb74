// Every operation of the contract with every ability of user tokens: operations without the ability are refused, and ids of another user
// or another workspace are answered like unknown ones. The cases come from the contract, so new operations are covered automatically.
import { type UserAbility, type UserOperation, userAbilities, userOperations } from '@errand/contracts';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { combine } from '../fixtures/combine.ts';
import { overRest as apiOver } from '../fixtures/transports.ts';
import { userCaller } from '../fixtures/user-tokens.ts';
import { type Case, casesOf } from '../tenancy/cases.ts';
import {
  allOperations,
  fill,
  type Hole,
  holesOf,
  inputWith,
  type Operation,
  operations,
} from '../tenancy/id-fields.ts';
import { type Answer, overRest, overTrpc, type Send, type Sender } from '../tenancy/send.ts';
import { statesOf } from '../tenancy/state.ts';
import { CANARY, kinds, nobodys, samples, settled, startTenants, type Tenant, withoutIds } from '../tenancy/tenants.ts';

/** The abilities of each column. `edit` alone is refused when it is minted. */
const columns: Readonly<Record<string, readonly UserAbility[]>> = {
  watch: ['watch'],
  decide: ['decide'],
  'decide and edit': ['decide', 'edit'],
  connect: ['connect'],
  ask: ['ask'],
  'all abilities': userAbilities,
};

/** A user of a column, with a run of its own. */
type Column = { name: string; caller: Sender; userId: string; runId: string; executionPlanId: string };

let tenants: Awaited<ReturnType<typeof startTenants>>;
const users = new Map<string, Column>();
beforeAll(async () => {
  tenants = await startTenants();
  const { mine } = tenants;
  const api = apiOver(mine.caller);
  for (const [name, can] of Object.entries(columns)) {
    const userId = `user of ${name}`;
    const { run } = await carryOut(api, aRun({ userId, plan: aPlan(`${mine.crm}.listUsers`) }));
    const { url, apiKey } = await userCaller(mine.caller, {
      userId,
      can: [...can],
      minutes: 60,
      limits: { requestsPerMinute: 600, streams: 20, openRuns: 50 },
      ...(can.includes('ask') && { integrations: ['*'] }),
    });
    const { runId, executionPlanId } = run;
    users.set(name, {
      name,
      caller: { url, headers: { authorization: `Bearer ${apiKey}` } },
      userId,
      runId,
      executionPlanId,
    });
  }
  return () => tenants.close();
});

// Streams of open requests show those of one test alone.
afterEach(() => tenants.sql.query(`DELETE FROM decision_request WHERE user_id LIKE 'user of %'`));

const abilitiesOf = (name: string): readonly UserAbility[] =>
  name in userOperations ? userOperations[name as UserOperation] : [];

const mayCall = (column: string, name: string): boolean =>
  abilitiesOf(name).some((ability) => columns[column]!.includes(ability));

/** No answer to a token has a link that decides, or data of others. */
function expectHarmless({ text }: Answer, sent: Iterable<string> = []): void {
  const { mine, otherTenant } = tenants;
  const foreign = [mine, otherTenant].flatMap(({ runId, executionPlanId }) => [runId, executionPlanId]);
  const ids = new Set(sent);
  // Users see the names of integrations.
  const otherText = text.replaceAll(/(CRM|Unused) canary-of-the-first/g, '');
  for (const secret of [CANARY, otherTenant.workspaceId, ...foreign].filter((each) => !ids.has(each)))
    expect(otherText).not.toContain(secret);
  expect(text).not.toMatch(/approvalActions|\/v1\/runs\/(approval|question|input)|requestedBy|decidedBy|answeredBy/);
}

const transports: [string, Send][] = [
  ['REST', overRest],
  ['tRPC', overTrpc],
];

describe.each(Object.keys(columns))('a token with %s', (column) => {
  test('is refused by every operation that needs another ability, or has none', async () => {
    const { caller } = users.get(column)!;
    const refused = allOperations.filter(({ name }) => !mayCall(column, name));
    expect(refused.length).toBeGreaterThan(80);
    for (const operation of refused) {
      const input = fill(inputWith(operation, kinds), new Map());
      const answer = await overTrpc(caller, operation as Operation, input);
      // Over tRPC a stream has a status before it has an error.
      const status = operation.kind === 'subscription' ? 200 : 403;
      expect([operation.name, answer.status]).toEqual([operation.name, status]);
      expect(answer.text, operation.name).toContain('insufficient_ability');
      expectHarmless(answer);
    }
  });
});

/** Kinds of ids that belong to users. Of the same workspace, the others are no foreign ones. */
const OF_USERS = new Set([
  'RunId',
  'ExecutionPlanId',
  'ApprovalId',
  'EffectId',
  'QuestionId',
  'UserId',
  'repeatKey',
  'IdempotencyKey',
  'cursor',
]);

/** A decision request of the run of a user. */
async function ownRequest({ userId, runId }: Column, operation: Operation): Promise<string> {
  const id = await samples.ApprovalId!.real(tenants.mine, operation);
  await tenants.sql.query(
    `UPDATE decision_request SET user_id = $2, run_id = $3, text = 'Own?' WHERE decision_request_id = $1`,
    [id, userId, runId],
  );
  return id;
}

async function ownId(user: Column, { kind }: Hole, operation: Operation): Promise<string> {
  if (kind === 'RunId') return user.runId;
  if (kind === 'ExecutionPlanId') return user.executionPlanId;
  if (kind === 'UserId') return user.userId;
  if (kind === 'ApprovalId' || kind === 'QuestionId') return ownRequest(user, operation);
  return samples[kind]!.real(tenants.mine, operation);
}

/** Ids for the holes of an input: foreign ones in `theirs`, and in their place unknown ones in `noones`. */
async function idsFor(
  { operation, input, foreign }: Pick<Case<Operation>, 'operation' | 'input' | 'foreign'>,
  owner: Tenant,
  user: Column,
) {
  const theirs = new Map<Hole, string>();
  const noones = new Map<Hole, string>();
  for (const hole of holesOf(input)) {
    const isForeign = foreign(hole) && (owner !== tenants.mine || OF_USERS.has(hole.kind));
    const real = isForeign ? await samples[hole.kind]!.real(owner, operation) : await ownId(user, hole, operation);
    theirs.set(hole, real);
    noones.set(hole, isForeign ? nobodys(hole.kind, real) : real);
  }
  return { theirs, noones };
}

const cases = casesOf(operations.filter(({ name }) => name in userOperations));

/** The runs and decisions of the other user of the workspace, and all of the other workspace. */
async function stateOfOthers() {
  const { otherTenant, sql } = tenants;
  const { rows } = await sql.query(
    `SELECT (SELECT md5(string_agg(to_jsonb(r)::text, '' ORDER BY run_id)) FROM run r WHERE user_id = $1) AS runs,
       (SELECT md5(string_agg(to_jsonb(d)::text, '' ORDER BY decision_request_id)) FROM decision_request d WHERE user_id = $1) AS requests`,
    [CANARY],
  );
  return [rows[0], await statesOf(sql, [otherTenant])];
}

/** Sends foreign ids, and unknown ones in their place: the answers are equal and harmless, and nothing of others changes. */
async function tryForeignIds(send: Send, user: Column, { operation, input, foreign }: Case<Operation>) {
  const { mine, otherTenant, sql } = tenants;
  for (const owner of [mine, otherTenant]) {
    const { theirs, noones } = await idsFor({ operation, input, foreign }, owner, user);
    await settled(sql, mine);
    const before = await stateOfOthers();
    const answer = await send(user.caller, operation, fill(input, theirs));
    const same = await send(user.caller, operation, fill(input, noones));
    expect(withoutIds(answer, theirs)).toBe(withoutIds(same, noones));
    expect(answer.status).toBeLessThan(500);
    expect(answer.status).not.toBe(429);
    expectHarmless(answer, theirs.values());
    expect(await stateOfOthers()).toEqual(before);
  }
}

const ALL = 'all abilities';
/** The columns of abilities that may call an operation, each over each transport. */
const waysTo = ({ name }: Operation) =>
  Object.keys(columns)
    .filter((column) => mayCall(column, name))
    .flatMap((column) => transports.map(([transport, send]) => ({ column, transport, send })));

// The abilities of a token decide only whether it may call an operation, and REST calls the procedures of tRPC. So each id takes one of
// the columns that may, and one of the transports.
const triedCases = combine(cases, ({ operation }) => waysTo(operation)).map(([each, way]) => ({ ...each, ...way }));

test('each column tries foreign ids', () => {
  expect(new Set(triedCases.map(({ column }) => column))).toEqual(new Set(Object.keys(columns)));
});

test.each(triedCases)(
  '$title over $transport, with $column: ids of other users and workspaces are like unknown ones',
  ({ send, column, ...each }) => tryForeignIds(send, users.get(column)!, each),
);

describe.each(transports)('over %s', (_, send) => {
  const user = () => users.get(ALL)!;
  test.each(operations.filter(({ name, kind }) => name in userOperations && kind !== 'mutation'))(
    '$name answers the user of a token, without links that decide and names of others',
    async (operation) => {
      await ownRequest(user(), operation);
      const input = inputWith(operation, kinds);
      const own = new Map<Hole, string>();
      for (const hole of holesOf(input)) own.set(hole, await ownId(user(), hole, operation));
      const known = operation.name === 'runs.toolCall' ? { toolCallId: 'only' } : {};
      const events = 'includeEvents' in (operation.schema.properties ?? {}) ? { includeEvents: true } : {};
      const answer = await send(user().caller, operation, { ...(fill(input, own) as object), ...known, ...events });
      expect(answer.status, answer.text).toBe(200);
      expectHarmless(answer);
    },
  );
});
