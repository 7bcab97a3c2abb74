import type { SecretLocation } from './seal.ts';

export type SealedColumn = {
  table: string;
  column: string;
  /** The key columns except for the workspace, with their types. */
  keys: Readonly<Record<string, 'text' | 'uuid'>>;
  destination?: string;
  /** The column of the fingerprint, which is made with the sealing key. */
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
  /** The secret values of variables: of the owner, and of each user. */
  ownerVariables: {
    table: 'integration',
    column: 'sealed_variables',
    keys: { customer_integration_id: 'text' },
    destination: 'variables_destination',
  },
  userVariables: {
    table: 'integration_user',
    column: 'sealed_variables',
    keys: OF_USER,
    destination: 'variables_destination',
  },
  pendingConsent: { table: 'oauth_pending', column: 'sealed', keys: { state_hash: 'text' } },
  unconfirmedConsent: { table: 'unconfirmed_consent', column: 'sealed', keys: { code_hash: 'text' } },
  clientSecret: {
    table: 'oauth_client',
    column: 'sealed_secret',
    keys: { issuer: 'text', redirect_uri: 'text' },
    destination: 'client_id',
  },
  passThrough: { table: 'run', column: 'sealed_pass_through', keys: { run_id: 'uuid' } },
  inputState: { table: 'decision_request', column: 'sealed_state', keys: { decision_request_id: 'uuid' } },
  webhookSecret: { table: 'webhook', column: 'sealed_secret', keys: { webhook_id: 'uuid' } },
  /** The secret before the last rotation. */
  oldWebhookSecret: { table: 'webhook', column: 'sealed_old_secret', keys: { webhook_id: 'uuid' } },
} satisfies Record<string, SealedColumn>;

/** Every sealed column, except for the canaries. */
export const sealedColumns: readonly SealedColumn[] = Object.values(columns);

/** @param row the values of `keys`, in their order @param destination if the column has one */
export const locationIn = (
  { table, column }: SealedColumn,
  workspaceId: string,
  row: readonly string[],
  destination?: string,
): SecretLocation => ({ workspaceId, table, row, column, ...(destination !== undefined && { destination }) });

/** The location of a secret. @param row the key of its row without the workspace @param destination if the column has one */
export const secretLocation = (
  column: keyof typeof columns,
  workspaceId: string,
  row: readonly string[],
  destination?: string,
): SecretLocation => locationIn(columns[column], workspaceId, row, destination);

export const passThroughLocation = (workspaceId: string, runId: string) =>
  secretLocation('passThrough', workspaceId, [runId]);
export const inputStateLocation = (workspaceId: string, decisionRequestId: string) =>
  secretLocation('inputState', workspaceId, [decisionRequestId]);
