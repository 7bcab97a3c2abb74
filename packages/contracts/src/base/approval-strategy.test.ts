import { expect, test } from 'vitest';
import { type ApprovalStrategy, omitsApproval, requiredApprovals } from './approval-strategy.ts';

test('strategies together ask whatever one of them asks', () => {
  expect(requiredApprovals('NONE', 'NONE')).toEqual({ plan: false, writes: false, reads: false });
  expect(requiredApprovals('ON_START', 'ON_WRITE')).toEqual({ plan: true, writes: true, reads: false });
  expect(requiredApprovals('NONE', 'ON_TOOL_CALL')).toEqual({ plan: false, writes: true, reads: true });
});

test.each<[ApprovalStrategy, ApprovalStrategy, boolean]>([
  ['NONE', 'ON_START', true],
  ['ON_WRITE', 'ON_TOOL_CALL', true],
  ['ON_WRITE', 'ON_START', true],
  ['ON_TOOL_CALL', 'ON_START', true],
  ['ON_TOOL_CALL', 'ON_WRITE', false],
  ['ON_START', 'ON_START', false],
  ['ON_WRITE', 'NONE', false],
])('%s asks less than %s: %s', (strategy, than, less) => {
  expect(omitsApproval(strategy, than)).toBe(less);
});
