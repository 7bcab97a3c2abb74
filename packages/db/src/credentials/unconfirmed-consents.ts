import { randomBytes } from 'node:crypto';
import { sha256 } from '@errand/basics/sha256';
import { type AuthType, Secret, type VariableValues } from '@errand/contracts';
import type { Pool } from 'pg';
import { audit } from '../audit/write.ts';
import { Prisma } from '../generated/client.ts';
import { allRows, changedRows, queryRow, withTransaction } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import type { Target } from './destination.ts';
import type { ErasedGrant } from './erased-grants.ts';
import { type NewGrant, storeGrant } from './grants.ts';
import { storeUserCredential } from './user-credential.ts';

/** A credential that a user gave, with everything that is stored once the product has confirmed the user. */
export type UnconfirmedConsent = {
  customerIntegrationId: string;
  registrationId: string;
  userId: string;
  authType: AuthType;
  /** The destination that the consent page showed: the credential is stored for no other. */
  destination: string;
  /** A consent at an authorization server. */
  grant?: Omit<NewGrant, 'variables'>;
  /** An entered token or password. */
  token?: Secret;
  /** The values of variables that determine the destination. */
  userVariables: VariableValues;
  /** All values to store, also secret ones. */
  variables: VariableValues;
  returnTo?: string;
};

const LIFE_MINUTES = 10;
/** Consents that wait for a user at an integration; older ones are removed. */
const MAX_OF_USER = 20;

const COLUMNS = `code_hash AS "codeHash", customer_integration_id AS "customerIntegrationId", user_id AS "userId",
  registration_id AS "registrationId", sealed, return_to AS "returnTo"`;

type Row = Pick<UnconfirmedConsent, 'customerIntegrationId' | 'registrationId' | 'userId'> & {
  codeHash: string;
  sealed: Uint8Array;
  returnTo: string | null;
};

const hashOf = (code: string): string => sha256(code, 'base64url');

/** Credentials that no call can use until the product confirms their user: each for ten minutes, and once. */
export function unconfirmedConsents(scoped: WorkspaceScope) {
  const { pool, workspaceId, vault, actor } = scoped;
  return {
    /**
     * Stores a consent and removes the oldest ones of the user beyond the limit.
     * @returns its code, and the removed consents; undefined if the registration of the integration does not exist
     */
    put: (consent: UnconfirmedConsent) => putConsent(scoped, consent),

    /** The consent of a code; undefined if it does not exist, was confirmed or has expired. @throws ProblemError credential_unavailable */
    async read(code: string): Promise<UnconfirmedConsent | undefined> {
      const row = await queryRow<Row>(scoped, {
        text: `SELECT ${COLUMNS} FROM unconfirmed_consent WHERE workspace_id = $1 AND code_hash = $2 AND expires_at > clock_timestamp()`,
        values: [hashOf(code)],
      });
      return row ? opened(vault, workspaceId, row) : undefined;
    },

    /** Removes the consent of a code and stores its credential for `target`, once. Returns whether this call stored it. */
    confirm: (code: string, target: Target, consent: UnconfirmedConsent): Promise<boolean> =>
      withTransaction(pool, async (client) => {
        const { customerIntegrationId, userId, registrationId, grant, token, variables } = consent;
        // The integration is locked first, as by its deletion.
        await client.query(
          'SELECT FROM integration WHERE workspace_id = $1 AND customer_integration_id = $2 FOR KEY SHARE',
          [workspaceId, customerIntegrationId],
        );
        const taken = await changedRows(client, {
          text: 'DELETE FROM unconfirmed_consent WHERE workspace_id = $1 AND code_hash = $2 AND user_id = $3 AND expires_at > clock_timestamp()',
          values: [workspaceId, hashOf(code), userId],
        });
        if (taken === 0) return false;
        if (grant)
          return storeGrant(client, scoped, target, { userId, grant: { ...grant, variables }, registrationId });
        return storeUserCredential(client, scoped, target, {
          userId,
          ...(token && { token }),
          variables,
          registrationId,
        });
      }),

    /**
     * Removes the consent of a code without storing its credential. Returns whether this call removed it.
     * @param details of the entry in the audit log
     */
    refuse: (
      code: string,
      { customerIntegrationId, userId }: UnconfirmedConsent,
      details: { reason: string; confirmedUserId?: string },
    ): Promise<boolean> =>
      withTransaction(pool, async (client) => {
        const removed = await changedRows(client, {
          text: 'DELETE FROM unconfirmed_consent WHERE workspace_id = $1 AND code_hash = $2',
          values: [workspaceId, hashOf(code)],
        });
        if (removed === 0) return false;
        const note = { of: 'user', userId, ...details };
        const entry = { actor, action: 'credential.refused', target: customerIntegrationId, details: note } as const;
        await audit(scoped, entry, client);
        return true;
      }),
  };
}

