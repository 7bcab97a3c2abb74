import type { Principal } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { type Runner, withTransaction } from '../statements/scope.ts';
import { applyGroupRoles, type GroupRole } from './group-roles.ts';
import { createPerson, type Person } from './people.ts';
import { IS_OPEN } from './sessions.ts';

/** A subject of an issuer. The name and the address are those of its ID token. */
export type Identity = { issuer: string; subject: string; name: string; email: string | null; emailVerified: boolean };

/** Why a known person was refused. */
export type RefusalReason = 'disabled' | 'no_workspace' | 'domain';

/** `changed`: workspaces in which the person lost or changed a role. */
export type IdentitySignIn = { changed: string[] } & ({ person: Person } | { refused: 'disabled' | 'no_workspace' });

export type LinkOutcome = 'linked' | 'session_ended' | 'identity_taken' | 'has_identity';

/** At most this many workspaces record the refusal of a person. */
const MAX_NOTED_WORKSPACES = 100;

type StoredPerson = Person & { isDisabled: boolean };

/** The identities of people at OIDC issuers. A person is found by issuer and subject alone, never by an address. */
export function identities(pool: Pool) {
  return {
    /**
     * Finds the person of an identity and applies the roles of the groups. Creates a person only if a group gives a role.
     * @param groupRoles of workspaces that may not exist
     */
    signIn: (identity: Identity, groupRoles: readonly GroupRole[], ip: string): Promise<IdentitySignIn> =>
      withTransaction(pool, (client) => signIn({ pool, client }, identity, groupRoles, ip)),

    /** Links an identity to the person of an open session. A person has one identity of an issuer. */
    link: (sessionId: string, identity: Identity): Promise<LinkOutcome> =>
      withTransaction(pool, (client) => link(client, sessionId, identity)),

    /** Records in the workspaces of a known person that the sign-in was refused. */
    recordRefusal: (identity: Identity, reason: RefusalReason, ip: string): Promise<void> =>
      withTransaction(pool, async (client) => {
        const person = await findPerson(client, identity);
        if (person) await recordRefusal({ pool, client }, { person, reason, ip });
      }),
  };
}

type Transaction = { pool: Pool; client: PoolClient };

async function signIn(
  { pool, client }: Transaction,
  identity: Identity,
  groupRoles: readonly GroupRole[],
  ip: string,
): Promise<IdentitySignIn> {
  await lockIdentity(client, identity);
  const roles = await ofExistingWorkspaces(client, groupRoles);
  const known = await findPerson(client, identity);
  if (known?.isDisabled) {
    await recordRefusal({ pool, client }, { person: known, reason: 'disabled', ip });
    return { refused: 'disabled', changed: [] };
  }
  if (!known && roles.length === 0) return { refused: 'no_workspace', changed: [] };
  const person = known ?? (await createPersonWith(client, identity));
  const changed = await applyGroupRoles({ pool, client, personId: person.personId }, roles);
  await client.query(
    'UPDATE person_identity SET email = $3, email_verified = $4, last_used_at = now() WHERE issuer = $1 AND subject = $2',
    [identity.issuer, identity.subject, identity.email, identity.emailVerified],
  );
  const workspaceIds = await workspacesOf(client, person.personId);
  if (workspaceIds.length > 0 || person.isOperator) return { person, changed };
  await recordRefusal({ pool, client }, { person, reason: 'no_workspace', ip, workspaceIds: changed });
  return { refused: 'no_workspace', changed };
}

/** Sign-ins of an identity happen one after the other, so that two at once create one person. */
async function lockIdentity(client: PoolClient, { issuer, subject }: Identity): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.identity ' || $1 || ' ' || $2, 0))`, [
    issuer,
    subject,
  ]);
}

async function ofExistingWorkspaces(client: PoolClient, roles: readonly GroupRole[]): Promise<GroupRole[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT workspace_id AS id FROM workspace WHERE workspace_id = ANY($1::uuid[])',
    [roles.map(({ workspaceId }) => workspaceId)],
  );
  const existing = new Set(rows.map(({ id }) => id));
  return roles.filter(({ workspaceId }) => existing.has(workspaceId));
}

async function findPerson(
  client: PoolClient,
  { issuer, subject }: Pick<Identity, 'issuer' | 'subject'>,
): Promise<StoredPerson | undefined> {
  const { rows } = await client.query<StoredPerson>(
    `SELECT p.person_id AS "personId", p.name, p.email, p.is_operator AS "isOperator", p.disabled_at IS NOT NULL AS "isDisabled"
     FROM person_identity JOIN person p USING (person_id) WHERE issuer = $1 AND subject = $2`,
    [issuer, subject],
  );
  return rows[0];
}

async function createPersonWith(client: PoolClient, identity: Identity): Promise<Person> {
  const { name, email, emailVerified } = identity;
  const person = await createPerson(client, { name, ...(emailVerified && email !== null && { email }) });
  await insertIdentity(client, person.personId, identity);
  return person;
}

async function insertIdentity(
  client: PoolClient,
  personId: string,
  { issuer, subject, email, emailVerified }: Identity,
): Promise<void> {
  await client.query(
    'INSERT INTO person_identity (issuer, subject, person_id, email, email_verified) VALUES ($1, $2, $3, $4, $5)',
    [issuer, subject, personId, email, emailVerified],
  );
}

async function workspacesOf(client: PoolClient, personId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT workspace_id AS id FROM membership WHERE person_id = $1 ORDER BY created_at LIMIT ${MAX_NOTED_WORKSPACES}`,
    [personId],
  );
  return rows.map(({ id }) => id);
}

type Refusal = { person: Person; reason: RefusalReason; ip: string; workspaceIds?: readonly string[] };

async function recordRefusal({ pool, client }: Transaction, { person, reason, ip, workspaceIds }: Refusal) {
  const actor = { kind: 'person' as const, id: person.personId, label: person.name, ip } as Principal;
  for (const workspaceId of workspaceIds ?? (await workspacesOf(client, person.personId))) {
    const note = { actor, action: 'sign_in.refused' as const, target: person.personId, details: { reason } };
    await audit({ pool, workspaceId }, note, client);
  }
}

async function link(client: PoolClient, sessionId: string, identity: Identity): Promise<LinkOutcome> {
  await lockIdentity(client, identity);
  // The row lock keeps a person from linking two identities at once.
  const { rows: sessions } = await client.query<{ personId: string }>(
    `SELECT person_id AS "personId" FROM console_session JOIN person USING (person_id)
     WHERE session_id = $1 AND ${IS_OPEN} AND disabled_at IS NULL FOR NO KEY UPDATE OF person`,
    [sessionId],
  );
  const personId = sessions[0]?.personId;
  if (personId === undefined) return 'session_ended';
  const owner = await findPerson(client, identity);
  if (owner) return owner.personId === personId ? 'linked' : 'identity_taken';
  if (await hasIdentityOf(client, personId, identity.issuer)) return 'has_identity';
  await insertIdentity(client, personId, identity);
  return 'linked';
}

async function hasIdentityOf(runner: Runner, personId: string, issuer: string): Promise<boolean> {
  const { rowCount } = await runner.query('SELECT FROM person_identity WHERE person_id = $1 AND issuer = $2 LIMIT 1', [
    personId,
    issuer,
  ]);
  return (rowCount ?? 0) > 0;
}
