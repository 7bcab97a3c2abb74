import type { SecretLocation } from './seal.ts';

/** Where a user's own token is kept. */
export const userSecretLocation = (
  workspaceId: string,
  customerIntegrationId: string,
  userId: string,
  destination: string,
): SecretLocation => ({
  workspaceId,
  table: 'integration_user',
  row: [customerIntegrationId, userId],
  column: 'sealed',
  destination,
});

/** Where the tokens of a user's consent are kept. */
export const grantLocation = (
  workspaceId: string,
  customerIntegrationId: string,
  userId: string,
  destination: string,
): SecretLocation => ({
  workspaceId,
  table: 'integration_user',
  row: [customerIntegrationId, userId],
  column: 'sealed_grant',
  destination,
});

/** Where the secret of an integration is kept: a token that serves a whole workspace, a client's secret, a key. */
export const workspaceSecretLocation = (
  workspaceId: string,
  customerIntegrationId: string,
  destination: string,
): SecretLocation => ({
  workspaceId,
  table: 'integration',
  row: [customerIntegrationId],
  column: 'sealed_token',
  destination,
});

/** Where the verifier of a consent under way is kept. */
export const pendingConsentLocation = (workspaceId: string, stateHash: string): SecretLocation => ({
  workspaceId,
  table: 'oauth_pending',
  row: [stateHash],
  column: 'sealed',
});

/** Where that is kept which the caller of a run hands on to integrations. */
export const passThroughLocation = (workspaceId: string, runId: string): SecretLocation => ({
  workspaceId,
  table: 'run',
  row: [runId],
  column: 'sealed_pass_through',
});
