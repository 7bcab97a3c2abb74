// The integrations of the workspace: few, and named on many pages.
import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useClient, useWorkspaceId } from './workspace.tsx';

export type Integration = Outputs['integrations']['list']['integrations'][number];

const useIntegrationsQuery = <T>(select: (integrations: Integration[]) => T) => {
  const client = useClient();
  return useQuery({
    queryKey: ['integrations', useWorkspaceId()],
    queryFn: async ({ signal }) => (await client.integrations.list.query({}, { signal })).integrations,
    select,
  });
};

/** All integrations of the workspace, at most 1,000; none until they are read. */
export const useIntegrations = (): Integration[] => useIntegrationsQuery(all).data ?? NONE;

/** The names of the integrations by their ids. */
export const useIntegrationNames = (): ReadonlyMap<string, string> => useIntegrationsQuery(namesById).data ?? NO_NAMES;

const NONE: Integration[] = [];
const NO_NAMES: ReadonlyMap<string, string> = new Map();
const all = (integrations: Integration[]) => integrations;
const namesById = (integrations: Integration[]) =>
  new Map(integrations.map(({ customerIntegrationId, name }) => [customerIntegrationId, name]));
