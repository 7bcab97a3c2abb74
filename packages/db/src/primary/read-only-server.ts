/** SQLSTATE read_only_sql_transaction: a standby or a server with read-only transactions rejects a write. */
export const READ_ONLY = '25006';

/** True on a standby and with `default_transaction_read_only`. Unlike `pg_is_in_recovery()`, every login can read it. */
export const IS_READ_ONLY = `current_setting('transaction_read_only') = 'on'`;

export class ReadOnlyServerError extends Error {
  override name = 'ReadOnlyServer';
  /** The same code as for a rejected write: callers may try again. */
  readonly code = READ_ONLY;

  constructor(
    message = 'the database server is read-only: it is a standby, or default_transaction_read_only is on. Point the address to the primary',
  ) {
    super(message);
  }
}

/** No host of a list accepts writes. */
export class NoPrimaryError extends ReadOnlyServerError {
  override name = 'NoPrimary';

  /** @param faults of each host, in the order of the list */
  constructor(
    readonly faults: readonly Error[],
    message: string,
  ) {
    super(message);
  }
}
