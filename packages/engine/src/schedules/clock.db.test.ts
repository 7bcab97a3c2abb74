// A time of a schedule has one run at most, whatever processes do at once, or leave behind.
import { randomUUID } from 'node:crypto';
import type { ScheduledRun } from '@errand/contracts';
import { newId, type RunScope } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import type { Engine } from '../engine.ts';
import { aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';
import { type ClockDeps, ScheduleClock } from './clock.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;
let workspaceId: string;
beforeAll(async () => {
  service = await startService();
  engines = await startEngines(inject('postgres'));
  // It creates runs; its own clock does not run.
  engine = await engines.engine(service.toolbox, { work: false });
  pool = new pg.Pool({ connectionString: engines.url, max: 6 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
beforeEach(async () => {
  workspaceId = newId();
  await pool.query('DELETE FROM schedule');
  await pool.query(`INSERT INTO workspace (workspace_id, name) VALUES ($1, 'w')`, [workspaceId]);
});

const scopeOf = (id: string): RunScope => ({ pool, workspaceId: id });
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const clockWith = (overrides: Partial<ClockDeps> = {}) =>
  new ScheduleClock({ pool, scopeOf, create: engine.create, log, isLeader: () => true, ...overrides });

type ScheduleOptions = { overlap?: string; run?: ScheduledRun; key?: boolean; by?: string; label?: string };
async function aSchedule(nextAt: string, more: ScheduleOptions = {}) {
  const { overlap = 'skip', run = aRun({ selectedCustomerIntegrationIds: ['*'] }), key = true, label = 'k' } = more;
  const [scheduleId, madeBy] = [newId(), newId()];
  if (key)
    await pool.query(
      `INSERT INTO api_key (workspace_id, api_key_id, principal_id, name, hmac, prefix, last4, scopes) VALUES ($1, $2, $2, 'k', $3, 'x', 'x', '{runs:write}')`,
      [workspaceId, madeBy, Buffer.from(randomUUID())],
    );
  await pool.query(
    `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, next_at, made_by, created_by)
     VALUES ($1, $2, 'Hourly', '0 * * * *', 'UTC', $3, $4, date_trunc('hour', now()) - $5::interval, $6, $7)`,
    [workspaceId, scheduleId, JSON.stringify(run), overlap, nextAt, more.by ?? `api_key:${madeBy}`, label],
  );
  return scheduleId;
}
const runsOf = async (scheduleId: string) =>
  (await pool.query('SELECT run_id, scheduled_for FROM run WHERE schedule_id = $1', [scheduleId])).rows;
const stateOf = async (scheduleId: string) =>
  (
    await pool.query('SELECT next_at > now() AS served, last, active FROM schedule WHERE schedule_id = $1', [
      scheduleId,
    ])
  ).rows[0];

test('two processes that serve the same time at once create one run', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => aSchedule('0')));
  // Both have seen that it is due before one of them creates its run.
  const waiting = new Map<string, () => void>();
  const create: ClockDeps['create'] = async (workspace, input, origin) => {
    const { scheduleId } = origin.schedule!;
    const meeting = waiting.get(scheduleId);
    if (meeting) meeting();
    else await new Promise<void>((resolve) => waiting.set(scheduleId, resolve));
    return engine.create(workspace, input, origin);
  };
  await Promise.all([clockWith({ create }).serveDue(), clockWith({ create }).serveDue()]);
  expect(waiting.size).toBe(5);
  for (const id of ids) {
    expect(await runsOf(id)).toHaveLength(1);
    expect(await stateOf(id)).toMatchObject({ served: true });
  }
  await clockWith().serveDue();
  for (const id of ids) expect(await runsOf(id)).toHaveLength(1);
});

test('a process that dies once it has created the run leaves nothing to make up for', async () => {
  const scheduleId = await aSchedule('0');
  const died = clockWith({
    create: async (...parameters) => {
      await engine.create(...parameters);
      throw new Error('The process is gone.');
    },
  });
  await died.serveDue();
  expect(await runsOf(scheduleId)).toHaveLength(1);
  expect(await stateOf(scheduleId)).toMatchObject({ served: false, last: null });
  await clockWith().serveDue();
  const [{ run_id: runId }, ...more] = await runsOf(scheduleId);
  expect(more).toEqual([]);
  expect(await stateOf(scheduleId)).toMatchObject({ served: true, last: { outcome: 'created', runId } });
});

test('one that dies before it leaves the time to the next one', async () => {
  const scheduleId = await aSchedule('0');
  const died = clockWith({ create: () => Promise.reject(new Error('The process is gone.')) });
  await died.serveDue();
  expect(await runsOf(scheduleId)).toEqual([]);
  await clockWith().serveDue();
  expect(await runsOf(scheduleId)).toHaveLength(1);
});

test('after a long time one run is created for the last time; one that had a run does not count as missed', async () => {
  const scheduleId = await aSchedule('5 hours');
  await clockWith().serveDue();
  expect(await runsOf(scheduleId)).toHaveLength(1);
  expect(await stateOf(scheduleId)).toMatchObject({ last: { missed: 5, outcome: 'created' } });
  const otherSchedule = await aSchedule('5 hours');
  await engine.create(workspaceId, aRun({ selectedCustomerIntegrationIds: ['*'] }), {
    schedule: {
      scheduleId: otherSchedule,
      at: new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3 * 3_600_000),
    },
  });
  await pool.query(`UPDATE run SET status = 'SUCCESS', due = 0, ended_at = now() WHERE schedule_id = $1`, [
    otherSchedule,
  ]);
  await clockWith().serveDue();
  expect(await runsOf(otherSchedule)).toHaveLength(2);
  expect(await stateOf(otherSchedule)).toMatchObject({ last: { missed: 2 } });
});

test('a schedule that is changed or deleted while it is served stays as it was made', async () => {
  const changed = await aSchedule('0');
  const deleted = await aSchedule('0');
  const create: ClockDeps['create'] = async (workspace, input, origin) => {
    await pool.query(`UPDATE schedule SET active = false, next_at = NULL WHERE schedule_id = $1`, [changed]);
    await pool.query('DELETE FROM schedule WHERE schedule_id = $1', [deleted]);
    return engine.create(workspace, input, origin);
  };
  await clockWith({ create }).serveDue();
  expect(await stateOf(changed)).toMatchObject({ active: false, last: null });
  expect(await stateOf(deleted)).toBeUndefined();
});

test('what is changed, paused or deleted while another one is served is served as it is now, or not', async () => {
  const first = await aSchedule('3 hours');
  const [changed, paused, deleted] = [await aSchedule('2 hours'), await aSchedule('1 hour'), await aSchedule('0')];
  const create: ClockDeps['create'] = async (workspace, input, origin) => {
    if (origin.schedule!.scheduleId === first) {
      const otherInput = JSON.stringify(aRun({ selectedCustomerIntegrationIds: ['*'], intent: 'Another goal' }));
      await pool.query('UPDATE schedule SET run = $2 WHERE schedule_id = $1', [changed, otherInput]);
      await pool.query(`UPDATE schedule SET active = false, next_at = NULL WHERE schedule_id = $1`, [paused]);
      await pool.query('DELETE FROM schedule WHERE schedule_id = $1', [deleted]);
    }
    return engine.create(workspace, input, origin);
  };
  await clockWith({ create }).serveDue();
  expect(await runsOf(first)).toHaveLength(1);
  const { rows } = await pool.query('SELECT intent FROM run WHERE schedule_id = $1', [changed]);
  expect(rows).toEqual([{ intent: 'Another goal' }]);
  expect([...(await runsOf(paused)), ...(await runsOf(deleted))]).toEqual([]);
});

test('without a valid key of its maker nothing is created', async () => {
  const scheduleId = await aSchedule('0', { key: false });
  await clockWith().serveDue();
  expect(await stateOf(scheduleId)).toMatchObject({ active: false });
  expect(await runsOf(scheduleId)).toEqual([]);
});

test('the runs of a person whom a product names have the person and the approvers, while a key can name the person', async () => {
  const person = { by: 'claimed:helpdesk:ana', label: 'Ana, named by helpdesk' };
  const approvers = [{ type: 'claimed' as const, id: 'ben', product: 'helpdesk' }];
  const run = aRun({ selectedCustomerIntegrationIds: ['*'], approvers });
  const scheduleId = await aSchedule('0', { run, ...person });
  await pool.query(
    `UPDATE api_key SET product = 'helpdesk', scopes = '{runs:write,persons:claim}' WHERE workspace_id = $1`,
    [workspaceId],
  );
  await clockWith().serveDue();
  const text = 'SELECT requested_by, requested_label, approvers FROM run WHERE schedule_id = $1';
  expect((await pool.query(text, [scheduleId])).rows).toEqual([
    {
      requested_by: person.by,
      requested_label: person.label,
      approvers: [{ type: 'claimed', id: 'helpdesk:ben', label: 'ben, named by helpdesk' }],
    },
  ]);
  const later = await aSchedule('0', { run, ...person });
  await pool.query(`UPDATE api_key SET revoked_at = now() WHERE product = 'helpdesk'`);
  await clockWith().serveDue();
  expect(await runsOf(later)).toEqual([]);
  expect(await stateOf(later)).toMatchObject({ active: false });
});

test('a suspended workspace starts nothing, and goes on when it is resumed', async () => {
  const scheduleId = await aSchedule('0');
  await pool.query('UPDATE workspace SET suspended_at = now() WHERE workspace_id = $1', [workspaceId]);
  await clockWith().serveDue();
  expect([await runsOf(scheduleId), (await stateOf(scheduleId)).active]).toEqual([[], true]);
  await pool.query('UPDATE workspace SET suspended_at = NULL WHERE workspace_id = $1', [workspaceId]);
  await clockWith().serveDue();
  expect(await runsOf(scheduleId)).toHaveLength(1);
});

test('a full backlog is no refusal: the time is served later', async () => {
  const scheduleId = await aSchedule('0');
  const full = await engines.engine(service.toolbox, { work: false, queue: { maxBacklog: 0 } });
  await clockWith({ create: full.create }).serveDue();
  expect(await runsOf(scheduleId)).toEqual([]);
  expect(await stateOf(scheduleId)).toMatchObject({ served: false, last: null });
});
