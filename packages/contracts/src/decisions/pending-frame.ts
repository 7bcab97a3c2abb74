import { z } from 'zod';
import { count, flag, frame, oneOf, optionalText } from '../base/fields.ts';
import { ApprovalId, ConsentId, EffectId, QuestionId, RunId } from '../base/ids.ts';
import { PendingEntry } from './pending-entry.ts';
import { WaitingOn } from './waiting-on.ts';

const PendingSnapshot = frame('snapshot', 'PendingSnapshot', 'The stream starts: discard earlier state.', {
  open: count('Number of open entries. Each follows as `added` unless it closes first.', 3),
  more: flag('Whether more entries are open than a stream shows. GET /v1/pending lists all.', false),
});

const PendingAdded = frame('added', 'PendingAdded', 'An entry is open.', { entry: PendingEntry });

const PendingGone = frame('gone', 'PendingGone', 'An entry was closed.', {
  kind: WaitingOn.shape.kind,
  approvalId: ApprovalId.optional(),
  effectId: EffectId.optional(),
  consentId: ConsentId.optional(),
  requestId: QuestionId.optional(),
  runId: RunId,
  why: oneOf(['decided', 'expired', 'ended'], 'ended: its run ended without a decision.', 'decided'),
  decision: optionalText('The decision: approve, deny, retry, happened, skip or answer.', 'approve'),
  decidedBy: optionalText('Who decided.', 'er_live_…k3Zq'),
});

export const PendingFrame = z.discriminatedUnion('type', [PendingSnapshot, PendingAdded, PendingGone]).meta({
  id: 'PendingFrame',
  description: 'A frame of the stream of pending requests.',
});
export type PendingFrame = z.infer<typeof PendingFrame>;
