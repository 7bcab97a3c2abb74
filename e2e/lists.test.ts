// Lists of runs, over every transport.
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Api, transports } from './fixtures/transports.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  return () => stack.close();
});

describe.each(transports)('over %s', (_, over) => {
  let api: Api;
  let crm: string;
  beforeAll(async () => {
    api = over(stack);
    crm = (await api.integrations.list({}))[0]!.customerIntegrationId;
  });

  test('runs are listed newest first, filtered and paged', async () => {
    const userId = `pager-${crypto.randomUUID()}`;
    const made: string[] = [];
    for (const team of ['a', 'b', 'b']) {
      made.unshift(
        (await carryOut(api, aRun({ userId, repeatKey: `${userId}-${team}`, metadata: { team } }))).run.runId,
      );
    }
    const idsOf = ({ runs }: { runs: { runId: string }[] }) => runs.map(({ runId }) => runId);

    const first = await api.runs.list({ userId, pageSize: 2 });
    expect(idsOf(first)).toEqual(made.slice(0, 2));
    expect(first.pagination).toMatchObject({ page: 1, pageSize: 2, totalItems: 3, totalPages: 2 });
    expect(idsOf(await api.runs.list({ userId, pageSize: 2, page: 2 }))).toEqual(made.slice(2));
    const next = await api.runs.list({ userId, pageSize: 2, cursor: first.pagination.nextCursor });
    expect(idsOf(next)).toEqual(made.slice(2));
    expect(next.pagination).not.toHaveProperty('totalItems');

    expect(idsOf(await api.runs.list({ userId, metadata: { team: 'a' } }))).toEqual([made[2]]);
    expect(idsOf(await api.runs.list({ userId, repeatKey: `${userId}-a` }))).toEqual([made[2]]);
    expect(idsOf(await api.runs.list({ userId, status: ['SUCCESS'] }))).toEqual(made);
    expect(idsOf(await api.runs.list({ userId, status: ['FAILED'] }))).toEqual([]);
    expect(idsOf(await api.runs.list({ userId, customerIntegrationIds: [crm] }))).toEqual(made);
    expect(idsOf(await api.runs.list({ userId, customerIntegrationIds: ['other_00000000'] }))).toEqual([]);
    const [withEvents] = (await api.runs.list({ userId, pageSize: 1, includeEvents: true })).runs;
    expect(withEvents!.events).toEqual(await eventsOf(api, made[0]!));
  });

  test('lists are sorted, and found by times and words; a cursor fits its sort and filters alone', async () => {
    const userId = `sorter-${crypto.randomUUID()}`;
    const made: string[] = [];
    for (let n = 0; n < 3; n++) made.push((await carryOut(api, aRun({ userId }))).run.runId);
    const idsOf = ({ runs }: { runs: { runId: string }[] }) => runs.map(({ runId }) => runId);

    expect(idsOf(await api.runs.list({ userId, sort: 'createdAt' }))).toEqual(made);
    const oldest = await api.runs.list({ userId, sort: 'createdAt', pageSize: 2 });
    const { nextCursor: cursor } = oldest.pagination;
    expect(idsOf(await api.runs.list({ userId, sort: 'createdAt', pageSize: 2, cursor }))).toEqual(made.slice(2));
    const other = { userId, pageSize: 2, cursor };
    const refused = { status: 400, problem: { code: 'invalid_cursor' } };
    await expect(api.runs.list(other)).rejects.toMatchObject(refused);
    await expect(api.runs.list({ ...other, sort: '-duration' })).rejects.toMatchObject(refused);
    await expect(api.runs.list({ ...other, sort: 'createdAt', waiting: false })).rejects.toMatchObject(refused);
    const longest = await api.runs.list({ userId, sort: '-duration', pageSize: 2 });
    const last = await api.runs.list({ ...other, sort: '-duration', cursor: longest.pagination.nextCursor });
    const took = [...longest.runs, ...last.runs].map((run) => Date.parse(run.endedAt!) - Date.parse(run.createdAt));
    expect(took).toEqual([...took].sort((a, b) => b - a));
    expect(took).toHaveLength(3);
    expect(idsOf(await api.runs.list({ userId, q: 'USERS, list', sort: 'createdAt' }))).toEqual(made);
    const newest = longest.runs.find(({ runId }) => runId === made[2]) ?? last.runs[0];
    const times = { createdAfter: newest!.createdAt, createdBefore: new Date(Date.now() + 1000).toISOString() };
    expect(idsOf(await api.runs.list({ userId, ...times }))).toEqual([made[2]]);
    const open = { waiting: false, status: ['SUCCESS', 'PAUSED'] } as const;
    expect(idsOf(await api.runs.list({ userId, ...open, status: [...open.status], sort: 'createdAt' }))).toEqual(made);
  });

  test('a run is listed by the integrations that it selected', async () => {
    const userId = `chooser-${crypto.randomUUID()}`;
    const { run } = await carryOut(api, aRun({ userId, selectedCustomerIntegrationIds: [crm] }));

    const { runs } = await api.runs.list({ userId, customerIntegrationIds: ['other_00000000', crm] });
    expect(runs.map(({ runId }) => runId)).toEqual([run.runId]);
  });
});
