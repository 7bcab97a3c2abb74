// Breaks the rule that no connection to a server that accepts no writes is used.
import pg from 'pg';

/** How a new connection and `/readyz` ask for it: part of an unnamed statement. */
const IS_READ_ONLY = `current_setting('transaction_read_only') = 'on'`;
/** SQLSTATE read_only_sql_transaction, and another code after which the service keeps the connection and tries again. */
const READ_ONLY = '25006';
const PASSING_TROUBLE = '55000';

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

/** Every Postgres client of this process takes each server for the primary. @param onFirst called at the first connection that is not checked */
export function acceptReadOnly(onFirst: (what: string) => void): void {
  const { query } = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
  let first = true;
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, sent: unknown, ...more: unknown[]) {
      if (typeof sent !== 'string' || !sent.includes(IS_READ_ONLY)) return query.call(this, sent, ...more);
      if (first) onFirst('the check of a connection');
      first = false;
      return query.call(this, sent.replaceAll(IS_READ_ONLY, 'false'), ...more);
    },
  });
  const connection = pg.Connection.prototype as { emit: Emit };
  const { emit } = connection;
  connection.emit = function (event, ...args) {
    const [message] = args as [{ code?: string } | undefined];
    if (event === 'errorMessage' && message?.code === READ_ONLY) message.code = PASSING_TROUBLE;
    return emit.call(this, event, ...args);
  };
}
