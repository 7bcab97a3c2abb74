import type { Pool, PoolClient } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { isAnswer } from '../rls/bound-pool.ts';
import { isDatabaseTrouble } from '../trouble.ts';

/** A workspace and the pool for its statements. The first parameter of every statement of this folder is its id. */
export type RunScope = {
  readonly pool: Pool;
  /**
   * Without row-level security, for lists by metadata, words, error code or duration only: with it Postgres cannot use their indexes,
   * because the operators are not leakproof. `pool` by default.
   */
  readonly bypassingRls?: Runner;
  readonly workspaceId: string;
};

/** What a statement runs on: the pool, or one connection of it inside a transaction. */
export type Runner = Pick<Pool, 'query'>;

/** A statement of one workspace, whose id is $1; `values` are the parameters from $2 on. Without a name, Postgres plans it for its values. */
export type Statement = { name: string | undefined; text: string; values: readonly unknown[] };

/** Sends a statement. @returns its rows */
export async function rowsOf<Row extends object>(scope: RunScope, { values, ...rest }: Statement): Promise<Row[]> {
  return (await scope.pool.query<Row>({ ...rest, values: [scope.workspaceId, ...values] })).rows;
}

/** Sends a statement that finds one row at most. */
export const rowOf = async <Row extends object>(scope: RunScope, statement: Statement): Promise<Row | null> =>
  (await rowsOf<Row>(scope, statement))[0] ?? null;

/** A new UUIDv7: ids sort by their creation time. */
export const newId = (): string => uuidv7();

/** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (isDatabaseTrouble(error) && !isAnswer(error as Error)) broken = error;
    else {
      await client.query('ROLLBACK').catch((failure) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    // A connection that broke, or could not roll back, is closed.
    client.release(broken instanceof Error ? broken : undefined);
  }
}
