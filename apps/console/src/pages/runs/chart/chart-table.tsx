import { Link } from '@tanstack/react-router';
import { Dialog } from '../../../controls/dialog.tsx';
import { formatTime, usesUtc, zoneName } from '../../../display/time.tsx';
import { type Column, Table } from '../../../manage/list-view.tsx';
import { useStore } from '../../../session/store.ts';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import type { RunsSearch } from '../search.ts';
import { type ChartBar, GROUPS, searchOfBar } from './groups.ts';

type ChartTableProps = { title: string; bars: readonly ChartBar[]; search: RunsSearch; onClose: () => void };

/** The bars with errands, newest first. */
export function ChartTable({ title, bars, search, onClose }: ChartTableProps) {
  const workspaceId = useWorkspaceId();
  const isUtc = useStore(usesUtc);
  const hasSeconds = bars.some(({ from }) => !from.endsWith(':00.000Z'));
  const columns: Column<ChartBar>[] = [
    {
      name: `From (${zoneName(isUtc)})`,
      isMain: true,
      cell: (bar) => (
        <Link
          to="/w/$workspaceId/runs"
          params={{ workspaceId }}
          search={searchOfBar(search, bar)}
          className="font-semibold text-accent whitespace-nowrap hover:underline"
          onClick={onClose}
        >
          {formatTime(bar.from, isUtc, !hasSeconds)}
        </Link>
      ),
    },
    { name: 'All', isNumeric: true, cell: ({ total }) => total.toLocaleString() },
    ...GROUPS.map(({ name }, index) => ({
      name,
      isNumeric: true,
      cell: ({ counts }: ChartBar) => counts[index]!.toLocaleString(),
    })),
  ];
  const rows = bars.filter(({ total }) => total > 0).toReversed();
  return (
    <Dialog title={title} onClose={onClose} isWide>
      <Table label="Errands over time" columns={columns} items={rows} keyOf={({ from }) => from} />
    </Dialog>
  );
}
