import { type ItemKind, itemLimitProblem, itemLimits } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';
import { OPEN_INVITATIONS } from './open-invitations.ts';
import type { Runner } from './scope.ts';

const countOf = (table: string, condition = 'true') =>
  `(SELECT count(*) FROM ${table} WHERE workspace_id = $1::uuid AND ${condition})`;
const VALID_KEY = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())';

/** SQL: the number of items that count. An accepted invitation becomes a member, so that `members` includes both. */
const COUNTS: Record<ItemKind, string> = {
  apiKeys: countOf('api_key', `${VALID_KEY} AND replaced_by IS NULL`),
  replacedApiKeys: countOf('api_key', `${VALID_KEY} AND replaced_by IS NOT NULL`),
  members: `${countOf('membership')} + ${countOf('console_link', OPEN_INVITATIONS)}`,
  invitations: countOf('console_link', OPEN_INVITATIONS),
  integrations: countOf('integration'),
  approvalRules: countOf('approval_rule', 'revoked_at IS NULL AND expires_at > clock_timestamp()'),
  actions: countOf('action'),
  schedules: countOf('schedule'),
  webhooks: countOf('webhook'),
  origins: countOf('workspace_origin'),
};

/**
 * Refuses an item that its transaction has just stored, if the workspace has too many with it. Of several transactions at once, each
 * counts the items of those before it.
 * @param max if it is not the maximum of the declaration
 * @throws ProblemError with the code of the kind
 */
export async function checkItemLimit(
  tx: Runner | Prisma.TransactionClient,
  workspaceId: string,
  kind: ItemKind,
  max: number = itemLimits[kind].max,
): Promise<void> {
  const select = async (text: string): Promise<{ isOver?: boolean }[]> =>
    '$queryRawUnsafe' in tx ? tx.$queryRawUnsafe(text, workspaceId) : (await tx.query(text, [workspaceId])).rows;
  await select(`SELECT pg_advisory_xact_lock(hashtextextended('errand.items ${kind} ' || $1, 0))::text`);
  // The lock needs a statement of its own: the count sees the transactions that committed before it.
  const [row] = await select(`SELECT ${COUNTS[kind]} > ${max} AS "isOver"`);
  if (row?.isOver) throw itemLimitProblem(kind, max);
}