async function putConsent(
  { pool, workspaceId, vault }: WorkspaceScope,
  consent: UnconfirmedConsent,
): Promise<{ code: string; removed: UnconfirmedConsent[] } | undefined> {
  const code = randomBytes(32).toString('base64url');
  const { customerIntegrationId, userId, registrationId, returnTo = null } = consent;
  const codeHash = hashOf(code);
  const sealed = vault.seal(toText(consent), locationOf(workspaceId, codeHash));
  const user = [workspaceId, customerIntegrationId, userId];
  return withTransaction(pool, async (client) => {
    // Each of several concurrent requests counts those before it.
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('errand.unconfirmed:' || $1, 0))`;
    await client.query(lock, [JSON.stringify(user)]);
    const inserted = await changedRows(client, {
      text: `INSERT INTO unconfirmed_consent (workspace_id, customer_integration_id, user_id, code_hash, registration_id, sealed, return_to, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, clock_timestamp() + interval '${LIFE_MINUTES} minutes' FROM integration
        WHERE workspace_id = $1 AND customer_integration_id = $2 AND registration_id = $5::uuid`,
      values: [...user, codeHash, registrationId, sealed, returnTo],
    });
    if (inserted === 0) return undefined;
    const rows = await allRows<Row>(client, {
      text: `DELETE FROM unconfirmed_consent WHERE workspace_id = $1 AND code_hash IN (
          SELECT code_hash FROM unconfirmed_consent
          WHERE workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3 AND code_hash <> $4
          ORDER BY created_at DESC, code_hash OFFSET ${MAX_OF_USER - 1}) RETURNING ${COLUMNS}`,
      values: [...user, codeHash],
    });
    return { code, removed: rows.flatMap((row) => openedIfKnown(vault, workspaceId, row)) };
  });
}

/** Removes and returns consents of all workspaces that were not confirmed in time. */
export async function takeExpiredConsents(
  { pool, vault }: { pool: Pool; vault: Vault },
  limit: number,
): Promise<{ workspaceId: string; consents: UnconfirmedConsent[] }[]> {
  const rows = await allRows<Row & { workspaceId: string }>(pool, {
    name: 'unconfirmed_expired',
    text: `DELETE FROM unconfirmed_consent WHERE (workspace_id, code_hash) IN (SELECT workspace_id, code_hash FROM unconfirmed_consent
        WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
      RETURNING workspace_id AS "workspaceId", ${COLUMNS}`,
    values: [limit],
  });
  return rows.map(({ workspaceId, ...row }) => ({ workspaceId, consents: openedIfKnown(vault, workspaceId, row) }));
}

/** Removes the unconfirmed consents of a user. Returns their grants. Call it before you lock other rows of the user, as a confirmation does. */
export async function takeUnconfirmedGrants(
  tx: Prisma.TransactionClient,
  { vault, workspaceId, userId }: { vault: Vault; workspaceId: string; userId: string },
  ids?: readonly string[],
): Promise<ErasedGrant[]> {
  const ofIntegrations = ids ? Prisma.sql`AND customer_integration_id = ANY(${[...ids]})` : Prisma.empty;
  const rows = await tx.$queryRaw<Row[]>`DELETE FROM unconfirmed_consent
    WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId} ${ofIntegrations} RETURNING ${Prisma.raw(COLUMNS)}`;
  return rows.flatMap((row) => openedIfKnown(vault, workspaceId, row)).flatMap(toErasedGrant);
}

/** The grant of a consent that was not confirmed, to revoke it. */
export const toErasedGrant = ({
  customerIntegrationId,
  destination,
  userVariables,
  grant,
}: UnconfirmedConsent): ErasedGrant[] => (grant ? [{ customerIntegrationId, destination, userVariables, grant }] : []);

const locationOf = (workspaceId: string, codeHash: string) =>
  secretLocation('unconfirmedConsent', workspaceId, [codeHash]);

function toText({ authType, destination, grant, token, userVariables, variables }: UnconfirmedConsent): Secret {
  const tokens = grant && {
    ...grant,
    accessToken: grant.accessToken.reveal(),
    refreshToken: grant.refreshToken?.reveal(),
  };
  return new Secret(
    JSON.stringify({ authType, destination, grant: tokens, token: token?.reveal(), userVariables, variables }),
  );
}

function opened(vault: Vault, workspaceId: string, { codeHash, sealed, returnTo, ...row }: Row): UnconfirmedConsent {
  const { grant, token, ...content } = JSON.parse(vault.open(sealed, locationOf(workspaceId, codeHash)).reveal());
  return {
    ...row,
    ...content,
    ...(grant && {
      grant: {
        ...grant,
        accessToken: new Secret(grant.accessToken),
        ...(grant.refreshToken !== undefined && { refreshToken: new Secret(grant.refreshToken) }),
        ...(grant.expiresAt !== undefined && { expiresAt: new Date(grant.expiresAt) }),
      },
    }),
    ...(token !== undefined && { token: new Secret(token) }),
    ...(returnTo !== null && { returnTo }),
  };
}

/** A consent that cannot be opened is removed, but not revoked. */
function openedIfKnown(vault: Vault, workspaceId: string, row: Row): UnconfirmedConsent[] {
  try {
    return [opened(vault, workspaceId, row)];
  } catch {
    return [];
  }
}
