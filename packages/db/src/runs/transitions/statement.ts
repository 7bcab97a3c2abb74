// One statement writes the transitions of 1 to 64 runs. Rows, events and ledger entries are arrays with `n`, the position of the
// transition. A single transition waits for the lock of its run and may have more parts.
import { isLegalTransition, isTerminal, RunStatus } from '@errand/contracts';
import { arraysOf, type Columns, numbered, valuesOf } from '../../statements/columns.ts';
import { isoText } from '../../statements/iso-text.ts';
import type { RunScope } from '../../statements/scope.ts';
import { requestInsert, requestsText } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import { jsonOrNull, jsonText } from '../json.ts';
import { finishesEntry, insertEntries, NEW_ENTRIES, toStored, upsertEntries } from '../ledger.ts';
import type { RunWriter, Transition } from './transition.ts';

/** A transition to write. Its texts are created on first use. */
export type Change = {
  scope: RunScope;
  writer: RunWriter;
  transition: Transition;
  texts?: ReturnType<typeof makeTexts>;
};

const makeTexts = ({ ledger = [], end }: Transition) => ({
  ledger: ledger.map(toStored),
  result: jsonOrNull(end?.result),
  error: end?.error ? jsonText(end.error) : null,
});

export const textsOf = (change: Change): ReturnType<typeof makeTexts> => {
  change.texts ??= makeTexts(change.transition);
  return change.texts;
};

/** For each status, the statuses from which a run may reach it. */
const legalSourceStatuses = Object.fromEntries(
  RunStatus.options.map((to) => [
    to,
    RunStatus.options.filter((from) => !isTerminal(from) && isLegalTransition(from, to)),
  ]),
) as Record<RunStatus, RunStatus[]>;

type ChangeRow = { n: number; change: Change };

const RUN = {
  n: { type: 'int', value: ({ n }) => n },
  workspace_id: { type: 'uuid', value: ({ change }) => change.scope.workspaceId },
  run_id: { type: 'uuid', value: ({ change }) => change.writer.runId },
  epoch: { type: 'int', value: ({ change }) => change.writer.epoch },
  from_statuses: { type: 'text', value: ({ change }) => legalSourceStatuses[change.transition.to].join(',') },
  to_status: { type: 'text', value: ({ change }) => change.transition.to },
  events: { type: 'int', value: ({ change }) => change.transition.events.length },
} satisfies Columns<ChangeRow>;

const usageOf = ({ change }: ChangeRow) => change.transition.usage ?? {};

/** The usage that a transition adds. A cost of null has an unknown price, which makes the sum unknown. */
const USAGE = {
  steps: { type: 'int', value: (row) => usageOf(row).steps ?? 0 },
  tool_calls: { type: 'int', value: (row) => usageOf(row).toolCalls ?? 0 },
  input_tokens: { type: 'int', value: (row) => usageOf(row).inputTokens ?? 0 },
  output_tokens: { type: 'int', value: (row) => usageOf(row).outputTokens ?? 0 },
  active_ms: { type: 'int', value: (row) => Math.round(usageOf(row).activeMs ?? 0) },
  cached_input_tokens: { type: 'int', value: (row) => usageOf(row).cachedInputTokens ?? 0 },
  cost: { type: 'float8', value: (row) => costOf(row)?.amount ?? null },
  cost_currency: { type: 'text', value: (row) => costOf(row)?.currency ?? null },
} satisfies Columns<ChangeRow>;

function costOf(row: ChangeRow): { amount: number; currency: string | null } | null {
  const { cost } = usageOf(row);
  return cost === undefined ? { amount: 0, currency: null } : cost;
}

const END = {
  ends: { type: 'bool', value: ({ change }) => change.transition.end !== undefined },
  result: { type: 'json', value: ({ change }) => textsOf(change).result },
  error: { type: 'jsonb', value: ({ change }) => textsOf(change).error },
  summary: { type: 'text', value: ({ change }) => change.transition.end?.summary ?? null },
} satisfies Columns<ChangeRow>;

const END_VALUES = {
  result: 'm.result',
  error: 'm.error',
  summary: 'm.summary',
  ended_at: 'clock_timestamp()',
  sealed_pass_through: 'NULL',
  due: '0',
  lease: 'NULL',
  not_before: 'NULL',
  deaths: '0',
};

