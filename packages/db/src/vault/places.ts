import type { Place } from './seal.ts';

/** Where a user's own token is kept. */
export const userPlace = (
  workspaceId: string,
  customerIntegrationId: string,
  userId: string,
  destination: string,
): Place => ({
  workspaceId,
  table: 'integration_user',
  row: [customerIntegrationId, userId],
  column: 'sealed',
  destination,
});

/** Where the tokens of a user's consent are kept. */
export const grantPlace = (
  workspaceId: string,
  customerIntegrationId: string,
  userId: string,
  destination: string,
): Place => ({
  workspaceId,
  table: 'integration_user',
  row: [customerIntegrationId, userId],
  column: 'sealed_grant',
  destination,
});

/** Where the secret of an integration is kept: a token that serves a whole workspace, a client's secret, a key. */
export const workspacePlace = (workspaceId: string, customerIntegrationId: string, destination: string): Place => ({
  workspaceId,
  table: 'integration',
  row: [customerIntegrationId],
  column: 'sealed_token',
  destination,
});

/** Where the verifier of a consent under way is kept. */
export const pendingPlace = (workspaceId: string, stateHash: string): Place => ({
  workspaceId,
  table: 'oauth_pending',
  row: [stateHash],
  column: 'sealed',
});

/** Where that is kept which the caller of a run hands on to integrations. */
export const passThroughPlace = (workspaceId: string, runId: string): Place => ({
  workspaceId,
  table: 'run',
  row: [runId],
  column: 'sealed_pass_through',
});
