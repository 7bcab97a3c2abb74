import { expect, test } from 'vitest';
import {
  apiKeyIdOf,
  hasIdentity,
  holds,
  identityOf,
  type KeyPrincipal,
  linkPrincipal,
  mayDecide,
  ruleApplies,
  type SubjectPrincipal,
  system,
} from './principal.ts';

const key = (id: string, apiKeyId = id): KeyPrincipal => ({
  kind: 'api_key',
  id,
  apiKeyId,
  label: 'the same name',
  workspaceId: 'w',
  scopes: ['runs:read'],
});

test('a rotated key is the same principal; a key of the same name, and another kind with the same id, are not', () => {
  expect(hasIdentity(key('a', 'rotated'), identityOf(key('a')))).toBe(true);
  expect(hasIdentity(key('b'), identityOf(key('a')))).toBe(false);
  expect(hasIdentity(linkPrincipal('a link', 'a'), identityOf(key('a')))).toBe(false);
  expect(hasIdentity(key('a'), null)).toBe(false);
});

test('a principal holds its scopes, with admin all, and who has none holds none', () => {
  expect([holds(key('a'), 'runs:read'), holds(key('a'), 'runs:write'), holds(key('a'), null)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(holds({ ...key('a'), scopes: ['admin'] }, 'runs:write')).toBe(true);
  expect([holds(linkPrincipal('a link', 'a'), 'runs:read'), holds(system, 'runs:read')]).toEqual([false, false]);
});

test('under four eyes neither the requester decides nor somebody who could be it', () => {
  const requester = identityOf(key('a'));
  const may = (fourEyes: boolean) =>
    [key('a'), key('a', 'rotated'), linkPrincipal('a link', 'x'), key('b')].map((principal) =>
      mayDecide(principal, requester, fourEyes),
    );
  expect(may(true)).toEqual([false, false, false, true]);
  expect(may(false)).toEqual([true, true, true, true]);
});

test('subjects of tokens are told apart by issuer and subject, and none is a key', () => {
  const subject = (id: string): SubjectPrincipal => ({
    kind: 'subject',
    id,
    label: 'ana',
    workspaceId: 'w',
    scopes: ['approvals:decide'],
  });
  const ana = subject('https://one.example ana');
  const others = [subject('https://one.example ben'), subject('https://two.example ana'), key(ana.id)];
  expect([ana, ...others].map((principal) => mayDecide(principal, identityOf(ana), true))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect([holds(ana, 'approvals:decide'), holds(ana, 'runs:write')]).toEqual([true, false]);
  expect([apiKeyIdOf(ana), apiKeyIdOf(key('a', 'rotated'))]).toEqual([undefined, 'rotated']);
});

test('under four eyes a rule serves the runs of others, and one of nobody known serves none', () => {
  expect(ruleApplies('api_key:a', 'api_key:a', true)).toBe(false);
  expect(ruleApplies('api_key:b', 'api_key:a', true)).toBe(true);
  expect(ruleApplies(null, 'api_key:a', true)).toBe(false);
  expect(ruleApplies('api_key:a', 'api_key:a', false)).toBe(true);
});
