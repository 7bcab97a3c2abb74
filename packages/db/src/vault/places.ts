import type { Place } from './seal.ts';

/** Where a user's own token is kept. */
export const userPlace = (workspaceId: string, customerIntegrationId: string, userId: string): Place => ({
  workspaceId,
  table: 'integration_user',
  row: [customerIntegrationId, userId],
  column: 'sealed',
});

/** Where the token that serves a whole workspace is kept. */
export const workspacePlace = (workspaceId: string, customerIntegrationId: string): Place => ({
  workspaceId,
  table: 'integration',
  row: [customerIntegrationId],
  column: 'sealed_token',
});
