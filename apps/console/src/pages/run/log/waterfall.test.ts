import { describe, expect, it } from 'vitest';
import { at, call, event, plan, run, START, step } from './event-fixtures.ts';
import { mergeIntervals, uncovered } from './intervals.ts';
import { EMPTY_LOG, foldEvents, foldProgress } from './log.ts';
import { phasesOf } from './phases.ts';
import { type Bar, callBars, callName, pack, rowsOf, ticksOf } from './waterfall.ts';

const ALL = { toggled: new Set<string>(), onlyFailed: false };
const relative = ({ from, to, ...rest }: Bar) => ({
  from: from - START,
  ...(to === undefined ? {} : { to: to - START }),
  ...rest,
});

describe('intervals', () => {
  it('merge when they overlap or touch', () => {
    const merged = mergeIntervals([
      { from: 5, to: 9 },
      { from: 0, to: 3 },
      { from: 3, to: 4 },
      { from: 6, to: 7 },
    ]);
    expect(merged).toEqual([
      { from: 0, to: 4 },
      { from: 5, to: 9 },
    ]);
  });

  it('leave the part of another that they do not cover', () => {
    expect(
      uncovered({ from: 0, to: 10 }, [
        { from: 2, to: 4 },
        { from: 3, to: 5 },
        { from: 20, to: 30 },
      ]),
    ).toBe(7);
  });
});

describe('phasesOf', () => {
  it('uses what the service measured', () => {
    const phases = { queuedMs: 3, callsMs: 0, waitingMs: 9 };
    expect(phasesOf(run({ phases, endedAt: at(12) }), EMPTY_LOG, undefined, 0)).toEqual([
      { name: 'queuedMs', ms: 3 },
      { name: 'waitingMs', ms: 9 },
    ]);
  });

  it('measures a run that goes on, and counts overlapping waits once', () => {
    const waiting = (id: string) => step(id, { state: 'waiting', approvalId: id });
    const log = foldEvents(EMPTY_LOG, [
      event(1, 100, { type: 'start' }),
      event(2, 500, waiting('a')),
      event(3, 600, waiting('b')),
      event(4, 700, { type: 'run_action', approvalId: 'a', action: 'approve' }),
    ]);
    const phases = phasesOf(run(), log, plan('model', 300), START + 1000);
    expect(Object.fromEntries(phases.map(({ name, ms }) => [name, ms]))).toEqual({
      queuedMs: 100,
      planningMs: 200,
      callsMs: 200,
      waitingMs: 500,
    });
  });

  it('has only the queue before the start, and no planning with a plan of the caller', () => {
    const { startedAt: _, ...queued } = run();
    expect(phasesOf(queued, EMPTY_LOG, undefined, START + 50)).toEqual([{ name: 'queuedMs', ms: 50 }]);
    expect(phasesOf(run(), EMPTY_LOG, plan('caller', 0), START + 150).map(({ name }) => name)).toEqual([
      'queuedMs',
      'callsMs',
    ]);
  });

  it('counts planning until now while there is no plan, without the questions of the planner', () => {
    const question = { type: 'question', requestId: 'r', question: '?', expiresAt: at(0) } as const;
    const log = foldEvents(EMPTY_LOG, [event(1, 150, question)]);
    expect(phasesOf(run(), log, undefined, START + 400)).toEqual([
      { name: 'queuedMs', ms: 100 },
      { name: 'planningMs', ms: 50 },
      { name: 'waitingMs', ms: 250 },
    ]);
  });
});

describe('callBars', () => {
  it('draws the attempts before the last as retries', () => {
    const attempts = [
      { startedAt: at(0), endedAt: at(5), outcome: 'failed' as const, status: 503 },
      { startedAt: at(8), endedAt: at(9), outcome: 'done' as const },
    ];
    expect(callBars(call('a', 0, 9, { effect: 'write', attemptTimes: attempts })).map(relative)).toEqual([
      { kind: 'retry', from: 0, to: 5 },
      { kind: 'write', from: 8, to: 9 },
    ]);
  });

  it('marks failed calls, leaves running ones open, and draws nothing for others', () => {
    expect(callBars(call('a', 0, 9, { state: 'failed' }))[0]?.isFailed).toBe(true);
    const { endedAt: _, ...running } = call('a', 0, 9, { state: 'running' });
    expect(callBars(running).map(relative)).toEqual([{ kind: 'read', from: 0 }]);
    expect(callBars(call('a', 0, 9, { takenFrom: 'other' }))).toEqual([]);
    const { startedAt: __, ...intended } = call('a', 0, 9, { state: 'intended' });
    expect(callBars(intended)).toEqual([]);
  });
});

