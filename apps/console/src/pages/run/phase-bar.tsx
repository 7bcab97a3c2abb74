import { phaseLabels } from '@errand/contracts/labels';
import { duration } from '../../display/duration.ts';
import type { Phase, PhaseName } from './log/phases.ts';

const LOOKS: Record<PhaseName, string> = {
  queuedMs: 'bg-edge',
  planningMs: 'bg-plan',
  callsMs: 'bg-accent',
  waitingMs: 'hatched text-wait',
};

/** Where the time went, as one bar. Each phase is wide enough to be seen. */
export function PhaseBar({ phases }: { phases: readonly Phase[] }) {
  if (phases.length === 0) return null;
  return (
    <div>
      <div aria-hidden="true" className="flex h-1.5 gap-px overflow-hidden rounded bg-soft">
        {phases.map(({ name, ms }) => (
          <span key={name} className={`min-w-2 ${LOOKS[name]}`} style={{ flexGrow: ms, flexBasis: 0 }} />
        ))}
      </div>
      <ul aria-label="Phases" className="mt-1 flex flex-wrap gap-x-4 text-sm text-dim">
        {phases.map(({ name, ms }) => (
          <li key={name} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={`h-2 w-3 rounded-sm ${LOOKS[name]}`} />
            {phaseLabels[name]} {duration(ms)}
          </li>
        ))}
      </ul>
    </div>
  );
}
