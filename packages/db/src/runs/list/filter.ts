import { isTerminal, type ListRunsInput, RunStatus } from '@errand/contracts';
import { endOfIds, firstIdOf } from '../../statements/id-times.ts';
import type { RunScope } from '../../statements/scope.ts';
import { isListed } from '../ledger.ts';
import { ofRepeatKey } from '../row.ts';
import { hasWords } from './words.ts';

export type RunFilter = Omit<
  ListRunsInput,
  'includeEvents' | 'includeToolCalls' | 'links' | 'sort' | 'page' | 'pageSize' | 'cursor'
> & {
  /** Only runs that selected no other integrations; for user tokens. */
  onlyIntegrations?: readonly string[] | undefined;
};

export const openStatuses = RunStatus.options.filter((status) => !isTerminal(status));

// A run matches an integration if it selects it or called one of its tools. `run_integration` contains these runs, and some whose
// plan never reached the call. OFFSET prevents a scan of the whole ledger.
const usesIntegration = (n: number): string => `run.run_id IN (SELECT i.run_id FROM run_integration i
    WHERE i.workspace_id = $1 AND i.customer_integration_id = ANY($${n}::text[])) AND (run.selected && $${n}::text[] OR EXISTS (
    SELECT 1 FROM ledger l WHERE l.workspace_id = run.workspace_id AND l.run_id = run.run_id AND l.kind = 'tool'
      AND split_part(l.tool, '.', 1) = ANY($${n}::text[]) OFFSET 0))`;

/** How to search for the words of `q` and for `tool`: in their index, or in each run that matches the other conditions. */
export type Search = 'index' | 'each';

const calledTool = (n: number, how: Search): string => {
  const calls = (run: string) => `FROM ledger l WHERE ${run} AND ${isListed('l')} AND l.tool = $${n}::text`;
  return how === 'index'
    ? `run.run_id IN (SELECT l.run_id ${calls('l.workspace_id = $1')})`
    : `EXISTS (SELECT 1 ${calls('l.workspace_id = run.workspace_id AND l.run_id = run.run_id')} OFFSET 0)`;
};

const containsWords = (n: number, how: Search): string => {
  const words = hasWords('t.words', '$1', `$${n}::text`);
  return how === 'index'
    ? `run.run_id IN (SELECT t.run_id FROM run_text t WHERE t.workspace_id = $1 AND ${words})`
    : `EXISTS (SELECT 1 FROM run_text t WHERE t.workspace_id = run.workspace_id AND t.run_id = run.run_id AND ${words} OFFSET 0)`;
};

const HAS_OPEN_REQUEST = `run.run_id IN (SELECT d.run_id FROM decision_request d WHERE d.workspace_id = $1 AND d.decided_at IS NULL)`;
// The condition of decision_request_uncertain_idx.
const HAS_UNCERTAIN = `run.run_id IN (SELECT d.run_id FROM decision_request d WHERE d.workspace_id = $1 AND d.kind = 'effect'
    AND (d.decided_at IS NULL OR d.decision = 'void'))`;
const IS_WAITING = `run.ended_at IS NULL AND run.status = ANY('{${openStatuses.join(',')}}') AND ${HAS_OPEN_REQUEST}`;

export type Conditions = {
  /** Part of the statement name; undefined: the filter matches few or many runs, so Postgres plans the statement for its values. */
  name: string | undefined;
  where: string;
  values: unknown[];
};

// run_requester_idx contains only runs without a lease, so that claims do not write it. run_held_idx finds the others, which are few.
const LEASES = ['run.lease IS NULL', 'run.lease IS NOT NULL'];

/**
 * SQL of the runs that match a filter.
 * @param where its conditions @param part the order of the runs and their maximum, which lets Postgres merge two parts in this order
 */
export const matchingRuns = ({ requestedBy }: RunFilter, where: string, part = ''): string => {
  if (requestedBy === undefined) return `SELECT run.* FROM run WHERE ${where}`;
  const parts = LEASES.map((lease) => `(SELECT run.* FROM run WHERE ${where} AND ${lease}${part})`);
  return `SELECT run.* FROM (${parts.join(' UNION ALL ')}) AS run`;
};

