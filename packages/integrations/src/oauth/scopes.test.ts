import { expect, it } from 'vitest';
import { scopesIn, scopesToRequest } from './scopes.ts';

it('scopes are joined, and a refresh token is asked for where there is a scope for it', () => {
  expect(scopesIn(['a', 'a', 'b c', '', 7, null])).toEqual(['a']);
  expect(scopesIn(Array.from({ length: 300 }, (_, n) => `s${n}`))).toHaveLength(200);
  expect(scopesToRequest([['a'], ['b', 'a']], {})).toEqual(['a', 'b']);
  expect(scopesToRequest([['a']], { offersOfflineAccess: true })).toEqual(['a', 'offline_access']);
  expect(scopesToRequest([[]], { offersOfflineAccess: true })).toEqual([]);
});
