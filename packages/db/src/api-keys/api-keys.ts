import { type ApiKey, type Principal, type Scope, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { auditEntry, auditRow, changeAudited, writeAuditRows } from '../audit/write.ts';
import type { Prisma, PrismaClient } from '../generated/client.ts';
import { fieldArrays } from '../statements/columns.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import type { IdPage } from '../statements/page.ts';
import type { Runner } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { makeKey, PREFIX } from './format.ts';
import { type ApiKeyRef, requestQuota, streamLeases } from './limits.ts';
import { createVerifier, keyHashes } from './verify.ts';

type NewApiKey = {
  name: string;
  scopes: readonly Scope[];
  expiresAt?: Date;
  product?: string | null;
  /** The first key of the chain, of a key that replaces another. */
  principalId?: string;
};
/** The key or the platform key that made a key, and the person who did so or who made that key. */
type KeyMaker = { createdBy: string | null; personId: string | null; platformKeyId: string | null };

const omit = { workspaceId: true, hmac: true, hmacKeyId: true } as const;
const include = { person: { select: { name: true } }, platformKey: { select: { name: true } } } as const;
type ApiKeyRow = Prisma.ApiKeyGetPayload<{ omit: typeof omit }>;
type NamedApiKeyRow = Prisma.ApiKeyGetPayload<{ omit: typeof omit; include: typeof include }>;
/** An API key without its secret. `replacedBy`: its successor by a rotation; `principalId`: the first key of its rotations. */
export type ApiKeyInfo = Omit<ApiKeyRow, 'scopes' | 'personId' | 'platformKeyId'> & {
  scopes: Scope[];
  madeBy: NonNullable<ApiKey['madeBy']>;
};

/** @param keyName the name of the key that made it */
function toApiKeyInfo(
  { person, personId, platformKey, platformKeyId, ...row }: NamedApiKeyRow,
  keyName?: string,
): ApiKeyInfo {
  const { createdBy } = row;
  const scopes = row.scopes as Scope[];
  if (createdBy !== null)
    return { ...row, scopes, madeBy: { type: 'api_key', id: createdBy, label: keyName ?? createdBy } };
  if (personId !== null && person)
    return { ...row, scopes, madeBy: { type: 'person', id: personId, label: person.name } };
  if (platformKeyId !== null && platformKey)
    return { ...row, scopes, madeBy: { type: 'platform', id: platformKeyId, label: platformKey.name } };
  return { ...row, scopes, madeBy: { type: 'system', label: system.label } };
}

/** A page of keys. `active`: only keys that are valid, or only the others. */
type KeyPage = IdPage & { active?: boolean | undefined };

async function listKeys(
  prisma: PrismaClient,
  workspaceId: string,
  { active, after, limit }: KeyPage,
): Promise<ApiKeyInfo[]> {
  const now = new Date();
  const isValid = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  const where = {
    workspaceId,
    ...(after !== undefined && { apiKeyId: { lt: after } }),
    ...(active !== undefined && (active ? isValid : { NOT: isValid })),
  };
  const orderBy = { apiKeyId: 'desc' } as const;
  const rows = await prisma.apiKey.findMany({ where, orderBy, take: limit, omit, include });
  const makerIds = [...new Set(rows.flatMap(({ createdBy }) => createdBy ?? []))];
  const makers = await prisma.apiKey.findMany({
    where: { workspaceId, apiKeyId: { in: makerIds } },
    select: { apiKeyId: true, name: true },
  });
  const names = new Map(makers.map(({ apiKeyId, name }) => [apiKeyId, name]));
  return rows.map((row) => toApiKeyInfo(row, names.get(row.createdBy ?? '')));
}

type AuditedKey = { name: string; scopes: string[]; expiresAt?: Date; product?: string | null };
const auditDetails = ({ name, scopes, expiresAt, product }: AuditedKey) => ({
  name,
  scopes,
  ...(product && { product }),
  expiresAt: expiresAt?.toISOString(),
});

type CreatedApiKey = ApiKeyInfo & { key: string };

/** `ttlMs`: how long keys are cached. `onChange`: called after a change of keys in this process. */
type KeyCache = { ttlMs: number; onChange: () => void };

/** API keys of all workspaces: the key identifies the workspace. */
export function apiKeys(prisma: PrismaClient, pool: Pool, vault: Vault, { ttlMs, onChange }: KeyCache) {
  const { verify, forget: forgetKeys, forgetAll: forgetAllKeys } = createVerifier(pool, vault, ttlMs);
  const forget = () => {
    forgetKeys();
    onChange();
  };
  const forgetAll = () => {
    forgetAllKeys();
    onChange();
  };
  return {
    verify,
    /** Discards the cached keys of this process, after a workspace was suspended or resumed. */
    forgetAll,
    streams: streamLeases(pool),
    requests: requestQuota(pool),

    /** Creates a key. Only its hash is stored, so no later call returns the key. @throws ProblemError item_limit_reached */
    async create(workspaceId: string, newKey: NewApiKey, actor: Principal = system): Promise<CreatedApiKey> {
      const maker = await makerOf(prisma, workspaceId, actor);
      const { key, data } = makeKeyRow(vault, workspaceId, { ...newKey, ...maker });
      const row = await prisma.$transaction(async (tx) => {
        const created = await tx.apiKey.create({ data, omit, include });
        await checkItemLimit(tx, workspaceId, 'apiKeys');
        await tx.audit.create(auditEntry({ workspaceId, actor }, 'api_key.created', data.apiKeyId, auditDetails(data)));
        return created;
      });
      return { ...toApiKeyInfo(row, actor.label), key };
    },

    /** Newest first. */
    list: (workspaceId: string, page: KeyPage): Promise<ApiKeyInfo[]> => listKeys(prisma, workspaceId, page),

    requester: (workspaceId: string, runId: string) => requesterOf(pool, workspaceId, runId),

    /** Returns null if the workspace has no such key. */
    async rename(workspaceId: string, apiKeyId: string, name: string, actor: Principal = system) {
      const renamed = await renameKey(prisma, { workspaceId, apiKeyId }, name, actor);
      // Cached principals have the earlier name.
      forget();
      return renamed;
    },

    /** Returns null if the workspace has no such key. Revoking again changes nothing. */
    async revoke(workspaceId: string, apiKeyId: string, actor: Principal = system): Promise<ApiKeyRow | null> {
      const where = { workspaceId, apiKeyId, revokedAt: null };
      const revoke = (tx: Prisma.TransactionClient) => tx.apiKey.updateMany({ where, data: { revokedAt: new Date() } });
      await changeAudited({ prisma, workspaceId, actor }, revoke, 'api_key.revoked', apiKeyId);
      forget();
      return prisma.apiKey.findUnique({ where: uniqueKey(workspaceId, apiKeyId), omit });
    },

    async rotate(workspaceId: string, apiKeyId: string, overlapMs: number, actor: Principal = system) {
      const rotated = await prisma.$transaction((tx) =>
        rotateKey({ tx, vault }, { workspaceId, apiKeyId }, overlapMs, actor),
      );
      forget();
      return rotated;
    },

    /** Returns the current scopes of the valid keys by id. If one is invalid, the cached keys of this process are discarded. */
    async validity(keys: readonly ApiKeyRef[]): Promise<ReadonlyMap<string, readonly Scope[]>> {
      const scopes = await readValidity(pool, keys);
      if (scopes.size < keys.length) forget();
      return scopes;
    },
  };
}

const uniqueKey = (workspaceId: string, apiKeyId: string) => ({ workspaceId_apiKeyId: { workspaceId, apiKeyId } });

async function renameKey(
  prisma: PrismaClient,
  { workspaceId, apiKeyId }: ApiKeyRef,
  name: string,
  actor: Principal,
): Promise<ApiKeyInfo | null> {
  const rename = (tx: Prisma.TransactionClient) =>
    tx.apiKey.updateMany({ where: { workspaceId, apiKeyId }, data: { name } });
  await changeAudited({ prisma, workspaceId, actor }, rename, 'api_key.renamed', apiKeyId, { name });
  const row = await prisma.apiKey.findUnique({ where: uniqueKey(workspaceId, apiKeyId), omit, include });
  if (!row?.createdBy) return row && toApiKeyInfo(row);
  const where = uniqueKey(workspaceId, row.createdBy);
  const maker = await prisma.apiKey.findUnique({ where, select: { name: true } });
  return toApiKeyInfo(row, maker?.name);
}

/** A key that a key makes keeps the person behind that key. */
async function makerOf(prisma: Pick<PrismaClient, 'apiKey'>, workspaceId: string, actor: Principal): Promise<KeyMaker> {
  if (actor.kind !== 'api_key') return makerOfInstance(actor);
  const where = uniqueKey(workspaceId, actor.apiKeyId);
  const key = await prisma.apiKey.findUnique({ where, select: { personId: true } });
  return { createdBy: actor.apiKeyId, personId: key?.personId ?? null, platformKeyId: null };
}

const makerOfInstance = ({ kind, id }: Principal): KeyMaker => ({
  createdBy: null,
  personId: kind === 'person' ? id : null,
  platformKeyId: kind === 'platform' ? id : null,
});

/** Creates a key in a transaction, for a person or the platform. Only this answer has it. */
export async function insertKey(
  client: Runner,
  vault: Vault,
  newKey: NewApiKey & { workspaceId: string },
  actor: Principal,
): Promise<{ apiKeyId: string; key: string }> {
  const { workspaceId } = newKey;
  const { key, data } = makeKeyRow(vault, workspaceId, { ...newKey, ...makerOfInstance(actor) });
  await client.query(
    `INSERT INTO api_key (workspace_id, api_key_id, principal_id, name, hmac, hmac_key_id, prefix, last4, scopes, person_id, platform_key_id)
     VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      workspaceId,
      data.apiKeyId,
      data.name,
      Buffer.from(data.hmac),
      data.hmacKeyId,
      data.prefix,
      data.last4,
      data.scopes,
      data.personId,
      data.platformKeyId,
    ],
  );
  const note = { actor, action: 'api_key.created', target: data.apiKeyId, details: auditDetails(data) } as const;
  await writeAuditRows(client, [auditRow(workspaceId, note)]);
  return { apiKeyId: data.apiKeyId, key };
}

function makeKeyRow(
  vault: Vault,
  workspaceId: string,
  { name, scopes, expiresAt, principalId, product, ...maker }: NewApiKey & KeyMaker,
) {
  const key = makeKey();
  const apiKeyId = uuid();
  const [hmac] = keyHashes(vault.keysFor('api key'), key);
  const data = {
    workspaceId,
    apiKeyId,
    name,
    hmac: new Uint8Array(hmac ?? []),
    hmacKeyId: vault.sealingKeyId,
    prefix: PREFIX,
    last4: key.slice(-4),
    principalId: principalId ?? apiKeyId,
    scopes: [...scopes],
    product: product ?? null,
    ...maker,
    expiresAt,
  };
  return { key, data };
}

/**
 * Describes the creator of a run (name and last digits of the newest key of the principal, the name of a person, or the subject of
 * a token), and the name and the time zone of its user.
 */
async function requesterOf(
  pool: Pool,
  workspaceId: string,
  runId: string,
): Promise<{ requester?: string; userName?: string; timeZone?: string }> {
  type RequesterRow = {
    [Key in 'name' | 'prefix' | 'last4' | 'person' | 'claimed' | 'subject' | 'userName' | 'timeZone']: string | null;
  };
  const { rows } = await pool.query<RequesterRow>({
    name: 'run_requester',
    text: `SELECT k.name, k.prefix, k.last4, p.name AS person, run.requested_label AS claimed,
        substring(run.requested_by FROM '^subject:[^ ]* (.*)$') AS subject, run.user_details->>'name' AS "userName",
        run.user_details->>'timeZone' AS "timeZone" FROM run
      LEFT JOIN api_key k ON k.workspace_id = run.workspace_id AND run.requested_by = 'api_key:' || k.principal_id::text
      LEFT JOIN person p ON run.requested_by = 'person:' || p.person_id::text
      WHERE run.workspace_id = $1 AND run.run_id = $2 ORDER BY k.api_key_id DESC LIMIT 1`,
    values: [workspaceId, runId],
  });
  const { name = null, prefix, last4, person = null, claimed = null, subject = null } = rows[0] ?? {};
  const { userName = null, timeZone = null } = rows[0] ?? {};
  return {
    ...(name !== null && { requester: `${name} (${prefix}…${last4})` }),
    ...(person !== null && { requester: person }),
    ...(claimed !== null && { requester: claimed }),
    ...(subject !== null && { requester: subject }),
    ...(userName !== null && { userName }),
    ...(timeZone !== null && { timeZone }),
  };
}

/**
 * Creates a key with the same principal, name, scopes and lifetime, made by the actor. The old key expires after `overlapMs`, or earlier.
 * @returns null if the workspace has no such key; `ended` if it is revoked, expired or already rotated
 * @throws ProblemError item_limit_reached
 */
async function rotateKey(
  { tx, vault }: { tx: Prisma.TransactionClient; vault: Vault },
  { workspaceId, apiKeyId }: ApiKeyRef,
  overlapMs: number,
  actor: Principal,
): Promise<CreatedApiKey | 'ended' | null> {
  const where = uniqueKey(workspaceId, apiKeyId);
  // The second of two concurrent rotations waits here.
  await tx.$executeRaw`SELECT 1 FROM api_key WHERE workspace_id = ${workspaceId}::uuid AND api_key_id = ${apiKeyId}::uuid FOR UPDATE`;
  const old = await tx.apiKey.findUnique({ where, omit });
  if (!old) return null;
  const now = Date.now();
  const endsAt = old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (old.revokedAt || old.replacedBy || endsAt <= now) return 'ended';
  const life = old.expiresAt && endsAt - old.createdAt.getTime();
  const { name, principalId, product } = old;
  const scopes = old.scopes as Scope[];
  const maker = await makerOf(tx, workspaceId, actor);
  const next = { name, scopes, product, ...maker, principalId, ...(life && { expiresAt: new Date(now + life) }) };
  const { key, data } = makeKeyRow(vault, workspaceId, next);
  const created = await tx.apiKey.create({ data, omit, include });
  const expiresAt = new Date(Math.min(endsAt, now + overlapMs));
  await tx.apiKey.update({ where, data: { expiresAt, replacedBy: created.apiKeyId } });
  await checkItemLimit(tx, workspaceId, 'replacedApiKeys');
  const details = { ...auditDetails(data), replacedBy: created.apiKeyId, overlapMs };
  await tx.audit.create(auditEntry({ workspaceId, actor }, 'api_key.rotated', apiKeyId, details));
  return { ...toApiKeyInfo(created, actor.label), key };
}

async function readValidity(pool: Pool, keys: readonly ApiKeyRef[]): Promise<Map<string, readonly Scope[]>> {
  const { rows } = await pool.query<{ apiKeyId: string; scopes: Scope[] }>({
    name: 'api_keys_validity',
    text: `SELECT api_key_id AS "apiKeyId", scopes
      FROM unnest($1::uuid[], $2::uuid[]) AS asked(workspace_id, api_key_id) JOIN api_key USING (workspace_id, api_key_id)
        JOIN workspace w USING (workspace_id)
      WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND w.suspended_at IS NULL`,
    values: fieldArrays(keys, 'workspaceId', 'apiKeyId'),
  });
  return new Map(rows.map(({ apiKeyId, scopes }) => [apiKeyId, scopes]));
}
