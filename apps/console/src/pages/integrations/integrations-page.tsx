import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button, buttonClass } from '../../controls/button.tsx';
import { Select } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { SearchField } from '../../manage/search-field.tsx';
import { type IntegrationState, useIntegrationStates } from '../../session/integration-states.ts';
import type { Integration } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { IntegrationCard } from './integration-card.tsx';
import type { IntegrationsSearch, Show } from './search.ts';

const route = getRouteApi('/w/$workspaceId/integrations');

/** Cards that are shown at first, and with each "Show more". */
const STEP = 50;

/** The services of the workspace, with their health. */
export function IntegrationsPage() {
  const search = route.useSearch();
  const [limit, setLimit] = useState(STEP);
  const { data: all, error, isPending, refetch } = useAllIntegrations();
  const matching = matchingOf(all ?? [], search);
  // Which ones need attention is known after the states of all are read.
  const ids = (search.show === 'attention' ? matching : matching.slice(0, limit)).map(idOf);
  const health = useIntegrationStates(ids);
  const listed =
    search.show === 'attention' ? matching.filter((each) => hasFault(health.states.get(idOf(each)))) : matching;
  const isReading = isPending || (search.show === 'attention' && health.isPending);
  return (
    <Page title="Integrations" about="The services that errands may use, and how they are." actions={<Actions />}>
      <Filters search={search} />
      {error != null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {health.error != null && <ProblemNote error={health.error} onRetry={health.readAgain} />}
      {isReading && error == null && <Skeleton label="Integrations" />}
      {!isReading && listed.length === 0 && error == null && <NoIntegrations search={search} />}
      {!isReading && listed.length > 0 && (
        <ul aria-label="Integrations" className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3">
          {listed.slice(0, limit).map((integration) => (
            <IntegrationCard
              key={idOf(integration)}
              integration={integration}
              state={health.states.get(idOf(integration))}
              isPending={health.isPending}
            />
          ))}
        </ul>
      )}
      {listed.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit + STEP)}>
          Show more
        </Button>
      )}
    </Page>
  );
}

function useAllIntegrations() {
  const client = useClient();
  return useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'all'],
    queryFn: async ({ signal }) => (await client.integrations.list.query({ active: 'all' }, { signal })).integrations,
  });
}

const idOf = ({ customerIntegrationId }: Integration): string => customerIntegrationId;

function matchingOf(all: readonly Integration[], { q = '', show }: IntegrationsSearch): Integration[] {
  const words = q.toLowerCase();
  return all.filter(
    ({ name, host, customerIntegrationId, active }) =>
      (show !== 'paused' || !active) && `${name} ${host} ${customerIntegrationId}`.toLowerCase().includes(words),
  );
}

const hasFault = (state: IntegrationState | undefined): boolean =>
  state !== undefined &&
  (state.faults.length > 0 || state.calls?.outageUntil !== undefined || state.calls?.limitedUntil !== undefined);

function Actions() {
  const workspaceId = useWorkspaceId();
  const offReason = useOffReason('connections:write');
  return (
    <>
      <CodeButton
        title="List integrations from code"
        operation="integrations.list"
        input={{ active: 'all', pageSize: 100 }}
      />
      {offReason === undefined ? (
        <Link to="/w/$workspaceId/integrations/new" params={{ workspaceId }} className={buttonClass('accent')}>
          <Plus size={14} aria-hidden="true" />
          Add
        </Link>
      ) : (
        <Button look="accent" offBecause={offReason}>
          <Plus size={14} aria-hidden="true" />
          Add
        </Button>
      )}
    </>
  );
}

const FILTER_TEXTS: Readonly<Record<Show | 'all', string>> = {
  all: 'All',
  attention: 'Those that need attention',
  paused: 'Those that are off',
};

function Filters({ search }: { search: IntegrationsSearch }) {
  const navigate = useNavigate({ from: '/w/$workspaceId/integrations' });
  const { show, ...rest } = search;
  return (
    <div className="flex flex-wrap gap-2">
      <SearchField
        label="Search the integrations"
        value={search.q}
        onChange={(q) =>
          void navigate({ search: { ...(show && { show }), ...(q !== undefined && { q }) }, replace: true })
        }
      />
      <Select
        aria-label="Shown integrations"
        className="!w-auto"
        value={show ?? 'all'}
        onChange={({ target }) => {
          const next = target.value as Show | 'all';
          void navigate({ search: { ...rest, ...(next !== 'all' && { show: next }) }, replace: true });
        }}
      >
        {Object.entries(FILTER_TEXTS).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </Select>
    </div>
  );
}

function NoIntegrations({ search: { q, show } }: { search: IntegrationsSearch }) {
  const workspaceId = useWorkspaceId();
  if (q !== undefined || show === 'paused') return <Empty>No integration matches.</Empty>;
  if (show === 'attention') return <Empty>Every integration is well.</Empty>;
  return (
    <Empty>
      Errands have no service to use yet.{' '}
      <Link to="/w/$workspaceId/integrations/new" params={{ workspaceId }} className="text-accent underline">
        Add an integration
      </Link>
    </Empty>
  );
}
