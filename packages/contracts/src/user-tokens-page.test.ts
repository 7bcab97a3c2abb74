// docs/user-tokens.md has the tables of abilities, and the abilities fit the scopes of their operations.
import { readFileSync } from 'node:fs';
import { operations } from '@errand/trpc-openapi/contract';
import { expect, test } from 'vitest';
import { holds, type KeyPrincipal } from './access/principal.ts';
import { scopesOfAbility, userAbilities } from './access/user-token-grant.ts';
import { contract } from './contract.ts';
import { isUserOperation, userOperations } from './user-abilities.ts';
import { USER_TOKEN_LIMITS } from './user-tokens.ts';

const page = readFileSync(new URL('../../../docs/user-tokens.md', import.meta.url), 'utf8');
const codesIn = (cell: string) => [...cell.matchAll(/`([\w:.]+)`/g)].map(([, code]) => code!);
const rowsBelow = (head: string) => {
  const [, table = ''] = page.split(`| ${head} |`);
  return table
    .slice(0, table.indexOf('\n\n'))
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').slice(1, -1));
};

test('the page has each operation with its abilities, and no other', () => {
  const documented = rowsBelow('operation | abilities').map(([name, abilities]) => [
    codesIn(name!)[0],
    codesIn(abilities!),
  ]);
  expect(Object.fromEntries(documented)).toEqual(userOperations);
});

test('the page has each ability with the scopes that the key needs', () => {
  const documented = rowsBelow('ability | the key needs | what the user can do').map(([ability, scopes]) => [
    codesIn(ability!)[0],
    codesIn(scopes!),
  ]);
  expect(Object.fromEntries(documented)).toEqual(scopesOfAbility);
  expect(Object.keys(scopesOfAbility)).toEqual([...userAbilities]);
});

test('the page names the default limits', () => {
  for (const [name, limit] of Object.entries(USER_TOKEN_LIMITS))
    expect(page).toMatch(new RegExp(`limits\\.${name}\`.*, ${limit} by default`));
});

test('the scopes of each ability include the scope of each of its operations, so that no token does more than its key', () => {
  const all = new Map(operations(contract).map(({ name, op }) => [name, op]));
  for (const [name, abilities] of Object.entries(userOperations)) {
    const { scope, readScope = null, callers } = all.get(name)!;
    expect([name, callers]).toEqual([name, undefined]);
    for (const ability of abilities) {
      const key = { kind: 'api_key', scopes: scopesOfAbility[ability] } as unknown as KeyPrincipal;
      for (const needed of [scope, readScope])
        expect([name, ability, holds(key, needed)]).toEqual([name, ability, true]);
    }
  }
});

test('no operation is open to user tokens by default, nor by a name of an object', () => {
  expect(isUserOperation('runs.watch')).toBe(false);
  expect(isUserOperation('constructor')).toBe(false);
});
