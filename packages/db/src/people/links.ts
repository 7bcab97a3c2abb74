import { identityOf, linkPrincipal, type Principal, type Role } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit, auditRow, writeAuditRows } from '../audit/write.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import { IS_USABLE } from '../statements/open-invitations.ts';
import type { IdPage } from '../statements/page.ts';
import { newId, type Runner, withTransaction } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { addMember, createPerson, type Person } from './people.ts';
import { isWellFormedSecret, makeSecret, secretHmacs } from './secrets.ts';

const LOGIN_MINUTES = 10;
const INVITATION_DAYS = 7;

/** A link whose token only this answer has. */
export type CreatedLink = { linkId: string; token: string; expiresAt: Date };

export type Invitation = {
  linkId: string;
  name: string;
  role: Role;
  madeBy: string;
  createdAt: Date;
  expiresAt: Date;
};

/** Why a link does not work; `madeBy` names the principal to ask for another. */
export type LinkFault = { fault: 'unknown' } | { fault: 'used' | 'expired' | 'revoked'; madeBy: string };
export type RedeemedLink = { person: Person; workspaceId: string | null };

type LinkRow = {
  kind: 'login' | 'invitation';
  personId: string | null;
  workspaceId: string | null;
  name: string | null;
  role: Role | null;
  madeBy: string;
  madeByLabel: string;
};

/** Links that sign in once: to an existing person, or as an invitation into a workspace. */
export function consoleLinks(pool: Pool, vault: Vault) {
  const insert = createInsert(vault);
  return {
    /** A link that signs a person in, within ten minutes. */
    createLogin: ({ personId }: Pick<Person, 'personId'>, by: Principal): Promise<CreatedLink> =>
      insert(pool, { kind: 'login', personId, workspaceId: null, name: null, role: null }, by),

    /** A link that makes the person who opens it a member, within seven days. */
    createInvitation: (
      workspaceId: string,
      { name, role }: { name: string; role: Role },
      actor: Principal,
    ): Promise<CreatedLink> =>
      withTransaction(pool, (client) => insertInvitation(client, vault, { workspaceId, name, role }, actor)),

    /** The invitations of a workspace that can still be used, newest first. */
    async invitations(workspaceId: string, { after, limit }: IdPage): Promise<Invitation[]> {
      const { rows } = await pool.query<Invitation>(
        `SELECT link_id AS "linkId", name, role, made_by_label AS "madeBy", created_at AS "createdAt", expires_at AS "expiresAt"
         FROM console_link WHERE workspace_id = $1 AND kind = 'invitation' AND ${IS_USABLE}
           AND ($2::uuid IS NULL OR link_id < $2) ORDER BY link_id DESC LIMIT $3`,
        [workspaceId, after ?? null, limit],
      );
      return rows;
    },

    /** @returns whether the workspace had this invitation and it could be used */
    revokeInvitation: (workspaceId: string, linkId: string, actor: Principal): Promise<boolean> =>
      withTransaction(pool, async (client) => {
        const { rowCount } = await client.query(
          `UPDATE console_link SET revoked_at = now() WHERE workspace_id = $1 AND link_id = $2 AND kind = 'invitation' AND ${IS_USABLE}`,
          [workspaceId, linkId],
        );
        if (rowCount !== 1) return false;
        await audit({ pool, workspaceId }, { actor, action: 'member.invitation_revoked', target: linkId }, client);
        return true;
      }),

    /**
     * Uses a link once, even if it is sent several times at once. An invitation makes a new person a member, or the person who is
     * signed in already.
     * @param signedIn the person of the session that sends the link
     * @param ip for the audit log
     */
    async redeem(token: string, signedIn?: Person, ip?: string): Promise<RedeemedLink | LinkFault> {
      if (!isWellFormedSecret(token)) return { fault: 'unknown' };
      const hmacs = secretHmacs(vault, 'console link', token);
      return withTransaction(pool, async (client) => {
        const link = await useLink(client, hmacs);
        if (!link) return refuseLink(client, hmacs, ip);
        const person = await personOf({ pool, client }, link, signedIn);
        return person ? { person, workspaceId: link.workspaceId } : { fault: 'revoked', madeBy: link.madeByLabel };
      });
    },
  };
}

/** Creates an invitation in a transaction. @throws ProblemError invitation_limit_reached, item_limit_reached */
export async function insertInvitation(
  client: Runner,
  vault: Vault,
  { workspaceId, name, role }: { workspaceId: string; name: string; role: Role },
  actor: Principal,
): Promise<CreatedLink> {
  const link = await createInsert(vault)(
    client,
    { kind: 'invitation', personId: null, workspaceId, name, role },
    actor,
  );
  await checkItemLimit(client, workspaceId, 'invitations');
  await checkItemLimit(client, workspaceId, 'members');
  const details = { name, role, expiresAt: link.expiresAt.toISOString() };
  const note = { actor, action: 'member.invited', target: link.linkId, details } as const;
  await writeAuditRows(client, [auditRow(workspaceId, note)]);
  return link;
}

