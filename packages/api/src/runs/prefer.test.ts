import { expect, test } from 'vitest';
import { readPreferredWait } from './prefer.ts';

test('a wait is read in seconds and cut at a minute; other preferences are ignored', () => {
  expect(readPreferredWait(undefined)).toBe(0);
  expect(readPreferredWait('respond-async, return=minimal')).toBe(0);
  expect(readPreferredWait('wait=3')).toBe(3000);
  expect(readPreferredWait('respond-async, Wait = "7"; x=y')).toBe(7000);
  expect(readPreferredWait('wait=0')).toBe(0);
  expect(readPreferredWait('wait=3600')).toBe(60_000);
});

test.each(['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon'])('%s is refused', (prefer) => {
  expect(() => readPreferredWait(prefer)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});
