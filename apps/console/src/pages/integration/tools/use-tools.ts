import type { Outputs } from '@errand/client/console';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useAct } from '../../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import type { Days } from '../search.ts';
import { AFTER_CHANGE } from '../use-integration.ts';

export type Tool = Outputs['integrations']['tools']['tools'][number];
export type ToolUsage = Outputs['integrations']['toolUsage']['tools'][number];

const PAGE = 1000;
/** As many tools as one integration may have. */
const MAX_TOOLS = 5000;

export const isInReview = ({ change, proposedEffect }: Tool): boolean =>
  change !== undefined || proposedEffect === 'write';

/**
 * All tools of an integration, in the order of its document.
 * @param count of the tools, where it may change; another count reads them again
 */
export function useTools(customerIntegrationId: string, count?: number) {
  const client = useClient();
  return useQuery({
    queryKey: ['integration-tools', useWorkspaceId(), customerIntegrationId, ...(count === undefined ? [] : [count])],
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

/** How often runs called the tools, by name. */
export function useToolUsage(customerIntegrationId: string, days: Days) {
  const client = useClient();
  return useQuery({
    queryKey: ['integrations', useWorkspaceId(), 'tool-usage', customerIntegrationId, days],
    queryFn: ({ signal }) => client.integrations.toolUsage.query({ customerIntegrationId, days }, { signal }),
    placeholderData: (before) => before,
  });
}

type ToolCall = { customerIntegrationId: string; tool: Tool };

function useToolCache(customerIntegrationId: string) {
  const queries = useQueryClient();
  const queryKey = ['integration-tools', useWorkspaceId(), customerIntegrationId];
  return {
    change: (name: string, change: Partial<Tool>) =>
      queries.setQueryData<Tool[]>(queryKey, (tools) =>
        tools?.map((tool) => (tool.name === name ? { ...tool, ...change } : tool)),
      ),
    readAgain: () => void queries.invalidateQueries({ queryKey }),
  };
}

/** Turns one tool on or off, in the version that the page shows. The choice of the other tools stays. */
export function useToggle({ customerIntegrationId, tool: { name, enabled, fingerprint } }: ToolCall) {
  const client = useClient();
  const cache = useToolCache(customerIntegrationId);
  return useAct({
    act: async () => {
      const tool = { customerIntegrationId, tool: name };
      const known = fingerprint ?? (await client.integrations.toolChange.query(tool)).fingerprint;
      return client.integrations.acceptTool.mutate({ ...tool, fingerprint: known, enabled: !enabled });
    },
    refresh: AFTER_CHANGE,
    onDone: (answer) => cache.change(name, { enabled: answer.enabled }),
    onRefused: cache.readAgain,
  });
}

/** Sets the effect of one tool. */
export function useSetEffect({ customerIntegrationId, tool: { name } }: ToolCall, effect: Tool['effect']) {
  const client = useClient();
  const cache = useToolCache(customerIntegrationId);
  return useAct({
    act: () => client.integrations.setTools.mutate({ customerIntegrationId, effects: { [name]: effect } }),
    done: effect === 'write' ? 'It counts as a write.' : 'It counts as a read.',
    refresh: AFTER_CHANGE,
    onDone: () => cache.readAgain(),
    onRefused: cache.readAgain,
  });
}
