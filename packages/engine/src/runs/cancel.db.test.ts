import { applyTransition, newId } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { DecisionRequests } from '../decisions/ask/decision-requests.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

test('a decision request that is made while its run is cancelled is void, and a decision about it is refused', async () => {
  const engine = await engines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'make']]) }));
  await engines.query(`UPDATE run SET status = 'RUNNING', due = 0, lease = 'pool-a', epoch = 1 WHERE run_id = $1`, [
    runId,
  ]);
  const asking = new pg.Client({ connectionString: engines.url });
  await asking.connect();
  await asking.query('BEGIN');
  const policy = { approvalMs: 60_000, effectMs: 60_000 };
  const request = new DecisionRequests('user-1', [], policy, new Date()).create({
    kind: 'tool_approval',
    key: 'a',
    text: 'Do?',
  });
  const change = { to: 'RUNNING', events: [], decisionRequests: [request] } as const;
  const scope = { pool: asking as unknown as pg.Pool, workspaceId };
  await applyTransition(scope, { runId, epoch: 1 }, change);
  const cancelled = engine.cancel(workspaceId, runId);
  const blocked = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await expect.poll(() => engines.query(blocked, [])).toHaveLength(1);
  await asking.query('COMMIT');
  await asking.end();
  expect((await cancelled).status).toBe('CANCELED');
  expect((await engine.listPending(workspaceId, { reader: by, pageSize: 10 })).pending).toEqual([]);
  const answer = engine.decideApproval(workspaceId, { approvalId: request.decisionRequestId, decision: 'approve' }, by);
  await expect(answer).rejects.toMatchObject({ code: 'approval_gone' });
});
