// A person makes schedules, actions and keys; the schedules and actions pause when the person may not create runs any more.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { ended, type Office, payments, startOffice, startWaiting } from '../fixtures/office.ts';
import { within } from '../fixtures/receiver.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { aMember, disable, endMembership, type Member, setRole, sql } from './members.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await startOffice();
  api = overRest(office.stack);
  return () => office.close();
});

const pays = (amount: number) => payments(office, [amount], { approvalStrategy: 'NONE' });
const due = (scheduleId: string) =>
  sql(office.stack, `UPDATE schedule SET next_at = date_trunc('hour', now()) WHERE schedule_id = $1`, [scheduleId]);
const scheduleOf = async (member: Member) => {
  const schedule = { name: 'Pay', cron: '0 * * * *', run: pays(1) };
  const { status, body } = await member.ask('schedules.create', schedule);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({ active: true });
  return body.scheduleId as string;
};

/** All that ends the right of a person to create runs. */
const ends: [string, (member: Member) => Promise<unknown>][] = [
  ['the membership ends', (member) => endMembership(office.stack, member)],
  ['the person is disabled', (member) => disable(office.stack, member)],
  ['the role has no runs:write', (member) => setRole(office.stack, member, 'decider')],
];

test('a schedule of a person creates runs as the person, also after the session has ended', async () => {
  const ada = await aMember(office.stack, 'Ada', 'operator');
  const scheduleId = await scheduleOf(ada);
  expect((await ada.call('session.end', {}, { mutation: true })).status).toBe(200);
  await due(scheduleId);
  await expect.poll(async () => (await api.schedules.get({ scheduleId })).last, within).toBeTruthy();
  const { last, createdBy } = await api.schedules.get({ scheduleId });
  expect([last, createdBy]).toEqual([expect.objectContaining({ outcome: 'created' }), 'Ada']);
  expect(await ended(api, last!.runId!)).toMatchObject({ status: 'SUCCESS' });
  const [run] = await sql<{ by: string }>(office.stack, 'SELECT requested_by AS by FROM run WHERE run_id = $1', [
    last!.runId,
  ]);
  expect(run).toEqual({ by: `person:${ada.personId}` });
});

test.each(ends)('a schedule of a person pauses at its next time when %s', async (_, end) => {
  const ben = await aMember(office.stack, 'Ben', 'operator');
  const scheduleId = await scheduleOf(ben);
  await end(ben);
  await due(scheduleId);
  await expect.poll(async () => (await api.schedules.get({ scheduleId })).active, within).toBe(false);
  expect(await api.schedules.get({ scheduleId })).toMatchObject({ pausedBecause: 'key_revoked' });
  expect(await sql(office.stack, 'SELECT FROM run WHERE schedule_id = $1', [scheduleId])).toEqual([]);
  const { entries } = await api.audit.list({ action: 'schedule.paused' });
  expect(entries[0]).toMatchObject({ target: scheduleId, actor: { type: 'system' } });
  expect(await api.schedules.patch({ scheduleId, active: true })).toMatchObject({ active: true });
});

test.each([
  ['removes the member', 'members.remove', {}],
  ['lowers the role', 'members.setRole', { role: 'viewer' }],
])('a schedule of a person pauses at once when an administrator %s', async (_, operation, input) => {
  const admin = await aMember(office.stack, 'Admin', 'admin');
  const hal = await aMember(office.stack, 'Hal', 'operator');
  const scheduleId = await scheduleOf(hal);
  expect((await admin.ask(operation, { personId: hal.personId, ...input })).status).toBe(200);
  expect(await api.schedules.get({ scheduleId })).toMatchObject({ active: false, pausedBecause: 'key_revoked' });
});

test('a schedule of a person pauses at once when the person leaves', async () => {
  const ivy = await aMember(office.stack, 'Ivy', 'operator');
  const scheduleId = await scheduleOf(ivy);
  expect((await ivy.ask('members.leave')).status).toBe(200);
  expect(await api.schedules.get({ scheduleId })).toMatchObject({ active: false });
});

test('a schedule that a person takes over from a key runs as the person', async () => {
  const { scheduleId } = await api.schedules.create({ name: 'Pay', cron: '0 * * * *', run: pays(2) });
  const cleo = await aMember(office.stack, 'Cleo', 'operator');
  const { body } = await cleo.ask('schedules.patch', { scheduleId, run: pays(3) });
  expect(body).toMatchObject({ createdBy: 'Cleo' });
  await due(scheduleId);
  await expect.poll(async () => (await api.schedules.get({ scheduleId })).last, within).toBeTruthy();
  const [run] = await sql(office.stack, 'SELECT requested_by AS by FROM run WHERE schedule_id = $1', [scheduleId]);
  expect(run).toEqual({ by: `person:${cleo.personId}` });
});

