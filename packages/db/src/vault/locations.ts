import type { SecretLocation } from './seal.ts';

/** The location of a user's own token. */
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

/** The location of the tokens of a user's consent. */
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

/** The location of an integration's own token, client secret or key. */
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

/** The location of the verifier of a consent under way. */
export const pendingConsentLocation = (workspaceId: string, stateHash: string): SecretLocation => ({
  workspaceId,
  table: 'oauth_pending',
  row: [stateHash],
  column: 'sealed',
});

/** The location of the secret of a client that registered itself at an authorization server. */
export const clientSecretLocation = (
  workspaceId: string,
  issuer: string,
  redirectUri: string,
  clientId: string,
): SecretLocation => ({
  workspaceId,
  table: 'oauth_client',
  row: [issuer, redirectUri],
  column: 'sealed_secret',
  destination: clientId,
});

/** The location of what the caller of a run passes through to integrations. */
export const passThroughLocation = (workspaceId: string, runId: string): SecretLocation => ({
  workspaceId,
  table: 'run',
  row: [runId],
  column: 'sealed_pass_through',
});

/** The location of the state that a service gets back with the answer to what it asked. */
export const inputStateLocation = (workspaceId: string, decisionRequestId: string): SecretLocation => ({
  workspaceId,
  table: 'decision_request',
  row: [decisionRequestId],
  column: 'sealed_state',
});

/** The location of the secret that signs what is posted to a webhook. */
export const webhookSecretLocation = (workspaceId: string, webhookId: string): SecretLocation => ({
  workspaceId,
  table: 'webhook',
  row: [webhookId],
  column: 'sealed_secret',
});

/** The location of the one before its last rotation. */
export const oldWebhookSecretLocation = (workspaceId: string, webhookId: string): SecretLocation => ({
  workspaceId,
  table: 'webhook',
  row: [webhookId],
  column: 'sealed_old_secret',
});
