// The clients of this page: one for the session, and one for each workspace.
import { type ConsoleClient, createConsoleClient } from '@errand/client/console';
import { readToken } from './token.ts';

/** Calls operations that need no workspace. */
export const sessionClient: ConsoleClient = createConsoleClient({ origin: location.origin, token: readToken });

const clients = new Map<string, ConsoleClient>();

export function clientOf(workspaceId: string): ConsoleClient {
  const known = clients.get(workspaceId);
  if (known) return known;
  const client = createConsoleClient({ origin: location.origin, token: readToken, workspaceId });
  clients.set(workspaceId, client);
  return client;
}
