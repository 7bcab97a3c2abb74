import { Prisma } from './generated/client.ts';

// SQLSTATE classes of server failures: connection, conflict rollback, resources (also a full disk), lock not available, operator
// or timeout, system and internal errors, authorization.
const sqlStates = /^(08|28|40|53|55|57|58|XX|3D|25P0|25006)/;

/** Node's codes for a connection that failed or broke. */
const socketCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;

/** Prisma's codes for an unreachable database, a pool without a free connection, and an aborted transaction. */
const prismaCodes = /^P(10\d\d|2024|2028|2034|2037)$/;

/** node-postgres and its pool have no codes for these. */
const messages =
  /Connection terminated|connection error|not queryable|Query read timeout|timeout exceeded when trying to connect|timeout expired|after calling end on the pool|server does not respond|Client was closed/i;

/** Error kinds of Prisma's adapter for a connection that failed or broke. */
const adapterKinds =
  /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TlsConnectionError|TooManyConnections|TransactionWriteConflict|AuthenticationFailed)$/;

type ErrorFields = { [Name in 'code' | 'message' | 'kind' | 'cause' | 'originalCode' | 'meta']?: unknown };

/** Whether Postgres or the connection failed, so that a retry may succeed. Rejected data and faulty statements do not count. */
export function isDatabaseTrouble(error: unknown): boolean {
  let current = error;
  for (let depth = 0; isObject(current) && depth < 5; depth++) {
    const isTrouble = classify(current);
    if (isTrouble !== undefined) return isTrouble;
    current = causeOf(current);
  }
  return false;
}

/** Undefined if the error does not decide and its cause may. */
function classify({ code, originalCode, kind, message }: ErrorFields): boolean | undefined {
  if (matches(code, socketCodes)) return true;
  const state = [code, originalCode].find((each) => matches(each, /^[0-9A-Z]{5}$/));
  if (state !== undefined && !matches(state, /^P/)) return matches(state, sqlStates);
  const isConnectionFailure = matches(code, prismaCodes) || matches(kind, adapterKinds) || matches(message, messages);
  return isConnectionFailure || undefined;
}

const matches = (value: unknown, form: RegExp): boolean => typeof value === 'string' && form.test(value);

const isObject = (value: unknown): value is ErrorFields => typeof value === 'object' && value !== null;

/** A rejection handler that returns `value` if Prisma fails with this code, and rethrows other errors. */
export const onPrismaCode =
  <T>(code: string, value: T) =>
  (error: unknown): T => {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === code) return value;
    throw error;
  };

/** The cause of an error; Prisma keeps the driver's error in `meta`. */
function causeOf({ cause, meta }: ErrorFields): ErrorFields | undefined {
  if (isObject(cause)) return cause;
  const driverError = isObject(meta) ? (meta as { driverAdapterError?: unknown }).driverAdapterError : undefined;
  return isObject(driverError) ? driverError : undefined;
}
