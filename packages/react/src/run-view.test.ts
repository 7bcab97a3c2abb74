import type { RunEvent } from '@errand/client/browser';
import { expect, test } from 'vitest';
import { applyEvent, EMPTY_RUN, type RunState } from './run-view.ts';

const at = { runId: 'r', timestamp: '2026-11-30T09:30:00.000Z', runStatus: 'RUNNING' };
const after = (events: object[]): RunState =>
  events.reduce<RunState>((run, event, i) => applyEvent(run, { seq: i + 1, ...at, ...event } as RunEvent), EMPTY_RUN);
const step = (stepId: string, more: object = {}) => ({ type: 'step', step: { stepId, state: 'done', ...more } });

test('steps stay in the order in which they began, as their newest events describe them', () => {
  const { steps } = after([step('a', { state: 'waiting' }), step('b'), step('a')]);
  expect(steps.map(({ stepId, state }) => [stepId, state])).toEqual([
    ['a', 'done'],
    ['b', 'done'],
  ]);
});

const call = step('a', { state: 'waiting', approvalId: 'p1', title: 'CRM: Create a deal' });
const effect = step('a', { state: 'waiting', effectId: 'e1', title: 'CRM: Create a deal' });
const consent = (status: string) => ({
  type: 'authentication',
  auth: { status, customerIntegrationId: 'crm', integrationName: 'CRM' },
});
const plan = { type: 'run_approval', approvalId: 'p1', text: 'Deals' };
const question = { type: 'question', requestId: 'q1', question: 'Which Alex?' };
const input = { type: 'input', requestId: 'q1', stepId: 'a', text: 'How many seats?' };

test.each([
  ['consent', consent('required'), consent('success')],
  ['consent', consent('required'), consent('denied')],
  ['plan', plan, { type: 'run_action', approvalId: 'p1' }],
  ['call', call, { type: 'run_action', approvalId: 'p1' }],
  ['call', call, step('a')],
  ['effect', effect, { type: 'effect', effectId: 'e1' }],
  ['question', question, { type: 'answer', requestId: 'q1' }],
  ['input', input, { type: 'answer', requestId: 'q1' }],
  ['input', input, { type: 'end' }],
])('a run waits for a %s until it is closed', (kind, opening, closing) => {
  expect(after([opening, opening]).waitingFor).toEqual([expect.objectContaining({ kind })]);
  expect(after([opening, opening, closing]).waitingFor).toEqual([]);
});

test('the end has the outcome', () => {
  const run = after([{ type: 'end', runStatus: 'SUCCESS', result: [1], summary: 'Found one.' }]);
  expect(run).toMatchObject({ status: 'SUCCESS', result: [1], summary: 'Found one.' });
});

test('the newest 500 events are kept', () => {
  const { events } = after(Array.from({ length: 503 }, () => ({ type: 'status' })));
  expect([events.length, events[0]?.seq, events.at(-1)?.seq]).toEqual([500, 4, 503]);
});
