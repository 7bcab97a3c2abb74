// Every operation of the contract is called by a page of the console, or is an exception with a reason.
import { describe, expect, test } from 'vitest';
import { allOperations } from '../tenancy/id-fields.ts';
import { exceptions } from './exceptions.ts';
import { namedIn, operationsNamed } from './sources.ts';

const names = new Set(allOperations.map(({ name }) => name));
const { called } = operationsNamed(names);
const excepted = Object.keys(exceptions);

describe('the operations of the contract', () => {
  test('are called by the console, unless an exception says why not', () => {
    expect(
      [...names].filter((name) => !called.has(name) && !excepted.includes(name)),
      'No page calls these operations. Call them in apps/console, or give the reason in e2e/console/exceptions.ts.',
    ).toEqual([]);
  });

  test('are no exception once a page calls them', () => {
    expect(
      excepted.filter((name) => called.has(name)),
      'A page calls these operations. Remove them from e2e/console/exceptions.ts.',
    ).toEqual([]);
  });

  test('have the names that the exceptions give', () => {
    expect(
      excepted.filter((name) => !names.has(name)),
      'The contract has no operations of these names. Remove them from e2e/console/exceptions.ts.',
    ).toEqual([]);
  });
});

test.each([
  ['client.runs.list.query({})', ['runs.list']],
  ['client.runs.watch.subscribe({}, {})', ['runs.watch']],
  ['const { runs } = useClient(); runs.list.query({})', ['runs.list']],
  ['const { runs: all } = client; act(all.cancel.mutate)', ['runs.cancel']],
  ['const group = client.runs; group.list.query({})', ['runs.list']],
  ["client.people[isOff ? 'enable' : 'disable'].mutate({})", ['people.enable', 'people.disable']],
  ['(isAll ? client.runs.list : client.pending.list).query({})', ['runs.list', 'pending.list']],
  ['save.mutate({}); store.subscribe(show); run.usage.get({})', []],
  ['// client.runs.list.query({})', []],
  ["const text = 'client.runs.list.query({})'", []],
])('%s calls %j', (text, expected) => {
  expect(namedIn('page.tsx', text).called).toEqual(expected);
});

test('the operations of code buttons are found', () => {
  const one = `<CodeButton title="List" operation="runs.list" input={{ q: 'x.y' }} />`;
  expect(namedIn('page.tsx', one).withCode).toEqual(['runs.list']);
  const choice = `<CodeButton operation={isNew ? 'webhooks.create' : 'webhooks.patch'} input={input}>x</CodeButton>`;
  expect(namedIn('page.tsx', choice).withCode).toEqual(['webhooks.create', 'webhooks.patch']);
  expect(() => namedIn('page.tsx', '<CodeButton {...call} />')).toThrow('page.tsx: a CodeButton names no operation');
});
