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

test('counts only the scenarios that a revision requires', () => {
  expect(scoreOf(output)).toEqual({ passed: 1, required: 2, failed: ['tools-call-sampling'] });
});

test('counts the client half likewise', () => {
  const client = output.replace('SUMMARY', 'SUITE SUMMARY').replaceAll(' failed', ' failed, 0 warnings');
  expect(scoreOf(client)).toEqual(scoreOf(output));
});

test('rejects the output of an aborted run', () => {
  expect(() => scoreOf('=== Running scenario: ping ===')).toThrow('printed no summary');
});
