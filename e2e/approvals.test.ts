// Runs wait for the decisions that they need, and follow them.
import type { RunEvent } from '@errand/contracts';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventsOf } from './fixtures/builders.ts';
import { ended, type Office, payments, startOffice, startWaiting } from './fixtures/office.ts';
import type { Stack } from './fixtures/stack.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

let office: Office<Stack>;
beforeAll(async () => {
  office = await startOffice();
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const paid = () =>
  office.stub.hits.filter(({ operation }) => operation === 'pay').map(({ body }) => JSON.parse(body).amount);
const types = (events: RunEvent[]) => events.map(({ type }) => type);
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(office.stack);
  });
  const decide = (approvalId: string | undefined, decision: 'approve' | 'deny', more = {}) =>
    api.approvals.decide({ approvalId: approvalId!, decision, ...more });

  test('ON_START: the plan waits as a whole', async () => {
    const run = await startWaiting(api, payments(office, [1, 2], { approvalStrategy: 'ON_START' }));
    const [request] = run.waitingOn;
    expect(request).toMatchObject({
      kind: 'plan',
      resolveWith: { path: `/v1/approvals/${request!.approvalId}` },
    });
    expect(run.events.find(({ type }) => type === 'run_approval')).toMatchObject({
      runStatus: 'PAUSED',
      approvalId: request!.approvalId,
      plan: { plan: { goal: 'Pay the bills' } },
    });
    expect(paid()).toEqual([]);
    await decide(request!.approvalId, 'approve');
    expect(await ended(api, run.runId)).toMatchObject({ status: 'SUCCESS' });
    expect(paid().sort()).toEqual([1, 2]);
  });

  test('ON_TOOL_CALL: reads wait too', async () => {
    const plan = { goal: 'Look', steps: [{ id: 'a', tool: `${office.id}.look` }] };
    const run = await startWaiting(api, payments(office, [], { approvalStrategy: 'ON_TOOL_CALL', plan }));
    expect(office.stub.hits).toEqual([]);
    expect(run.events.find(({ type }) => type === 'step')).toMatchObject({
      runStatus: 'PAUSED',
      step: { approval: 'PENDING' },
    });
    await decide(run.waitingOn[0]!.approvalId, 'approve');
    const { status, events } = await ended(api, run.runId);
    expect([status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
    expect(types(events)).toEqual(['start', 'step', 'status', 'run_action', 'step', 'end']);
  });

  test('ON_WRITE: several calls wait and are decided in any order, each separately', async () => {
    const run = await startWaiting(api, payments(office, [1, 2, 3]), 3);
    const amountOf = new Map(
      run.events.flatMap((event) =>
        event.type === 'step'
          ? [
              [
                event.step.approvalId!,
                (event.step.toolCalls![0]!.toolParameters as { body: { amount: number } }).body.amount,
              ],
            ]
          : [],
      ),
    );
    const idOf = (amount: number) =>
      run.waitingOn.find(({ approvalId }) => amountOf.get(approvalId!) === amount)!.approvalId;
    const edited = await decide(idOf(3), 'approve', { args: { body: { amount: 30 } } });
    expect(edited.edits).toEqual([{ op: 'replace', path: '/body/amount', value: 30 }]);
    await decide(idOf(1), 'deny', { reason: 'not this one' });
    await decide(idOf(2), 'approve');
    const { status, error, events } = await ended(api, run.runId);
    expect([status, error!.code]).toEqual(['PARTIAL_SUCCESS', 'approval_denied']);
    expect(paid().sort()).toEqual([2, 30]);
    const statuses = events.flatMap((event) =>
      event.type === 'run_action' ? [[event.action, event.reason, event.edits?.length]] : [],
    );
    expect(statuses).toEqual([
      ['approve', undefined, 1],
      ['deny', 'not this one', undefined],
      ['approve', undefined, undefined],
    ]);
    const denied = events.find((event) => event.type === 'step' && event.step.approval === 'DENIED');
    expect(JSON.stringify(denied)).toContain('not this one');
  });

  test('edits that do not fit the tool are refused, and nothing is decided', async () => {
    const run = await startWaiting(api, payments(office, [5]));
    const { approvalId } = run.waitingOn[0]!;
    const wrong = decide(approvalId, 'approve', { args: { body: { amount: 'all' } } });
    await expect(wrong).rejects.toEqual(refused(400, 'validation_failed'));
    expect((await api.runs.get({ runId: run.runId })).waitingOn).toHaveLength(1);
    await decide(approvalId, 'deny');
    expect(await ended(api, run.runId)).toMatchObject({ status: 'CANCELED' });
    expect(paid()).toEqual([]);
  });

  test('the same decision again answers the same, the opposite is refused', async () => {
    const run = await startWaiting(api, payments(office, [6]));
    const { approvalId } = run.waitingOn[0]!;
    const first = await decide(approvalId, 'approve');
    expect(await decide(approvalId, 'approve')).toEqual(first);
    await expect(decide(approvalId, 'deny')).rejects.toEqual(refused(409, 'approval_already_decided'));
    await ended(api, run.runId);
    expect(paid()).toEqual([6]);
  });

  test('open requests are listed by user, with the request that resolves each', async () => {
    const userId = `list-${_}`;
    const run = await startWaiting(api, payments(office, [7, 8], { userId }), 2);
    const { pending } = await api.pending.list({ userId });
    expect(pending.map(({ runId, kind }) => [runId, kind])).toEqual([
      [run.runId, 'call'],
      [run.runId, 'call'],
    ]);
    expect(new Set(pending.map(({ approvalId }) => approvalId))).toEqual(
      new Set(run.waitingOn.map(({ approvalId }) => approvalId)),
    );
    await api.runs.cancel({ runId: run.runId });
    expect((await api.pending.list({ userId })).pending).toEqual([]);
  });

  test('a cancelled run leaves nothing to decide', async () => {
    const run = await startWaiting(api, payments(office, [9]));
    await api.runs.cancel({ runId: run.runId });
    await expect(decide(run.waitingOn[0]!.approvalId, 'approve')).rejects.toEqual(refused(410, 'approval_gone'));
    expect(paid()).toEqual([]);
  });

  test('a key without the scope decides nothing', async () => {
    const run = await startWaiting(api, payments(office, [10]));
    const reader = apiOver(await office.callerWith('runs:read', 'runs:write'));
    const approval = { approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' as const };
    await expect(reader.approvals.decide(approval)).rejects.toEqual(refused(403, 'insufficient_scope'));
    await api.runs.cancel({ runId: run.runId });
  });

  test('only keys that may decide get links in events, by every route', async () => {
    const run = await startWaiting(api, payments(office, [11]));
    const { runId } = run;
    const may = apiOver(await office.callerWith('runs:read', 'approvals:decide'));
    const mayNot = apiOver(await office.callerWith('runs:read'));
    const visible = async (reader: Api) => {
      const streamed: RunEvent[] = [];
      for await (const event of reader.runs.stream({ runId })) {
        streamed.push(event);
        if (event.type === 'status') break;
      }
      const { runs } = await reader.runs.list({ includeEvents: true, pageSize: 1 });
      return [
        (await reader.runs.get({ runId, includeEvents: true })).events,
        (await reader.runs.events({ runId })).events,
        runs[0]!.events,
        streamed,
      ].map((events) => JSON.stringify(events).split('/v1/runs/approval?token=').length - 1);
    };
    expect(await visible(may)).toEqual([2, 2, 2, 2]);
    expect(await visible(mayNot)).toEqual([0, 0, 0, 0]);
    await api.runs.cancel({ runId });
  });
});

test('the database and the log contain no token', async () => {
  const api = overRest(office.stack);
  const run = await startWaiting(api, payments(office, [12]));
  const links = JSON.stringify(run.events)
    .match(/token=[\w-]+/g)!
    .map((each) => each.slice('token='.length));
  expect(links).toHaveLength(2);
  for (const token of links) await fetch(`${office.stack.url}/v1/runs/approval?token=${token}`);
  const storedText = JSON.stringify(await dump(office.stack.databaseUrl)) + office.stack.log();
  for (const token of links) {
    expect(storedText).not.toContain(token);
    expect(storedText).not.toContain(token.slice(0, 40));
    expect(storedText).not.toContain(token.slice(-40));
  }
  await api.runs.cancel({ runId: run.runId });
});

test('a waiting run continues after the service was killed', async () => {
  const api = overRest(office.stack);
  const run = await startWaiting(api, payments(office, [13]));
  await office.stack.restart();
  await overRest(office.stack).approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  const events = await eventsOf(overRest(office.stack), run.runId);
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  expect(paid()).toEqual([13]);
});
