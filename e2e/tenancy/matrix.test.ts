// Every id of every operation of the contract, with ids of another workspace: the answer must be that for unknown ids, and neither
// workspace may change. The cases come from the contract, so new operations are covered automatically.
import { beforeAll, expect, test } from 'vitest';
import { combine } from '../fixtures/combine.ts';
import { casesOf, idsFor } from './cases.ts';
import { fill, holesOf, idFieldsOf, inputWith, operations } from './id-fields.ts';
import { overRest, overTrpc, type Send } from './send.ts';
import { statesOf } from './state.ts';
import { CANARY, computed, kinds, secretsOf, settled, startTenants, telling, withoutIds } from './tenants.ts';

type Tenants = Awaited<ReturnType<typeof startTenants>>;
let tenants: Tenants;
beforeAll(async () => {
  tenants = await startTenants();
  return () => tenants.close();
});

const cases = casesOf(operations);

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

const transports: readonly [string, Send][] = [
  ['REST', overRest],
  ['tRPC', overTrpc],
];

// REST calls the procedures of tRPC, so each id takes one of the transports.
const casesOverTransports = combine(cases, () => transports).map(([each, [transport, send]]) => ({
  ...each,
  transport,
  send,
}));

test.each(casesOverTransports)(
  '$title: foreign ids are like unknown ones, over $transport',
  async ({ operation, input, foreign, send }) => {
    const { mine, otherTenant, sql } = tenants;
    const { theirs, noones } = await idsFor({ operation, input, foreign }, mine, otherTenant);
    await settled(sql, otherTenant);
    const before = await statesOf(sql, [mine, otherTenant]);
    const answer = await send(otherTenant.caller, operation, fill(input, theirs));
    const same = await send(otherTenant.caller, operation, fill(input, noones));

    expect(withoutIds(answer, theirs)).toBe(withoutIds(same, noones));
    expect(answer.status).toBeLessThan(500);
    for (const secret of secretsOf(mine, theirs)) expect(answer.text).not.toContain(secret);
    // An action whose run fails has created a run.
    const isRefused = answer.status >= 400 && !answer.text.includes('action_failed');
    await settled(sql, otherTenant);
    const after = await statesOf(sql, [mine, otherTenant]);
    expect(after[0]).toEqual(before[0]);
    if (isRefused) expect(after[1]).toEqual(before[1]);
  },
);

const readers = operations.filter(
  (operation) =>
    operation.kind === 'query' && !computed.has(operation.name) && holesOf(inputWith(operation, kinds)).length === 0,
);
const readersOverTransports = combine(readers, () => transports).map(([operation, [transport, send]]) => ({
  name: operation.name,
  operation,
  transport,
  send,
}));

test.each(readersOverTransports)(
  '$name over $transport contains nothing of another workspace',
  async ({ operation, send }) => {
    const { mine, otherTenant } = tenants;
    const input = { ...(inputWith(operation, kinds) as object), ...telling[operation.name] };
    const answer = await send(mine.caller, operation, input);
    expect(answer.text, `${operation.name}: keep one in e2e/tenancy/tenants.ts, marked with CANARY`).toContain(CANARY);
    const { text } = await send(otherTenant.caller, operation, input);
    for (const secret of secretsOf(mine)) expect(text).not.toContain(secret);
  },
);
