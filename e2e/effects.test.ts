// A write with a lost answer has an uncertain effect, so a person decides.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended, type Office, startOffice, startWaiting } from './fixtures/office.ts';
import type { Stack } from './fixtures/stack.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let office: Office<Stack>;
beforeAll(async () => {
  office = await startOffice();
  return () => office.close();
});

const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

/** A write with a lost answer, a step that needs its output, and an independent step. */
const lostWrite = (name: string, more = {}) =>
  aRun({
    plan: {
      goal: 'Vanish',
      steps: [
        { id: 'gone', tool: `${office.id}.vanish`, args: { body: { name } } },
        { id: 'after', tool: `${office.id}.pay`, args: { body: { to: { $: 'steps.gone.output.id' } } } },
        { id: 'beside', tool: `${office.id}.look` },
      ],
    },
    ...more,
  });
const hits = (operation: string, text: string) =>
  office.stub.hits.filter((hit) => hit.operation === operation && hit.body.includes(text));

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });
  const lost = async (name: string) => {
    const run = await startWaiting(api, lostWrite(name));
    return { run, effectId: run.waitingOn[0]!.effectId! };
  };

  test('the run waits, independent steps continue, and the decision request says how to answer it', async () => {
    const name = randomUUID();
    const { run, effectId } = await lost(name);
    expect(run.waitingOn).toMatchObject([
      {
        kind: 'effect',
        customerIntegrationId: office.id,
        resolveWith: { method: 'POST', path: `/v1/effects/${effectId}` },
      },
    ]);
    expect(hits('vanish', name)).toHaveLength(1);
    expect(run.events.some((event) => event.type === 'step' && event.step.stepId === 'beside')).toBe(true);
    await api.runs.cancel({ runId: run.runId });
    const late = api.effects.resolve({ effectId, decision: 'retry' });
    await expect(late).rejects.toEqual(refused(410, 'approval_gone'));
    expect(hits('vanish', name)).toHaveLength(1);
  });

  test('retry repeats the call with the same key', async () => {
    const name = randomUUID();
    const { run, effectId } = await lost(name);
    const resolved = await api.effects.resolve({ effectId, decision: 'retry', reason: 'Not there.' });
    expect(resolved).toMatchObject({ effectId, decision: 'retry' });
    const { status, events } = await ended(api, run.runId);
    expect(status).toBe('SUCCESS');
    const at = events.findIndex(({ type }) => type === 'effect');
    const { decidedBy } = resolved;
    const decision = { effectId, stepId: 'gone', decision: 'retry', decidedBy, reason: 'Not there.' };
    expect(events.slice(at - 1, at + 1)).toMatchObject([{ type: 'status' }, { type: 'effect', ...decision }]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const call = await api.runs.toolCall({ runId: run.runId, toolCallId: 'gone' });
    expect(call).toMatchObject({
      attemptTimes: [{ outcome: 'unknown' }, { outcome: 'done', status: 200 }],
      status: 200,
    });
    const keys = hits('vanish', name).map(({ headers }) => headers['idempotency-key']);
    expect(call.idempotencyKey).toBe(keys[0]);
    expect([keys.length, new Set(keys).size]).toEqual([2, 1]);
    expect(office.stub.hits.at(-1)).toMatchObject({ operation: 'pay', body: JSON.stringify({ to: 'again' }) });
  });

  test('happened continues with the output of the decision', async () => {
    const name = randomUUID();
    const { run, effectId } = await lost(name);
    await api.effects.resolve({ effectId, decision: 'happened', output: { id: name }, reason: 'It is there.' });
    expect((await ended(api, run.runId)).status).toBe('SUCCESS');
    expect([hits('vanish', name).length, hits('pay', name).length]).toEqual([1, 1]);
  });

  test('happened without an output fails the dependent steps', async () => {
    const name = randomUUID();
    const { run, effectId } = await lost(name);
    await api.effects.resolve({ effectId, decision: 'happened' });
    expect(await ended(api, run.runId)).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'output_unknown' } });
    expect(hits('vanish', name)).toHaveLength(1);
  });

  test('skip continues without it; another decision comes too late', async () => {
    const name = randomUUID();
    const { run, effectId } = await lost(name);
    const first = await api.effects.resolve({ effectId, decision: 'skip' });
    expect(await api.effects.resolve({ effectId, decision: 'skip' })).toEqual(first);
    const otherDecision = api.effects.resolve({ effectId, decision: 'retry' });
    await expect(otherDecision).rejects.toEqual(refused(409, 'effect_already_resolved'));
    expect(await ended(api, run.runId)).toMatchObject({ error: { code: 'effect_skipped' } });
    expect(hits('vanish', name)).toHaveLength(1);
  });

  test('it is listed by user, and decided only by keys with the scope', async () => {
    const userId = randomUUID();
    const run = await startWaiting(api, lostWrite(userId, { userId }));
    const { effectId } = run.waitingOn[0]!;
    expect((await api.pending.list({ userId })).pending).toMatchObject([
      { kind: 'effect', effectId, runId: run.runId },
    ]);
    const reader = apiOver(await office.callerWith('runs:read', 'runs:write'));
    const denied = reader.effects.resolve({ effectId: effectId!, decision: 'skip' });
    await expect(denied).rejects.toEqual(refused(403, 'insufficient_scope'));
    await api.runs.cancel({ runId: run.runId });
    expect((await api.pending.list({ userId })).pending).toEqual([]);
  });
});

test('the decision request survives a crash of the service', async () => {
  const name = randomUUID();
  const run = await startWaiting(overRest(office.stack), lostWrite(name));
  await office.stack.restart();
  const api = overRest(office.stack);
  const { waitingOn } = await api.runs.get({ runId: run.runId });
  expect(waitingOn).toEqual(run.waitingOn);
  await api.effects.resolve({ effectId: waitingOn[0]!.effectId!, decision: 'happened', output: { id: 'x' } });
  expect((await ended(api, run.runId)).status).toBe('SUCCESS');
  expect(hits('vanish', name)).toHaveLength(1);
});
