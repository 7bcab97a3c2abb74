import { expect, test } from 'vitest';
import {
  actorOf,
  apiKeyIdOf,
  type ClaimedPrincipal,
  decisionObstacle,
  hasIdentity,
  holds,
  identityOf,
  type KeyPrincipal,
  linkPrincipal,
  type PeopleBehind,
  type PersonPrincipal,
  type Principal,
  ruleApplies as ruleAppliesTo,
  type SubjectPrincipal,
  system,
  type UserTokenPrincipal,
} from './principal.ts';

const key = (id: string, apiKeyId = id): KeyPrincipal => ({
  kind: 'api_key',
  id,
  apiKeyId,
  label: 'the same name',
  workspaceId: 'w',
  scopes: ['runs:read'],
});

const noPeople: PeopleBehind = () => [];

const requestedBy = (identity: string | null) => ({ requestedBy: identity, approvers: null });
const mayDecide = (principal: Principal, requester: string | null, fourEyes: PeopleBehind | undefined): boolean =>
  decisionObstacle(principal, requestedBy(requester), fourEyes) === undefined;
const ruleApplies = (maker: string | null, requester: string | null, fourEyes: PeopleBehind | undefined): boolean =>
  ruleAppliesTo(maker, requestedBy(requester), fourEyes);

test('a rotated key is the same principal; a key of the same name, and another kind with the same id, are not', () => {
  expect(hasIdentity(key('a', 'rotated'), identityOf(key('a')))).toBe(true);
  expect(hasIdentity(key('b'), identityOf(key('a')))).toBe(false);
  expect(hasIdentity(linkPrincipal('a link', 'a'), identityOf(key('a')))).toBe(false);
  expect(hasIdentity(key('a'), null)).toBe(false);
});

