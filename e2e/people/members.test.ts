// Members, roles and invitations: who may change whom, and what ends when a role does.
import type { Role } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { loginLink } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { anotherWorkspace } from '../fixtures/workspace.ts';
import { sql } from './members.ts';
import { aPerson, type Person, personWith, signIn } from './person.ts';

let stack: Stack;
let admin: Person;
let workspaceId: string;

beforeAll(async () => {
  stack = await startStack();
  admin = await aPerson(stack.url, await loginLink(stack));
  workspaceId = (await admin.call('session.get')).body.workspaces[0].workspaceId;
  return stack.close;
});

/** Calls an operation in the workspace. */
const ask = (person: Person, name: string, input: object = {}) =>
  person.call(name, input, { headers: { 'x-errand-workspace': workspaceId } });
const tell = (person: Person, name: string, input: object = {}) =>
  person.call(name, input, { mutation: true, headers: { 'x-errand-workspace': workspaceId } });

const invite = async (by: Person, role: Role, name = role as string): Promise<string> => {
  const { status, body } = await tell(by, 'members.invite', { name, role });
  expect([status, body]).toEqual([200, expect.anything()]);
  expect(body.link).toMatch(new RegExp(`^${stack.url}/console/#[\\w-]{43}$`));
  return new URL(body.link).hash.slice(1);
};
const join = async (role: Role, name?: string): Promise<Person & { personId: string }> => {
  const person = await aPerson(stack.url, await invite(admin, role, name));
  const { body } = await person.call('session.get');
  return { ...person, personId: body.person.personId };
};

test('an invitation makes a member with its role; it works once, and can be listed and revoked', async () => {
  const link = await invite(admin, 'decider', 'Grace');
  const { body: open } = await ask(admin, 'members.invitations');
  expect(open.invitations).toEqual([
    expect.objectContaining({ name: 'Grace', role: 'decider', invitedBy: 'Administrator' }),
  ]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(stack.url, link)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await ask(admin, 'members.invitations')).body).toEqual({ invitations: [] });
  const { body: all } = await ask(admin, 'members.list');
  expect(all.members.map((member: { name: string; role: string }) => [member.name, member.role])).toEqual([
    ['Administrator', 'admin'],
    ['Grace', 'decider'],
  ]);

  const revoked = await invite(admin, 'admin');
  const [{ invitationId }] = (await ask(admin, 'members.invitations')).body.invitations;
  expect((await tell(admin, 'members.revokeInvitation', { invitationId })).status).toBe(200);
  expect((await tell(admin, 'members.revokeInvitation', { invitationId })).body.code).toBe('not_found');
  expect((await signIn(stack.url, revoked)).body).toMatchObject({
    code: 'link_not_valid',
    detail: 'The link was revoked. It was made by Administrator.',
  });
});

test('members, invitations and sessions are listed page by page; a cursor belongs to its list and workspace', async () => {
  for (const name of ['Kit', 'Lou', 'Max']) await invite(admin, 'viewer', name);
  for (const name of ['Nia', 'Oli']) await join('viewer', name);
  const elsewhere = await anotherWorkspace(stack, 'elsewhere');
  await sql(stack, `INSERT INTO membership (workspace_id, person_id, role, made_by) VALUES ($1, $2, 'admin', 'x')`, [
    elsewhere.workspaceId,
    (await ask(admin, 'session.get')).body.person.personId,
  ]);
  const there = { headers: { 'x-errand-workspace': elsewhere.workspaceId } };
  const cursors: string[] = [];
  for (const [list, items] of [
    ['members.list', 'members'],
    ['members.invitations', 'invitations'],
  ] as const) {
    const { body: all } = await ask(admin, list, { pageSize: 1000 });
    expect(all[items].length).toBeGreaterThan(2);
    const paged = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const { body } = await ask(admin, list, { pageSize: 1, cursor });
      paged.push(...body[items]);
      cursor = body.nextCursor;
      if (cursor !== undefined) cursors.unshift(cursor);
    }
    expect(paged).toEqual(all[items]);
    expect((await admin.call(list, { cursor: cursors[0] }, there)).body.code).toBe('invalid_cursor');
    expect((await ask(admin, 'session.list', { cursor: cursors[0] })).body.code).toBe('invalid_cursor');
    expect((await ask(admin, list, { limit: 5 })).body.remedy).toContain('`pageSize`');
  }
});

