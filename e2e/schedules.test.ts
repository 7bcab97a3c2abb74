// Schedules and delayed runs: when runs are created, with which principal, and what is refused.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended, type Office, payments, startOffice } from './fixtures/office.ts';
import { type Receiver, startReceiver, verified, within } from './fixtures/receiver.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let office: Office;
let receiver: Receiver;
let sql: pg.Pool;
beforeAll(async () => {
  receiver = await startReceiver();
  office = await startOffice({ allow: [receiver.origin] });
  sql = new pg.Pool({ connectionString: office.stack.databaseUrl, max: 2 });
});
afterAll(async () => {
  await sql.end();
  await Promise.all([office.close(), receiver.close()]);
});
afterEach(async () => {
  await sql.query('DELETE FROM schedule');
  await sql.query('DELETE FROM webhook');
});

const HOURLY = { name: 'Pay', cron: '0 * * * *', timeZone: 'Europe/Berlin' } as const;
const pays = (amount = 1, more: object = {}) => payments(office, [amount], { approvalStrategy: 'NONE', ...more });
const refused = (status: number, code: string, pointer?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) }),
  });
/** Makes the last full hour, or an earlier one, due. */
const due = (scheduleId: string, hoursBefore = 0) =>
  sql.query(`UPDATE schedule SET next_at = date_trunc('hour', now()) - $2 * interval '1 hour' WHERE schedule_id = $1`, [
    scheduleId,
    hoursBefore,
  ]);
