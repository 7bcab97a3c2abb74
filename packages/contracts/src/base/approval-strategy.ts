import { z } from 'zod';

export const ApprovalStrategy = z.enum(['NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE']).meta({
  id: 'ApprovalStrategy',
  description:
    'The approvals that a run requires. NONE: none. ON_START: of the plan. ON_TOOL_CALL: of every call. ON_WRITE: of calls that change something.',
  examples: ['NONE'],
});
export type ApprovalStrategy = z.infer<typeof ApprovalStrategy>;
