import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { Text } from '../../display/text.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { requesterText, toolText } from './key-names.ts';
import { runsSearchOf } from './runs-search.ts';
import { searchOf, type UsageBy, type UsageSearch } from './search.ts';

/** The key that the page is about, with a way back to all. */
export function FilterChip({ search }: { search: UsageSearch }) {
  const workspaceId = useWorkspaceId();
  const names = useIntegrationNames();
  const filter = filterText(search, names);
  if (!filter) return null;
  const { from, to } = search;
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Link
        to="/w/$workspaceId/usage"
        params={{ workspaceId }}
        search={searchOf({ from, to, by: filter.by })}
        title="Show all"
        className="inline-flex max-w-full items-center gap-1.5 rounded-lg bg-soft px-2 py-1"
      >
        <span className="text-dim">{filter.name}</span>
        <span className="min-w-0 font-semibold break-all">
          <Text>{filter.text}</Text>
        </span>
        <X size={13} aria-hidden="true" />
        <span className="sr-only">(show all)</span>
      </Link>
      <Link
        to="/w/$workspaceId/runs"
        params={{ workspaceId }}
        search={runsSearchOf(search)}
        className="text-accent underline"
      >
        Show the errands
      </Link>
    </p>
  );
}

type FilterText = { by: UsageBy; name: string; text: string };

function filterText(search: UsageSearch, names: ReadonlyMap<string, string>): FilterText | undefined {
  const { userId, integration, tool, requestedBy } = search;
  if (userId !== undefined) return { by: 'user', name: 'User', text: userId };
  if (integration !== undefined)
    return { by: 'integration', name: 'Integration', text: names.get(integration) ?? integration };
  if (tool !== undefined) return { by: 'tool', name: 'Tool', text: toolText(tool, names) };
  if (requestedBy !== undefined) return { by: 'requester', name: 'Requester', text: requesterText(requestedBy) };
  return undefined;
}
