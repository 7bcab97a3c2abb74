import type { CallHealth, IntegrationTest } from '@errand/contracts';
import { queryRow, queryRows } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** A trial, with the user of its credential. */
type StoredTest = IntegrationTest & { userId?: string | undefined };

type HealthRow = {
  id: string;
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  since: Date;
  calls: number;
  failures: number;
  lastTest: StoredTest | null;
  limitedUntil: Date | null;
  outageUntil: Date | null;
};

/** The start of the hour before this one. */
const SINCE = `date_trunc('hour', now(), 'UTC') - interval '1 hour'`;
const HOUR = `date_trunc('hour', now(), 'UTC')`;
const untilOf = (
  kind: 'limit' | 'outage',
) => `(SELECT max(p.paused_until) FROM call_pause p WHERE p.workspace_id = i.workspace_id
    AND p.customer_integration_id = i.customer_integration_id AND p.kind = '${kind}' AND p.paused_until > clock_timestamp())`;
const COLUMNS = `i.customer_integration_id AS id, c.last_success_at AS "lastSuccessAt", c.last_failure_at AS "lastFailureAt",
  ${SINCE} AS since, c.last_test AS "lastTest",
  CASE ${HOUR} - c.hour WHEN interval '0' THEN c.calls + c.calls_before WHEN interval '1 hour' THEN c.calls ELSE 0 END AS calls,
  CASE ${HOUR} - c.hour WHEN interval '0' THEN c.failures + c.failures_before WHEN interval '1 hour' THEN c.failures ELSE 0 END AS failures,
  ${untilOf('limit')} AS "limitedUntil", ${untilOf('outage')} AS "outageUntil"`;
const FROM =
  'FROM integration i JOIN integration_calls c USING (workspace_id, customer_integration_id) WHERE i.workspace_id = $1';

/** The health of an integration by its calls; undefined before its first call or trial. */
export async function callHealth(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
): Promise<CallHealth | undefined> {
  const text = `SELECT ${COLUMNS} ${FROM} AND i.customer_integration_id = $2`;
  const row = await queryRow<HealthRow>(scoped, { text, values: [customerIntegrationId] });
  return row ? toHealth(row) : undefined;
}

/** The health of the integrations with a call or a trial. @param ids of the integrations; by default all */
export async function callHealths(
  scoped: WorkspaceScope,
  ids?: readonly string[],
): Promise<ReadonlyMap<string, CallHealth>> {
  const text = `SELECT ${COLUMNS} ${FROM} AND ($2::text[] IS NULL OR i.customer_integration_id = ANY($2))`;
  const rows = await queryRows<HealthRow>(scoped, { text, values: [ids ? [...ids] : null] });
  return new Map(rows.map((row) => [row.id, toHealth(row)]));
}

/** Stores the result of a trial. */
export async function putLastTest(scoped: WorkspaceScope, id: string, test: StoredTest): Promise<void> {
  await queryRow(scoped, {
    text: `INSERT INTO integration_calls (workspace_id, customer_integration_id, hour, last_test)
      SELECT i.workspace_id, i.customer_integration_id, ${HOUR}, $3::jsonb FROM integration i
      WHERE i.workspace_id = $1 AND i.customer_integration_id = $2
      ON CONFLICT (workspace_id, customer_integration_id) DO UPDATE SET last_test = excluded.last_test`,
    values: [id, JSON.stringify(test)],
  });
}

function toHealth({ calls, failures, lastTest: stored, since, ...row }: HealthRow): CallHealth {
  const { userId: _, ...lastTest } = stored ?? {};
  const times = ['lastSuccessAt', 'lastFailureAt', 'limitedUntil', 'outageUntil'] as const;
  return {
    calls,
    failures,
    since: since.toISOString(),
    ...Object.fromEntries(times.flatMap((name) => (row[name] ? [[name, row[name].toISOString()]] : []))),
    ...(stored && { lastTest: lastTest as IntegrationTest }),
  };
}

/** Fewer calls say nothing about an integration. */
const MIN_CALLS = 5;

/** Whether an integration fails now: its last call failed, and so did half of its calls since the hour before this one. */
export const isFailing = ({ calls, failures, lastSuccessAt = '', lastFailureAt = '' }: CallHealth): boolean =>
  calls >= MIN_CALLS && failures * 2 >= calls && lastFailureAt > lastSuccessAt;
