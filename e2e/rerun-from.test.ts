// A run is repeated from a step, over REST and tRPC.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aRun, whole } from './fixtures/builders.ts';
import { ended, type Office, openOffice, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overRest(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

/** Looks, pays 1, then pays 2 with what was seen; pays 9 beside that. */
const bills = (more: object = {}) => {
  const pay = (id: string, amount: number, step: object = {}) => ({
    id,
    tool: `${office.id}.pay`,
    args: { body: { amount, to: id } },
    ...step,
  });
  return aRun({
    intent: 'Pay the bills',
    plan: {
      goal: 'Pay',
      steps: [
        { id: 'look', tool: `${office.otherId}.look`, args: {} },
        pay('first', 1, { dependsOn: ['look'] }),
        pay('second', 2, { when: { $: 'steps.first.output.id = "paid" and steps.look.output.word = "seen"' } }),
        pay('beside', 9),
      ],
      result: { word: { $: 'steps.look.output.word' }, ids: { $: '[steps.second.output.id, steps.beside.output.id]' } },
    },
    prefer: 'wait=20',
    ...more,
  });
};
const paid = () =>
  office.stub.hits.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body).amount);
const refused = (status: number, code: string, pointer?: string) => ({
  status,
  problem: { code, ...(pointer !== undefined && { errors: [{ pointer, message: expect.any(String) }] }) },
});

test.each(['REST', 'tRPC'])(
  'over %s, the preview lists the writes, and the rerun makes these alone',
  async (transport) => {
    const caller = transport === 'REST' ? overRest(office.stack) : overTrpc(office.stack);
    const { runId } = whole(await caller.runs.create(bills()));
    expect(paid().sort()).toEqual([1, 2, 9]);
    office.stub.hits.length = 0;
    expect(await caller.runs.previewRerun({ runId, from: 'second', approvalStrategy: 'ON_WRITE' })).toEqual({
      from: 'second',
      takenOver: ['look', 'first', 'beside'].map((stepId) => ({
        stepId,
        title: expect.any(String),
        tool: expect.any(String),
        takenFrom: runId,
      })),
      runsAgain: [
        {
          stepId: 'second',
          title: expect.any(String),
          tool: `${office.id}.pay`,
          effect: 'write',
          needsApproval: true,
          reason: 'from',
          callsKept: 0,
        },
      ],
      planNeedsApproval: false,
    });
    expect(office.stub.hits).toEqual([]);
    const accepted = whole(await caller.runs.rerun({ runId, mode: 'same_plan', from: 'second' }));
    expect(accepted).toMatchObject({ status: 'QUEUED', rerunOf: runId });
    const run = await ended(caller, accepted.runId);
    expect(run).toMatchObject({ status: 'SUCCESS', result: { word: 'seen', ids: ['paid', 'paid'] } });
    expect(run.usage).toMatchObject({ steps: 1, toolCalls: 1 });
    expect(paid()).toEqual([2]);
    expect(office.stub.hits).toHaveLength(1);
    const steps = run.events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    expect(steps.map(({ stepId, takenFrom }) => [stepId, takenFrom]).sort()).toEqual([
      ['beside', runId],
      ['first', runId],
      ['look', runId],
      ['second', undefined],
    ]);
    const call = await caller.runs.toolCall({ runId: run.runId, toolCallId: 'first' });
    expect(call).toMatchObject({ takenFrom: runId, toolResult: { executionResult: { id: 'paid' } } });
  },
);

test('a rerun of a rerun waits for its approval, and another person’s workspace sees none of it', async () => {
  const first = whole(await api.runs.create(bills()));
  const { runId } = whole(
    await api.runs.rerun({ runId: first.runId, mode: 'same_plan', from: 'first', prefer: 'wait=20' }),
  );
  expect(paid().sort()).toEqual([1, 1, 2, 2, 9]);
  office.stub.hits.length = 0;
  const again = await api.runs.rerun({
    runId,
    mode: 'same_plan',
    from: 'beside',
    approvalStrategy: 'ON_WRITE',
    prefer: 'wait=20',
  });
  const waiting = await api.runs.get({ runId: again.runId });
  expect(waiting).toMatchObject({ status: 'PAUSED', waitingOn: [{ kind: 'call' }] });
  const { approvalId } = waiting.waitingOn[0] as { approvalId: string };
  await api.approvals.decide({ approvalId, decision: 'approve' });
  expect(await ended(api, again.runId)).toMatchObject({ status: 'SUCCESS' });
  expect(paid()).toEqual([9]);
  const { takenOver } = await api.runs.previewRerun({ runId: again.runId, from: 'beside' });
  expect(takenOver.map(({ takenFrom }) => takenFrom)).toEqual([first.runId, runId, runId]);
  const stranger = overRest(await office.stranger());
  for (const attempt of [
    () => stranger.runs.previewRerun({ runId, from: 'beside' }),
    () => stranger.runs.rerun({ runId, mode: 'same_plan', from: 'beside' }),
  ])
    await expect(attempt()).rejects.toMatchObject(refused(404, 'not_found'));
});

