// The audit log: who did what, and whether a stored entry was changed since.
import { getRouteApi, Link } from '@tanstack/react-router';
import { CodeButton } from '../../code/code-button.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient, useMay, useWorkspaceId } from '../../session/workspace.tsx';
import { ActorText } from './actor-text.tsx';
import type { AuditEntry } from './entry.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { ExportButton } from './export-button.tsx';
import { FilterBar } from './filter-bar.tsx';
import { SealPanel } from './seal/seal-panel.tsx';
import { SealMark } from './seal-mark.tsx';
import { type AuditFilters, actionText, inputOf } from './search.ts';
import { TargetLink } from './target-link.tsx';

const route = getRouteApi('/w/$workspaceId/audit');

export function AuditPage() {
  const { entry, ...filters } = route.useSearch();
  const isAdmin = useMay('admin');
  return (
    <Page
      title="Audit log"
      about="Who did what in this workspace. Each entry is sealed with the hash of the entry before it, so that a later change shows."
      actions={
        isAdmin && (
          <>
            <CodeButton title="Read the audit log from code" operation="audit.list" input={inputOf(filters)} />
            <ExportButton key={JSON.stringify(filters)} filters={filters} />
          </>
        )
      }
    >
      {isAdmin ? (
        <>
          <SealPanel />
          <FilterBar filters={filters} />
          <Entries filters={filters} />
          {entry !== undefined && <EntryDialog key={entry} auditId={entry} filters={filters} />}
        </>
      ) : (
        <p>Only administrators read the audit log. An administrator can change your role.</p>
      )}
    </Page>
  );
}

function Entries({ filters }: { filters: AuditFilters }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const list = useCursorList({
    key: ['audit', filters],
    read: async (page, signal) => {
      const { entries, nextCursor } = await client.audit.list.query({ ...inputOf(filters), ...page }, { signal });
      return { items: entries, nextCursor };
    },
  });
  return (
    <ListView
      label="Entries"
      list={list}
      keyOf={({ auditId }) => auditId}
      columns={columnsOf(filters)}
      empty={
        <>
          <p>No entry fits the filters.</p>
          <p className="mt-2">
            <Link to="/w/$workspaceId/audit" params={{ workspaceId }} search={{}} className="text-accent underline">
              Show all
            </Link>
          </p>
        </>
      }
    />
  );
}

const columnsOf = (filters: AuditFilters): Column<AuditEntry>[] => [
  { name: 'When', cell: ({ at }) => <Ago at={at} /> },
  { name: 'Action', isMain: true, cell: (entry) => <ActionLink entry={entry} filters={filters} /> },
  { name: 'By', cell: ({ actor }) => <ActorText actor={actor} /> },
  { name: 'On', cell: (entry) => <TargetLink entry={entry} /> },
  { name: 'Seal', cell: (entry) => <SealMark entry={entry} /> },
];

function ActionLink({ entry: { auditId, action }, filters }: { entry: AuditEntry; filters: AuditFilters }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/audit"
      params={{ workspaceId }}
      search={{ ...filters, entry: auditId }}
      resetScroll={false}
      className="font-semibold text-accent hover:underline"
    >
      {actionText(action)}
    </Link>
  );
}
