import type { Pool, PoolClient } from 'pg';
import { jsonText } from '../json.ts';
import { finishesEntry, LEDGER_PARAMETERS, ledgerInsert, ledgerRow, ledgerUpsert } from '../ledger.ts';
import type { RunScope } from '../scope.ts';
import { Batcher } from './batcher.ts';
import {
  type Applied,
  applyTransition,
  costParameters,
  type RunWriter,
  sources,
  type Transition,
} from './transition.ts';

/** Transitions of one batch at most, and characters that they write: the next batch waits for it. */
const MAX_TRANSITIONS = 64;
const MAX_WEIGHT = 500_000;
/** A transition that is applied alone may wait for the lock of its run. The next batch waits for it at most this many ms. */
const PATIENCE_MS = 20;
/** Without a connection for batches, transitions are applied alone for this many ms. */
const ALONE_MS = 5000;

/** A transition that waits for a batch. Its texts are made once, and only for a batch. */
type Queued = { scope: RunScope; target: RunWriter; transition: Transition; texts?: ReturnType<typeof textsOf> };

const textsFor = (queued: Queued) => {
  queued.texts ??= textsOf(queued.transition);
  return queued.texts;
};

function weightOf(queued: Queued): number {
  const { ledger, result, error } = textsFor(queued);
  const events = queued.transition.events.flatMap(({ data, toolCalls }) => [data, toolCalls]);
  const texts = [...ledger.flat(), result, error, ...events];
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

const textsOf = ({ ledger = [], end }: Transition) => ({
  ledger: ledger.map(ledgerRow),
  result: end?.result === undefined ? null : jsonText(end.result),
  error: end?.error ? jsonText(end.error) : null,
});

/**
 * Applies transitions of many runs in batches: those that arrive while a statement is in flight are written by the next one, in one
 * commit. Each of them succeeds or fails by itself. If a writer does not hold its run any more, or the run is locked at that moment, its
 * transition is left out of the batch and applied alone, so that no run waits for another.
 */
export class Transitions {
  readonly #batchPool: Pool;

  readonly #batcher: Batcher<Queued, Applied>;
  #aloneUntil = Number.NEGATIVE_INFINITY;

  /** @param batchPool its sessions have the settings `batchPoolOptions` */
  constructor(batchPool: Pool) {
    this.#batchPool = batchPool;

    this.#batcher = new Batcher<Queued, Applied>({
      together: (queued) => this.#together(queued),
      alone: ({ scope, target, transition }) => applyTransition(scope, target, transition),
      maxItems: MAX_TRANSITIONS,
      maxWeight: MAX_WEIGHT,
      weigh: weightOf,
      patienceMs: PATIENCE_MS,
    });
  }

  /** Like `applyTransition`. */
  apply(scope: RunScope, target: RunWriter, transition: Transition): Promise<Applied> {
    return target.epoch !== null && isPlain(transition)
      ? this.#batcher.do({ scope, target, transition })
      : applyTransition(scope, target, transition);
  }

  async #together(queued: readonly Queued[]): Promise<(Applied | undefined)[]> {
    const none = queued.map(() => undefined);
    if (performance.now() < this.#aloneUntil) return none;
    let client: PoolClient;
    try {
      client = await this.#batchPool.connect();
    } catch {
      // Nothing was sent. Each transition is applied alone, on another pool, which works or says what is wrong.
      this.#aloneUntil = performance.now() + ALONE_MS;
      return none;
    }
    let broken: Error | undefined;
    try {
      return await applyMany(client, queued);
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Session settings that make Postgres find runs by their keys, even if the tables were small when the statement was planned. */
export const batchPoolOptions = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' } as const;

// Batches have only what an activation writes for each step and at the end. Other transitions are rare.
const isPlain = (one: Transition): boolean =>
  !one.plan && !one.forgetRepeat && !one.decisionRequests?.length && !one.voidRequests && !(one.suspend && !one.end);

const ended = {
  sets: `, lease = CASE WHEN m.ends THEN NULL ELSE run.lease END, due = CASE WHEN m.ends THEN 0 ELSE run.due END,
    not_before = CASE WHEN m.ends THEN NULL ELSE run.not_before END, deaths = CASE WHEN m.ends THEN 0 ELSE run.deaths END,
    result = CASE WHEN m.ends THEN m.result::json ELSE run.result END, error = CASE WHEN m.ends THEN m.error::jsonb ELSE run.error END,
    summary = CASE WHEN m.ends THEN m.summary ELSE run.summary END,
    ended_at = CASE WHEN m.ends THEN clock_timestamp() ELSE run.ended_at END,
    sealed_pass_through = CASE WHEN m.ends THEN NULL ELSE run.sealed_pass_through END`,
  returning: ', m.ends',
};

const stepParameters = [
  ...['int', 'uuid', 'uuid', 'int', 'text', 'text', 'int', 'int', 'int', 'int', 'int', 'int'],
  ...['int', 'float8', 'text'],
];
const STEP_NAMES =
  'n, workspace_id, run_id, epoch, sources, target, events, steps, tool_calls, input_tokens, output_tokens, active_ms, cached_input_tokens, cost, currency';
const eventParameters = ['int', 'int', 'text', 'text', 'text'];

const unnest = (types: readonly string[], from: number): string =>
  `unnest(${types.map((type, i) => `$${from + i}::${type}[]`).join(', ')})`;

function textOf(ends: boolean, ledgerText: typeof ledgerUpsert): string {
  const types = ends ? [...stepParameters, 'bool', 'text', 'text', 'text'] : stepParameters;
  const names = ends ? `${STEP_NAMES}, ends, result, error, summary` : STEP_NAMES;
  const eventsAt = types.length + 1;
  const ledgerAt = eventsAt + eventParameters.length;
  const led = ledgerText(
    ledgerAt + 1,
    (arrays, names) => `moved JOIN unnest($${ledgerAt}::int[], ${arrays}) AS e(n, ${names}) USING (n)`,
    { workspaceId: 'moved.workspace_id', runId: 'moved.run_id', epoch: 'moved.epoch' },
  );
  return `
WITH m AS MATERIALIZED (
  SELECT w.*, found.at FROM ${unnest(types, 1)} AS w(${names}), LATERAL (
    SELECT run.ctid AS at FROM run WHERE run.workspace_id = w.workspace_id AND run.run_id = w.run_id AND run.epoch = w.epoch
      AND run.status = ANY(string_to_array(w.sources, ',')) FOR NO KEY UPDATE SKIP LOCKED) AS found
), moved AS (
  UPDATE run SET status = m.target, seq = run.seq + m.events, updated_at = clock_timestamp(), steps = run.steps + m.steps,
    tool_calls = run.tool_calls + m.tool_calls, input_tokens = run.input_tokens + m.input_tokens,
    output_tokens = run.output_tokens + m.output_tokens, active_ms = run.active_ms + m.active_ms,
    cached_input_tokens = run.cached_input_tokens + m.cached_input_tokens, cost = run.cost + m.cost,
    cost_currency = coalesce(m.currency, run.cost_currency)${ends ? ended.sets : ''}
  FROM m WHERE run.ctid = m.at
  RETURNING m.n, m.events, m.epoch${ends ? ended.returning : ''}, run.workspace_id, run.run_id, run.seq, run.updated_at
), appended AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls, created_at)
  SELECT moved.workspace_id, moved.run_id, moved.seq - moved.events + e.i, e.type, e.data::json, e.tool_calls::json, moved.updated_at
  FROM moved JOIN ${unnest(eventParameters, eventsAt)} AS e(n, i, type, data, tool_calls) USING (n)
), led AS (${led})
SELECT moved.n, moved.seq, moved.updated_at AS "createdAt" FROM moved`;
}

// An entry that exists although it should not makes a batch without `upsert` fail; then its transitions are applied alone.
const statements = {
  run_transitions: textOf(false, ledgerInsert),
  run_transitions_ends: textOf(true, ledgerInsert),
  run_transitions_upsert: textOf(false, ledgerUpsert),
  run_transitions_ends_upsert: textOf(true, ledgerUpsert),
};

async function applyMany(client: PoolClient, queued: readonly Queued[]): Promise<(Applied | undefined)[]> {
  const ends = queued.some(({ transition }) => transition.end);
  const transitions = queued.map(({ transition }) => transition);
  const upserts = transitions.some((transition) => transition.ledger?.some(finishesEntry));
  const name = `run_transitions${ends ? '_ends' : ''}${upserts ? '_upsert' : ''}` as const;
  const events = transitions.flatMap((transition, n) =>
    transition.events.map((event, i) => ({ ...event, n, i: i + 1 })),
  );
  const ledger = queued.flatMap((one, n) => textsFor(one).ledger.map((row) => ({ row, n })));
  const costs = transitions.map(({ usage }) => costParameters(usage ?? {}));
  const count = (of: 'steps' | 'toolCalls' | 'inputTokens' | 'outputTokens' | 'cachedInputTokens') =>
    transitions.map(({ usage }) => usage?.[of] ?? 0);
  const { rows } = await client.query<{ n: number; seq: number; createdAt: Date }>({
    name,
    text: statements[name],
    values: [
      transitions.map((_, n) => n),
      queued.map(({ scope }) => scope.workspaceId),
      queued.map(({ target }) => target.runId),
      queued.map(({ target }) => target.epoch),
      transitions.map(({ to }) => sources[to].join(',')),
      transitions.map(({ to }) => to),
      transitions.map((transition) => transition.events.length),
      count('steps'),
      count('toolCalls'),
      count('inputTokens'),
      count('outputTokens'),
      transitions.map(({ usage }) => Math.round(usage?.activeMs ?? 0)),
      count('cachedInputTokens'),
      costs.map(([cost]) => cost),
      costs.map(([, currency]) => currency),
      ...(ends
        ? [
            transitions.map(({ end }) => end !== undefined),
            queued.map((one) => textsFor(one).result),
            queued.map((one) => textsFor(one).error),
            transitions.map(({ end }) => end?.summary ?? null),
          ]
        : []),
      events.map(({ n }) => n),
      events.map(({ i }) => i),
      events.map(({ type }) => type),
      events.map(({ data }) => data),
      events.map(({ toolCalls }) => toolCalls),
      ledger.map(({ n }) => n),
      ...Array.from({ length: LEDGER_PARAMETERS }, (_, column) => ledger.map(({ row }) => row[column])),
    ],
  });
  const results: (Applied | undefined)[] = queued.map(() => undefined);
  for (const { n, ...applied } of rows) results[n] = applied;
  return results;
}