const runsOf = async (scheduleId: string) =>
  (await sql.query('SELECT run_id AS "runId", requested_by AS by FROM run WHERE schedule_id = $1', [scheduleId])).rows;

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });

  test('a schedule tells its next times, and is changed, read and deleted', async () => {
    const schedule = await api.schedules.create({ ...HOURLY, cron: '30 9 * * 1-5', run: pays() });
    expect(schedule).toMatchObject({
      overlap: 'skip',
      active: true,
      timeZone: 'Europe/Berlin',
      run: { intent: 'Pay the bills' },
    });
    expect(schedule.next).toHaveLength(5);
    for (const time of schedule.next) {
      expect(Date.parse(time)).toBeGreaterThan(Date.now());
      expect(new Date(time).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })).toBe('09:30:00');
    }
    const { scheduleId } = schedule;
    const paused = await api.schedules.patch({ scheduleId, active: false, name: 'Later' });
    expect(paused).toMatchObject({ active: false, name: 'Later', cron: '30 9 * * 1-5', next: [] });
    const otherSchedule = await api.schedules.patch({ scheduleId, active: true, cron: '0 0 29 2 *', timeZone: 'UTC' });
    expect(otherSchedule.next[0]).toMatch(/-02-29T00:00:00.000Z$/);
    expect(await api.schedules.get({ scheduleId })).toEqual(otherSchedule);
    expect((await api.schedules.list({})).schedules).toEqual([otherSchedule]);
    await api.schedules.delete({ scheduleId });
    await expect(api.schedules.get({ scheduleId })).rejects.toEqual(refused(404, 'not_found'));
    const { entries } = await api.audit.list({});
    const actions = entries.filter(({ target }) => target === scheduleId).map(({ action }) => action);
    expect(actions).toEqual(['schedule.deleted', 'schedule.changed', 'schedule.changed', 'schedule.created']);
  });

  test('a preview has the next five times after a moment, also across a clock change', async () => {
    const preview = { cron: '30 2 * * *', timeZone: 'Europe/Berlin', from: '2026-03-27T01:30:00.000Z' };
    expect(await api.schedules.preview(preview)).toEqual({
      next: [
        '2026-03-28T01:30:00.000Z',
        '2026-03-29T01:00:00.000Z',
        '2026-03-30T00:30:00.000Z',
        '2026-03-31T00:30:00.000Z',
        '2026-04-01T00:30:00.000Z',
      ],
    });
    const { next } = await api.schedules.preview({ cron: '0 0 29 2 *' });
    expect(next[0]).toMatch(/-02-29T00:00:00.000Z$/);
    expect((await api.schedules.list({})).schedules).toEqual([]);
    for (const cron of ['0 0 30 2 *', '61 * * * *'])
      await expect(api.schedules.preview({ cron })).rejects.toEqual(refused(400, 'cron_invalid', '/cron'));
  });

  test.each([
    ['0 0 30 2 *', 'cron_invalid', '/cron'],
    ['* * * * * *', 'cron_invalid', '/cron'],
    ['61 * * * *', 'cron_invalid', '/cron'],
    ['0 9', 'validation_failed', '/cron'],
  ])('cron "%s" is refused', async (cron, code, pointer) => {
    await expect(api.schedules.create({ ...HOURLY, cron, run: pays() })).rejects.toEqual(refused(400, code, pointer));
    const { scheduleId } = await api.schedules.create({ ...HOURLY, run: pays() });
    await expect(api.schedules.patch({ scheduleId, cron })).rejects.toEqual(refused(400, code, pointer));
  });

  test('what is no schedule, or could not run, is refused', async () => {
    const bad = (input: object, code: string, pointer: string) =>
      expect(api.schedules.create({ ...HOURLY, run: pays(), ...input })).rejects.toEqual(refused(400, code, pointer));
    await bad({ timeZone: 'Mars/Olympus' }, 'validation_failed', '/timeZone');
    await bad({ overlap: 'burst' }, 'validation_failed', '/overlap');
    await bad({ every: 5 }, 'validation_failed', '');
    const passThrough = [{ customerIntegrationId: office.id, headers: { 'x-a': 'b' } }];
    await bad({ run: { ...pays(), passThrough } }, 'validation_failed', '/run/passThrough');
    await bad({ run: { ...pays(), startAt: new Date().toISOString() } }, 'validation_failed', '/run/startAt');
    await bad({ run: pays(1, { intent: '' }) }, 'validation_failed', '/run/intent');
    const none = { plan: undefined, selectedCustomerIntegrationIds: ['crm_00000000'] };
    await expect(api.schedules.create({ ...HOURLY, run: pays(1, none) })).rejects.toEqual(
      refused(400, 'connection_not_found'),
    );
    const plan = { goal: 'x', steps: [{ id: 'a', tool: `${office.id}.nothing`, args: {} }] };
    await expect(api.schedules.create({ ...HOURLY, run: pays(1, { plan }) })).rejects.toMatchObject({
      problem: { code: 'plan_invalid', errors: [{ pointer: '/run/plan/steps/0/tool' }] },
    });
    await expect(api.schedules.run({ scheduleId: randomUUID() })).rejects.toEqual(refused(404, 'not_found'));
    await expect(api.schedules.get({ scheduleId: 'x' })).rejects.toEqual(refused(400, 'validation_failed'));
    const reader = apiOver(await office.callerWith('runs:read'));
    await expect(reader.schedules.create({ ...HOURLY, run: pays() })).rejects.toEqual(
      refused(403, 'insufficient_scope'),
    );
  });

  test('a run starts when its time comes, is QUEUED until then, and can be cancelled', async () => {
    const startAt = new Date(Date.now() + 1500).toISOString();
    const laterRun = await api.runs.create(pays(1, { startAt }));
    expect(laterRun).toMatchObject({ status: 'QUEUED', startAt, waitingFor: { what: 'start' } });
    const later = await api.runs.create(pays(1, { startAt: new Date(Date.now() + 86_400_000).toISOString() }));
    expect(await api.runs.get({ runId: later.runId })).toMatchObject({
      status: 'QUEUED',
      waitingFor: { what: 'start' },
    });
    expect(await api.runs.cancel({ runId: later.runId })).toMatchObject({ status: 'CANCELED' });
    const run = await ended(api, laterRun.runId);
    expect(run).toMatchObject({ status: 'SUCCESS' });
    expect(run).not.toHaveProperty('startAt');
    expect(Date.parse(run.startedAt!)).toBeGreaterThanOrEqual(Date.parse(startAt));
    const past = await api.runs.create(pays(1, { startAt: '2020-01-01T00:00:00Z' }));
    expect(await ended(api, past.runId)).toMatchObject({ status: 'SUCCESS' });
    const far = new Date(Date.now() + 400 * 86_400_000).toISOString();
    await expect(api.runs.create(pays(1, { startAt: far }))).rejects.toEqual(
      refused(400, 'validation_failed', '/startAt'),
    );
    await expect(api.runs.create(pays(1, { startAt: 'soon' }))).rejects.toEqual(
      refused(400, 'validation_failed', '/startAt'),
    );
  });
});