test('a person who is signed in joins with an invitation as the same person, and keeps a role that exists', async () => {
  const ada = await join('viewer', 'Ada');
  const headers = { cookie: ada.cookie, 'x-errand-console': ada.token };
  const { status, headers: set, body } = await signIn(stack.url, await invite(admin, 'admin'), headers);
  expect(status).toBe(200);
  const again = personWith(stack.url, set.getSetCookie()[0]!.split(';')[0]!, body.token);
  expect((await ask(again, 'session.get')).body).toMatchObject({
    person: { personId: ada.personId },
    workspace: { role: 'viewer' },
  });
});

test('only administrators change members, and no one below them makes an administrator', async () => {
  const [operator, viewer] = [await join('operator'), await join('viewer')];
  for (const [name, input] of [
    ['members.invite', { name: 'x', role: 'viewer' }],
    ['members.setRole', { personId: operator.personId, role: 'admin' }],
    ['members.remove', { personId: viewer.personId }],
  ] as const)
    expect((await tell(operator, name, input)).body.code, name).toBe('insufficient_scope');
  expect((await ask(operator, 'session.get')).body.workspace.role).toBe('operator');
});

test('a key does not reach the operations for people', async () => {
  for (const name of ['members.list', 'members.invitations', 'session.list']) {
    const { status, text } = await request(stack, `/trpc/${name}?input=%7B%7D`);
    expect([name, status, text.includes('people_only')]).toEqual([name, 403, true]);
  }
});

test('the last administrator stays, also when two leave at once', async () => {
  const [me, ...others] = (await ask(admin, 'members.list')).body.members;
  for (const { personId, role } of others)
    if (role === 'admin') await tell(admin, 'members.setRole', { personId, role: 'viewer' });
  for (const [name, input] of [
    ['members.setRole', { personId: me.personId, role: 'viewer' }],
    ['members.remove', { personId: me.personId }],
    ['members.leave', {}],
  ] as const)
    expect((await tell(admin, name, input)).body, name).toMatchObject({ code: 'last_admin' });
  const second = await join('admin');
  const both = await Promise.all([tell(admin, 'members.leave'), tell(second, 'members.leave')]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const left = both[0]!.status === 200 ? second : admin;
  // The operator's command is the way back in.
  expect((await ask(left, 'members.list')).status).toBe(200);
  if (left === second) {
    admin = await aPerson(stack.url, await loginLink(stack));
    expect((await ask(admin, 'session.get')).body.person.personId).toBe(second.personId);
  }
});

test('a removed member and a lowered role are refused at the next request', async () => {
  const [removed, lowered] = [await join('viewer'), await join('decider')];
  expect((await tell(admin, 'members.remove', { personId: removed.personId })).status).toBe(200);
  expect((await tell(admin, 'members.setRole', { personId: lowered.personId, role: 'viewer' })).status).toBe(200);
  expect((await ask(removed, 'runs.list')).status).toBe(404);
  expect((await ask(lowered, 'approvalRules.list')).status).toBe(403);
});

test('the audit log names ended sessions and refused links, without their secrets', async () => {
  const link = await invite(admin, 'viewer', 'Eve');
  const eve = await aPerson(stack.url, link);
  const { person } = (await ask(eve, 'session.get')).body;
  expect((await ask(eve, 'runs.list')).status).toBe(200);
  expect((await tell(eve, 'session.end')).status).toBe(200);
  for (let time = 0; time < 3; time++) expect((await signIn(stack.url, link)).status).toBe(401);
  const { entries } = (await ask(admin, 'audit.list', { pageSize: 1000 })).body;
  const of = (name: string) => entries.filter(({ action }: { action: string }) => action === name);
  expect(of('session.ended')).toMatchObject([
    { actor: { type: 'person', label: 'Eve' }, target: person.sessionId, details: { how: 'signed out' } },
  ]);
  const [refused] = of('sign_in.refused');
  expect(refused).toMatchObject({ actor: { type: 'link' }, details: { reason: 'link_used' } });
  expect(of('sign_in.refused').filter(({ target }: { target: string }) => target === refused.target)).toHaveLength(1);
  expect(JSON.stringify(entries)).not.toContain(link);
});

test('the audit log names each change with its person', async () => {
  const { body } = await ask(admin, 'audit.list', { pageSize: 1000 });
  const actions = new Set(body.entries.map(({ action }: { action: string }) => action));
  for (const action of ['joined', 'invited', 'role_changed', 'removed', 'invitation_revoked'])
    expect(actions).toContain(`member.${action}`);
  expect(actions).toContain('session.entered');
  const change = body.entries.find(({ action }: { action: string }) => action === 'member.role_changed');
  expect(change).toMatchObject({ actor: { type: 'person' }, details: { from: 'decider', to: 'viewer' } });
});