test.each(ends)(
  'an action of a person pauses when %s, and continues for the caller who changes it',
  async (what, end) => {
    const dora = await aMember(office.stack, 'Dora', 'operator');
    const { runId } = await api.runs.create(pays(25));
    await ended(api, runId);
    const key = `of-dora-${ends.findIndex(([name]) => name === what)}`;
    expect((await dora.ask('actions.keep', { key, runId })).body).toMatchObject({ state: 'active', madeBy: 'Dora' });
    await end(dora);
    expect(await api.actions.get({ key })).toMatchObject({ state: 'paused', madeBy: 'Dora' });
    expect((await api.actions.list({})).actions.find((action) => action.key === key)).toMatchObject({
      state: 'paused',
    });
    await expect(api.actions.run({ key, userId: 'user-123' })).rejects.toMatchObject({
      problem: { code: 'action_paused', detail: expect.stringContaining('Dora') },
    });
    expect(await api.actions.change({ key })).toMatchObject({ state: 'active' });
  },
);

test('the page of an approval names the person who requested the run', async () => {
  const emma = await aMember(office.stack, 'Emma Person', 'operator');
  const { body } = await emma.ask('runs.create', payments(office, [7]));
  const path = () =>
    api.runs
      .get({ runId: body.runId, includeEvents: true })
      .then(({ events }) => /http[^"]*\/v1\/runs\/approval\?token=[^"]*/.exec(JSON.stringify(events))?.[0]);
  await expect.poll(path, within).toBeTruthy();
  const page = await (await fetch((await path())!, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('Requested by');
  expect(page).toContain('Emma Person');
});

test('a key says who made it: a person, a key, or the service', async () => {
  const fay = await aMember(office.stack, 'Fay', 'admin');
  const { body: first } = await fay.ask('apiKeys.create', { name: 'of Fay', scopes: ['admin'] });
  expect(first.madeBy).toEqual({ type: 'person', id: fay.personId, label: 'Fay' });
  expect(first).not.toHaveProperty('createdBy');
  const byKey = overRest({ url: office.stack.url, apiKey: first.key });
  const second = await byKey.apiKeys.create({ name: 'of its key', scopes: ['runs:read'] });
  expect(second).toMatchObject({
    createdBy: first.apiKeyId,
    madeBy: { type: 'api_key', id: first.apiKeyId, label: 'of Fay' },
  });
  const { body: third } = await fay.ask('apiKeys.rotate', { apiKeyId: second.apiKeyId });
  expect(third.madeBy).toEqual({ type: 'person', id: fay.personId, label: 'Fay' });
  const listed = (await api.apiKeys.list({})).apiKeys;
  const makers = [first, second, third].map(({ apiKeyId }) => listed.find((key) => key.apiKeyId === apiKeyId)?.madeBy);
  expect(makers).toEqual([first.madeBy, second.madeBy, third.madeBy]);
  expect(listed.at(-1)?.madeBy).toEqual({ type: 'system', label: 'errand' });
});

test('the audit log names the person, is sealed, and has no breach', async () => {
  const gil = await aMember(office.stack, 'Gil', 'admin');
  const { waitingOn } = await startWaiting(api, payments(office, [8]));
  const { approvalId } = waitingOn[0]!;
  expect((await gil.ask('approvals.decide', { approvalId, decision: 'approve' })).status).toBe(200);
  const { body: key } = await gil.ask('apiKeys.create', { name: 'k', scopes: ['runs:read'] });
  const scheduleId = await scheduleOf(gil);
  const entriesOfGil = async () => (await api.audit.list({ actorId: gil.personId })).entries;
  const actor = expect.objectContaining({ type: 'person', id: gil.personId, label: 'Gil' });
  const seal = expect.objectContaining({ hash: expect.any(String) });
  await expect
    .poll(async () => (await entriesOfGil()).every((entry) => entry.seal), { timeout: 60_000, interval: 500 })
    .toBe(true);
  expect(await entriesOfGil()).toEqual([
    expect.objectContaining({ action: 'schedule.created', target: scheduleId, actor, seal }),
    expect.objectContaining({ action: 'api_key.created', target: key.apiKeyId, actor, seal }),
    expect.objectContaining({ action: 'approval.decided', target: approvalId, actor, seal }),
    expect.objectContaining({ action: 'session.entered', actor, seal }),
  ]);
  const command = fileURLToPath(new URL('../../apps/server/dist/verify-audit.js', import.meta.url));
  const env = { PATH: process.env.PATH, DATABASE_URL: office.stack.databaseUrl };
  const { stderr } = await promisify(execFile)(process.execPath, [command], { env });
  expect(stderr).toMatch(/^[1-9]\d* entries checked, 0 breaches/);
});
