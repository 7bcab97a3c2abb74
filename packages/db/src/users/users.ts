import type { User } from '@errand/contracts';
import { type UserCredentialRow, userCredentialState } from '../credentials/credential-state.ts';
import type { Target } from '../credentials/destination.ts';
import { type CancelRun, cancelRunsOfErasure } from '../retention/user-erasures.ts';
import { isoText } from '../statements/iso-text.ts';
import { queryRows, type RunScope } from '../statements/scope.ts';

type UserRow = {
  userId: string;
  connections: {
    target: Target;
    row: UserCredentialRow & { scope: string | null };
    lastUsedAt: string | null;
    createdAt: string;
    updatedAt: string;
  }[];
  lastRun: { runId: string; status: string; createdAt: string } | null;
  erasingAt: string | null;
};

const USER_COLUMNS = `u.user_id AS "userId",
  (SELECT coalesce(json_agg(json_build_object(
      'target', json_build_object('customerIntegrationId', c.customer_integration_id, 'baseUrl', i.base_url, 'auth', i.auth,
        'oauthServer', i.oauth_server, 'variables', i.variables, 'userVariables', c.variables),
      'row', json_build_object('active', c.active, 'scope', c.scope, 'hasToken', c.sealed IS NOT NULL, 'tokenDestination', c.token_destination,
        'tokenRejected', c.token_rejected_at IS NOT NULL, 'hasGrant', c.sealed_grant IS NOT NULL,
        'grantDestination', c.grant_destination, 'reconnectReason', c.reconnect_reason,
        'refreshLost', coalesce(c.refresh_until < clock_timestamp(), false)),
      'lastUsedAt', ${isoText('c.used_at')}, 'createdAt', ${isoText('c.created_at')}, 'updatedAt', ${isoText('c.updated_at')}) ORDER BY c.customer_integration_id), '[]')
    FROM integration_user c JOIN integration i USING (workspace_id, customer_integration_id) WHERE c.workspace_id = $1 AND c.user_id = u.user_id) AS connections,
  (SELECT json_build_object('runId', r.run_id, 'status', r.status, 'createdAt', ${isoText('r.created_at')})
    FROM run r WHERE r.workspace_id = $1 AND r.user_id = u.user_id ORDER BY r.run_id DESC LIMIT 1) AS "lastRun",
  (SELECT ${isoText('e.requested_at')} FROM user_erasure e WHERE e.workspace_id = $1 AND e.user_id = u.user_id) AS "erasingAt"`;

// Skips from user to user in the indexes, so that the cost of a page does not depend on the number of runs.
const next = (after: string, operator: '>' | '>=' = '>') => `least(
  (SELECT run.user_id FROM run WHERE run.workspace_id = $1 AND run.user_id ${operator} ${after} ORDER BY run.workspace_id, run.user_id LIMIT 1),
  (SELECT c.user_id FROM integration_user c WHERE c.workspace_id = $1 AND c.user_id ${operator} ${after} ORDER BY c.workspace_id, c.user_id LIMIT 1),
  (SELECT e.user_id FROM user_erasure e WHERE e.workspace_id = $1 AND e.user_id ${operator} ${after} ORDER BY e.workspace_id, e.user_id LIMIT 1))`;

/**
 * A search ends after this many users without the prefix. By code points, the first one is the end; the collation of another database may
 * sort others between.
 */
const MAX_MISSES = 100;

const search = (first: string): string => `WITH RECURSIVE u(user_id, n, misses) AS (
    SELECT first.user_id, starts_with(first.user_id, $4)::int, (NOT starts_with(first.user_id, $4))::int FROM (SELECT ${first} AS user_id) AS first
    UNION ALL SELECT following.user_id, u.n + starts_with(following.user_id, $4)::int,
        CASE WHEN starts_with(following.user_id, $4) THEN 0 ELSE u.misses + 1 END
      FROM u CROSS JOIN LATERAL (SELECT ${next('u.user_id')} AS user_id) AS following
      WHERE u.user_id IS NOT NULL AND u.n < $3::int AND u.misses < ${MAX_MISSES}
  ) SELECT ${USER_COLUMNS} FROM u WHERE starts_with(u.user_id, $4) ORDER BY u.n`;

/** End users of a workspace: users with runs or connections, and those that are being erased. */
export function users(scope: RunScope) {
  return {
    async list(after: string, limit: number): Promise<User[]> {
      const rows = await queryRows<UserRow>(scope, {
        name: 'users_list',
        text: `WITH RECURSIVE u(user_id, n) AS (
            SELECT ${next('$2::text')}, 1
            UNION ALL SELECT ${next('u.user_id')}, u.n + 1 FROM u WHERE u.user_id IS NOT NULL AND u.n < $3::int
          ) SELECT ${USER_COLUMNS} FROM u WHERE u.user_id IS NOT NULL ORDER BY u.n`,
        values: [after, limit],
      });
      return rows.map(toUser);
    },

    /** Users whose id begins with `prefix`. @param after empty for the first page */
    async search(prefix: string, after: string, limit: number): Promise<User[]> {
      const isFirst = after === '';
      const rows = await queryRows<UserRow>(scope, {
        name: `users_search${isFirst ? '' : '_c'}`,
        text: search(next('$2::text', isFirst ? '>=' : '>')),
        values: [isFirst ? prefix : after, limit, prefix],
      });
      return rows.map(toUser);
    },

    /** Returns null if the user has neither runs nor connections, and is not being erased. */
    async get(userId: string): Promise<User | null> {
      const [user] = await queryRows<UserRow>(scope, {
        name: 'users_get',
        text: `SELECT ${USER_COLUMNS} FROM (SELECT $2::text AS user_id) AS u`,
        values: [userId],
      });
      const exists = user && (user.lastRun || user.erasingAt || user.connections.length > 0);
      return exists ? toUser(user) : null;
    },

    /** Cancels the open runs of a user that is being erased. Returns null if the erasure has ended. */
    cancelRuns: (userId: string, cancel: CancelRun) => cancelRunsOfErasure(scope, userId, cancel),
  };
}

const toUser = ({ userId, connections, lastRun, erasingAt }: UserRow): User => ({
  userId,
  connections: connections.map(toConnection),
  ...(lastRun && { lastRun: lastRun as User['lastRun'] }),
  ...(erasingAt !== null && { erasingAt }),
});

function toConnection({
  target,
  row,
  lastUsedAt,
  ...times
}: UserRow['connections'][number]): User['connections'][number] {
  const { isStored, isUsable, reconnectReason } = userCredentialState(row, target);
  return {
    customerIntegrationId: target.customerIntegrationId,
    active: isUsable,
    ...(isStored && { needsReconnect: reconnectReason !== undefined }),
    ...(reconnectReason !== undefined && { reconnectReason }),
    ...(row.hasGrant && row.scope !== null && { scope: row.scope }),
    ...(lastUsedAt !== null && { lastUsedAt }),
    ...times,
  };
}
