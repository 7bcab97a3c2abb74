import { isTerminal, type ListRunsInput, RunStatus } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import { ofRepeatKey } from '../row.ts';
import { hasWords } from './words.ts';

export type RunFilter = Omit<
  ListRunsInput,
  'includeEvents' | 'includeToolCalls' | 'sort' | 'page' | 'pageSize' | 'cursor'
>;

export const openStatuses = RunStatus.options.filter((status) => !isTerminal(status));

// A run matches an integration if it selects it or called one of its tools. `run_integration` contains these runs, and some whose
// plan never reached the call. OFFSET prevents a scan of the whole ledger.
const usesIntegration = (n: number): string => `run.run_id IN (SELECT i.run_id FROM run_integration i
    WHERE i.workspace_id = $1 AND i.customer_integration_id = ANY($${n}::text[])) AND (run.selected && $${n}::text[] OR EXISTS (
    SELECT 1 FROM ledger l WHERE l.workspace_id = run.workspace_id AND l.run_id = run.run_id AND l.kind = 'tool'
      AND split_part(l.tool, '.', 1) = ANY($${n}::text[]) OFFSET 0))`;

/** How to search for the words of `q`: in the index of words, or in each run that matches the other conditions. */
export type WordSearch = 'index' | 'each';

const containsWords = (n: number, how: WordSearch): string => {
  const words = hasWords('t.words', '$1', `$${n}::text`);
  return how === 'index'
    ? `run.run_id IN (SELECT t.run_id FROM run_text t WHERE t.workspace_id = $1 AND ${words})`
    : `EXISTS (SELECT 1 FROM run_text t WHERE t.workspace_id = run.workspace_id AND t.run_id = run.run_id AND ${words} OFFSET 0)`;
};

const HAS_OPEN_REQUEST = `run.run_id IN (SELECT d.run_id FROM decision_request d WHERE d.workspace_id = $1 AND d.decided_at IS NULL)`;
const IS_WAITING = `run.ended_at IS NULL AND run.status = ANY('{${openStatuses.join(',')}}') AND ${HAS_OPEN_REQUEST}`;

/**
 * The id of a run contains the time of its process, but `created_at` is database time. They differ by the clock difference, and
 * by the delay after which a request takes over the id of a crashed one.
 */
const ID_AHEAD_MS = 60_000;
const ID_BEHIND_MS = 3_600_000;

const idFloor = (ms: number): string =>
  Math.min(Math.max(0, ms), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
    .padEnd(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

export type Conditions = {
  /** Part of the statement name; undefined: the filter matches few or many runs, so Postgres plans the statement for its values. */
  name: string | undefined;
  where: string;
  values: unknown[];
};

/** The conditions of a filter on `run`. @param first number of the first parameter; $1 is the workspace */
export function conditions(filter: RunFilter, words: WordSearch = 'index', first = 2): Conditions {
  const where: string[] = [];
  const values: unknown[] = [];
  let name = '';
  const addCondition = (key: string, sql: (n: number) => string, value: unknown) => {
    if (value === undefined) return;
    where.push(sql(values.push(value) + first - 1));
    name += key;
  };
  const key = filter.repeatKey === undefined ? undefined : ofRepeatKey(filter.repeatKey, 0);
  const { status = [], createdAfter, createdBefore, waiting } = filter;
  const metadataJson =
    filter.metadata && Object.keys(filter.metadata).length > 0 ? JSON.stringify(filter.metadata) : undefined;
  addCondition('*', (n) => `run.run_id = ANY($${n}::uuid[])`, filter.runIds);
  addCondition('u', (n) => `run.user_id = $${n}`, filter.userId);
  if (status.length === 1) addCondition('s', (n) => `run.status = $${n}`, status[0]);
  else addCondition('*', (n) => `run.status = ANY($${n}::text[])`, status.length > 1 ? status : undefined);
  addCondition('*', usesIntegration, filter.customerIntegrationIds);
  addCondition(key?.named ? 'k' : '*', (n) => ofRepeatKey(filter.repeatKey!, n).where, filter.repeatKey);
  addCondition('*', (n) => `run.metadata @> $${n}::jsonb AND run.metadata <> '{}'`, metadataJson);
  addCondition('h', (n) => `run.schedule_id = $${n}`, filter.scheduleId);
  if (createdAfter !== undefined) {
    addCondition('*', (n) => `run.run_id >= $${n}::uuid`, idFloor(Date.parse(createdAfter) - ID_BEHIND_MS));
    addCondition('*', (n) => `run.created_at >= $${n}::timestamptz`, createdAfter);
  }
  if (createdBefore !== undefined) {
    addCondition('*', (n) => `run.run_id < $${n}::uuid`, idFloor(Date.parse(createdBefore) + ID_AHEAD_MS));
    addCondition('*', (n) => `run.created_at < $${n}::timestamptz`, createdBefore);
  }
  addCondition('*', (n) => containsWords(n, words), filter.q);
  addCondition('*', (n) => `run.error IS NOT NULL AND run.error->>'code' = $${n}`, filter.errorCode);
  if (waiting !== undefined) {
    where.push(waiting ? IS_WAITING : `NOT (${IS_WAITING})`);
    name += '*';
  }
  return {
    name: name.includes('*') ? undefined : name && `_${name}`,
    where: ['run.workspace_id = $1', ...where].join(' AND '),
    values,
  };
}

/** Operators of JSON, texts and intervals are not leakproof: under row-level security Postgres cannot use their indexes. */
export const bypassesRls = (filter: RunFilter): boolean =>
  filter.metadata !== undefined || filter.q !== undefined || filter.errorCode !== undefined;

export const poolFor = (scope: RunScope, bypass: boolean) => (bypass ? (scope.bypassingRls ?? scope.pool) : scope.pool);
