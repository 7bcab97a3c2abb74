import type { Pool, PoolClient } from 'pg';
import type { RunScope } from '../../statements/scope.ts';
import { Batcher } from './batcher.ts';
import { type Change, statementOfMany, statementOfOne, textsOf } from './statement.ts';
import type { RunWriter, Transition, TransitionReceipt } from './transition.ts';

/** Maximum transitions of one batch, and characters that they write, which delay the next batch. */
const MAX_TRANSITIONS = 64;
const MAX_WEIGHT = 500_000;
/** Maximum wait of the next batch, in ms, for a transition that is applied alone and may wait for the lock of its run. */
const PATIENCE_MS = 20;
/** After a failed connection, transitions are applied alone for this many ms. */
const ALONE_MS = 5000;

function weightOf(change: Change): number {
  const { ledger, result, error } = textsOf(change);
  const events = change.transition.events.flatMap(({ data, toolCalls }) => [data, toolCalls]);
  const entries = ledger.flatMap((entry) => [entry.args, entry.output, entry.error, entry.link]);
  return [result, error, ...events, ...entries].reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

/**
 * Applies transitions of many runs in batches: those that arrive during a statement are written by the next one, in one commit.
 * Each succeeds or fails independently. If a writer lost its run, or the run is locked, its transition is applied alone, so that
 * no run waits for another.
 */
export class Transitions {
  readonly #batcher = new Batcher<Change, TransitionReceipt>({
    applyBatch: (changes) => this.#applyBatch(changes),
    applyOne: ({ scope, writer, transition }) => applyTransition(scope, writer, transition),
    maxItems: MAX_TRANSITIONS,
    maxWeight: MAX_WEIGHT,
    weigh: weightOf,
    patienceMs: PATIENCE_MS,
  });
  #aloneUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly batchPool: Pool) {}

  apply(scope: RunScope, writer: RunWriter, transition: Transition): Promise<TransitionReceipt> {
    return writer.epoch !== null && isPlain(transition)
      ? this.#batcher.add({ scope, writer, transition })
      : applyTransition(scope, writer, transition);
  }

  async #applyBatch(changes: readonly Change[]): Promise<(TransitionReceipt | undefined)[]> {
    const none = changes.map(() => undefined);
    if (performance.now() < this.#aloneUntil) return none;
    let client: PoolClient;
    try {
      client = await this.batchPool.connect();
    } catch {
      // Nothing was sent. Each transition is applied alone on another pool, which works or reports the error.
      this.#aloneUntil = performance.now() + ALONE_MS;
      return none;
    }
    let broken: Error | undefined;
    try {
      return await applyMany(client, changes);
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Session settings that make Postgres find runs by key, even if the tables were small at planning time. */
export const batchPoolOptions = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' } as const;

// Batches contain only the parts that an activation writes for each step and at the end. Others are rare.
const isPlain = (transition: Transition): boolean =>
  !transition.plan &&
  !transition.forgetRepeat &&
  !transition.decisionRequests?.length &&
  !transition.voidRequests &&
  !(transition.suspendUntil && !transition.end);

async function applyMany(client: PoolClient, changes: readonly Change[]): Promise<(TransitionReceipt | undefined)[]> {
  const { rows } = await client.query<{ n: number } & NonNullable<TransitionReceipt>>(statementOfMany(changes));
  const results: (TransitionReceipt | undefined)[] = changes.map(() => undefined);
  for (const { n, ...applied } of rows) results[n] = applied;
  return results;
}

/**
 * Applies a transition: updates the run, appends numbered events, writes ledger entries, requests and the plan. The row lock
 * orders writers. Numbers have no gaps, because a rolled back writer uses none.
 */
export async function applyTransition(
  scope: RunScope,
  writer: RunWriter,
  transition: Transition,
): Promise<TransitionReceipt> {
  const { rows } = await scope.pool.query<NonNullable<TransitionReceipt>>(
    statementOfOne({ scope, writer, transition }),
  );
  const [row] = rows;
  return row ? { seq: row.seq, createdAt: row.createdAt, ...(row.ended && { ended: row.ended }) } : null;
}
