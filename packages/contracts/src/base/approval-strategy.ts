import { z } from 'zod';

export const ApprovalStrategy = z.enum(['NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE']).meta({
  id: 'ApprovalStrategy',
  description:
    'What a human must approve. NONE: nothing. ON_START: the plan. ON_TOOL_CALL: every call. ON_WRITE: calls that change something.',
  examples: ['NONE'],
});
export type ApprovalStrategy = z.infer<typeof ApprovalStrategy>;
