// The health of integrations, read for some at a time.
import type { Outputs } from '@errand/client/console';
import { useQueries } from '@tanstack/react-query';
import { useClient, useWorkspaceId } from './workspace.tsx';

type States = Outputs['integrations']['health'];
export type IntegrationState = States['integrations'][number];

/** Integrations of one request. */
const CHUNK = 50;
const REFRESH_MS = 30_000;

/** The states of integrations by their ids, as far as they are read. */
export function useIntegrationStates(ids: readonly string[]) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, n) => ids.slice(n * CHUNK, (n + 1) * CHUNK));
  return useQueries({
    queries: chunks.map((customerIntegrationIds) => ({
      queryKey: ['integrations', workspaceId, 'health', ...customerIntegrationIds],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.integrations.health.query({ customerIntegrationIds }, { signal }),
      refetchInterval: REFRESH_MS,
    })),
    combine: (results) => ({
      states: new Map(
        results.flatMap(
          ({ data }) => data?.integrations.map((state) => [state.customerIntegrationId, state] as const) ?? [],
        ),
      ),
      recentFrom: results[0]?.data?.recentFrom,
      error: results.find(({ error }) => error !== null)?.error,
      isPending: results.some(({ isPending }) => isPending),
      readAgain: () => {
        for (const { refetch } of results) void refetch();
      },
    }),
  });
}
