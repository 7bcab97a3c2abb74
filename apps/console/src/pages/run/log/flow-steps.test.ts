import { describe, expect, it } from 'vitest';
import { at, call, event, plan, step } from './event-fixtures.ts';
import { eventText, withoutLinks } from './event-text.ts';
import { argumentsOf, flowSteps, valueAt } from './flow-steps.ts';
import { EMPTY_LOG, foldEvents, foldProgress } from './log.ts';

const origins = (pointer: string, from: 'step' | 'item') => ({
  [pointer]: { from, stepId: 'a', path: 'items[0].id', text: '' },
});
const PLAN = plan('caller', 0, [
  { stepId: 'a' },
  { stepId: 'b', needs: ['a'], argOrigins: origins('/body/accountId', 'step') },
]);
const stateOf = (...events: Parameters<typeof event>[2][]) =>
  flowSteps(
    PLAN,
    foldEvents(
      EMPTY_LOG,
      events.map((body, index) => event(index + 1, index, body)),
    ),
  )[1]!.state;

describe('flowSteps', () => {
  it('is empty without a plan', () => expect(flowSteps(undefined, EMPTY_LOG)).toEqual([]));

  it('labels edges with the path, and with the value once it was sent', () => {
    expect(flowSteps(PLAN, EMPTY_LOG)[1]!.needs).toEqual([{ stepId: 'a', label: 'accountId ← items[0].id' }]);
    const sent = step('b', { toolCalls: [call('b', 0, 1, { toolParameters: { body: { accountId: 'acc_1' } } })] });
    expect(flowSteps(PLAN, foldEvents(EMPTY_LOG, [event(1, 1, sent)]))[1]!.needs[0]!.label).toBe('accountId = acc_1');
  });

  it('names each item on the edges of a step with forEach', () => {
    const each = plan('caller', 0, [{ stepId: 'b', needs: ['a'], argOrigins: origins('/path/id', 'item') }]);
    expect(flowSteps(each, EMPTY_LOG)[0]!.needs[0]!.label).toBe('id ← each item');
  });

  it('follows a step through approval to its end', () => {
    const waiting = step('b', { state: 'waiting', approvalId: 'q' });
    const approved = { type: 'run_action', approvalId: 'q', action: 'approve' } as const;
    expect(stateOf(step('a'))).toBe('planned');
    expect(stateOf(waiting)).toBe('waiting');
    expect(stateOf(waiting, approved)).toBe('running');
    expect(stateOf(waiting, approved, step('b'))).toBe('done');
    expect(stateOf(waiting, { type: 'end' })).toBe('planned');
  });

  it('tells uncertain effects and steps that were taken over', () => {
    expect(stateOf(step('b', { state: 'waiting', effectId: 'e' }))).toBe('uncertain');
    expect(stateOf(step('b', { toolCalls: [call('b', 0, 1, { state: 'uncertain' })] }))).toBe('uncertain');
    expect(stateOf(step('b', { takenFrom: 'other' }))).toBe('taken over');
  });

  it('counts iterations that have ended, and those that run', () => {
    const frame = {
      type: 'progress',
      runId: 'run',
      stepId: 'b',
      iteration: 4,
      state: 'running',
      attempt: 1,
      at: at(1),
    } as const;
    const [, running] = flowSteps(PLAN, foldProgress(EMPTY_LOG, [frame]));
    expect([running!.state, running!.iterations]).toEqual(['running', { done: 0, total: 1 }]);
    const calls = [call('b.0', 0, 1), call('b.1', 0, 1, { state: 'failed' })];
    const ended = foldEvents(EMPTY_LOG, [event(1, 1, step('b', { toolCalls: calls, state: 'failed' }))]);
    expect(flowSteps(PLAN, ended)[1]!.iterations).toEqual({ done: 1, total: 2 });
  });
});

describe('argumentsOf', () => {
  it('takes apart what the origins name, and shows other values whole', () => {
    const args = { query: { q: 'x' }, body: { a: { b: { c: 1 } }, list: [1] } };
    const found = argumentsOf(args, { '/body/a/b/c': { from: 'step', stepId: 'a', text: 'found' } });
    expect(found.map(({ pointer, value, origin }) => [pointer, value, origin?.text])).toEqual([
      ['/query/q', 'x', undefined],
      ['/body/a/b/c', 1, 'found'],
      ['/body/list', [1], undefined],
    ]);
  });

  it('keeps holes of plans whole, and gives values the origin of their group', () => {
    const found = argumentsOf({ body: { a: { $: 'x' } } }, { '/body': { from: 'model', text: 'written' } });
    expect(found.map(({ pointer, origin }) => [pointer, origin?.text])).toEqual([['/body', 'written']]);
    expect(argumentsOf({ body: { a: { $: 'x' } } }, {})[0]!.value).toEqual({ $: 'x' });
  });
});

it('reads values by pointer without following prototypes', () => {
  expect(valueAt({ 'a/b': [{ c: 1 }] }, '/a~1b/0/c')).toBe(1);
  expect(valueAt({}, '/constructor/name')).toBeUndefined();
  expect(valueAt(undefined, '/a')).toBeUndefined();
});

describe('eventText', () => {
  const text = (body: Parameters<typeof event>[2]) => eventText(event(1, 0, body));

  it('says who decided, or that the time was over', () => {
    expect(text({ type: 'run_action', approvalId: 'q', action: 'deny', decidedBy: 'Ada', reason: 'Too late.' })).toBe(
      'Denied by Ada. Too late.',
    );
    expect(text({ type: 'run_action', approvalId: 'q', action: 'deny' })).toBe('Denied because the request expired.');
  });

  it('keeps links to decisions out of what is shown and downloaded', () => {
    const links = [{ action: 'approve' as const, url: 'https://errand.example/?token=secret' }];
    const bodies: Parameters<typeof event>[2][] = [
      step('a', { approvalActions: links }),
      {
        type: 'run_approval',
        approvalId: 'q',
        approvalActions: links,
        plan: { planType: 'text', plan: '' },
        expiresAt: at(0),
      },
      { type: 'question', requestId: 'q', question: '?', url: links[0]!.url, expiresAt: at(0) },
      {
        type: 'authentication',
        auth: { status: 'required', customerIntegrationId: 'c', integrationName: 'CRM', url: links[0]!.url },
      },
    ];
    for (const body of bodies) expect(JSON.stringify(withoutLinks(event(1, 0, body)))).not.toContain('secret');
  });
});
