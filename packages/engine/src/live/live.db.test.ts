// Live lists over two processes: what a watcher knows by its frames is what the list says.
import type { ListFrame, ListRunsInput, WatchRunsInput } from '@errand/contracts';
import { newId } from '@errand/db';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Engine } from '../engine.ts';
import { approvalsOf, by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';
import { WorkspaceWatch } from './live-lists.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
/** One serves callers, the other one works. */
let front: Engine;
let worker: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  front = await engines.engine(service.toolbox, { work: false });
  worker = await engines.engine(service.toolbox);
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

type Filter = Omit<WatchRunsInput, 'lastEventId'>;
type Frame = ListFrame & { id: string };

/** A program that follows a list as the contract says: it reads the list after each snapshot, then applies the frames. */
async function follower(engine: Engine, workspaceId: string, filter: Filter, lastEventId?: string) {
  const frames: Frame[] = [];
  const runs = new Map<string, { status: string; seq: number }>();
  const leaving = new AbortController();
  const stream = await engine.watchRuns(workspaceId, { ...filter, lastEventId }, leaving.signal);
  const read = async () => {
    const page = { sort: 'createdAt', page: 1, pageSize: 100, includeEvents: true, includeToolCalls: false } as const;
    for (const run of (await engine.listRuns(workspaceId, { ...filter, ...page } as ListRunsInput)).value().runs)
      runs.set(run.runId, { status: run.status, seq: run.events.at(-1)?.seq ?? 0 });
  };
  const apply = (frame: Exclude<ListFrame, { type: 'snapshot' }>) => {
    if (frame.type === 'gone') runs.delete(frame.runId);
    else if ((runs.get(frame.runId)?.seq ?? -1) <= frame.seq)
      runs.set(frame.runId, { status: frame.status, seq: frame.seq });
  };
  const ended = (async () => {
    for await (const { id, data } of stream) {
      const frame = JSON.parse(data) as ListFrame;
      frames.push({ ...frame, id });
      if (frame.type !== 'snapshot') apply(frame);
      else if (!frame.resumed) await read();
    }
  })();
  await expect.poll(() => frames.length).toBeGreaterThan(0);
  return {
    frames,
    runs,
    read,
    leave() {
      leaving.abort();
      return ended;
    },
  };
}

const listed = async (workspaceId: string, filter: Filter) => {
  const page = { sort: 'createdAt', page: 1, pageSize: 100, includeEvents: true, includeToolCalls: false } as const;
  const { runs } = (await front.listRuns(workspaceId, { ...filter, ...page } as ListRunsInput)).value();
  return Object.fromEntries(runs.map((run) => [run.runId, { status: run.status, seq: run.events.at(-1)?.seq ?? 0 }]));
};

const plan = aPlan([['a', 'make', { id: 1 }]]);

test('what 30 followers in two processes know of runs that are made, asked about, decided and cancelled is what the lists say', async () => {
  const workspaceId = newId();
  const before = await finish(front, aRun({ plan, intent: 'An old sale' }), workspaceId);
  const paused = await untilWaiting(front, aRun({ plan, approvalStrategy: 'ON_WRITE', userId: 'b' }), workspaceId);
  const filters: Filter[] = [
    {},
    { status: ['PAUSED'] },
    { status: ['RUNNING', 'QUEUED'] },
    { status: ['SUCCESS', 'CANCELED'] },
    { waiting: true },
    { userId: 'b' },
    { q: 'sale' },
    { metadata: { team: 'x' }, waiting: true },
    { customerIntegrationIds: [paused.selectedCustomerIntegrationIds[0]!], status: ['SUCCESS'] },
    { errorCode: 'tool_failed' },
  ];
  const followers = await Promise.all(
    filters.flatMap((filter) =>
      [front, worker, front].map(async (engine) => ({ filter, ...(await follower(engine, workspaceId, filter)) })),
    ),
  );
  await Promise.all(
    Array.from({ length: 24 }, async (_, n) => {
      const more = {
        userId: n % 2 ? 'a' : 'b',
        intent: n % 3 ? 'A sale' : 'A loan',
        metadata: n % 4 ? {} : { team: 'x' },
      };
      const engine = n % 2 ? front : worker;
      if (n % 2) return finish(engine, aRun({ plan, ...more }), workspaceId);
      const run = await untilWaiting(engine, aRun({ plan, approvalStrategy: 'ON_WRITE', ...more }), workspaceId);
      if (n % 4 === 0) return engine.cancel(workspaceId, run.runId);
      return front.decideApproval(workspaceId, { approvalId: approvalsOf(run)[0]!, decision: 'approve' }, by);
    }),
  );
  for (const { filter, runs, frames } of followers) {
    const agree = async () =>
      expect([filter, Object.fromEntries(runs)]).toEqual([filter, await listed(workspaceId, filter)]);
    await vi.waitFor(agree, { timeout: 15_000, interval: 100 });
    const last = new Map<string, number>();
    for (const frame of frames) {
      if (frame.type === 'snapshot') continue;
      expect(frame.seq).toBeGreaterThanOrEqual(last.get(frame.runId) ?? 0);
      last.set(frame.runId, frame.seq);
    }
    expect(frames.filter(({ type }) => type === 'snapshot')).toHaveLength(1);
    expect(frames.some((frame) => 'runId' in frame && frame.runId === before.run.runId)).toBe(false);
    const changes = frames.flatMap((frame) => (frame.type === 'snapshot' ? [] : [`${frame.runId} ${frame.type}`]));
    const gone = changes.filter((line) => line.endsWith('gone'));
    if (!filter.waiting && !filter.status) expect(gone).toEqual([]);
    // None is told as gone twice without being told in between.
    const byRun = changes.sort((a, b) =>
      a.slice(0, 36) < b.slice(0, 36) ? -1 : a.slice(0, 36) > b.slice(0, 36) ? 1 : 0,
    );
    for (const line of gone) expect(byRun.join('\n')).not.toContain(`${line}\n${line}`);
  }
  await Promise.all(followers.map(({ leave }) => leave()));
}, 60_000);

test('another workspace gets nothing', async () => {
  const workspaceId = newId();
  const otherFollower = await follower(front, newId(), {});
  const sameFollower = await follower(front, workspaceId, {});
  await finish(worker, aRun({ plan }), workspaceId);
  await expect
    .poll(() => sameFollower.frames.some((frame) => 'status' in frame && frame.status === 'SUCCESS'))
    .toBe(true);
  expect(otherFollower.frames.map(({ type }) => type)).toEqual(['snapshot']);
  await Promise.all([sameFollower.leave(), otherFollower.leave()]);
});

test('a watcher that comes back to its process is told what it missed, and one that comes to another reads the list', async () => {
  const workspaceId = newId();
  const first = await follower(front, workspaceId, {});
  const { leave, frames } = first;
  await leave();
  const missed = await finish(worker, aRun({ plan }), workspaceId);
  const again = await follower(front, workspaceId, {}, frames.at(-1)!.id);
  await expect.poll(() => again.runs.get(missed.run.runId)?.status).toBe('SUCCESS');
  expect(again.frames[0]).toMatchObject({ type: 'snapshot', resumed: true });
  const elsewhere = await follower(worker, workspaceId, {}, frames.at(-1)!.id);
  expect(elsewhere.frames[0]).toMatchObject({ type: 'snapshot', resumed: false });
  await Promise.all([again.leave(), elsewhere.leave()]);
});

test('after a lost connection, over which notifications come, there is a new snapshot', async () => {
  const workspaceId = newId();
  const watching = await follower(front, workspaceId, { status: ['RUNNING', 'PAUSED'] });
  const ended = await engines.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND query ~ 'LISTEN|pg_notify|^SELECT 1$'`,
    [],
  );
  expect(ended.length).toBeGreaterThan(0);
  const run = await untilWaiting(worker, aRun({ plan, approvalStrategy: 'ON_WRITE' }), workspaceId);
  await expect
    .poll(() => watching.frames.filter(({ type }) => type === 'snapshot').length, { timeout: 10_000 })
    .toBeGreaterThan(1);
  await expect.poll(() => watching.runs.get(run.runId)?.status, { timeout: 10_000 }).toBe('PAUSED');
  await watching.leave();
});

test('a change of which no process has told is found by looking at the open runs', async () => {
  const workspaceId = newId();
  const run = await untilWaiting(worker, aRun({ plan, approvalStrategy: 'ON_WRITE' }), workspaceId);
  const pool = {
    query: async (config: { text: string; values: unknown[] }) => ({
      rows: await engines.query(config.text, config.values),
    }),
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const watch = new WorkspaceWatch({ pool: pool as never, workspaceId }, log);
  const list = await watch.open('paused', { status: ['PAUSED'] });
  expect([...list.openRuns]).toEqual([run.runId]);
  await engines.query(
    // Not due yet: the worker would let it wait again before the look.
    `UPDATE run SET status = 'RUNNING', not_before = now() + interval '1 hour', seq = seq + 1 WHERE run_id = $1`,
    [run.runId],
  );
  watch.poll();
  await expect.poll(() => list.head).toBe(1);
  expect(JSON.parse(list.nextFrame(0)!.data)).toMatchObject({ type: 'gone', runId: run.runId });
  await worker.cancel(workspaceId, run.runId);
});
