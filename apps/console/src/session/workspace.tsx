// The workspace of the page, its client, and the rights of the person in it.
import type { ConsoleClient, Outputs } from '@errand/client/console';
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { clientOf, sessionClient } from './clients.ts';

export type Session = Outputs['session']['get'];
export type Scope = Session['scopes'][number];

/** The session without a workspace: the person, and the workspaces to choose from. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => sessionClient.session.get.query({}, { signal }),
});

export const workspaceQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['session', workspaceId],
    queryFn: ({ signal }) => clientOf(workspaceId).session.get.query({}, { signal }),
  });

const WorkspaceContext = createContext<string | undefined>(undefined);

export const WorkspaceProvider = ({ workspaceId, children }: { workspaceId: string; children: ReactNode }) => (
  <WorkspaceContext value={workspaceId}>{children}</WorkspaceContext>
);

/** The id of the workspace in the address. */
export function useWorkspaceId(): string {
  const workspaceId = useContext(WorkspaceContext);
  if (workspaceId === undefined) throw new Error('This component belongs on a page of a workspace.');
  return workspaceId;
}

/** The id of the workspace in the address; on pages of the instance a word. It keeps answers of different workspaces apart. */
export const useCacheScope = (): string => useContext(WorkspaceContext) ?? 'instance';

/** The client for the workspace in the address. */
export const useClient = (): ConsoleClient => clientOf(useWorkspaceId());

/** The person, and the rights of the person in the workspace. */
export const useSession = (): Session => useSuspenseQuery(workspaceQuery(useWorkspaceId())).data;

/** Whether the person has a scope in the workspace; false until that is known. */
export function useMay(scope: Scope): boolean {
  const { data } = useQuery(workspaceQuery(useWorkspaceId()));
  return data?.scopes.includes(scope) ?? false;
}