test('one Idempotency-Key makes one rerun, and another step is another body', async () => {
  const { runId } = whole(await api.runs.create(bills()));
  const input = { runId, mode: 'same_plan', from: 'beside', idempotencyKey: randomUUID() } as const;
  const answers = await Promise.all(
    [api.runs.rerun(input), api.runs.rerun(input)].map((answer) => answer.catch(() => null)),
  );
  const [accepted] = answers.filter((answer) => answer !== null);
  await ended(api, accepted!.runId);
  expect(await api.runs.rerun(input)).toEqual(accepted);
  await expect(api.runs.rerun({ ...input, from: 'second' })).rejects.toMatchObject(
    refused(422, 'idempotency_key_reused'),
  );
  expect(paid().sort()).toEqual([1, 2, 9, 9]);
});

test('a run that waits, an unknown step, a new plan and another context are refused', async () => {
  const { runId } = whole(await api.runs.create(bills({ context: 'to=Ana' })));
  const from = (step: string, more: object = {}) => api.runs.rerun({ runId, mode: 'same_plan', from: step, ...more });
  await expect(from('nothing')).rejects.toMatchObject(refused(400, 'validation_failed', '/from'));
  await expect(from('not a step')).rejects.toMatchObject(refused(400, 'validation_failed', '/from'));
  await expect(from('first', { mode: 'new_plan' })).rejects.toMatchObject(refused(400, 'validation_failed', '/from'));
  await expect(from('first', { context: 'to=Bo' })).rejects.toMatchObject(
    refused(400, 'validation_failed', '/context'),
  );
  await expect(api.runs.previewRerun({ runId, from: 'nothing' })).rejects.toMatchObject(
    refused(400, 'validation_failed', '/from'),
  );
  const waiting = await startWaiting(api, bills({ approvalStrategy: 'ON_WRITE', prefer: undefined }), 2);
  await expect(api.runs.rerun({ runId: waiting.runId, mode: 'same_plan', from: 'first' })).rejects.toMatchObject(
    refused(409, 'run_unfinished'),
  );
  await api.runs.cancel({ runId: waiting.runId });
  const unplanned = await api.runs.create(aRun({ intent: 'Fly to the moon', prefer: 'wait=20' }));
  await expect(api.runs.rerun({ runId: unplanned.runId, mode: 'same_plan', from: 'first' })).rejects.toMatchObject(
    refused(409, 'plan_not_repeatable'),
  );
});

test('a write of unknown effect is not kept, and runs again by its name', async () => {
  const vanish = { id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } };
  const look = { id: 'look', tool: `${office.id}.look`, args: {} };
  const { runId } = await startWaiting(api, aRun({ plan: { goal: 'Vanish', steps: [vanish, look] } }));
  await api.runs.cancel({ runId });
  await expect(api.runs.rerun({ runId, mode: 'same_plan', from: 'look' })).rejects.toMatchObject(
    refused(409, 'effect_unresolved', '/steps/0'),
  );
  const run = await api.runs.rerun({ runId, mode: 'same_plan', from: 'gone', prefer: 'wait=20' });
  expect(run.status).toBe('SUCCESS');
});

test('an integration that is inactive is no obstacle for kept steps, and one for steps that run again', async () => {
  const { runId } = whole(await api.runs.create(bills()));
  const look = { customerIntegrationId: office.otherId };
  await api.integrations.patch({ ...look, active: false });
  try {
    const run = await api.runs.rerun({ runId, mode: 'same_plan', from: 'second', prefer: 'wait=20' });
    expect(run.status).toBe('SUCCESS');
    for (const attempt of [
      () => api.runs.rerun({ runId, mode: 'same_plan', from: 'look' }),
      () => api.runs.previewRerun({ runId, from: 'look' }),
    ])
      await expect(attempt()).rejects.toMatchObject(refused(409, 'tools_changed', '/steps/0/tool'));
  } finally {
    await api.integrations.patch({ ...look, active: true });
  }
});

test('a key that may not write, and one that may not read', async () => {
  const { runId } = whole(await api.runs.create(bills()));
  const reader = await office.callerWith('runs:read');
  const answer = await request(reader, `/v1/runs/${runId}/rerun`, { body: { mode: 'same_plan', from: 'second' } });
  expect(answer).toMatchObject({ status: 403, problem: { code: 'insufficient_scope' } });
  expect((await overRest(reader).runs.previewRerun({ runId, from: 'second' })).runsAgain).toHaveLength(1);
  const writer = overRest(await office.callerWith('runs:write'));
  await expect(writer.runs.previewRerun({ runId, from: 'second' })).rejects.toMatchObject(
    refused(403, 'insufficient_scope'),
  );
  const handle = await writer.runs.rerun({ runId, mode: 'same_plan', from: 'second', prefer: 'wait=20' });
  expect(Object.keys(handle).sort()).toEqual(['answer', 'createdAt', 'executionPlanId', 'runId', 'status']);
});
