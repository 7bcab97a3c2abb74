// The number of runs over time.
import { RunStatus } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { overRest, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, type Workspace, workspaceForTest } from './fixtures/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  return () => workspace.close();
});

test('runs are counted by time and status, with filters, and only those of the workspace', async () => {
  const userId = `counted-${crypto.randomUUID()}`;
  const api = overTrpc(workspace);
  await carryOut(overTrpc(await workspaceForTest()), aRun({ userId }));
  const ended = [];
  for (let n = 0; n < 3; n++) ended.push((await carryOut(api, aRun({ userId }))).run);
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const queued = await api.runs.create(aRun({ userId, startAt, metadata: { later: 'yes' } }));
  const from = ended[0]!.createdAt;
  const to = new Date(Date.parse(queued.createdAt) + 1).toISOString();

  for (const each of [api, overRest(workspace)]) {
    const one = await each.runs.histogram({ userId, from, to, buckets: 1 });
    expect(one.buckets).toEqual([
      {
        from,
        counts: [
          { status: 'QUEUED', runs: 1 },
          { status: 'SUCCESS', runs: 3 },
        ],
      },
    ]);
    expect((await each.runs.histogram({ userId, metadata: { later: 'yes' }, from, to, buckets: 1 })).buckets).toEqual([
      { from, counts: [{ status: 'QUEUED', runs: 1 }] },
    ]);
    const many = await each.runs.histogram({ userId, from, to, buckets: 100 });
    expect(many.buckets.length).toBeLessThanOrEqual(100);
    for (const run of [...ended, queued]) {
      const bucket = many.buckets.findLast((candidate) => candidate.from <= run.createdAt)!;
      expect(bucket.counts.some(({ status }) => status === run.status)).toBe(true);
    }
    const total = many.buckets.flatMap(({ counts }) => counts).reduce((sum, { runs }) => sum + runs, 0);
    expect(total).toBe(4);
    const longest = { from: new Date(Date.now() - 31 * 86_400_000 + 1000).toISOString(), buckets: 1 };
    expect((await each.runs.histogram({ userId, ...longest })).buckets[0]!.counts).toHaveLength(2);
    // A run that was created at the end of the window is not in it.
    const before = await each.runs.histogram({ userId, status: [...RunStatus.options], from, to: queued.createdAt });
    expect(before.buckets.flatMap(({ counts }) => counts).map(({ status }) => status)).not.toContain('QUEUED');
  }
});

test.each([
  ['a window of more than 31 days', { from: '2026-01-01T00:00:00Z', to: '2026-02-02T00:00:00Z' }],
  ['a window that ends before it begins', { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  ['101 buckets', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', buckets: 101 }],
])('%s is refused', async (_, input) => {
  const refused = { status: 400, problem: { code: 'validation_failed' } };
  await expect(overRest(workspace).runs.histogram(input)).rejects.toMatchObject(refused);
});
