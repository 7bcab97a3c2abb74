import { Link } from '@tanstack/react-router';
import { Button, buttonClass } from '../../controls/button.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { hasFilters, type RunsSearch } from './search.ts';

/** A list without errands: what to do next. */
export function EmptyList({ search, onClear }: { search: RunsSearch; onClear: () => void }) {
  const workspaceId = useWorkspaceId();
  if (hasFilters(search))
    return (
      <div className="rounded-lg border border-line p-8 text-center">
        <p className="mb-3">No errand matches these filters. Results are found within a minute after the end.</p>
        <Button onClick={onClear}>Clear the filters</Button>
      </div>
    );
  return (
    <div className="rounded-lg border border-line p-8 text-center">
      <p className="mb-3">No errand was created yet.</p>
      <Link to="/w/$workspaceId/new" params={{ workspaceId }} className={buttonClass('accent')}>
        New errand
      </Link>
    </div>
  );
}
