// People of the instance: operators list, disable and enable them.
import { beforeAll, expect, test } from 'vitest';
import { type Office, payments, startOffice } from '../fixtures/office.ts';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { overRest } from '../fixtures/transports.ts';
import { aMember } from './members.ts';
import { aPerson, type Person, signIn } from './person.ts';

let office: Office;
let operator: Person;
beforeAll(async () => {
  office = await startOffice();
  operator = await aPerson(office.stack.url, await loginLink(office.stack));
  return () => office.close();
});

const change = (caller: Person, name: 'disable' | 'enable', personId: string) =>
  caller.call(`people.${name}`, { personId }, { mutation: true });

test('a disabled person is signed out everywhere and cannot return, until an operator enables the person', async () => {
  const { url } = office.stack;
  const api = overRest(office.stack);
  const ada = await aMember(office.stack, 'Ada', 'admin');
  const run = payments(office, [1], { approvalStrategy: 'NONE' });
  const { scheduleId } = (await ada.ask('schedules.create', { name: 'Pay', cron: '0 * * * *', run })).body;
  const { key } = (await ada.ask('apiKeys.create', { name: 'of Ada', scopes: ['runs:read'] })).body;
  const { link } = (await ada.ask('members.invite', { name: 'Grace', role: 'admin' })).body;
  const login = await loginLink(office.stack, { person: 'Ada' });
  const { workspace, workspaces } = (await ada.call('session.get')).body;
  const { workspaceId } = workspace ?? workspaces[0];
  const headers = {
    cookie: ada.cookie,
    'x-errand-console': ada.token,
    'x-errand-workspace': workspaceId,
    accept: 'text/event-stream',
  };
  const stream = await fetch(`${url}/console/trpc/runs.watch?input=%7B%7D`, { headers });
  expect(stream.status).toBe(200);

  const disabled = await change(operator, 'disable', ada.personId);
  expect([disabled.status, disabled.body]).toEqual([
    200,
    expect.objectContaining({ name: 'Ada', memberships: 1, isOperator: false, disabledAt: expect.any(String) }),
  ]);
  expect((await ada.call('session.get')).status).toBe(401);
  // The stream ends without a request of the person.
  await stream.text();
  for (const token of [login, new URL(link).hash.slice(1)])
    expect((await signIn(url, token)).body.code).toBe('link_not_valid');
  expect(await api.schedules.get({ scheduleId })).toMatchObject({ active: false, pausedBecause: 'key_revoked' });
  expect((await request({ url, apiKey: key }, '/v1/runs')).status).toBe(200);
  const { entries } = await api.audit.list({ action: 'person.disabled' });
  expect(entries).toMatchObject([{ target: ada.personId, actor: { type: 'person' }, details: { name: 'Ada' } }]);

  expect((await change(operator, 'enable', ada.personId)).body).not.toHaveProperty('disabledAt');
  expect((await ada.call('session.get')).status).toBe(401);
  const again = await aPerson(url, await loginLink(office.stack, { person: 'Ada' }));
  expect((await again.call('session.get')).body.workspaces).toMatchObject([{ role: 'admin' }]);
  expect((await api.schedules.get({ scheduleId })).active).toBe(false);
});

test('operators alone see and change the people of the instance', async () => {
  const ben = await aMember(office.stack, 'Ben', 'admin');
  const { body } = await operator.call('people.list', { pageSize: 1000 });
  const self = body.people.find(({ isOperator }: { isOperator: boolean }) => isOperator);
  expect(body.people).toContainEqual(expect.objectContaining({ personId: ben.personId, name: 'Ben', memberships: 1 }));
  const first = await operator.call('people.list', { pageSize: 1 });
  const second = await operator.call('people.list', { pageSize: 1, cursor: first.body.nextCursor });
  expect([first, second].map((page) => page.body.people[0].personId)).toEqual(
    body.people.slice(0, 2).map(({ personId }: { personId: string }) => personId),
  );
  expect((await ben.call('people.list')).body.code).toBe('operators_only');
  expect((await change(ben, 'disable', self.personId)).body.code).toBe('operators_only');
  expect((await change(operator, 'disable', self.personId)).body.code).toBe('own_account');
  expect((await change(operator, 'disable', crypto.randomUUID())).body.code).toBe('not_found');
  for (const apiKey of [office.stack.apiKey, await newPlatformKey(office.stack)]) {
    const { status } = await request({ url: office.stack.url, apiKey }, '/trpc/people.list?input=%7B%7D');
    expect(status).toBe(403);
  }
});
