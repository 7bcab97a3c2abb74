import { expect, test } from 'vitest';
import { eventText, refsOf, render, textWithoutCalls, toDraft } from './event-json.ts';

const createdAt = new Date('2026-01-31T09:30:00.000Z');
const step = {
  type: 'step',
  step: { stepId: 'a', reason: 'Look {deep}}', approval: 'NOT_REQUIRED', text: 'ok' },
} as const;
const asIs = (_: string, text: string) => text;
const whole = { toolCallId: 'a.1', toolName: 't', toolParameters: { x: 1 } };

test('an event is put together from its row without being parsed', () => {
  const row = { ...toDraft('RUNNING', { type: 'start' }), seq: 1, createdAt };
  expect(JSON.parse(textWithoutCalls('r', row))).toEqual({
    type: 'start',
    seq: 1,
    runId: 'r',
    timestamp: '2026-01-31T09:30:00.000Z',
    runStatus: 'RUNNING',
  });
});

test('tool calls are stored separately and included only on request', () => {
  const row = { ...toDraft('RUNNING', step, ['a', whole]), seq: 2, createdAt };
  const rendered = render('r', row, { withCalls: true, link: asIs });
  expect(refsOf([rendered])).toEqual([{ runId: 'r', key: 'a' }]);
  expect(JSON.parse(eventText(render('r', row, { withCalls: false, link: asIs }), () => undefined)).step).toEqual(
    step.step,
  );
  const callTextRow = {
    tool: 't',
    args: '{"y":2}',
    output: '[1]',
    bytes: 10,
    isRemoved: false,
    facts: '{"state":"done","attempts":1}',
    attemptTimes: null,
    request: '{"method":"GET","host":"h","path":"/y"}',
  };
  expect(JSON.parse(eventText(rendered, () => callTextRow)).step).toEqual({
    ...step.step,
    toolCalls: [
      {
        toolCallId: 'a',
        toolName: 't',
        toolParameters: { y: 2 },
        toolResult: {
          approvalResult: { status: 'NOT_REQUIRED', text: 'No approval was required.' },
          executionResult: [1],
        },
        state: 'done',
        attempts: 1,
        request: { method: 'GET', host: 'h', path: '/y' },
      },
      whole,
    ],
  });
});

test('a call that does not fit is replaced by its size and path, within the reserved bytes', () => {
  const row = { ...toDraft('RUNNING', step, ['a']), seq: 2, createdAt };
  const rendered = render('0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01', row, { withCalls: true, link: asIs });
  const callTextRow = {
    tool: `${'c'.repeat(63)}_00000000.${'t'.repeat(64)}`,
    args: null,
    output: null,
    bytes: 2 ** 30,
    isRemoved: false,
    facts: `{"startedAt":"${'t'.repeat(300)}"}`,
    attemptTimes: null,
    request: 'x'.repeat(10_000),
  };
  const text = eventText(rendered, () => callTextRow);
  expect(JSON.parse(text).step.toolCalls).toEqual([
    {
      toolCallId: 'a',
      toolName: callTextRow.tool,
      toolResult: { approvalResult: { status: 'NOT_REQUIRED', text: 'No approval was required.' } },
      leftOut: { bytes: 2 ** 30, path: '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01/calls/a' },
      startedAt: 't'.repeat(300),
    },
  ]);
  expect(text.length).toBeLessThanOrEqual(rendered.bytes);
});

test('of calls that are large together, the large ones are replaced by references', () => {
  const large = { ...whole, toolCallId: 'a.2', toolParameters: { x: 'x'.repeat(70_000) } };
  const row = { ...toDraft('RUNNING', step, [whole, large]), seq: 2, createdAt };
  const { toolCalls } = JSON.parse(eventText(render('r', row, { withCalls: true, link: asIs }), () => undefined)).step;
  expect(toolCalls).toEqual([
    whole,
    {
      toolCallId: 'a.2',
      toolName: 't',
      leftOut: { bytes: JSON.stringify(large).length, path: '/v1/runs/r/calls/a.2' },
    },
  ]);
});
