import type { Outputs } from '@errand/client/console';
import { runStatusLabels } from '@errand/contracts/labels';
import { Ban, Check, CheckCheck, Circle, CircleDot, Clock, Hand, KeyRound, type LucideIcon, X } from 'lucide-react';

export type RunStatus = Outputs['runs']['get']['status'];

/** A shape and a color for each status; the word says the same. */
const LOOKS: Record<RunStatus, { icon: LucideIcon; color: string }> = {
  QUEUED: { icon: Clock, color: 'text-dim' },
  RUNNING: { icon: CircleDot, color: 'text-accent' },
  AUTH_REQUIRED: { icon: KeyRound, color: 'text-wait' },
  PAUSED: { icon: Hand, color: 'text-wait' },
  SUCCESS: { icon: Check, color: 'text-good' },
  PARTIAL_SUCCESS: { icon: CheckCheck, color: 'text-wait' },
  NO_SUCCESS: { icon: Circle, color: 'text-dim' },
  FAILED: { icon: X, color: 'text-bad' },
  CANCELED: { icon: Ban, color: 'text-dim' },
};

/** The status of a run: a shape, a color and a word. */
export function StatusMark({ status }: { status: RunStatus }) {
  const { icon: Icon, color } = LOOKS[status];
  return (
    <span className={`inline-flex items-center gap-1.5 font-semibold whitespace-nowrap ${color}`}>
      <Icon
        size={14}
        aria-hidden="true"
        className={`shrink-0 ${status === 'RUNNING' ? 'motion-safe:animate-running' : ''}`}
      />
      {runStatusLabels[status]}
    </span>
  );
}
