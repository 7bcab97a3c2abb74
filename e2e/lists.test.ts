// Lists of runs.
import { connect, type Socket } from 'node:net';
import type { ListFrame } from '@errand/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { openFrames, type Stream } from './fixtures/frames.ts';
import { type Api, type Caller, overRest, overTrpc, transports } from './fixtures/transports.ts';
import { openWorkspace, type Workspace, workspaceForTest } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  return () => workspace.close();
});

let api: Api;
let crm: string;
beforeAll(async () => {
  api = overTrpc(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
});

test('runs are listed newest first, filtered and paged', async () => {
  const userId = `pager-${crypto.randomUUID()}`;
  const createdIds: string[] = [];
  for (const team of ['a', 'b', 'b']) {
    createdIds.unshift(
      (await carryOut(api, aRun({ userId, repeatKey: `${userId}-${team}`, metadata: { team } }))).run.runId,
    );
  }
  const idsOf = ({ runs }: { runs: { runId: string }[] }) => runs.map(({ runId }) => runId);

  const first = await api.runs.list({ userId, pageSize: 2 });
  expect(idsOf(first)).toEqual(createdIds.slice(0, 2));
  expect(first.pagination).toMatchObject({ page: 1, pageSize: 2, totalItems: 3, totalPages: 2 });
  expect(idsOf(await api.runs.list({ userId, pageSize: 2, page: 2 }))).toEqual(createdIds.slice(2));
  const next = await api.runs.list({ userId, pageSize: 2, cursor: first.pagination.nextCursor });
  expect(idsOf(next)).toEqual(createdIds.slice(2));
  expect(next.pagination).not.toHaveProperty('totalItems');

  expect(idsOf(await api.runs.list({ userId, metadata: { team: 'a' } }))).toEqual([createdIds[2]]);
  expect(idsOf(await api.runs.list({ userId, repeatKey: `${userId}-a` }))).toEqual([createdIds[2]]);
  expect(idsOf(await api.runs.list({ userId, status: ['SUCCESS'] }))).toEqual(createdIds);
  expect(idsOf(await api.runs.list({ userId, status: ['FAILED'] }))).toEqual([]);
  expect(idsOf(await api.runs.list({ userId, customerIntegrationIds: [crm] }))).toEqual(createdIds);
  expect(idsOf(await api.runs.list({ userId, customerIntegrationIds: ['other_00000000'] }))).toEqual([]);
  const [withEvents] = (await api.runs.list({ userId, pageSize: 1, includeEvents: true })).runs;
  expect(withEvents!.events).toEqual(await eventsOf(api, createdIds[0]!));
});

test('runs are listed by their ids, as far as they exist in the workspace', async () => {
  const userId = `named-${crypto.randomUUID()}`;
  const runIds: string[] = [];
  for (let n = 0; n < 3; n++) runIds.push((await carryOut(api, aRun({ userId }))).run.runId);
  const foreign = await workspaceForTest();
  const { run } = await carryOut(overTrpc(foreign), aRun());
  const idsOf = ({ runs }: { runs: { runId: string }[] }) => runs.map(({ runId }) => runId);

  const asked = [runIds[2]!, runIds[0]!.toUpperCase(), runIds[2]!, run.runId, crypto.randomUUID()];
  for (const each of [api, overRest(workspace)]) {
    const answer = await each.runs.list({ runIds: asked, pageSize: 100 });
    expect([idsOf(answer), answer.pagination.totalItems]).toEqual([[runIds[2], runIds[0]], 2]);
    expect(idsOf(await each.runs.list({ runIds: [runIds[1]!] }))).toEqual([runIds[1]]);
  }
  const others = { status: ['FAILED' as const] };
  expect(idsOf(await api.runs.list({ runIds, ...others }))).toEqual([]);
  const first = await api.runs.list({ runIds, pageSize: 2 });
  const rest = await api.runs.list({ runIds, pageSize: 2, cursor: first.pagination.nextCursor });
  expect([...idsOf(first), ...idsOf(rest)]).toEqual([...runIds].reverse());
  const tooMany = Array.from({ length: 101 }, () => crypto.randomUUID());
  await expect(api.runs.list({ runIds: tooMany })).rejects.toMatchObject({ status: 400 });
});

test('the runs of a schedule are listed', async () => {
  const run = { ...aRun(), userId: `scheduled-${crypto.randomUUID()}` };
  const { scheduleId } = await api.schedules.create({ name: 'Look', cron: '0 0 1 1 *', run });
  const startedRuns = [await api.schedules.run({ scheduleId }), await api.schedules.run({ scheduleId })];
  await api.runs.create(run);
  const { runs } = await api.runs.list({ scheduleId });
  expect(runs.map(({ runId }) => runId)).toEqual(startedRuns.map(({ runId }) => runId).reverse());
  expect((await api.runs.list({ scheduleId, userId: 'nobody' })).runs).toEqual([]);
  expect((await api.runs.list({ scheduleId: crypto.randomUUID() })).runs).toEqual([]);
  await expect(api.runs.list({ scheduleId: 'daily' })).rejects.toMatchObject({ status: 400 });
});

test('lists are sorted, and found by times and words; a cursor fits its sort and filters alone', async () => {
  const userId = `sorter-${crypto.randomUUID()}`;
  const createdIds: string[] = [];
  for (let n = 0; n < 3; n++) createdIds.push((await carryOut(api, aRun({ userId }))).run.runId);
  const idsOf = ({ runs }: { runs: { runId: string }[] }) => runs.map(({ runId }) => runId);

  expect(idsOf(await api.runs.list({ userId, sort: 'createdAt' }))).toEqual(createdIds);
  const oldest = await api.runs.list({ userId, sort: 'createdAt', pageSize: 2 });
  const { nextCursor: cursor } = oldest.pagination;
  expect(idsOf(await api.runs.list({ userId, sort: 'createdAt', pageSize: 2, cursor }))).toEqual(createdIds.slice(2));
  const otherQuery = { userId, pageSize: 2, cursor };
  const refused = { status: 400, problem: { code: 'invalid_cursor' } };
  await expect(api.runs.list(otherQuery)).rejects.toMatchObject(refused);
  await expect(api.runs.list({ ...otherQuery, sort: '-duration' })).rejects.toMatchObject(refused);
  await expect(api.runs.list({ ...otherQuery, sort: 'createdAt', waiting: false })).rejects.toMatchObject(refused);
  const longest = await api.runs.list({ userId, sort: '-duration', pageSize: 2 });
  const last = await api.runs.list({ ...otherQuery, sort: '-duration', cursor: longest.pagination.nextCursor });
  const took = [...longest.runs, ...last.runs].map((run) => Date.parse(run.endedAt!) - Date.parse(run.createdAt));
  expect(took).toEqual([...took].sort((a, b) => b - a));
  expect(took).toHaveLength(3);
  expect(idsOf(await api.runs.list({ userId, q: 'USERS, list', sort: 'createdAt' }))).toEqual(createdIds);
  const newest = longest.runs.find(({ runId }) => runId === createdIds[2]) ?? last.runs[0];
  const times = { createdAfter: newest!.createdAt, createdBefore: new Date(Date.now() + 1000).toISOString() };
  expect(idsOf(await api.runs.list({ userId, ...times }))).toEqual([createdIds[2]]);
  const open = { waiting: false, status: ['SUCCESS', 'PAUSED'] } as const;
  expect(idsOf(await api.runs.list({ userId, ...open, status: [...open.status], sort: 'createdAt' }))).toEqual(
    createdIds,
  );
});

test('a run is listed by the integrations that it selected', async () => {
  const userId = `chooser-${crypto.randomUUID()}`;
  const { run } = await carryOut(api, aRun({ userId, selectedCustomerIntegrationIds: [crm] }));

  const { runs } = await api.runs.list({ userId, customerIntegrationIds: ['other_00000000', crm] });
  expect(runs.map(({ runId }) => runId)).toEqual([run.runId]);
});

describe.each(transports)('usage over %s', (_, apiOver) => {
  test('counts runs that have just ended, by each kind of key', async () => {
    const api = apiOver(workspace);
    const userId = `counted-${crypto.randomUUID()}`;
    const runs = [];
    for (let n = 0; n < 3; n++) runs.push((await carryOut(api, aRun({ userId }))).run);
    const calls = runs.reduce((sum, run) => sum + run.usage.toolCalls, 0);
    const today = new Date().toISOString().slice(0, 10);
    const byUser = await api.usage.get({ by: 'user' });
    expect(byUser).toMatchObject({ by: 'user', to: today, relativeError: 0.01 });
    expect(Date.parse(byUser.asOf)).toBeGreaterThanOrEqual(Date.parse(runs.at(-1)!.endedAt!));
    const row = byUser.rows.find(({ key }) => key === userId)!;
    expect(row).toMatchObject({ runs: 3, succeeded: 3, failed: 0, calls, callErrors: 0, tokens: 0 });
    expect(row).not.toHaveProperty('cost');
    const took = runs.map((run) => Date.parse(run.endedAt!) - Date.parse(run.createdAt)).sort((a, b) => a - b);
    expect(Math.abs(row.p50Ms! - took[1]!)).toBeLessThanOrEqual(0.011 * took[1]! + 1);
    expect(Object.keys(row.phases!)).toEqual(['queued', 'planning', 'calls']);
    for (const by of ['day', 'status', 'tool', 'integration'] as const) {
      const { rows } = await api.usage.get({ by, from: today, to: today });
      const keys = rows.map(({ key }) => key);
      const [tool] = runs[0]!.events.flatMap((e) => (e.type === 'step' ? (e.step.toolCalls ?? []) : []));
      const expected = {
        day: today,
        status: 'SUCCESS',
        tool: tool?.toolName,
        integration: tool?.toolName.split('.')[0],
      };
      if (expected[by]) expect(keys).toContain(expected[by]);
      expect(rows.reduce((sum, row) => sum + row.runs, 0)).toBeGreaterThanOrEqual(3);
    }
    expect((await api.usage.get({ from: '2020-01-01', to: '2020-01-31' })).rows).toEqual([]);
    const ofUser = await api.usage.get({ userId });
    expect(ofUser).toMatchObject({ total: { runs: 3, calls }, rows: [{ key: today, runs: 3 }] });
    expect(ofUser).not.toHaveProperty('feedback');
    const [requester] = (await api.usage.get({ by: 'requester' })).rows;
    expect(requester).toMatchObject({ key: `api_key:${requester!.requester!.id}`, requester: { type: 'api_key' } });
    const requested = await api.usage.get({ requestedBy: requester!.key });
    expect(requested.total!.runs).toBeGreaterThanOrEqual(requester!.runs);
  });

  test('has one filter at most, and only by day', async () => {
    const api = apiOver(workspace);
    const refused = (detail: RegExp) => ({ status: 400, problem: { detail: expect.stringMatching(detail) } });
    await expect(api.usage.get({ by: 'tool', userId: 'ada' })).rejects.toMatchObject(refused(/Needs by=day/));
    await expect(api.usage.get({ userId: 'ada', tool: 'crm_1.find' })).rejects.toMatchObject(refused(/only filter/));
  });
});

describe.each(transports)('a live list over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(workspace);
  });

  test('begins with a snapshot, then sends created runs and their ends', async () => {
    const userId = `watcher-${crypto.randomUUID()}`;
    const frames: ListFrame[] = [];
    let runId = '';
    for await (const frame of api.runs.watch({ userId, status: ['QUEUED', 'RUNNING', 'SUCCESS'] })) {
      frames.push(frame);
      if (frame.type === 'snapshot') {
        expect((await api.runs.list({ userId })).runs).toEqual([]);
        ({ runId } = await api.runs.create(aRun({ userId })));
        await api.runs.create(aRun({ userId: `not-${userId}` }));
      }
      if (frame.type === 'run' && frame.status === 'SUCCESS') break;
    }
    expect(frames[0]).toMatchObject({ type: 'snapshot', resumed: false });
    expect(frames[1]).toMatchObject({ type: 'run', runId, changed: ['created'] });
    expect(frames.every((frame) => frame.type === 'snapshot' || frame.runId === runId)).toBe(true);
    const run = await api.runs.get({ runId, includeEvents: true });
    expect(frames.at(-1)).toMatchObject({ status: 'SUCCESS', seq: run.events.at(-1)!.seq, updatedAt: run.updatedAt });
  });

  test.each([
    ['a status that is none', { status: ['DONE'] }],
    ['times in the wrong order', { createdAfter: '2026-02-01T00:00:00Z', createdBefore: '2026-01-01T00:00:00Z' }],
    ['a sort', { sort: 'createdAt' }],
    ['a page', { page: 1 }],
  ])('refuses %s', async (_, input) => {
    const first = api.runs
      .watch(input as never)
      [Symbol.asyncIterator]()
      .next();
    await expect(first).rejects.toMatchObject({ status: 400, problem: { code: 'validation_failed' } });
  });
});

