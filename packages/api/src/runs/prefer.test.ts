import { expect, test } from 'vitest';
import { readWait } from './prefer.ts';

test('a wait is read in seconds and cut at a minute; other preferences are ignored', () => {
  expect(readWait(undefined)).toBe(0);
  expect(readWait('respond-async, return=minimal')).toBe(0);
  expect(readWait('wait=3')).toBe(3000);
  expect(readWait('respond-async, Wait = "7"; x=y')).toBe(7000);
  expect(readWait('wait=0')).toBe(0);
  expect(readWait('wait=3600')).toBe(60_000);
});

test.each(['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon'])('%s is refused', (prefer) => {
  expect(() => readWait(prefer)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});
