// SQLSTATE classes of failures of Postgres, not of the statement: connection, rolled back by conflict, resources
// (also a full disk), lock not available, ended by an operator or a timeout, system and internal errors, authorisation.
const classes = /^(08|28|40|53|55|57|58|XX|3D|25P0|25006)/;

/** Prisma's codes for an unreachable database, a pool without a free connection, and an aborted transaction. */
const prismaCodes = /^P(10\d\d|2024|2028|2034|2037)$/;

/** node-postgres and its pool have no codes for these. */
const texts =
  /Connection terminated|connection error|not queryable|Query read timeout|timeout exceeded when trying to connect|timeout expired|after calling end on the pool|server does not respond|Client was closed/i;

/** Kinds of errors of Prisma's adapter for a connection that broke or was never made. */
const kinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
  'AuthenticationFailed',
]);

type Faulty = {
  code?: unknown;
  message?: unknown;
  kind?: unknown;
  cause?: unknown;
  originalCode?: unknown;
  meta?: unknown;
};

/**
 * Whether Postgres or the connection to it failed, so that the same request may succeed later. Refused data and wrong statements do not
 * count.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  for (let at = error as Faulty | undefined, depth = 0; isObject(at) && depth < 5; at = inner(at), depth++) {
    const { code, originalCode, kind, message } = at;
    if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code)) return true;
    const state = [code, originalCode].find((one) => typeof one === 'string' && /^[0-9A-Z]{5}$/.test(one));
    if (typeof state === 'string' && !state.startsWith('P')) return classes.test(state);
    if (typeof code === 'string' && prismaCodes.test(code)) return true;
    if (typeof kind === 'string' && kinds.has(kind)) return true;
    if (typeof message === 'string' && texts.test(message)) return true;
  }
  return false;
}

const isObject = (value: unknown): value is Faulty => typeof value === 'object' && value !== null;

/** The cause of an error; Prisma keeps the driver's error in `meta`. */
function inner({ cause, meta }: Faulty): Faulty | undefined {
  if (isObject(cause)) return cause;
  const kept = isObject(meta) ? (meta as { driverAdapterError?: unknown }).driverAdapterError : undefined;
  return isObject(kept) ? kept : undefined;
}
