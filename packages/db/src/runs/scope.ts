import type { Pool, PoolClient } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { isAnswer } from '../rls/bound-pool.ts';
import { isDatabaseTrouble } from '../trouble.ts';

/** A workspace and the pool for its statements. The first parameter of every statement of this folder is its id. */
export type RunScope = {
  readonly pool: Pool;
  /**
   * Without row-level security, for lists by metadata only: with it Postgres cannot use their index, because the JSON operators are not
   * leakproof. `pool` by default.
   */
  readonly bypassingRls?: Runner;
  readonly workspaceId: string;
};

/** What a statement runs on: the pool, or one connection of it inside a transaction. */
export type Runner = Pick<Pool, 'query'>;

/**
 * Sends a statement of one workspace, whose id is its first parameter.
 * @param name prepares the statement once for each connection; without one Postgres plans it for its values
 * @param values the parameters from $2 on
 */
export async function rowsOf<Row extends object>(
  { pool, workspaceId }: RunScope,
  name: string | undefined,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  return (await pool.query<Row>({ name, text, values: [workspaceId, ...values] })).rows;
}

/** As `rowsOf`, for a statement that finds one row at most. */
export const rowOf = async <Row extends object>(...statement: Parameters<typeof rowsOf>): Promise<Row | null> =>
  (await rowsOf<Row>(...statement))[0] ?? null;

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
