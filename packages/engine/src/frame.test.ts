import { expect, test } from 'vitest';
import { fullText, plainText, referredKeys, toDraft } from './frame.ts';

const createdAt = new Date('2026-01-31T09:30:00.000Z');
const step = {
  type: 'step',
  step: { stepId: 'a', reason: 'Look {deep}}', approval: 'NOT_REQUIRED', text: 'ok' },
} as const;

test('an event is put together from its row without being parsed', () => {
  const row = { ...toDraft('RUNNING', { type: 'start' }), seq: 1, createdAt };
  expect(JSON.parse(plainText('r', row))).toEqual({
    type: 'start',
    seq: 1,
    runId: 'r',
    timestamp: '2026-01-31T09:30:00.000Z',
    runStatus: 'RUNNING',
  });
});

test('tool calls stand apart and are put in only when asked for', () => {
  const whole = { toolCallId: 'a.1', toolName: 't', toolParameters: { x: 1 } };
  const row = { ...toDraft('RUNNING', step, ['a', whole]), seq: 2, createdAt };
  expect(referredKeys([row])).toEqual(['a']);
  expect(JSON.parse(plainText('r', row)).step).toEqual(step.step);
  const texts = new Map([['a', { tool: 't', args: '{"y":2}', output: '[1]' }]]);
  expect(JSON.parse(fullText('r', row, texts)).step).toEqual({
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
      },
      whole,
    ],
  });
});