/** An EndedRun. */
const ENDED_RUN = `json_build_object('steps', run.steps, 'toolCalls', run.tool_calls, 'inputTokens', run.input_tokens,
      'cachedInputTokens', run.cached_input_tokens, 'outputTokens', run.output_tokens, 'cost', run.cost, 'costCurrency', run.cost_currency,
      'activeMs', run.active_ms, 'startedAt', ${isoText('run.started_at')}, 'endedAt', ${isoText('run.ended_at')})`;

const EVENT = {
  n: { type: 'int', value: ({ n }) => n },
  i: { type: 'int', value: ({ i }) => i },
  type: { type: 'text', value: ({ event }) => event.type },
  data: { type: 'json', value: ({ event }) => event.data },
  tool_calls: { type: 'json', value: ({ event }) => event.toolCalls },
} satisfies Columns<{ n: number; i: number; event: EventDraft }>;

/**
 * SQL of a part: assignments and conditions of the run, CTEs before and after its update, a column to return, and the next free
 * parameter.
 */
type PartSql = {
  sets?: readonly string[];
  where?: string;
  before?: string;
  after?: string;
  returns?: string;
  next?: number;
};

/** The statement contains only the parts that its transitions need. */
type Part = {
  /** The part in the names of statements, which Postgres cuts after 63 bytes. */
  letter: string;
  isIn: (transition: Transition, writer: RunWriter) => boolean;
  columns?: Columns<ChangeRow>;
  sql: (first: number) => PartSql;
  values?: (rows: readonly ChangeRow[]) => unknown[];
};

const singleParameters = <Name extends string>(
  columns: Columns<Transition, Name>,
  sqlOf: (parameters: Readonly<Record<Name, string>>) => PartSql,
): Pick<Part, 'sql' | 'values'> => ({
  sql: (first) => {
    const { of, next } = numbered(columns, first);
    return { ...sqlOf(of), next };
  },
  values: ([row]) => valuesOf(columns, row!.change.transition),
});

/** Parameters with a list of each transition. */
const listParameters = <Input>(
  columns: Columns<Input>,
  inputsOf: (row: ChangeRow) => readonly Input[],
  after: (lists: string) => string,
): Pick<Part, 'sql' | 'values'> => ({
  sql: (first) => {
    const { arrays, next } = numbered(columns, first);
    return { after: after(`unnest(${arrays})`), next };
  },
  values: (rows) => arraysOf(columns, rows.flatMap(inputsOf)),
});

const { workspace_id, run_id } = numbered(RUN, 1).of;
/** The run of a single transition. Parameters let Postgres prepare a plan that reads by key. */
const WORKSPACE_ID = `(${workspace_id}[])[1]`;
const RUN_ID = `(${run_id}[])[1]`;

const entriesOf = ({ n, change }: ChangeRow) => textsOf(change).ledger.map((entry) => ({ n, entry }));
const eventsOf = ({ n, change }: ChangeRow) => change.transition.events.map((event, i) => ({ n, i: i + 1, event }));

const PLAN = {
  plan_type: { type: 'text', value: ({ plan }) => plan?.planType ?? null },
  plan: { type: 'json', value: ({ plan }) => (plan ? jsonText(plan.plan) : null) },
  made_by: { type: 'text', value: ({ plan }) => plan?.madeBy ?? null },
  calls: { type: 'text[]', value: ({ plan }) => plan?.calls ?? null },
  reason: { type: 'text', value: ({ plan }) => plan?.reason ?? null },
  steps: { type: 'int', value: ({ plan }) => plan?.steps ?? null },
} satisfies Columns<Transition>;