describe('at its time', () => {
  let api: Api;
  beforeAll(() => {
    api = overRest(office.stack);
  });
  const make = (more: object = {}, who = api) => who.schedules.create({ ...HOURLY, run: pays(), ...more });
  const last = async (scheduleId: string) => (await api.schedules.get({ scheduleId })).last;

  test('a run is created, as the maker, with what was asked', async () => {
    const { apiKeyId, key } = await api.apiKeys.create({ name: 'maker', scopes: ['runs:write', 'runs:read'] });
    const { scheduleId } = await make(
      { run: pays(7, { metadata: { of: 'schedule' } }) },
      overRest({ ...office.stack, apiKey: key }),
    );
    await due(scheduleId);
    await expect.poll(() => last(scheduleId), within).toBeTruthy();
    const { runId, dueAt, ...rest } = (await last(scheduleId))!;
    expect(rest).toEqual({ outcome: 'created', missed: 0 });
    const run = await ended(api, runId!);
    expect(run).toMatchObject({ status: 'SUCCESS', scheduleId, scheduledFor: dueAt, metadata: { of: 'schedule' } });
    expect(new Date(dueAt).getUTCMinutes()).toBe(0);
    expect(await runsOf(scheduleId)).toEqual([{ runId, by: `api_key:${apiKeyId}` }]);
    // A time in an earlier hour is late, and its events report that.
    expect(Date.now() - Date.parse(dueAt) > 61_000).toBe(run.events[0]!.type === 'status');
    const { next } = await api.schedules.get({ scheduleId });
    expect(Date.parse(next[0]!) - Date.parse(dueAt)).toBe(3_600_000);
  });

  test('of the times that passed meanwhile one is made up for, and the others are told', async () => {
    const { scheduleId } = await make();
    await due(scheduleId, 3);
    await expect.poll(() => last(scheduleId), within).toMatchObject({ outcome: 'created', missed: 3 });
    const [{ runId }, ...more] = await runsOf(scheduleId);
    expect(more).toEqual([]);
    const { events, status } = await ended(api, runId);
    expect(status).toBe('SUCCESS');
    expect(events.map(({ type }) => type)).toEqual(['status', 'start', 'step', 'end']);
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(events[0]).toMatchObject({
      runStatus: 'QUEUED',
      reason: expect.stringMatching(/^Scheduled for .* \(Europe\/Berlin\)\. 3 times before it were missed\.$/),
    });
  });

  test('while the run before goes on, the next is skipped, or waits for it', async () => {
    const waits = { run: payments(office, [5]) };
    const skipping = await make(waits);
    const queueing = await make({ ...waits, overlap: 'queue' });
    for (const { scheduleId } of [skipping, queueing]) {
      await due(scheduleId, 1);
      await expect.poll(() => last(scheduleId), within).toMatchObject({ outcome: 'created' });
      const [{ runId }] = await runsOf(scheduleId);
      await expect.poll(async () => (await api.runs.get({ runId })).status, within).toBe('PAUSED');
      // As if that time were in an earlier hour.
      await sql.query(`UPDATE run SET scheduled_for = scheduled_for - interval '1 hour' WHERE run_id = $1`, [runId]);
      await due(scheduleId);
    }
    await expect.poll(() => last(skipping.scheduleId), within).toMatchObject({ outcome: 'skipped' });
    expect(await runsOf(skipping.scheduleId)).toHaveLength(1);
    const [{ runId }] = await runsOf(queueing.scheduleId);
    expect(await runsOf(queueing.scheduleId)).toHaveLength(1);
    await api.runs.cancel({ runId });
    await expect.poll(async () => (await runsOf(queueing.scheduleId)).length, within).toBe(2);
    for (const run of [...(await runsOf(queueing.scheduleId)), ...(await runsOf(skipping.scheduleId))])
      await api.runs.cancel({ runId: run.runId });
  });

  test('it goes on after a rotation, and pauses when its key is revoked, which is told', async () => {
    const name = randomUUID();
    const hook = await api.webhooks.create({ url: receiver.urlOf(name), events: ['schedule.paused'] });
    const { apiKeyId, key } = await api.apiKeys.create({ name: 'maker', scopes: ['runs:write', 'runs:read'] });
    const { scheduleId } = await make({}, overRest({ ...office.stack, apiKey: key }));
    const rotated = await api.apiKeys.rotate({ apiKeyId, overlapSeconds: 0 });
    await due(scheduleId);
    await expect.poll(() => last(scheduleId), within).toMatchObject({ outcome: 'created' });
    await api.apiKeys.revoke({ apiKeyId: rotated.apiKeyId });
    const paused = await api.schedules.get({ scheduleId });
    expect(paused).toMatchObject({ active: false, pausedBecause: 'key_revoked', next: [] });
    const [hit] = await receiver.posts(name, 1);
    expect(verified(hook.secret, hit!)).toMatchObject({
      type: 'schedule.paused',
      data: { scheduleId, name: 'Pay', reason: 'key_revoked' },
    });
    const { entries } = await api.audit.list({ action: 'schedule.paused' });
    expect(entries[0]).toMatchObject({ target: scheduleId, actor: { type: 'system' } });
    const on = await api.schedules.patch({ scheduleId, active: true });
    expect(on).toMatchObject({ active: true });
    expect(on).not.toHaveProperty('pausedBecause');
    await sql.query('DELETE FROM run WHERE schedule_id = $1', [scheduleId]);
    await due(scheduleId);
    await expect.poll(() => runsOf(scheduleId), within).toMatchObject([{ by: expect.stringMatching(/^api_key:/) }]);
  });

  test('a key that expires pauses it at its next time', async () => {
    const { apiKeyId, key } = await api.apiKeys.create({ name: 'short', scopes: ['runs:write'] });
    const { scheduleId } = await make({}, overRest({ ...office.stack, apiKey: key }));
    await sql.query('UPDATE api_key SET expires_at = now() WHERE api_key_id = $1', [apiKeyId]);
    await due(scheduleId);
    const reason = async () => (await api.schedules.get({ scheduleId })).pausedBecause;
    await expect.poll(reason, within).toBe('key_revoked');
    expect(await runsOf(scheduleId)).toEqual([]);
  });

  test('a run that cannot be created is told, and the schedule goes on', async () => {
    const name = randomUUID();
    const hook = await api.webhooks.create({ url: receiver.urlOf(name), events: ['schedule.refused'] });
    const run = aRun({ intent: 'Look', selectedCustomerIntegrationIds: [office.otherId] });
    const { scheduleId } = await make({ run });
    await api.integrations.patch({ customerIntegrationId: office.otherId, active: false });
    await due(scheduleId);
    await expect
      .poll(() => last(scheduleId), within)
      .toMatchObject({
        outcome: 'refused',
        problem: { code: 'connection_inactive' },
      });
    await api.integrations.patch({ customerIntegrationId: office.otherId, active: true });
    const [hit] = await receiver.posts(name, 1);
    expect(verified(hook.secret, hit!)).toMatchObject({
      data: { scheduleId, name: 'Pay', problem: { code: 'connection_inactive' } },
    });
    expect((await api.schedules.get({ scheduleId })).next).toHaveLength(5);
    expect(await runsOf(scheduleId)).toEqual([]);
  });

  test('run now creates one beside its times, as the key that asks, once for a key of the request', async () => {
    const { scheduleId } = await make({ active: false });
    const { apiKeyId, key } = await api.apiKeys.create({ name: 'asks', scopes: ['runs:write', 'runs:read'] });
    const asks = overRest({ ...office.stack, apiKey: key });
    const idempotencyKey = randomUUID();
    const [firstRun, again] = [
      await asks.schedules.run({ scheduleId, idempotencyKey }),
      await asks.schedules.run({ scheduleId, idempotencyKey }),
    ];
    expect(again.runId).toBe(firstRun.runId);
    const run = await ended(api, firstRun.runId);
    expect(run).toMatchObject({ status: 'SUCCESS', scheduleId });
    expect(run).not.toHaveProperty('scheduledFor');
    expect(await runsOf(scheduleId)).toEqual([{ runId: firstRun.runId, by: `api_key:${apiKeyId}` }]);
  });

  test('two of one second both run; a workspace has a hundred at most', async () => {
    const both = [await make(), await make()];
    for (const { scheduleId } of both) await due(scheduleId);
    for (const { scheduleId } of both)
      await expect.poll(() => last(scheduleId), within).toMatchObject({ outcome: 'created' });
    await sql.query(
      `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, active, next_at, made_by, created_by)
       SELECT workspace_id, gen_random_uuid(), name, cron, time_zone, run, overlap, false, NULL, made_by, created_by FROM schedule, generate_series(1, 49)`,
    );
    await expect(make()).rejects.toEqual(refused(409, 'schedule_limit_reached'));
  });

  test('it waits for people as other runs do', async () => {
    const { scheduleId } = await make({ run: payments(office, [9]) });
    const { runId } = await api.schedules.run({ scheduleId });
    await expect.poll(async () => (await api.runs.get({ runId })).status, within).toBe('PAUSED');
    const run = await api.runs.get({ runId });
    expect(run.waitingOn).toHaveLength(1);
    await api.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
    expect(await ended(api, runId)).toMatchObject({ status: 'SUCCESS' });
  });
});
