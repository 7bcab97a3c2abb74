import type { Pool, PoolClient } from 'pg';
import { jsonText } from '../json.ts';
import { LEDGER_PARAMETERS, ledgerRow, ledgerUpsert } from '../ledger.ts';
import type { RunScope } from '../scope.ts';
import { Batcher } from './batcher.ts';
import { type Applied, applyTransition, type RunWriter, sources, type Transition } from './transition.ts';

/** Moves in one statement at most, and the characters of what they write: all others of the process wait for it. */
const MOST = 64;
const MAX_WEIGHT = 500_000;
/** A move by itself may wait for whoever has locked its run: others wait for it so long, in ms. */
const PATIENCE_MS = 20;
/** When there is no connection to be had, moves go by themselves for so long, in ms. */
const REST_MS = 5000;

/** A transition that waits; its texts are made once, and only when it goes with others. */
type Asked = { scope: RunScope; target: RunWriter; transition: Transition; texts?: ReturnType<typeof textsOf> };

const written = (asked: Asked) => {
  asked.texts ??= textsOf(asked.transition);
  return asked.texts;
};

function weightOf(asked: Asked): number {
  const { ledger, result, error } = written(asked);
  const events = asked.transition.events.flatMap(({ data, toolCalls }) => [data, toolCalls]);
  const texts = [...ledger.flat(), result, error, ...events];
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

const textsOf = ({ ledger = [], end }: Transition) => ({
  ledger: ledger.map(ledgerRow),
  result: end?.result === undefined ? null : jsonText(end.result),
  error: end?.error ? jsonText(end.error) : null,
});

/**
 * Applies transitions of many runs: those that are asked for while others are being written are written together, in one statement and
 * one commit. Each stands for itself anyway: one whose run has moved on is left out, and so is one whose run is locked by
 * somebody else at that moment. These go by themselves, so that no run waits for another.
 */
export class Transitions {
  readonly #lane: Pool;

  readonly #gather: Batcher<Asked, Applied>;
  #restsUntil = Number.NEGATIVE_INFINITY;

  /** @param lane connections for the statement of many, which is to be planned for few rows of large tables (`laneOptions`) */
  constructor(lane: Pool) {
    this.#lane = lane;

    this.#gather = new Batcher<Asked, Applied>({
      together: (asked) => this.#together(asked),
      alone: ({ scope, target, transition }) => applyTransition(scope, target, transition),
      maxItems: MOST,
      maxWeight: MAX_WEIGHT,
      weigh: weightOf,
      patienceMs: PATIENCE_MS,
    });
  }

  /** As `applyTransition` does. */
  apply(scope: RunScope, target: RunWriter, transition: Transition): Promise<Applied> {
    return target.epoch !== null && isPlain(transition)
      ? this.#gather.do({ scope, target, transition })
      : applyTransition(scope, target, transition);
  }

  async #together(asked: readonly Asked[]): Promise<(Applied | undefined)[]> {
    const none = asked.map(() => undefined);
    if (performance.now() < this.#restsUntil) return none;
    let client: PoolClient;
    try {
      client = await this.#lane.connect();
    } catch {
      // Nothing was sent. The runs have other connections, which are open or tell what is wrong.
      this.#restsUntil = performance.now() + REST_MS;
      return none;
    }
    let broken: Error | undefined;
    try {
      return await applyMany(client, asked);
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Settings of a session that find runs by their keys however small the tables were when a statement was planned. */
export const batchPoolOptions = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' } as const;

// What an activation writes for each step, and at the end: the others are seldom, and stay small that way.
const isPlain = (one: Transition): boolean =>
  !one.plan && !one.forgetRepeat && !one.waiting?.length && !one.voidRequests && !(one.suspend && !one.end);

const ended = {
  sets: `, lease = CASE WHEN m.ends THEN NULL ELSE run.lease END, due = CASE WHEN m.ends THEN 0 ELSE run.due END,
    not_before = CASE WHEN m.ends THEN NULL ELSE run.not_before END, deaths = CASE WHEN m.ends THEN 0 ELSE run.deaths END,
    result = CASE WHEN m.ends THEN m.result::json ELSE run.result END, error = CASE WHEN m.ends THEN m.error::jsonb ELSE run.error END,
    ended_at = CASE WHEN m.ends THEN clock_timestamp() ELSE run.ended_at END,
    sealed_pass_through = CASE WHEN m.ends THEN NULL ELSE run.sealed_pass_through END`,
  returning: ', m.ends',
};

const stepParameters = ['int', 'uuid', 'uuid', 'int', 'text', 'text', 'int', 'int', 'int', 'int', 'int', 'int'];
const STEP_NAMES =
  'n, workspace_id, run_id, epoch, sources, target, events, steps, tool_calls, input_tokens, output_tokens, active_ms';
const eventParameters = ['int', 'int', 'text', 'text', 'text'];

const unnest = (types: readonly string[], from: number): string =>
  `unnest(${types.map((type, i) => `$${from + i}::${type}[]`).join(', ')})`;

function textOf(ends: boolean): string {
  const types = ends ? [...stepParameters, 'bool', 'text', 'text'] : stepParameters;
  const names = ends ? `${STEP_NAMES}, ends, result, error` : STEP_NAMES;
  const eventsAt = types.length + 1;
  const ledgerAt = eventsAt + eventParameters.length;
  const led = ledgerUpsert(
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
    output_tokens = run.output_tokens + m.output_tokens, active_ms = run.active_ms + m.active_ms${ends ? ended.sets : ''}
  FROM m WHERE run.ctid = m.at
  RETURNING m.n, m.events, m.epoch${ends ? ended.returning : ''}, run.workspace_id, run.run_id, run.seq, run.updated_at
), appended AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls, created_at)
  SELECT moved.workspace_id, moved.run_id, moved.seq - moved.events + e.i, e.type, e.data::json, e.tool_calls::json, moved.updated_at
  FROM moved JOIN ${unnest(eventParameters, eventsAt)} AS e(n, i, type, data, tool_calls) USING (n)
), led AS (${led})
SELECT moved.n, moved.seq, moved.updated_at AS "createdAt" FROM moved`;
}

const texts = { steps: textOf(false), ends: textOf(true) };

async function applyMany(client: PoolClient, asked: readonly Asked[]): Promise<(Applied | undefined)[]> {
  const ends = asked.some(({ transition }) => transition.end);
  const moves = asked.map(({ transition }) => transition);
  const events = moves.flatMap((move, n) => move.events.map((event, i) => ({ ...event, n, i: i + 1 })));
  const ledger = asked.flatMap((one, n) => written(one).ledger.map((row) => ({ row, n })));
  const count = (of: 'steps' | 'toolCalls' | 'inputTokens' | 'outputTokens') =>
    moves.map(({ usage }) => usage?.[of] ?? 0);
  const { rows } = await client.query<{ n: number; seq: number; createdAt: Date }>({
    name: ends ? 'run_moves_ends' : 'run_moves',
    text: ends ? texts.ends : texts.steps,
    values: [
      moves.map((_, n) => n),
      asked.map(({ scope }) => scope.workspaceId),
      asked.map(({ target }) => target.runId),
      asked.map(({ target }) => target.epoch),
      moves.map(({ to }) => sources[to].join(',')),
      moves.map(({ to }) => to),
      moves.map((move) => move.events.length),
      count('steps'),
      count('toolCalls'),
      count('inputTokens'),
      count('outputTokens'),
      moves.map(({ usage }) => Math.round(usage?.activeMs ?? 0)),
      ...(ends
        ? [
            moves.map(({ end }) => end !== undefined),
            asked.map((one) => written(one).result),
            asked.map((one) => written(one).error),
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
  const results: (Applied | undefined)[] = asked.map(() => undefined);
  for (const { n, ...applied } of rows) results[n] = applied;
  return results;
}
