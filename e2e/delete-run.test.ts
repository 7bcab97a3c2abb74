// A run is deleted with everything of it; what refers to it keeps its id.
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';
import type { Workspace } from './fixtures/workspace.ts';

let office: Office<Workspace>;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overRest(office.stack);
  return office.close;
});

const gone = expect.objectContaining({ status: 404, problem: expect.objectContaining({ code: 'not_found' }) });
const looking = (more: object = {}) => aRun({ plan: aPlan(`${office.id}.look`), ...more });

test('nothing of a deleted run can be read; its rerun keeps the id, and a repeated request makes a new run', async () => {
  const { webhookId } = await api.webhooks.create({ url: `${office.stub.origin}/hook`, events: ['run.end'] });
  const once = { ...looking({ repeatKey: 'delete' }), idempotencyKey: 'once-delete' };
  const { runId, executionPlanId } = (await carryOut(api, once)).run;
  await api.feedback.put({ runId, rating: 'negative', comment: 'No' });
  const rerun = await ended(api, (await api.runs.rerun({ runId, mode: 'same_plan' })).runId);
  const deliveriesOf = async (id: string) =>
    (await api.webhooks.deliveries({ webhookId })).deliveries.filter((delivery) => delivery.runId === id);
  for (const id of [runId, rerun.runId]) await expect.poll(() => deliveriesOf(id), { timeout: 60_000 }).toHaveLength(1);

  await expect(api.runs.delete({ runId })).resolves.toBeNull();

  for (const read of [
    () => api.runs.get({ runId }),
    () => api.runs.events({ runId }),
    () => api.runs.toolCall({ runId, toolCallId: 'only' }),
    () => api.executionPlans.get({ executionPlanId }),
    () => api.feedback.get({ runId }),
    () => api.feedback.put({ runId, rating: 'positive' }),
    () => api.runs.cancel({ runId }),
    () => api.runs.rerun({ runId, mode: 'same_plan' }),
    () => api.runs.delete({ runId }),
  ])
    await expect(read()).rejects.toEqual(gone);
  expect((await api.runs.list({ rerunOf: runId })).runs.map((run) => run.runId)).toEqual([rerun.runId]);
  expect((await api.runs.get({ runId: rerun.runId })).rerunOf).toBe(runId);
  expect([await deliveriesOf(runId), (await deliveriesOf(rerun.runId)).length]).toEqual([[], 1]);
  const again = await api.runs.create(once);
  expect(again.runId).not.toBe(runId);
  const { entries } = await api.audit.list({ runId, action: 'run.deleted' });
  expect(entries).toMatchObject([{ target: runId, details: { runId, status: 'SUCCESS' }, actor: { type: 'api_key' } }]);
});

test('an open run is refused, until it is cancelled; over tRPC too', async () => {
  const { runId } = await startWaiting(api, payments(office, [5]));
  await expect(api.runs.delete({ runId })).rejects.toMatchObject({ status: 409, problem: { code: 'run_unfinished' } });
  await api.runs.cancel({ runId });
  await overTrpc(office.stack).runs.delete({ runId });
  await expect(api.runs.get({ runId })).rejects.toEqual(gone);
});

test('a key needs the scopes to write and to read runs, of the workspace of the run', async () => {
  const { runId } = (await carryOut(api, looking())).run;
  for (const scopes of [['runs:write'], ['runs:read', 'connections:write']] as const) {
    const weak = overRest(await office.callerWith(...scopes));
    await expect(weak.runs.delete({ runId })).rejects.toMatchObject({ problem: { code: 'insufficient_scope' } });
  }
  await expect(overRest(await office.stranger()).runs.delete({ runId })).rejects.toEqual(gone);
  await overRest(await office.callerWith('runs:write', 'runs:read')).runs.delete({ runId });
  await expect(api.runs.get({ runId })).rejects.toEqual(gone);
});

test('watchers of a list are told that the run is gone', async () => {
  const { runId } = (await carryOut(api, looking({ userId: 'watched' }))).run;
  const frames: unknown[] = [];
  for await (const frame of api.runs.watch({ userId: 'watched' })) {
    frames.push(frame.type === 'gone' ? [frame.type, frame.runId] : frame.type);
    if (frame.type === 'snapshot') await api.runs.delete({ runId });
    if (frame.type === 'gone') break;
  }
  expect(frames).toEqual(['snapshot', ['gone', runId]]);
});
