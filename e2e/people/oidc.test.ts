// People sign in with the identity provider of the operator: the roles that groups give, and the linking of identities.
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { aMember, sql } from './members.ts';
import { OidcBrowser } from './oidc-browser.ts';
import { ACME, aUser, type OidcStack, startOidcStack } from './oidc-stack.ts';
import { type Person, send } from './person.ts';

let oidc: OidcStack;
let { issuer, stack, admin, ask, get, signInAs, returnAs, stored, workspaceId } = {} as OidcStack;
beforeAll(async () => {
  oidc = await startOidcStack();
  ({ issuer, stack, admin, ask, get, signInAs, returnAs, stored, workspaceId } = oidc);
  return oidc.close;
});
const countPeople = async () => (await sql<{ n: number }>(stack, 'SELECT count(*)::int AS n FROM person'))[0]!.n;

describe('a sign-in', () => {
  test('makes the person of a group a member, and finds the same person again', async () => {
    const ann = await signInAs('ann');
    const first = await get(ann);
    expect(first).toMatchObject({ person: { name: 'ANN', isOperator: false }, workspace: { role: 'decider' } });
    const again = await get(await signInAs('ann'));
    expect(again.person.personId).toBe(first.person.personId);
    const { body } = await ask(admin, 'audit.list');
    const ofAnn = body.entries.filter(({ target }: { target: string }) => target === first.person.personId);
    expect(ofAnn).toMatchObject([
      { action: 'member.joined', actor: { type: 'system' }, details: { role: 'decider', by: 'group' } },
    ]);
  });

  test('creates one person, also when several browsers return at once', async () => {
    const before = await countPeople();
    issuer.user = aUser('twin');
    const people = await Promise.all(Array.from({ length: 5 }, () => new OidcBrowser(stack.url).signIn()));
    const ids = await Promise.all(people.map(async (person) => (await get(person)).person.personId));
    expect(new Set(ids).size).toBe(1);
    expect(await countPeople()).toBe(before + 1);
  });

  test('gives the highest role of the groups, and one in each workspace that exists', async () => {
    const groups = ['readers', 'admins', 'staff', 'acme', '__proto__', 'constructor'];
    const bob = await signInAs('bob', groups);
    expect((await get(bob)).workspaces).toMatchObject([{ role: 'admin' }]);
    await sql(stack, `INSERT INTO workspace (workspace_id, name) VALUES ($1, 'Acme')`, [ACME]);
    expect((await get(await signInAs('bob', groups), ACME)).workspace).toMatchObject({
      name: 'Acme',
      role: 'operator',
    });
  });

  test('returns to the page where it began, and to no other site', async () => {
    issuer.user = aUser('ann');
    const returned = await new OidcBrowser(stack.url).goAndReturn('/console/w/x/runs?status=FAILED');
    expect(returned.location).toMatch(/^\/console\/w\/x\/runs\?status=FAILED#oidc\.[\w-]{43}$/);
    for (const path of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example/console/',
      '/console/%2e%2e//evil.example',
    ])
      expect((await new OidcBrowser(stack.url).goAndReturn(path)).location, path).toMatch(/^\/console\/#oidc\./);
  });

  test('begins at the public address, which the issuer knows', async () => {
    const { port } = new URL(stack.url);
    const started = await fetch(`http://localhost:${port}/console/sign-in/oidc?return=/console/runs`, {
      redirect: 'manual',
    });
    expect(started.headers.get('location')).toBe(`${stack.url}/console/sign-in/oidc?return=%2Fconsole%2Fruns`);
  });

  test('is announced to the page without a session', async () => {
    const { body } = await send(`${stack.url}/console/sign-in/methods`, { headers: {} });
    expect(body).toEqual({ oidc: { host: new URL(issuer.origin).host } });
  });
});

describe('groups', () => {
  test('change a role that a group gave, and leave one that a person gave', async () => {
    await signInAs('cleo', ['readers']);
    const cleo = await get(await signInAs('cleo', ['staff']));
    expect(cleo.workspace.role).toBe('decider');
    const change = { personId: cleo.person.personId, role: 'operator' };
    expect((await ask(admin, 'members.setRole', change, { mutation: true })).status).toBe(200);
    for (const groups of [['readers'], ['admins'], []])
      expect((await get(await signInAs('cleo', groups))).workspace.role).toBe('operator');
  });

  test('that are removed end the membership, its streams and the sign-in', async () => {
    const dora = await signInAs('dora');
    const { personId } = (await get(dora)).person;
    const headers = { cookie: dora.cookie, 'x-errand-console': dora.token, 'x-errand-workspace': workspaceId };
    const stream = await fetch(`${stack.url}/console/trpc/runs.watch?input=%7B%7D`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    expect(stream.status).toBe(200);
    const returned = await returnAs('dora', ['others']);
    expect([returned.status, returned.location]).toEqual([400, '']);
    expect(returned.text).toContain('You are signed in as DORA and belong to no workspace. Ask an administrator.');
    expect((await ask(dora, 'runs.list')).status).toBe(404);
    expect(await stream.text()).toContain('unauthenticated');
    const { body } = await ask(admin, 'audit.list');
    const ofDora = body.entries.filter(({ target }: { target: string }) => target === personId);
    expect(ofDora.map(({ action }: { action: string }) => action).sort()).toEqual([
      ...['member.joined', 'member.removed', 'sign_in.refused'],
    ]);
  });

  test('that take the right to create runs pause the schedules of the person', async () => {
    await sql(stack, `INSERT INTO workspace (workspace_id, name) VALUES ($1, 'Acme') ON CONFLICT DO NOTHING`, [ACME]);
    const kai = await signInAs('kai', ['acme']);
    const schedule = { name: 'Hourly', cron: '0 * * * *', run: { ...aRun(), approvalStrategy: 'NONE' } };
    const headers = { 'x-errand-workspace': ACME };
    const { status, body } = await kai.call('schedules.create', schedule, { mutation: true, headers });
    expect([status, body.active], JSON.stringify(body)).toEqual([200, true]);
    await returnAs('kai', []);
    expect(await sql(stack, 'SELECT active FROM schedule WHERE schedule_id = $1', [body.scheduleId])).toEqual([
      { active: false },
    ]);
  });

  test('also take the role of the last administrator of a workspace', async () => {
    await signInAs('ed', ['acme']);
    await sql(stack, `UPDATE membership SET role = 'admin' WHERE workspace_id = $1 AND made_by = 'group'`, [ACME]);
    await sql(
      stack,
      `DELETE FROM membership USING person WHERE person.person_id = membership.person_id
      AND workspace_id = $1 AND name <> 'ED'`,
      [ACME],
    );
    expect((await get(await signInAs('ed', ['acme']), ACME)).workspace.role).toBe('operator');
  });

  test('that lead nowhere create nothing', async () => {
    const before = await stored();
    const returned = await returnAs('nobody', ['others']);
    expect([returned.status, returned.location]).toEqual([400, '']);
    expect(returned.text).toContain('You are signed in as NOBODY and belong to no workspace');
    expect(await stored()).toBe(before);
  });
});

describe('an identity', () => {
  /** Links an identity to a person who is signed in. */
  async function link(person: Person, sub: string) {
    issuer.user = aUser(sub, []);
    const browser = new OidcBrowser(stack.url);
    const started = await send(`${stack.url}/console/sign-in/oidc/link`, {
      body: { returnPath: '/console/settings' },
      headers: { cookie: person.cookie, 'x-errand-console': person.token, origin: stack.url },
    });
    expect(started.status).toBe(200);
    const [pair = ''] = started.headers.getSetCookie()[0]!.split(';');
    browser.cookies.set(pair.split('=')[0]!, pair.split('=')[1]!);
    return { browser, callback: await browser.consent(started.body.url) };
  }

  test('is linked by a person who is signed in, and signs in as that person', async () => {
    const ivy = await aMember(stack, 'Ivy', 'operator');
    const { browser, callback } = await link(ivy, 'ivy');
    expect(await browser.visit(callback)).toMatchObject({ status: 303, location: '/console/settings#linked' });
    const session = await get(await signInAs('ivy', ['readers']));
    expect(session).toMatchObject({ person: { personId: ivy.personId }, workspace: { role: 'operator' } });

    const other = await link(ivy, 'ivy-2');
    expect((await other.browser.visit(other.callback)).text).toContain('linked to another identity');
    const jon = await aMember(stack, 'Jon', 'admin');
    const taken = await link(jon, 'ivy');
    expect((await taken.browser.visit(taken.callback)).text).toContain('linked to another person');
  });

  test('is not linked once the session has ended, or without one', async () => {
    const kim = await aMember(stack, 'Kim', 'viewer');
    const { browser, callback } = await link(kim, 'kim');
    await kim.ask('session.end', {});
    expect((await browser.visit(callback)).text).toContain('Your session has ended');
    const body = { returnPath: '/console/' };
    const refused = await send(`${stack.url}/console/sign-in/oidc/link`, { body, headers: { origin: stack.url } });
    expect(refused.status).toBe(401);
    expect(await sql(stack, `SELECT FROM person_identity WHERE subject = 'kim'`)).toEqual([]);
  });

  test('is another one at another issuer, whatever its subject and address', async () => {
    const lee = await aMember(stack, 'Lee', 'admin');
    await sql(stack, 'UPDATE person SET email = $1 WHERE person_id = $2', ['lee@example.com', lee.personId]);
    await sql(
      stack,
      `INSERT INTO person_identity (issuer, subject, person_id) VALUES ('https://other.example', 'lee', $1)`,
      [lee.personId],
    );
    issuer.user = { ...aUser('lee', ['readers']), email: 'lee@example.com', email_verified: true };
    const session = await get(await new OidcBrowser(stack.url).signIn());
    expect(session.person.personId).not.toBe(lee.personId);
    expect(session.workspace.role).toBe('viewer');
  });
});

test('keys and metadata of the issuer are read once for many sign-ins', () => {
  expect(issuer.count('/token')).toBeGreaterThan(10);
  expect(issuer.count('/.well-known/openid-configuration')).toBeLessThan(6);
  expect(issuer.count('/keys')).toBeLessThan(6);
});
