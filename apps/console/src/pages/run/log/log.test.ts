import { describe, expect, it } from 'vitest';
import { at, call, event, START, step } from './event-fixtures.ts';
import { EMPTY_LOG, foldEvents, foldProgress, type ProgressFrame } from './log.ts';
import { PendingEvents } from './pending-events.ts';

const progress = (stepId: string, ms: number, fields: Partial<ProgressFrame> = {}): ProgressFrame => ({
  type: 'progress',
  runId: 'run',
  stepId,
  state: 'running',
  attempt: 1,
  at: at(ms),
  ...fields,
});

describe('foldEvents', () => {
  it('keeps each event once, whatever is repeated', () => {
    const events = [event(1, 0, { type: 'start' }), event(2, 1, step('a')), event(3, 2, step('b'))];
    const once = foldEvents(EMPTY_LOG, events);
    expect(foldEvents(once, events)).toBe(once);
    const inParts = foldEvents(foldEvents(EMPTY_LOG, events.slice(0, 2)), [...events.slice(1), events[2]!]);
    expect(inParts).toEqual(once);
    expect(inParts.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('changes nothing of the log that it was given', () => {
    const before = foldEvents(EMPTY_LOG, [event(1, 0, step('a', { toolCalls: [call('a.0', 0, 1)] }))]);
    const after = foldEvents(before, [event(2, 5, step('a', { toolCalls: [call('a.1', 1, 2)] }))]);
    expect([...before.steps.get('a')!.calls.keys()]).toEqual(['a.0']);
    expect([...after.steps.get('a')!.calls.keys()]).toEqual(['a.0', 'a.1']);
    expect(EMPTY_LOG.events).toEqual([]);
  });

  it('keeps the steps that new events do not touch', () => {
    const before = foldEvents(EMPTY_LOG, [event(1, 0, step('a'))]);
    expect(foldEvents(before, [event(2, 5, step('b'))]).steps.get('a')).toBe(before.steps.get('a'));
  });

  it('reads a log of which only the end is left', () => {
    const log = foldEvents(EMPTY_LOG, [event(17, 9, { type: 'end' })]);
    expect([log.lastSeq, log.end?.type]).toEqual([17, 'end']);
  });
});

describe('waits', () => {
  const waitsOf = (...events: Parameters<typeof event>[2][]) => [
    ...foldEvents(
      EMPTY_LOG,
      events.map((body, index) => event(index + 1, index * 10, body)),
    ).waits.values(),
  ];

  it('last from a waiting step to its decision', () => {
    const waiting = step('a', { state: 'waiting', approvalId: 'q1' });
    expect(waitsOf(waiting, waiting, { type: 'run_action', approvalId: 'q1', action: 'approve' })).toEqual([
      { kind: 'call', stepId: 'a', from: START, to: START + 20 },
    ]);
  });

  it('last from a plan to its decision, and from a question to its answer', () => {
    const approval = {
      type: 'run_approval',
      approvalId: 'p',
      plan: { planType: 'text', plan: '' },
      expiresAt: at(0),
    } as const;
    const question = { type: 'question', requestId: 'r', stepId: 'b', question: '?', expiresAt: at(0) } as const;
    expect(
      waitsOf(approval, { type: 'run_action', approvalId: 'p', action: 'approve' }, question, {
        type: 'answer',
        requestId: 'r',
      } as never),
    ).toEqual([
      { kind: 'plan', from: START, to: START + 10 },
      { kind: 'question', stepId: 'b', from: START + 20, to: START + 30 },
    ]);
  });

  it('for a consent end with its credential; a second one is another wait', () => {
    const required = {
      type: 'authentication',
      auth: { status: 'required', customerIntegrationId: 'c', integrationName: 'CRM' },
    } as const;
    const success = { type: 'authentication', auth: { status: 'success', customerIntegrationId: 'c' } } as const;
    expect(waitsOf(required, success, required).map(({ from, to }) => [from - START, to && to - START])).toEqual([
      [0, 10],
      [20, undefined],
    ]);
  });

  it('for an uncertain effect end with its decision, and all end with the run', () => {
    const uncertain = step('a', { state: 'waiting', effectId: 'e1', approvalId: 'q' });
    const ended = waitsOf(uncertain, { type: 'effect', effectId: 'e1', stepId: 'a', decision: 'happened' });
    expect(ended).toEqual([{ kind: 'effect', stepId: 'a', from: START, to: START + 10 }]);
    expect(waitsOf(uncertain, { type: 'end' })[0]?.to).toBe(START + 10);
  });
});

describe('foldProgress', () => {
  it('keeps the begin of a call through its retries, until the event of its step', () => {
    const log = foldProgress(EMPTY_LOG, [progress('a', 5), progress('a', 9, { state: 'retrying', attempt: 2 })]);
    expect([...log.running]).toEqual([['a', { stepId: 'a', since: START + 5, attempt: 2, isRetry: true }]]);
    expect(foldEvents(log, [event(1, 20, step('a'))]).running.size).toBe(0);
  });

  it('tells iterations apart, and forgets all at the end', () => {
    const log = foldProgress(EMPTY_LOG, [progress('a', 5, { iteration: 0 }), progress('a', 5, { iteration: 1 })]);
    expect([...log.running.keys()]).toEqual(['a.0', 'a.1']);
    const ended = foldEvents(log, [event(1, 9, { type: 'end' })]);
    expect(ended.running.size).toBe(0);
    expect(foldProgress(ended, [progress('a', 10)])).toBe(ended);
  });

  it('takes no late report of a call that has ended', () => {
    const log = foldEvents(EMPTY_LOG, [event(1, 20, step('a', { toolCalls: [call('a', 0, 15)] }))]);
    expect(foldProgress(log, [progress('a', 10)]).running.size).toBe(0);
    expect(foldProgress(log, [progress('a', 30)]).running.size).toBe(1);
  });
});

describe('PendingEvents', () => {
  it('gives what follows without a gap, and keeps the rest', () => {
    const pending = new PendingEvents();
    for (const seq of [5, 2, 3, 2]) pending.add(event(seq, 0, { type: 'status' }));
    const first = pending.take(1);
    expect([first.events.map(({ seq }) => seq), first.hasGap]).toEqual([[2, 3], true]);
    expect(pending.take(3)).toEqual({ events: [], progress: [], hasGap: true });
    expect(pending.take(4).events.map(({ seq }) => seq)).toEqual([5]);
    expect(pending.take(5).hasGap).toBe(false);
  });

  it('drops what was read in the meantime', () => {
    const pending = new PendingEvents();
    for (const seq of [2, 3]) pending.add(event(seq, 0, { type: 'status' }));
    expect(pending.take(7)).toEqual({ events: [], progress: [], hasGap: false });
  });
});