/** Batches have `usage`, `end`, `events`, and `upsertLedger` or `insertLedger`. */
const parts = {
  takesOver: {
    letter: 'o',
    isIn: (_, { epoch }) => epoch === null,
    // A writer without an epoch is no activation. The next epoch stops the activation that the run may have: its writes match nothing.
    sql: () => ({ sets: ['epoch = run.epoch + 1'] }),
  },
  suspend: {
    letter: 'w',
    isIn: ({ suspendUntil, end }) => suspendUntil !== undefined && !end,
    ...singleParameters(
      { until: { type: 'timestamptz', value: ({ suspendUntil }) => suspendUntil ?? null } },
      ({ until }) => ({
        sets: ['lease = NULL', 'deaths = 0', `not_before = ${until}`],
        // A decision makes the run due, and may come before the suspension: the run must not wait for it then. Postgres checks this column
        // again after a concurrent write.
        where: ' AND run.due = 0',
      }),
    ),
  },
  usage: {
    letter: 'u',
    isIn: ({ usage }) => usage !== undefined,
    columns: USAGE,
    sql: () => ({
      sets: Object.keys(USAGE).map((name) =>
        name === 'cost_currency' ? `${name} = coalesce(m.${name}, run.${name})` : `${name} = run.${name} + m.${name}`,
      ),
    }),
  },
  end: {
    letter: 'e',
    isIn: ({ end }) => end !== undefined,
    columns: END,
    sql: () => ({
      sets: Object.entries(END_VALUES).map(
        ([name, value]) => `${name} = CASE WHEN m.ends THEN ${value} ELSE run.${name} END`,
      ),
      returns: `,
    CASE WHEN m.ends THEN ${ENDED_RUN} END AS ended`,
    }),
  },
  forgetRepeat: {
    letter: 'f',
    isIn: ({ forgetRepeat = false }) => forgetRepeat,
    sql: () => ({ sets: ['repeat_run_id = NULL'] }),
  },
  events: {
    letter: 'v',
    isIn: ({ events }) => events.length > 0,
    ...listParameters(
      EVENT,
      eventsOf,
      (events) => `, appended AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls, created_at)
  SELECT moved.workspace_id, moved.run_id, moved.seq - moved.events + e.i, e.type, e.data, e.tool_calls, moved.updated_at
  FROM moved JOIN ${events} AS e(n, i, type, data, tool_calls) USING (n))`,
    ),
  },
  upsertLedger: {
    letter: 'd',
    isIn: ({ ledger = [] }) => ledger.length > 0,
    ...listParameters(NEW_ENTRIES, entriesOf, (entries) => `, ledgered AS (${upsertEntries(entries, 'moved')})`),
  },
  insertLedger: {
    letter: 'i',
    isIn: () => false,
    ...listParameters(NEW_ENTRIES, entriesOf, (entries) => `, ledgered AS (${insertEntries(entries, 'moved')})`),
  },
  decisionRequests: {
    letter: 'q',
    isIn: ({ decisionRequests = [] }) => decisionRequests.length > 0,
    ...singleParameters(
      { requests: { type: 'json', value: ({ decisionRequests = [] }) => requestsText(decisionRequests) } },
      ({ requests }) => ({ after: `, requested AS (${requestInsert('moved', requests)})` }),
    ),
  },
  voidRequests: {
    letter: 'n',
    isIn: ({ voidRequests = false }) => voidRequests,
    sql: () => ({
      // Decision requests are locked before their run, as in decisions.
      before: `, open AS MATERIALIZED (
  SELECT d.decision_request_id FROM decision_request d
  WHERE d.workspace_id = ${WORKSPACE_ID} AND d.run_id = ${RUN_ID} AND d.decided_at IS NULL ORDER BY d.decision_request_id FOR UPDATE)`,
      where: ' AND (SELECT count(*) FROM open) >= 0',
      after: `, void AS (
  UPDATE decision_request d SET decided_at = clock_timestamp(), decision = 'void' FROM moved
  WHERE d.workspace_id = ${WORKSPACE_ID} AND d.run_id = ${RUN_ID} AND d.decided_at IS NULL)`,
    }),
  },
  plan: {
    letter: 'p',
    isIn: ({ plan }) => plan !== undefined,
    ...singleParameters(PLAN, ({ plan_type, plan, made_by, calls, reason, steps }) => ({
      // Integrations of earlier plans stay, because they may have been called.
      sets: [
        `integrations = CASE WHEN integrations @> ${calls} THEN integrations ELSE integrations || ${calls} END`,
        `planned_steps = coalesce(run.steps + ${steps}::int, planned_steps)`,
      ],
      after: `, replaced AS (
  INSERT INTO earlier_plan (workspace_id, execution_plan_id, version, plan, made_by, made_at, reason)
  SELECT p.workspace_id, p.execution_plan_id, p.version, p.plan, p.made_by, p.updated_at, p.reason FROM moved
  JOIN execution_plan p ON p.workspace_id = ${WORKSPACE_ID} AND p.execution_plan_id = moved.execution_plan_id WHERE p.plan_type = 'json'
), planned AS (
  UPDATE execution_plan p SET plan_type = ${plan_type}, plan = ${plan}, made_by = ${made_by}, reason = ${reason}, version = p.version + 1,
    updated_at = now()
  FROM moved WHERE p.workspace_id = ${WORKSPACE_ID} AND p.execution_plan_id = moved.execution_plan_id
), used AS (
  INSERT INTO run_integration (workspace_id, customer_integration_id, run_id)
  SELECT moved.workspace_id, id, moved.run_id FROM moved, unnest(${calls}) AS id ON CONFLICT DO NOTHING)`,
    })),
  },
} satisfies Record<string, Part>;