/** The conditions of a filter on `run`. @param first number of the first parameter; $1 is the workspace */
export function conditions(filter: RunFilter, search: Search = 'index', first = 2): Conditions {
  const where: string[] = [];
  const values: unknown[] = [];
  let name = '';
  const addCondition = (key: string, sql: (n: number) => string, value: unknown) => {
    if (value === undefined) return;
    where.push(sql(values.push(value) + first - 1));
    name += key;
  };
  const key = filter.repeatKey === undefined ? undefined : ofRepeatKey(filter.repeatKey, 0);
  const { status = [], createdAfter, createdBefore } = filter;
  const metadataJson =
    filter.metadata && Object.keys(filter.metadata).length > 0 ? JSON.stringify(filter.metadata) : undefined;
  addCondition('*', (n) => `run.run_id = ANY($${n}::uuid[])`, filter.runIds);
  addCondition('u', (n) => `run.user_id = $${n}`, filter.userId);
  if (status.length === 1) addCondition('s', (n) => `run.status = $${n}`, status[0]);
  else addCondition('*', (n) => `run.status = ANY($${n}::text[])`, status.length > 1 ? status : undefined);
  addCondition('*', usesIntegration, filter.customerIntegrationIds);
  addCondition('*', (n) => `run.selected <@ $${n}::text[]`, filter.onlyIntegrations);
  addCondition(key?.named ? 'k' : '*', (n) => ofRepeatKey(filter.repeatKey!, n).where, filter.repeatKey);
  addCondition('*', (n) => `run.metadata @> $${n}::jsonb AND run.metadata <> '{}'`, metadataJson);
  addCondition('h', (n) => `run.schedule_id = $${n}`, filter.scheduleId);
  addCondition('*', (n) => `run.action_key = $${n}`, filter.actionKey);
  addCondition('r', (n) => `run.rerun_of = $${n}`, filter.rerunOf);
  addCondition('*', (n) => `run.requested_by = $${n}`, filter.requestedBy);
  addCondition('*', (n) => calledTool(n, search), filter.tool);
  if (createdAfter !== undefined) {
    addCondition('*', (n) => `run.run_id >= $${n}::uuid`, firstIdOf(createdAfter));
    addCondition('*', (n) => `run.created_at >= $${n}::timestamptz`, createdAfter);
  }
  if (createdBefore !== undefined) {
    addCondition('*', (n) => `run.run_id < $${n}::uuid`, endOfIds(createdBefore));
    addCondition('*', (n) => `run.created_at < $${n}::timestamptz`, createdBefore);
  }
  addCondition('*', (n) => containsWords(n, search), filter.q);
  addCondition('*', (n) => `run.error IS NOT NULL AND run.error->>'code' = $${n}`, filter.errorCode);
  const flags = flagConditions(filter);
  where.push(...flags);
  name += '*'.repeat(flags.length);
  return {
    name: name.includes('*') ? undefined : name && `_${name}`,
    where: ['run.workspace_id = $1', ...where].join(' AND '),
    values,
  };
}

function flagConditions({ waiting, hasUncertain }: RunFilter): string[] {
  const flags = [
    [IS_WAITING, waiting],
    [HAS_UNCERTAIN, hasUncertain],
  ] as const;
  return flags.flatMap(([sql, flag]) => (flag === undefined ? [] : flag ? sql : `NOT (${sql})`));
}

/** Operators of JSON, texts and intervals are not leakproof: under row-level security Postgres cannot use their indexes. */
export const bypassesRls = (filter: RunFilter): boolean =>
  filter.metadata !== undefined || filter.q !== undefined || filter.errorCode !== undefined;

export const poolFor = (scope: RunScope, bypass: boolean) => (bypass ? (scope.bypassingRls ?? scope.pool) : scope.pool);