const createInsert =
  (vault: Vault) =>
  async (
    runner: Runner,
    { kind, personId, workspaceId, name, role }: Omit<LinkRow, 'madeBy' | 'madeByLabel'>,
    by: Principal,
  ): Promise<CreatedLink> => {
    const token = makeSecret();
    const { rows } = await runner.query<{ linkId: string; expiresAt: Date }>(
      `INSERT INTO console_link (link_id, hmac, kind, person_id, workspace_id, name, role, made_by, made_by_label, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + CASE $3 WHEN 'login' THEN interval '${LOGIN_MINUTES} minutes'
         ELSE interval '${INVITATION_DAYS} days' END) RETURNING link_id AS "linkId", expires_at AS "expiresAt"`,
      [
        newId(),
        secretHmacs(vault, 'console link', token)[0],
        kind,
        personId,
        workspaceId,
        name,
        role,
        identityOf(by),
        by.label,
      ],
    );
    return { ...rows[0]!, token };
  };

async function useLink(client: PoolClient, hmacs: readonly Buffer[]): Promise<LinkRow | undefined> {
  const { rows } = await client.query<LinkRow>(
    `UPDATE console_link SET used_at = now() WHERE hmac = ANY($1) AND ${IS_USABLE}
     RETURNING kind, person_id AS "personId", workspace_id AS "workspaceId", name, role, made_by AS "madeBy",
       made_by_label AS "madeByLabel"`,
    [hmacs],
  );
  return rows[0];
}

type RefusedLink = { fault: 'used' | 'expired' | 'revoked'; madeBy: string; linkId: string; workspaceIds: string[] };

/** Says why a link does not work, also to the audit log of its workspaces: at most 20 of a person, about once a minute. */
async function refuseLink(client: PoolClient, hmacs: readonly Buffer[], ip?: string): Promise<LinkFault> {
  const { rows } = await client.query<RefusedLink>(
    `SELECT CASE WHEN used_at IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'revoked' ELSE 'expired' END AS fault,
       made_by_label AS "madeBy", link_id AS "linkId", ARRAY(SELECT l.workspace_id WHERE l.workspace_id IS NOT NULL
         UNION ALL (SELECT m.workspace_id FROM membership m WHERE m.person_id = l.person_id ORDER BY m.created_at LIMIT 20)) AS "workspaceIds"
     FROM console_link l WHERE hmac = ANY($1)`,
    [hmacs],
  );
  if (!rows[0]) return { fault: 'unknown' };
  const { fault, madeBy, linkId, workspaceIds } = rows[0];
  const { rows: noted } = await client.query<{ workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId" FROM audit WHERE workspace_id = ANY($1) AND action = 'sign_in.refused' AND target = $2
       AND at > now() - interval '1 minute'`,
    [workspaceIds, linkId],
  );
  const isNoted = (workspaceId: string) => noted.some((entry) => entry.workspaceId === workspaceId);
  const actor = linkPrincipal('sign-in link', linkId, ip);
  const note = { actor, action: 'sign_in.refused', target: linkId, details: { reason: `link_${fault}` } } as const;
  await writeAuditRows(
    client,
    workspaceIds.filter((workspaceId) => !isNoted(workspaceId)).map((workspaceId) => auditRow(workspaceId, note)),
  );
  return { fault, madeBy };
}

/** The person whom a used link signs in; null if the person is disabled. */
async function personOf(
  { pool, client }: { pool: Pool; client: PoolClient },
  link: LinkRow,
  signedIn: Person | undefined,
): Promise<Person | null> {
  const { kind, personId, workspaceId, name, role, madeBy } = link;
  if (kind === 'login') {
    const { rows } = await client.query<Person>(
      `SELECT person_id AS "personId", name, email, is_operator AS "isOperator" FROM person WHERE person_id = $1 AND disabled_at IS NULL`,
      [personId],
    );
    return rows[0] ?? null;
  }
  const person = signedIn ?? (await createPerson(client, { name: name ?? 'Member' }));
  await addMember(client, { workspaceId: workspaceId!, personId: person.personId, role: role!, madeBy });
  const actor = { kind: 'person' as const, id: person.personId, label: person.name };
  const note = {
    actor: actor as Principal,
    action: 'member.joined' as const,
    target: person.personId,
    details: { role },
  };
  await audit({ pool, workspaceId: workspaceId! }, note, client);
  return person;
}
