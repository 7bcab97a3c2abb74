// Every id of every operation of the contract, with ids of another workspace: the answer must be that for unknown ids, and neither
// workspace may change. The cases come from the contract, so new operations are covered automatically.
import { beforeAll, describe, expect, test } from 'vitest';
import {
  fill,
  type Hole,
  holesOf,
  type IdField,
  idFieldsOf,
  inputWith,
  type Operation,
  operations,
} from './id-fields.ts';
import { overRest, overTrpc, type Send } from './send.ts';
import { stateOf } from './state.ts';
import { CANARY, kinds, nobodys, samples, settled, startTenants, type Tenant, telling, withoutIds } from './tenants.ts';

type Tenants = Awaited<ReturnType<typeof startTenants>>;
let tenants: Tenants;
beforeAll(async () => {
  tenants = await startTenants();
  return () => tenants.close();
});

/** Texts that identify a workspace, except for those that were sent. */
const secretsOf = ({ workspaceId, runId, executionPlanId, crm }: Tenant, sent: ReadonlyMap<Hole, string> = new Map()) =>
  [CANARY, workspaceId, runId, executionPlanId, crm].filter(
    (secret) => ![...sent.values()].some((id) => id.includes(secret)),
  );

/** One input: the ids under test are foreign or unknown; the others are the caller's own. */
type Case = { title: string; operation: Operation; input: unknown; foreign: (hole: Hole) => boolean };

const cases: Case[] = operations.flatMap((operation) =>
  idFieldsOf(operation, kinds).flatMap((field: IdField) => {
    if (field.kind === null) return [];
    const input = inputWith(operation, kinds, field);
    const at = field.path
      .filter((key) => !/^[|&]/.test(key))
      .map((key) => (key === '[]' ? '0' : key === '*' ? 'key' : key));
    const here = at.join('/');
    const title = `${operation.name} ${here}`;
    const alone = { title, operation, input, foreign: (hole: Hole) => hole.path === here };
    const all = { title: `${title}, and all others`, operation, input, foreign: () => true };
    return holesOf(input).length > 1 ? [alone, all] : [alone];
  }),
);

test('every id of the contract is tried', () => {
  const unknown = operations.flatMap((operation) =>
    idFieldsOf(operation, kinds)
      .filter(({ kind }) => kind === null)
      .map(({ name }) => `${operation.name} takes "${name}"`),
  );
  expect(
    unknown,
    'The contract takes ids of which the matrix has none: in e2e/tenancy/tenants.ts add to `samples` how to come by one in a workspace (and to `kinds.fields`, if its schema has no name), or to `kinds.none` why it is no id.',
  ).toEqual([]);
  for (const { input, foreign, title } of cases) expect(holesOf(input).some(foreign), title).toBe(true);
});

describe.each<[string, Send]>([
  ['REST', overRest],
  ['tRPC', overTrpc],
])('over %s', (_, send) => {
  test.each(cases)('$title: foreign ids are like unknown ones', async ({ operation, input, foreign }) => {
    const { mine, otherTenant, sql } = tenants;
    const theirs = new Map<Hole, string>();
    const noones = new Map<Hole, string>();
    for (const hole of holesOf(input)) {
      const real = await samples[hole.kind]!.real(foreign(hole) ? mine : otherTenant, operation);
      theirs.set(hole, real);
      noones.set(hole, foreign(hole) ? nobodys(hole.kind, real) : real);
    }
    await settled(sql, otherTenant);
    const before = { mine: await stateOf(sql, mine), other: await stateOf(sql, otherTenant) };

    const answer = await send(otherTenant.caller, operation, fill(input, theirs));
    const same = await send(otherTenant.caller, operation, fill(input, noones));

    const news = withoutIds(answer, theirs);
    expect(news).toBe(withoutIds(same, noones));
    expect(answer.status).toBeLessThan(500);
    for (const secret of secretsOf(mine, theirs)) expect(answer.text).not.toContain(secret);
    await settled(sql, otherTenant);
    expect(await stateOf(sql, mine)).toEqual(before.mine);
    // An action whose run fails has created a run.
    const refused = answer.status >= 400 && !answer.text.includes('action_failed');
    if (refused) expect(await stateOf(sql, otherTenant)).toEqual(before.other);
  });

  const readers = operations.filter(
    (operation) => operation.kind === 'query' && holesOf(inputWith(operation, kinds)).length === 0,
  );
  test.each(readers)('$name contains nothing of another workspace', async (operation) => {
    const { mine, otherTenant } = tenants;
    const input = { ...(inputWith(operation, kinds) as object), ...telling[operation.name] };
    const answer = await send(mine.caller, operation, input);
    expect(answer.text, `${operation.name}: keep one in e2e/tenancy/tenants.ts, marked with CANARY`).toContain(CANARY);
    const { text } = await send(otherTenant.caller, operation, input);
    for (const secret of secretsOf(mine)) expect(text).not.toContain(secret);
  });
});