test('a principal holds its scopes, with admin all but persons:claim, and who has none holds none', () => {
  expect([holds(key('a'), 'runs:read'), holds(key('a'), 'runs:write'), holds(key('a'), null)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(holds({ ...key('a'), scopes: ['admin'] }, 'runs:write')).toBe(true);
  expect(holds({ ...key('a'), scopes: ['admin'] }, 'persons:claim')).toBe(false);
  expect(holds({ ...key('a'), scopes: ['persons:claim'] }, 'persons:claim')).toBe(true);
  expect([holds(linkPrincipal('a link', 'a'), 'runs:read'), holds(system, 'runs:read')]).toEqual([false, false]);
});

test('under four eyes neither the requester decides nor somebody who could be it', () => {
  const requester = identityOf(key('a'));
  const may = (fourEyes?: PeopleBehind) =>
    [key('a'), key('a', 'rotated'), linkPrincipal('a link', 'x'), key('b')].map((principal) =>
      mayDecide(principal, requester, fourEyes),
    );
  expect(may(noPeople)).toEqual([false, false, false, true]);
  expect(may()).toEqual([true, true, true, true]);
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
  expect([ana, ...others].map((principal) => mayDecide(principal, identityOf(ana), noPeople))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect([holds(ana, 'approvals:decide'), holds(ana, 'runs:write')]).toEqual([true, false]);
  expect([apiKeyIdOf(ana), apiKeyIdOf(key('a', 'rotated'))]).toEqual([undefined, 'rotated']);
});

test('under four eyes a rule applies to the runs of other people; a rule without a known author applies to none', () => {
  expect(ruleApplies('api_key:a', 'api_key:a', noPeople)).toBe(false);
  expect(ruleApplies('api_key:b', 'api_key:a', noPeople)).toBe(true);
  expect(ruleApplies(null, 'api_key:a', noPeople)).toBe(false);
  expect(ruleApplies('api_key:a', 'api_key:a', undefined)).toBe(true);
});

test('under four eyes a person and the keys behind which the person stands are one', () => {
  const ada: PersonPrincipal = {
    kind: 'person',
    id: 'ada',
    label: 'Ada',
    sessionId: 's',
    isOperator: false,
    workspaceId: 'w',
    role: 'admin',
    scopes: ['admin'],
  };
  const behind: Record<string, string[]> = {
    'api_key:a': ['person:ada'],
    'api_key:both': ['person:ben', 'person:ada'],
    'api_key:b': ['person:ben'],
  };
  const peopleBehind: PeopleBehind = (identity) => behind[identity] ?? [];
  const requesters = ['person:ada', 'api_key:a', 'api_key:both', 'api_key:b', 'api_key:c', 'person:ben', null];
  const may = (principal: Principal) => requesters.map((requester) => mayDecide(principal, requester, peopleBehind));
  expect(may(ada)).toEqual([false, false, false, true, true, true, true]);
  expect(may(key('a'))).toEqual(may(ada));
  expect(may(key('both'))).toEqual([false, false, false, false, true, false, true]);
  expect(requesters.map((maker) => ruleApplies(maker, 'person:ada', peopleBehind))).toEqual([
    ...[false, false, false, true],
    ...[true, true, false],
  ]);
});

const token = (person?: { id: string; name: string }): UserTokenPrincipal => ({
  kind: 'user_token',
  id: 't',
  label: 'a user of helpdesk',
  workspaceId: 'w',
  scopes: ['approvals:decide'],
  userId: 'u',
  grant: { can: ['decide'], ...(person && { person }) },
  limits: { requestsPerMinute: 1, streams: 1, openRuns: 1 },
  key: { id: 'a', apiKeyId: 'rotated', label: 'app', product: 'helpdesk' },
});

test('a user token acts as its key, or as the named person, and both carry the token', () => {
  const userToken = { userTokenId: 't', userId: 'u' };
  expect(actorOf(token())).toMatchObject({ kind: 'api_key', id: 'a', label: 'a user of helpdesk', userToken });
  expect(actorOf(token({ id: 'ana', name: 'Ana Lopez' }))).toMatchObject({
    kind: 'claimed',
    id: 'helpdesk:ana',
    label: 'Ana Lopez, named by helpdesk',
    userToken,
  });
  const other = key('b');
  expect(actorOf(other)).toBe(other);
});

test('under four eyes a user token does not decide what its key requested', () => {
  expect(mayDecide(actorOf(token()), 'api_key:a', noPeople)).toBe(false);
  expect(mayDecide(actorOf(token()), 'api_key:b', noPeople)).toBe(true);
});

const claimed = (product: string, person: string): ClaimedPrincipal => ({
  kind: 'claimed',
  id: `${product}:${person}`,
  label: `${person}, named by ${product}`,
  product,
  apiKeyId: 'k',
  workspaceId: 'w',
  scopes: ['approvals:decide'],
});

test('under four eyes the persons of products, their keys and the people behind these are told apart', () => {
  // Two keys of one product, one of another, one without; Ada made a key that names persons of the helpdesk, Ben one that does not.
  const helpdesk = ['product:helpdesk', 'person:ada'];
  const behind: Record<string, string[]> = {
    'api_key:one': helpdesk,
    'api_key:two': ['product:helpdesk', 'person:ben'],
    'api_key:shop': ['product:shop', 'person:eve'],
    'api_key:plain': [],
    'api_key:ada': ['person:ada'],
    'api_key:made-by-one': helpdesk,
    'claimed:helpdesk:ana': helpdesk,
    'claimed:helpdesk:ben': helpdesk,
    'claimed:shop:ana': ['product:shop', 'person:eve'],
  };
  const requesters = [...Object.keys(behind), 'person:ada', 'person:ben'];
  const obstacles = (identity: string) => {
    const [kind = '', ...rest] = identity.split(':');
    const principal = { kind: kind as Principal['kind'], id: rest.join(':') };
    return requesters.flatMap((requester) => {
      const obstacle = decisionObstacle(principal, requestedBy(requester), (each) => behind[each] ?? []);
      return obstacle ? [`${requester} ${obstacle}`] : [];
    });
  };
  expect(obstacles('claimed:helpdesk:ana')).toEqual([
    'api_key:one product',
    'api_key:two product',
    'api_key:ada product',
    'api_key:made-by-one product',
    'claimed:helpdesk:ana requester',
    'person:ada product',
  ]);
  expect(obstacles('claimed:helpdesk:ben')).toEqual(
    obstacles('claimed:helpdesk:ana').map((each) => each.replace('ana', 'ben')),
  );
  expect(obstacles('claimed:shop:ana')).toEqual(['api_key:shop product', 'claimed:shop:ana requester']);
  expect(obstacles('api_key:two')).toEqual([
    'api_key:one product',
    'api_key:two requester',
    'api_key:made-by-one product',
    'claimed:helpdesk:ana product',
    'claimed:helpdesk:ben product',
    'person:ben requester',
  ]);
  expect(obstacles('api_key:plain')).toEqual(['api_key:plain requester']);
  expect(obstacles('person:ben')).toEqual(['api_key:two requester', 'person:ben requester']);
  expect(obstacles('person:ada')).toEqual([
    'api_key:one requester',
    'api_key:ada requester',
    'api_key:made-by-one requester',
    'claimed:helpdesk:ana product',
    'claimed:helpdesk:ben product',
    'person:ada requester',
  ]);
  // Each pair has the same answer in both directions.
  for (const [one, other] of requesters.flatMap((each) => requesters.map((another) => [each, another] as const)))
    expect([one, other, obstacles(one).some((text) => text.startsWith(`${other} `))]).toEqual([
      one,
      other,
      obstacles(other).some((text) => text.startsWith(`${one} `)),
    ]);
});

test('ids with colons confuse no two persons', () => {
  expect(mayDecide(claimed('a', 'b:c'), 'claimed:a:b', noPeople)).toBe(true);
  expect(mayDecide(claimed('a', 'b:c'), 'claimed:a:b:c', noPeople)).toBe(false);
  expect(mayDecide(claimed('help', 'desk:ana'), 'claimed:helpdesk:ana', noPeople)).toBe(true);
  expect(mayDecide(claimed('a', 'person:ada'), 'person:ada', noPeople)).toBe(true);
});

test('with approvers only they decide, and only their rules apply; four eyes apply as well', () => {
  const approvers = [
    { type: 'claimed', id: 'helpdesk:ben' },
    { type: 'person', id: 'ada' },
  ] as const;
  const run = { requestedBy: 'claimed:helpdesk:ana', approvers };
  const deciders = [
    claimed('helpdesk', 'ben'),
    claimed('helpdesk', 'ana'),
    claimed('shop', 'ben'),
    key('helpdesk:ben'),
    linkPrincipal('a link', 'helpdesk:ben'),
  ];
  const not = 'not_an_approver';
  expect(deciders.map((decider) => decisionObstacle(decider, run, undefined))).toEqual([undefined, not, not, not, not]);
  const own = { requestedBy: 'claimed:helpdesk:ben', approvers };
  expect(decisionObstacle(claimed('helpdesk', 'ben'), own, noPeople)).toBe('requester');
  const makers = ['claimed:helpdesk:ben', 'person:ada', 'api_key:a', null];
  expect(makers.map((maker) => ruleAppliesTo(maker, run, undefined))).toEqual([true, true, false, false]);
  expect(makers.map((maker) => ruleAppliesTo(maker, own, noPeople))).toEqual([false, true, false, false]);
});
