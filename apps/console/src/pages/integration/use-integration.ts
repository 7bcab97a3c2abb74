import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { IntegrationSearch } from './search.ts';

export type Integration = Outputs['integrations']['get'];

const REFRESH_MS = 2_000;

/** The tools of an MCP server may be read only after the first user has connected. */
const awaitsTools = ({ kind, toolCount }: Integration): boolean => kind === 'mcp' && toolCount === 0;

/** An integration; it is read again until its tools are known. */
export function useIntegration(customerIntegrationId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'one', customerIntegrationId],
    queryFn: ({ signal }) => client.integrations.get.query({ customerIntegrationId }, { signal }),
    refetchInterval: ({ state }) => (state.data && awaitsTools(state.data) ? REFRESH_MS : false),
  });
}

/** What is old after a change of an integration: everything about integrations but the lists of tools, which may be long. */
export const AFTER_CHANGE = [['integrations']] as const;

type ChangeSearch = (change: { [K in keyof IntegrationSearch]?: IntegrationSearch[K] | undefined }) => void;

/** Changes the address without a new entry of the history. */
export function useChangeSearch(): ChangeSearch {
  const navigate = useNavigate({ from: '/w/$workspaceId/integrations/$customerIntegrationId' });
  return (change) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
        ) as IntegrationSearch,
      replace: true,
      resetScroll: false,
    });
}