type PartName = keyof typeof parts;
const allPartNames = Object.keys(parts) as PartName[];

// A batch first finds and locks its runs. It skips runs that are locked or have changed.
const MATCHES_EPOCH = 'run.epoch = m.epoch';
const IS_LEGAL = `run.status = ANY(string_to_array(m.from_statuses, ','))`;
const LOCK_RUNS = `, LATERAL (
    SELECT run.ctid AS at FROM run
    WHERE run.workspace_id = m.workspace_id AND run.run_id = m.run_id AND ${MATCHES_EPOCH} AND ${IS_LEGAL}
    FOR NO KEY UPDATE SKIP LOCKED) AS locked`;
const MATCHES_RUN = `run.workspace_id = ${WORKSPACE_ID} AND run.run_id = ${RUN_ID} AND ${IS_LEGAL}`;

type Extent = 'one' | 'many';
type Prepared = { columns: Columns<ChangeRow>; parts: readonly Part[]; text: string };

function prepare(partNames: readonly PartName[], extent: Extent): Prepared {
  const usedParts: readonly Part[] = partNames.map((name) => parts[name]);
  const columns: Columns<ChangeRow> = Object.assign({}, RUN, ...usedParts.map((part) => part.columns));
  const row = numbered(columns, 1);
  const partSqls: PartSql[] = [];
  let { next } = row;
  for (const part of usedParts) {
    const partSql = part.sql(next);
    partSqls.push(partSql);
    next = partSql.next ?? next;
  }
  const all = (key: 'where' | 'before' | 'after' | 'returns') => partSqls.map((partSql) => partSql[key] ?? '').join('');
  const sets = ['status = m.to_status', 'seq = run.seq + m.events', 'updated_at = clock_timestamp()'];
  const matchesRun = `${MATCHES_RUN}${partNames.includes('takesOver') ? '' : ` AND ${MATCHES_EPOCH}`}${all('where')}`;
  const text = `
WITH m AS MATERIALIZED (
  SELECT * FROM unnest(${row.arrays}) AS m(${row.names})${extent === 'many' ? LOCK_RUNS : ''}
)${all('before')}, moved AS (
  UPDATE run SET ${[...sets, ...partSqls.flatMap((partSql) => partSql.sets ?? [])].join(', ')}
  FROM m WHERE ${extent === 'many' ? 'run.ctid = m.at' : matchesRun}
  RETURNING m.n, m.events, m.epoch, run.workspace_id, run.run_id, run.seq, run.updated_at, run.execution_plan_id${all('returns')}
)${all('after')}
SELECT moved.n, moved.seq, moved.updated_at AS "createdAt"${all('returns') && ', moved.ended'} FROM moved`;
  return { columns, parts: usedParts, text };
}

const statements = new Map<string, Prepared>();

function statement(name: string, partNames: readonly PartName[], extent: Extent, changes: readonly Change[]) {
  const prepared = statements.get(name) ?? prepare(partNames, extent);
  statements.set(name, prepared);
  const rows = changes.map((change, n) => ({ n, change }));
  const values = prepared.parts.flatMap((part) => part.values?.(rows) ?? []);
  return { name, text: prepared.text, values: [...arraysOf(prepared.columns, rows), ...values] };
}

/** The statement of one transition, which waits for the lock of its run. */
export function statementOfOne(change: Change) {
  const partNames = allPartNames.filter((name) => parts[name].isIn(change.transition, change.writer));
  const letters = partNames.map((name) => parts[name].letter);
  return statement(['run_transition', ...letters].join('_'), partNames, 'one', [change]);
}

/** The statement of many transitions, which skips runs that are locked or have changed. */
export function statementOfMany(changes: readonly Change[]) {
  const ends = changes.some(({ transition }) => transition.end);
  // An unexpected existing entry fails a batch without `upsert`; its transitions are then applied alone.
  const upserts = changes.some(({ transition }) => transition.ledger?.some(finishesEntry));
  const ledgerPart = upserts ? 'upsertLedger' : 'insertLedger';
  const partNames: PartName[] = ['usage', ...(ends ? (['end'] as const) : []), 'events', ledgerPart];
  return statement(`run_transitions${ends ? '_ends' : ''}${upserts ? '_upsert' : ''}`, partNames, 'many', changes);
}
