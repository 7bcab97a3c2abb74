import type { Secret } from '@errand/contracts';
import { type AwsKeys, awsHeaders, signAws } from '../cloud/aws-signature.ts';
import { isForbiddenHeader, isWritableHeader } from '../egress/headers.ts';
import type { ToolAuth } from '../openapi/security.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { BuiltRequest } from './build.ts';
import { encode } from './percent.ts';

/** The credential of a call, made ready by who keeps it. Without one the call is made all the same, and told apart. */
export type CallAuth =
  | (ToolAuth & { token?: Secret })
  | { type: 'OAUTH2' | 'GOOGLE_SERVICE_ACCOUNT_OAUTH'; accessToken?: Secret }
  | { type: 'AWS_ASSUME_ROLE'; region: string; service: string; keys?: AwsKeys };

/** What the caller of a run hands on to one integration; never stored in clear, never shown. */
export type PassThrough = { headers?: Readonly<Record<string, Secret>>; query?: Readonly<Record<string, Secret>> };

/** Headers that the call itself decides: another body, answer or attempt would be spoken of. */
const ownHeaders = new Set(['accept', 'content-type', 'idempotency-key']);

/** Whether a credential was there to be sent, and whether one is wanted. */
export const hasCredential = (auth: CallAuth): boolean =>
  ('token' in auth && auth.token !== undefined) ||
  ('accessToken' in auth && auth.accessToken !== undefined) ||
  ('keys' in auth && auth.keys !== undefined);

/** The header or query parameter that the credential goes into. */
function placeOf(auth: CallAuth): { header?: string; query?: string } {
  switch (auth.type) {
    case 'NONE':
      return {};
    case 'API_TOKEN':
      return auth.in === 'query'
        ? { query: auth.name ?? 'api_key' }
        : { header: (auth.name ?? 'Authorization').toLowerCase() };
    default:
      return { header: 'authorization' };
  }
}

/**
 * What of a pass-through may not be sent, one sentence each, showing names and never values. Empty when all may.
 * @param auth of the integration; its credential is nobody else's to set
 */
export function faultsOfPassThrough(passThrough: PassThrough, auth: CallAuth): string[] {
  const place = placeOf(auth);
  const faults: string[] = [];
  for (const [name, value] of Object.entries(passThrough.headers ?? {})) {
    const lower = name.toLowerCase();
    const shown = JSON.stringify(name.slice(0, 100));
    if (!isWritableHeader(name, '')) faults.push(`passThrough.headers: ${shown} is not the name of a header.`);
    else if (isForbiddenHeader(name) || ownHeaders.has(lower)) {
      faults.push(`passThrough.headers: ${shown} steers the call itself and may not be passed through.`);
    } else if (lower === place.header || (auth.type === 'AWS_ASSUME_ROLE' && awsHeaders.has(lower))) {
      faults.push(`passThrough.headers: ${shown} is where the integration's own credential goes.`);
    } else if (!isWritableHeader(name, value.reveal())) {
      faults.push(
        `passThrough.headers: the value of ${shown} holds a line end or characters that a header cannot carry.`,
      );
    }
  }
  for (const [name, value] of Object.entries(passThrough.query ?? {})) {
    const shown = JSON.stringify(name.slice(0, 100));
    if (name === place.query)
      faults.push(`passThrough.query: ${shown} is where the integration's own credential goes.`);
    else if (/[\r\n\0]/.test(value.reveal())) faults.push(`passThrough.query: the value of ${shown} holds a line end.`);
  }
  return faults;
}

/**
 * Adds what is passed through, which stands over arguments of the same name, then the credential.
 * @param secrets is told every value, so that it can be blotted out of the answer
 * @throws ArgumentsFault for a value that cannot be sent, without showing it
 */
export async function attach(
  request: BuiltRequest,
  call: { method: string; auth: CallAuth; passThrough?: PassThrough },
  secrets: string[],
): Promise<void> {
  const { auth, passThrough } = call;
  if (passThrough) {
    const [fault] = faultsOfPassThrough(passThrough, auth);
    if (fault !== undefined) throw new ArgumentsFault(fault);
    for (const [name, value] of Object.entries(passThrough.query ?? {}))
      setQuery(request.url, name, reveal(value, secrets));
    for (const [name, value] of Object.entries(passThrough.headers ?? {})) {
      request.headers[name.toLowerCase()] = reveal(value, secrets);
    }
  }
  if (auth.type === 'AWS_ASSUME_ROLE') {
    if (!auth.keys) return;
    const { accessKeyId, secretAccessKey, sessionToken } = auth.keys;
    secrets.push(secretAccessKey.reveal(), ...(sessionToken ? [sessionToken.reveal()] : []), accessKeyId);
    await signAws({ ...request, method: call.method }, auth.keys, auth);
  } else if (auth.type === 'OAUTH2' || auth.type === 'GOOGLE_SERVICE_ACCOUNT_OAUTH') {
    if (auth.accessToken) request.headers.authorization = `Bearer ${reveal(auth.accessToken, secrets)}`;
  } else if (auth.type === 'API_TOKEN' && auth.token !== undefined) {
    attachToken(request, auth, reveal(auth.token, secrets).trim());
  }
}

function attachToken(request: BuiltRequest, auth: ToolAuth, token: string): void {
  const prefix = spaced(auth.prefix ?? '', auth.in);
  const text = prefix + (prefix === 'Basic ' && token.includes(':') ? Buffer.from(token).toString('base64') : token);
  if (auth.in === 'query') setQuery(request.url, auth.name ?? 'api_key', text);
  else request.headers[(auth.name ?? 'Authorization').toLowerCase()] = text;
}

/** Sets one parameter and leaves the others written as they are: how they are written may matter to the service. */
function setQuery(url: URL, name: string, value: string): void {
  if (url.searchParams.has(name)) url.searchParams.delete(name);
  url.search = `${url.search}${url.search ? '&' : '?'}${encode(name)}=${encode(value)}`;
}

/** `Bearer` means `Bearer `: a scheme that ends in a letter is followed by a space. */
const spaced = (prefix: string, place: ToolAuth['in']): string =>
  place !== 'query' && /[a-zA-Z]$/.test(prefix) ? `${prefix} ` : prefix;

function reveal(secret: Secret, secrets: string[]): string {
  const value = secret.reveal();
  secrets.push(value);
  // The egress would refuse it too, but its words are about arguments.
  if (/[\r\n\0]/.test(value.trim())) throw new ArgumentsFault('The credential holds a line end and cannot be sent.');
  return value;
}
