import { join } from 'node:path';
import { ExplainedError } from '@errand/basics/explained-error';
import { NoPrimaryError } from '@errand/db';
import { addressOf, endpointOf, hostUrls } from '@errand/db/host-urls';

/** The text to print if the start fails: one line that ends with a full stop. */
export function toStartErrorText(error: unknown): string {
  if (error instanceof ExplainedError) return error.message;
  const { message, code } = error as NodeJS.ErrnoException;
  const [line = ''] = (message || code || String(error)).trim().split('\n');
  const sentence = line.charAt(0).toUpperCase() + line.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Explains a failed start of the embedded Postgres by its first error message. @returns the same error if there is no message */
export function embeddedFault(error: unknown, dataDir: string): unknown {
  const reason = /(?:FATAL|PANIC|ERROR): +(.+)/.exec((error as Error).message ?? '')?.[1];
  if (!reason) return error;
  const log = join(dataDir, 'postgres', 'postgres.log');
  return new ExplainedError(
    `The embedded Postgres did not start: ${reason}. Fix this (log: ${log}), or set DATABASE_URL to your own Postgres.`,
    { cause: error },
  );
}

/** Explains why the Postgres of DATABASE_URL cannot be used. @returns the same error if Postgres is not the cause */
export function databaseFault(error: unknown, databaseUrl: string): unknown {
  const urls = hostUrls(databaseUrl);
  if (!(error instanceof NoPrimaryError)) return faultOfHost(error, urls[0], urls.map(addressOf).join(', '));
  const texts = urls.map((url, host) => toStartErrorText(faultOfHost(error.faults[host], url)));
  return new ExplainedError(`No host of DATABASE_URL accepts writes. ${texts.join(' ')}`, { cause: error });
}

function faultOfHost(error: unknown, url: string, address = addressOf(url)): unknown {
  const { username, pathname } = new URL(url);
  const { host: hostname } = endpointOf(url);
  const user = decodeURIComponent(username) || '(none)';
  const { code, message = '' } = error as { code?: string; message?: string };
  const explained = (cause: string, advice: string) => new ExplainedError(`${cause} ${advice}`, { cause: error });
  const correctUrl = 'Correct DATABASE_URL.';
  switch (code) {
    case 'ECONNREFUSED':
      return explained(`No Postgres listens on ${address}.`, 'Start it, or correct DATABASE_URL.');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return explained(`No address was found for the host ${hostname} in DATABASE_URL.`, correctUrl);
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ECONNRESET':
      return explained(
        `The Postgres on ${address} does not answer.`,
        'Check that it runs and that DATABASE_URL is right.',
      );
    case '28P01':
    case '28000':
      return explained(`Postgres on ${address} refuses the user ${user} or the password.`, correctUrl);
    case '3D000':
      return explained(
        `Postgres on ${address} has no database ${decodeURIComponent(pathname.slice(1))}.`,
        `Create it, or correct DATABASE_URL.`,
      );
    case '53300':
      return explained(
        `Postgres on ${address} has no connection left.`,
        'Raise its max_connections, or end other clients.',
      );
    case '53100':
      return explained(`The disk of Postgres on ${address} is full.`, 'Make room on it.');
    case '57P03':
      return explained(`Postgres on ${address} is starting or stopping.`, 'Try again when it is ready.');
    case '25006':
      return explained(
        `Postgres on ${address} is read-only.`,
        'Point DATABASE_URL to the primary, or turn default_transaction_read_only off.',
      );
  }
  if (/timeout expired|Connection terminated/.test(message))
    return explained(
      `The Postgres on ${address} does not answer.`,
      'Check that it runs and that DATABASE_URL is right.',
    );
  if (/password must be a string/.test(message))
    return explained('Postgres asks for a password.', 'Put it into DATABASE_URL.');
  if (/SSL|self-signed|certificate/i.test(message))
    return explained(
      `No encrypted connection to Postgres on ${address} could be made: ${message}.`,
      'Correct sslmode in DATABASE_URL.',
    );
  return error;
}