test('50 watchers, one of which never reads: the others get everything, and a reconnecting one gets what it missed', async () => {
  const api = overRest(workspace);
  const userId = `crowd-${crypto.randomUUID()}`;
  const path = `/v1/runs/sse?userId=${userId}`;
  const silent = await openSilent(workspace, path);
  const watchers = await Promise.all(Array.from({ length: 49 }, () => openFrames(workspace, path)));
  const leaver = await openFrames(workspace, path);
  const { id } = (await leaver.next())!;
  leaver.cut();
  const runs = await Promise.all(
    Array.from({ length: 25 }, async () => (await carryOut(api, aRun({ userId }))).run.runId),
  );
  const ends = async (stream: Stream) => {
    const ended = new Set<string>();
    while (ended.size < runs.length) {
      const frame = JSON.parse((await stream.next())!.data!) as ListFrame | null;
      if (frame?.type === 'run' && frame.status === 'SUCCESS') ended.add(frame.runId);
    }
    return [...ended].sort();
  };
  const expected = [...runs].sort();
  for (const ended of await Promise.all(watchers.map(ends))) expect(ended).toEqual(expected);
  const again = await openFrames(workspace, path, id);
  expect(JSON.parse((await again.next())!.data!)).toMatchObject({ type: 'snapshot', resumed: true });
  expect(await ends(again)).toEqual(expected);
  for (const stream of [...watchers, again]) stream.cut();
  silent.destroy();
});

