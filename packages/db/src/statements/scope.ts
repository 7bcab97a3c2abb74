import type { Pool, PoolClient, QueryConfig } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { isDatabaseTrouble } from '../database-errors.ts';
import { isServerAnswer } from '../rls/bound-pool.ts';

/** A workspace, and the pool for its statements. */
export type RunScope = {
  readonly pool: Pool;
  /** For lists by metadata, words, error code or duration, which row-level security makes slow. `pool` by default. */
  readonly bypassingRls?: Runner;
  readonly workspaceId: string;
};

export type Runner = Pick<Pool, 'query'>;

/** A statement of one workspace: the workspace id is $1, and `values` start at $2. Postgres plans an unnamed statement for its values. */
export type Statement = { name?: string; text: string; values: readonly unknown[] };

export async function queryRows<Row extends object>(scope: RunScope, { values, ...rest }: Statement): Promise<Row[]> {
  return (await scope.pool.query<Row>({ ...rest, values: [scope.workspaceId, ...values] })).rows;
}

export const queryRow = async <Row extends object>(scope: RunScope, statement: Statement): Promise<Row | null> =>
  (await queryRows<Row>(scope, statement))[0] ?? null;

/** Executes a statement of all workspaces. */
export const allRows = async <Row extends object>(runner: Runner, statement: QueryConfig): Promise<Row[]> =>
  (await runner.query<Row>(statement)).rows;

/** The row of a statement that always has one. */
export const firstRow = async <Row extends object>(runner: Runner, text: string): Promise<Row> =>
  (await runner.query<Row>(text)).rows[0]!;

/** Executes a statement. Returns the number of rows that it changed. */
export const changedRows = async (runner: Runner, statement: QueryConfig): Promise<number> =>
  (await runner.query(statement)).rowCount ?? 0;

/** A new UUIDv7, which sorts by creation time. */
export const newId = (): string => uuidv7();

/** Runs `work` in a transaction: commits if it resolves, rolls back if it rejects. */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (isDatabaseTrouble(error) && !isServerAnswer(error as Error)) broken = error;
    else {
      await client.query('ROLLBACK').catch((failure) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    // A connection that broke or failed to roll back is closed.
    client.release(broken instanceof Error ? broken : undefined);
  }
}
