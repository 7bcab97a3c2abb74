import { Secret, type VariableValues } from '@errand/contracts';
import { withoutNulls } from '../statements/fields.ts';
import { queryRow, type RunScope } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';

/** A completed consent with the registration of its integration. */
export type ReturnedConsent = PendingConsent & { registrationId: string };

/** Stored while the browser is at the authorization server. */
export type PendingConsent = {
  /** Hash of the `state` parameter. */
  stateHash: string;
  customerIntegrationId: string;
  userId: string;
  verifier: Secret;
  nonce?: Secret;
  issuer?: string;
  redirectUri: string;
  scope?: string;
  returnTo?: string;
  /** The destination that the consent page showed: the consent covers no other. */
  grantDestination: string;
  /** Values of variables that the user entered; secret ones are sealed. */
  variables?: VariableValues;
  secretVariables?: VariableValues;
};

type OptionalFields = 'issuer' | 'scope' | 'returnTo';
type PendingConsentRow = Omit<
  ReturnedConsent,
  'stateHash' | 'verifier' | 'nonce' | 'variables' | 'secretVariables' | OptionalFields
> &
  Record<OptionalFields, string | null> & { sealed: Buffer; variables: VariableValues; isValid: boolean };

const LIFE_MINUTES = 10;

/** Pending consents: each is valid for ten minutes, for one browser, and once. */
export function pendingConsents(scoped: RunScope & { vault: Vault }) {
  const { workspaceId, vault } = scoped;
  const locationOf = (stateHash: string) => secretLocation('pendingConsent', workspaceId, [stateHash]);
  return {
    /** Stores a consent and removes expired ones. @param browserHash hash of the cookie of the browser */
    async put(pending: PendingConsent, browserHash: string): Promise<void> {
      const { stateHash, verifier, nonce, secretVariables } = pending;
      const secrets = new Secret(
        JSON.stringify({ verifier: verifier.reveal(), nonce: nonce?.reveal(), secretVariables }),
      );
      await queryRow(scoped, {
        text: `WITH expired AS (DELETE FROM oauth_pending WHERE workspace_id = $1 AND expires_at < clock_timestamp())
          INSERT INTO oauth_pending (workspace_id, state_hash, customer_integration_id, user_id, sealed, issuer, redirect_uri, scope,
            return_to, browser_hash, grant_destination, variables, expires_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, clock_timestamp() + interval '${LIFE_MINUTES} minutes')`,
        values: [
          stateHash,
          pending.customerIntegrationId,
          pending.userId,
          vault.seal(secrets, locationOf(stateHash)),
          pending.issuer ?? null,
          pending.redirectUri,
          pending.scope ?? null,
          pending.returnTo ?? null,
          browserHash,
          pending.grantDestination,
          JSON.stringify(pending.variables ?? {}),
        ],
      });
    },

    /** Removes and returns a consent; undefined if it does not exist, has expired, or belongs to another browser. */
    async take(stateHash: string, browserHash: string): Promise<ReturnedConsent | undefined> {
      const row = await queryRow<PendingConsentRow>(scoped, {
        text: `DELETE FROM oauth_pending p USING integration i WHERE p.workspace_id = $1 AND state_hash = $2 AND browser_hash = $3
            AND i.workspace_id = $1 AND i.customer_integration_id = p.customer_integration_id
          RETURNING p.customer_integration_id AS "customerIntegrationId", i.registration_id AS "registrationId",
            user_id AS "userId", sealed, issuer, redirect_uri AS "redirectUri", scope, return_to AS "returnTo",
            grant_destination AS "grantDestination", p.variables, expires_at > clock_timestamp() AS "isValid"`,
        values: [stateHash, browserHash],
      });
      if (!row?.isValid) return undefined;
      const { sealed, isValid: _, ...columns } = row;
      const {
        verifier,
        nonce = null,
        secretVariables = {},
      } = JSON.parse(vault.open(sealed, locationOf(stateHash)).reveal());
      return withoutNulls<ReturnedConsent>({
        ...columns,
        stateHash,
        verifier: new Secret(verifier),
        nonce: nonce && new Secret(nonce),
        secretVariables,
      });
    },
  };
}
