import { z } from 'zod';
import { ApprovalId, ConsentId, EffectId, QuestionId, RunId } from '../base/ids.ts';
import { PendingEntry } from './pending-entry.ts';
import { WaitingOn } from './waiting-on.ts';

const frame = <T extends string, S extends z.ZodRawShape>(type: T, id: string, description: string, shape: S) =>
  z
    .object({ type: z.literal(type).meta({ description: 'The name of the frame.' }), ...shape })
    .meta({ id, description });

const PendingSnapshot = frame('snapshot', 'PendingSnapshot', 'The stream begins: forget what was known before.', {
  open: z
    .int()
    .min(0)
    .meta({ description: 'How many entries are open; each follows as `added` unless it closes first.', examples: [3] }),
  more: z
    .boolean()
    .meta({ description: 'Whether more are open than a stream shows; GET /v1/pending lists all.', examples: [false] }),
});

const PendingAdded = frame('added', 'PendingAdded', 'An entry is open.', { entry: PendingEntry });

const PendingGone = frame('gone', 'PendingGone', 'An entry is not open any more.', {
  kind: WaitingOn.shape.kind,
  approvalId: ApprovalId.optional(),
  effectId: EffectId.optional(),
  consentId: ConsentId.optional(),
  requestId: QuestionId.optional(),
  runId: RunId,
  why: z
    .enum(['decided', 'expired', 'ended'])
    .meta({ description: 'ended: its run ended without a decision.', examples: ['decided'] }),
  decision: z
    .string()
    .optional()
    .meta({ description: 'What was decided: approve, deny, retry, happened, skip or answer.', examples: ['approve'] }),
  decidedBy: z
    .string()
    .optional()
    .meta({ description: 'Who decided.', examples: ['er_live_…k3Zq'] }),
});

export const PendingFrame = z.discriminatedUnion('type', [PendingSnapshot, PendingAdded, PendingGone]).meta({
  id: 'PendingFrame',
  description: 'One frame of a stream of what waits for a human.',
});
export type PendingFrame = z.infer<typeof PendingFrame>;
