import { type ApprovalStrategy, asksLess, holds, type Principal, problem } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';

type Where = { workspaceId: string; customerIntegrationId: string };

/**
 * Whether a principal may set the floor of an integration: to ask less than before needs `admin`. Locks the integration's row, so that of
 * two who set it at once the second is held to what the first has set.
 * @throws ProblemError insufficient_scope
 */
export async function mayFloor(tx: Prisma.TransactionClient, where: Where, to: ApprovalStrategy, by: Principal) {
  const [row] = await tx.$queryRaw<{ floor: ApprovalStrategy }[]>`
    SELECT approval_floor AS floor FROM integration
    WHERE workspace_id = ${where.workspaceId}::uuid AND customer_integration_id = ${where.customerIntegrationId} FOR UPDATE`;
  if (!row || !asksLess(to, row.floor) || holds(by, 'admin')) return;
  throw problem(
    'insufficient_scope',
    `Runs must ask ${row.floor} before they call this integration, and ${to} asks less. Lowering the floor needs the scope admin.`,
  );
}
