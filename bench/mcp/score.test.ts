import { expect, test } from 'vitest';
import { scoreOf } from './score.ts';

const output = `=== Running scenario: ping ===
✗ not of the summary: 1 passed, 1 failed

=== SUMMARY ===
✓ ping: 2 passed, 0 failed
✗ tools-call-sampling: 1 passed, 1 failed
✗ tasks-lifecycle: 1 passed, 8 failed
✓ json-schema-2020-12: 8 passed, 0 failed

Total: 12 passed, 9 failed

Not scored for 2026-07-28: 2 scenario(s) run, 1 failing. These do not affect conformance.
  ✗ tasks-lifecycle (extension)
  ✓ json-schema-2020-12 (pending)
`;

test('scenarios that a revision requires are counted, others not', () => {
  expect(scoreOf(output)).toEqual({ passed: 1, required: 2, failed: ['tools-call-sampling'] });
});

test('the client half is counted likewise', () => {
  const client = output.replace('SUMMARY', 'SUITE SUMMARY').replaceAll(' failed', ' failed, 0 warnings');
  expect(scoreOf(client)).toEqual(scoreOf(output));
});

test('a run that broke off is no score', () => {
  expect(() => scoreOf('=== Running scenario: ping ===')).toThrow('not ended');
});
