// The integration after its registration, and its tools.
import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';

export type Integration = Outputs['integrations']['get'];
export type Tool = Outputs['integrations']['tools']['tools'][number];

const PAGE = 1000;
/** As many tools as one integration may have. */
const MAX_TOOLS = 5000;
const REFRESH_MS = 2_000;

/** Its tools may be read only after the first user has connected. */
const isWithoutTools = ({ kind, toolCount }: Integration): boolean => kind === 'mcp' && toolCount === 0;

export function useRegistered(customerIntegrationId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'one', customerIntegrationId],
    queryFn: ({ signal }) => client.integrations.get.query({ customerIntegrationId }, { signal }),
    refetchInterval: ({ state }) => (state.data && isWithoutTools(state.data) ? REFRESH_MS : false),
  });
}

/** @param count of the tools; another count reads them again */
export function useToolsOf(customerIntegrationId: string, count: number) {
  const client = useClient();
  return useQuery({
    queryKey: ['integration-tools', useWorkspaceId(), customerIntegrationId, count],
    queryFn: async ({ signal }) => {
      const tools: Tool[] = [];
      for (let cursor: string | undefined; tools.length < MAX_TOOLS; ) {
        const page = { customerIntegrationId, pageSize: PAGE, ...(cursor !== undefined && { cursor }) };
        const { tools: more, nextCursor } = await client.integrations.tools.query(page, { signal });
        tools.push(...more);
        if (nextCursor === undefined) break;
        cursor = nextCursor;
      }
      return tools;
    },
  });
}

/** Whether users give credentials, or values of variables. */
export const takesUsers = ({ authType, token, variables = {} }: Integration): boolean =>
  authType === 'OAUTH2' ||
  ((authType === 'API_TOKEN' || authType === 'BASIC') && token === undefined) ||
  Object.values(variables).some(({ from }) => from === 'user');
