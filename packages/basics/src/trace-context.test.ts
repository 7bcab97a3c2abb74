import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  isInRatio,
  newSpanId,
  parseTraceparent,
  rootSpanIdOf,
  toTraceparent,
  traceIdOf,
  untracedParent,
} from './trace-context.ts';

const RUN = '0192f0c1-7e2a-7c33-9a10-3c5b7d9e1f20';

test('a run has one trace and one root span, whatever process asks', () => {
  expect(traceIdOf(RUN)).toBe('0192f0c17e2a7c339a103c5b7d9e1f20');
  expect(rootSpanIdOf(RUN)).toBe('9a103c5b7d9e1f20');
});

test('a run that is not traced names its trace, with its root or another span', () => {
  const spanId = newSpanId();
  expect(untracedParent(RUN)).toBe('00-0192f0c17e2a7c339a103c5b7d9e1f20-9a103c5b7d9e1f20-00');
  expect(untracedParent(RUN, spanId)).toBe(`00-0192f0c17e2a7c339a103c5b7d9e1f20-${spanId}-00`);
});

test('a traceparent is written and read', () => {
  const context = { traceId: traceIdOf(RUN), spanId: newSpanId(), isSampled: true };
  expect(parseTraceparent(toTraceparent(context))).toEqual(context);
  expect(parseTraceparent(toTraceparent({ ...context, isSampled: false }))).toMatchObject({ isSampled: false });
  // A later version may append fields.
  expect(parseTraceparent(`01${toTraceparent(context).slice(2)}-more`)).toEqual(context);
});

test.each([
  undefined,
  '',
  '00',
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
  'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${'x'.repeat(300)}`,
])('%s is no traceparent', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test('a ratio selects about that many runs, and a larger one selects them too', () => {
  const runs = Array.from({ length: 4000 }, () => randomUUID());
  const tenth = runs.filter((run) => isInRatio(run, 0.1));
  expect(tenth.length).toBeGreaterThan(300);
  expect(tenth.length).toBeLessThan(500);
  expect(tenth.every((run) => isInRatio(run, 0.2))).toBe(true);
  expect(runs.every((run) => isInRatio(run, 1))).toBe(true);
  expect(runs.some((run) => isInRatio(run, 0))).toBe(false);
});