test('a revoked key gets no more frames, and cannot reconnect', async () => {
  const api = overRest(workspace);
  const { apiKeyId, key } = await api.apiKeys.create({ name: 'watcher', scopes: ['runs:read'] });
  const caller = { url: workspace.url, apiKey: key };
  const stream = await openFrames(caller, '/v1/runs/sse');
  await stream.next();
  await api.apiKeys.revoke({ apiKeyId });
  const frames = await stream.rest();
  expect(frames.filter(({ event }) => event === 'run')).toEqual([]);
  expect((await openFrames(caller, '/v1/runs/sse')).status).toBe(401);
  const { key: writer } = await api.apiKeys.create({ name: 'writer', scopes: ['runs:write'] });
  expect((await openFrames({ url: workspace.url, apiKey: writer }, '/v1/runs/sse')).status).toBe(403);
});

test.each(['x', '1', '0123456789abcdef-', `${'0'.repeat(16)}-1e3`])(
  'a Last-Event-ID of another form is refused: %s',
  async (id) => {
    const { status, problem } = await openFrames(workspace, '/v1/runs/sse', id);
    expect([status, await problem()]).toMatchObject([400, { code: 'invalid_event_id' }]);
  },
);

/** A connection that is never read. */
function openSilent({ url, apiKey }: Caller, path: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nx-api-key: ${apiKey}\r\n\r\n`);
      resolve(socket);
    });
  });
}
