import { phaseLabels } from '@errand/contracts/labels';
import { Empty } from '../../manage/list-view.tsx';
import { time } from './numbers.ts';
import type { UsageTotal } from './use-usage.ts';

type Phases = NonNullable<UsageTotal['phases']>;

const PHASES: readonly { name: keyof Phases; label: string; color: string }[] = [
  { name: 'queued', label: phaseLabels.queuedMs, color: 'bg-edge' },
  { name: 'planning', label: phaseLabels.planningMs, color: 'bg-plan' },
  { name: 'calls', label: phaseLabels.callsMs, color: 'bg-accent' },
  { name: 'waiting', label: phaseLabels.waitingMs, color: 'bg-wait' },
];

/** How long errands took, in all and by phase. The bars show the same as the numbers. */
export function PhaseTable({ total: { p50Ms, p95Ms, phases = {} } }: { total: UsageTotal }) {
  if (p50Ms === undefined || p95Ms === undefined) return <Empty>No errand ended in these days.</Empty>;
  const most = Math.max(1, p95Ms, ...Object.values(phases).map((phase) => phase?.p95Ms ?? 0));
  return (
    <table className="w-full table-fixed border-collapse rounded-xl border border-line bg-pane">
      <thead>
        <tr className="bg-soft text-left">
          <th scope="col" className="w-40 px-3 py-1.5 max-sm:w-22">
            Phase
          </th>
          <th scope="col" className="w-24 px-3 py-1.5 text-right max-sm:w-18 max-sm:px-1">
            Half
          </th>
          <th scope="col" className="w-24 px-3 py-1.5 text-right max-sm:w-18 max-sm:px-1">
            95 %
          </th>
          <td />
        </tr>
      </thead>
      <tbody>
        <PhaseRow label="from start to end" quantiles={{ p50Ms, p95Ms }} most={most} color="bg-ink" />
        {PHASES.map(
          ({ name, label, color }) =>
            phases[name] && <PhaseRow key={name} label={label} quantiles={phases[name]} most={most} color={color} />,
        )}
      </tbody>
    </table>
  );
}

type PhaseRowProps = { label: string; quantiles: { p50Ms: number; p95Ms: number }; most: number; color: string };

const PhaseRow = ({ label, quantiles: { p50Ms, p95Ms }, most, color }: PhaseRowProps) => (
  <tr className="border-t border-line">
    <th scope="row" className="px-3 py-1.5 text-left font-normal break-words">
      {label}
    </th>
    <td className="px-3 py-1.5 text-right max-sm:px-1">{time(p50Ms)}</td>
    <td className="px-3 py-1.5 text-right max-sm:px-1">{time(p95Ms)}</td>
    <td className="px-3 py-1.5" aria-hidden="true">
      <span className="flex h-3">
        <span className={color} style={{ width: `${(100 * p50Ms) / most}%` }} />
        <span className={`${color} opacity-35`} style={{ width: `${(100 * (p95Ms - p50Ms)) / most}%` }} />
      </span>
    </td>
  </tr>
);
