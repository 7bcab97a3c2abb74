import type { SecretLocation } from './seal.ts';

/** A column of sealed values. */
export type SealedColumn = {
  table: string;
  column: string;
  /** The key columns of a row beside the workspace, with their types. */
  keys: Readonly<Record<string, 'text' | 'uuid'>>;
  /** The column of the destination that the value is sealed for. */
  destination?: string;
  /** The column of the fingerprint of the secret, which is made with the key that seals. */
  fingerprint?: string;
};

const OF_USER = { customer_integration_id: 'text', user_id: 'text' } as const;

const columns = {
  userSecret: {
    table: 'integration_user',
    column: 'sealed',
    keys: OF_USER,
    destination: 'token_destination',
    fingerprint: 'fingerprint',
  },
  grant: { table: 'integration_user', column: 'sealed_grant', keys: OF_USER, destination: 'grant_destination' },
  workspaceSecret: {
    table: 'integration',
    column: 'sealed_token',
    keys: { customer_integration_id: 'text' },
    destination: 'token_destination',
    fingerprint: 'token_fingerprint',
  },
  pendingConsent: { table: 'oauth_pending', column: 'sealed', keys: { state_hash: 'text' } },
  clientSecret: {
    table: 'oauth_client',
    column: 'sealed_secret',
    keys: { issuer: 'text', redirect_uri: 'text' },
    destination: 'client_id',
  },
  passThrough: { table: 'run', column: 'sealed_pass_through', keys: { run_id: 'uuid' } },
  inputState: { table: 'decision_request', column: 'sealed_state', keys: { decision_request_id: 'uuid' } },
  webhookSecret: { table: 'webhook', column: 'sealed_secret', keys: { webhook_id: 'uuid' } },
  oldWebhookSecret: { table: 'webhook', column: 'sealed_old_secret', keys: { webhook_id: 'uuid' } },
} satisfies Record<string, SealedColumn>;

/** Every sealed column, except for the canary, which has a row for each key. */
export const sealedColumns: readonly SealedColumn[] = Object.values(columns);

/** The location of a value. @param row the values of `keys`, in their order @param destination of a column that has one */
export const locationIn = (
  { table, column }: SealedColumn,
  workspaceId: string,
  row: readonly string[],
  destination?: string,
): SecretLocation => ({ workspaceId, table, row, column, ...(destination !== undefined && { destination }) });

/** The location of a user's own token. */
export const userSecretLocation = (workspaceId: string, integrationId: string, userId: string, destination: string) =>
  locationIn(columns.userSecret, workspaceId, [integrationId, userId], destination);

/** The location of the tokens of a user's consent. */
export const grantLocation = (workspaceId: string, integrationId: string, userId: string, destination: string) =>
  locationIn(columns.grant, workspaceId, [integrationId, userId], destination);

/** The location of an integration's own token, client secret or key. */
export const workspaceSecretLocation = (workspaceId: string, integrationId: string, destination: string) =>
  locationIn(columns.workspaceSecret, workspaceId, [integrationId], destination);

/** The location of the verifier of a consent under way. */
export const pendingConsentLocation = (workspaceId: string, stateHash: string) =>
  locationIn(columns.pendingConsent, workspaceId, [stateHash]);

/** The location of the secret of a client that registered itself at an authorization server. */
export const clientSecretLocation = (workspaceId: string, issuer: string, redirectUri: string, clientId: string) =>
  locationIn(columns.clientSecret, workspaceId, [issuer, redirectUri], clientId);

/** The location of what the caller of a run passes through to integrations. */
export const passThroughLocation = (workspaceId: string, runId: string) =>
  locationIn(columns.passThrough, workspaceId, [runId]);

/** The location of the state that a service gets back with the answer to what it asked. */
export const inputStateLocation = (workspaceId: string, decisionRequestId: string) =>
  locationIn(columns.inputState, workspaceId, [decisionRequestId]);

/** The location of the secret that signs what is posted to a webhook. */
export const webhookSecretLocation = (workspaceId: string, webhookId: string) =>
  locationIn(columns.webhookSecret, workspaceId, [webhookId]);

/** The location of the one before its last rotation. */
export const oldWebhookSecretLocation = (workspaceId: string, webhookId: string) =>
  locationIn(columns.oldWebhookSecret, workspaceId, [webhookId]);