describe('rowsOf', () => {
  const calls = (count: number) =>
    Array.from({ length: count }, (_, index) => call(`b.${index}`, 10 + index, 20 + index));

  it('has the preparation, consents, and the steps in the order of the plan', () => {
    const log = foldEvents(EMPTY_LOG, [
      event(1, 110, {
        type: 'authentication',
        auth: { status: 'required', customerIntegrationId: 'c', integrationName: 'CRM' },
      }),
      event(2, 120, step('b', { toolCalls: [call('b', 112, 118)] })),
    ]);
    const rows = rowsOf(run(), log, plan('model', 105, [{ stepId: 'a' }, { stepId: 'b' }]), ALL);
    expect(rows.map(({ key }) => key)).toEqual([' plan', ' consent CRM', 'b', 'a']);
    expect(rows[0]!.bars.map(relative)).toEqual([
      { kind: 'queued', from: 0, to: 100 },
      { kind: 'planning', from: 100, to: 105 },
    ]);
    expect(rows[1]!.bars.map(relative)).toEqual([{ kind: 'waiting', from: 110 }]);
  });

  it('shows up to 20 calls below their step, and more of them when asked', () => {
    const rowsWith = (count: number, toggled: string[] = []) =>
      rowsOf(run(), foldEvents(EMPTY_LOG, [event(1, 50, step('b', { toolCalls: calls(count) }))]), undefined, {
        toggled: new Set(toggled),
        onlyFailed: false,
      }).length;
    expect([rowsWith(1), rowsWith(20), rowsWith(21), rowsWith(21, ['b']), rowsWith(20, ['b'])]).toEqual([
      2, 22, 2, 23, 2,
    ]);
  });

  it('draws running calls without an end, and writes by the plan', () => {
    const frame = { type: 'progress', runId: 'run', stepId: 'a', state: 'running', attempt: 1, at: at(150) } as const;
    const rows = rowsOf(
      run(),
      foldProgress(EMPTY_LOG, [frame]),
      plan('caller', 0, [{ stepId: 'a', effect: 'write' }]),
      ALL,
    );
    expect(rows[1]!.bars.map(relative)).toEqual([{ kind: 'write', from: 150 }]);
  });

  it('tells steps of the same tool apart by their reason', () => {
    const log = foldEvents(EMPTY_LOG, [
      event(1, 1, step('a', { title: 'CRM: Get', reason: 'First' })),
      event(2, 2, step('b', { title: 'CRM: Get', reason: '' })),
      event(3, 3, step('c', { title: 'CRM: List', reason: 'Other' })),
    ]);
    const labels = rowsOf(run(), log, undefined, ALL).map(({ label }) => label);
    expect(labels.slice(1)).toEqual(['First · CRM: Get', 'CRM: Get', 'CRM: List']);
  });

  it('can show what failed alone', () => {
    const log = foldEvents(EMPTY_LOG, [event(1, 1, step('a')), event(2, 2, step('b', { state: 'failed' }))]);
    expect(rowsOf(run(), log, undefined, { ...ALL, onlyFailed: true }).map(({ key }) => key)).toEqual(['b']);
  });
});

it('packs thousands of bars to a few hundred with the same extent', () => {
  const bars = Array.from({ length: 5000 }, (_, index): Bar => ({ kind: 'read', from: index, to: index + 3 }));
  const packed = pack(bars);
  expect(packed.length).toBeLessThanOrEqual(201);
  expect([packed[0]!.from, packed.at(-1)!.to]).toEqual([0, 5002]);
  expect(pack([...bars, { kind: 'read', from: 2500 }]).some(({ to }) => to === undefined)).toBe(true);
});

it('names calls by their number and arguments', () => {
  expect(callName(call('a.4', 0, 1, { toolParameters: { path: { id: 'acc_1' }, query: { limit: 3, q: 'x' } } }))).toBe(
    '5. acc_1, 3',
  );
  expect(callName(call('a', 0, 1))).toBe('');
});

it('has between two and eleven round ticks for any span', () => {
  for (const span of [3, 40, 999, 4_100, 61_000, 3_600_000, 86_400_000, 5 * 86_400_000]) {
    const ticks = ticksOf(span);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(11);
    expect(ticks.at(-1)!).toBeLessThanOrEqual(span);
  }
  expect(ticksOf(0)).toEqual([0]);
});
