import { type Awaitable, isPromise } from '@errand/basics/awaitable';
import { percentEncode } from '@errand/basics/percent';
import type { Json, Secret, ToolOutcome } from '@errand/contracts';
import { type AwsKeys, signAws } from '../cloud/aws-signature.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { BuiltRequest } from './build.ts';
import {
  faultsOfPassThrough,
  type PassThrough,
  rejectArgumentNames,
  replacedLocation,
  secretParts,
} from './pass-through.ts';

/** Where a credential is sent. `prefix` precedes the token; with `Basic `, a token `user:password` is encoded. */
export type ToolAuth = { type: 'NONE' | 'API_TOKEN'; in?: 'header' | 'query'; name?: string; prefix?: string };

type Placement = { in: 'header' | 'query'; name: string; prefix?: string | undefined };

/** The credential of a call. Without a secret, the call is made anyway. */
export type CallAuth =
  | (ToolAuth & { token?: Secret })
  /** The token is `user:password`. */
  | { type: 'BASIC'; token?: Secret }
  /** `placement`: by default the header Authorization, with Bearer. */
  | {
      type: 'OAUTH2' | 'CLIENT_CREDENTIALS' | 'GOOGLE_SERVICE_ACCOUNT_OAUTH';
      accessToken?: Secret;
      placement?: Placement | undefined;
    }
  | { type: 'AWS_ASSUME_ROLE'; region: string; service: string; keys?: AwsKeys };

export const hasCredential = (auth: CallAuth): boolean =>
  ('token' in auth && auth.token !== undefined) ||
  ('accessToken' in auth && auth.accessToken !== undefined) ||
  ('keys' in auth && auth.keys !== undefined);

type AuthCall = { method: string; auth: CallAuth; args: Readonly<Record<string, Json>>; passThrough?: PassThrough };

/**
 * Adds the values that the caller of the run passes through, then the credential, unless a passed value replaces it.
 * @param secrets receives every value, for redaction in the answer
 * @throws ArgumentsFault for a value that cannot be sent; the message does not contain the value
 */
export function attachCredential(request: BuiltRequest, call: AuthCall, secrets: string[]): Awaitable<void> {
  const { auth, passThrough } = call;
  if (passThrough) attachPassed(request, { ...call, passThrough }, secrets);
  if (replacedLocation(passThrough, auth) !== undefined) return;
  if (auth.type !== 'AWS_ASSUME_ROLE') attachSecret(request, auth, secrets);
  else if (auth.keys) return signed(request, { auth, keys: auth.keys, method: call.method }, secrets);
}

type AwsAuth = Extract<CallAuth, { type: 'AWS_ASSUME_ROLE' }>;

function signed(
  request: BuiltRequest,
  { auth, keys, method }: { auth: AwsAuth; keys: AwsKeys; method: string },
  secrets: string[],
): Awaitable<void> {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  secrets.push(secretAccessKey.reveal(), ...(sessionToken ? [sessionToken.reveal()] : []), accessKeyId);
  return signAws({ ...request, method }, keys, auth);
}

function attachSecret(request: Destination, auth: Exclude<CallAuth, AwsAuth>, secrets: string[]): void {
  if ('accessToken' in auth && auth.accessToken)
    attachToken(request, auth.placement ?? BEARER, reveal(auth.accessToken, secrets));
  if (!('token' in auth) || !auth.token) return;
  if (auth.type === 'BASIC') request.headers.authorization = basicHeader(auth.token, secrets);
  else if (auth.type === 'API_TOKEN') attachToken(request, auth, reveal(auth.token, secrets).trim());
}

type Destination = Pick<BuiltRequest, 'url' | 'headers'>;

const BEARER: Placement = { in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** User and password in UTF-8 (RFC 7617). The user name is no secret: services name it in answers, and calls need it. */
function basicHeader(token: Secret, secrets: string[]): string {
  const text = reveal(token, secrets);
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  secrets.push(encoded, text.slice(text.indexOf(':') + 1));
  return `Basic ${encoded}`;
}

function attachPassed(
  request: BuiltRequest,
  { auth, args, passThrough }: AuthCall & { passThrough: PassThrough },
  secrets: string[],
): void {
  const [fault] = faultsOfPassThrough(passThrough, auth);
  if (fault) throw new ArgumentsFault(`passThrough.${fault.part}: ${fault.message}`);
  rejectArgumentNames(passThrough, args, request);
  for (const [name, value] of Object.entries(passThrough.query ?? {}))
    setQuery(request.url, name, revealParts(value, secrets));
  for (const [name, value] of Object.entries(passThrough.headers ?? {}))
    request.headers[name.toLowerCase()] = revealParts(value, secrets);
}

function attachToken(
  request: Destination,
  auth: Omit<ToolAuth, 'type'> & { prefix?: string | undefined },
  token: string,
): void {
  const prefix = withSpace(auth.prefix ?? '', auth.in);
  const text = prefix + (prefix === 'Basic ' && token.includes(':') ? Buffer.from(token).toString('base64') : token);
  if (auth.in === 'query') setQuery(request.url, auth.name ?? 'api_key', text);
  else request.headers[(auth.name ?? 'Authorization').toLowerCase()] = text;
}

/** Sets one parameter and keeps the encoding of the others, which may matter to the service. */
export function setQuery(url: URL, name: string, value: string): void {
  if (url.searchParams.has(name)) url.searchParams.delete(name);
  url.search = `${url.search}${url.search ? '&' : '?'}${percentEncode(name)}=${percentEncode(value)}`;
}

/** `Bearer` means `Bearer `: a space follows a scheme that ends in a letter. */
const withSpace = (prefix: string, location: ToolAuth['in']): string =>
  location !== 'query' && /[a-zA-Z]$/.test(prefix) ? `${prefix} ` : prefix;

function reveal(secret: Secret, secrets: string[]): string {
  const value = secret.reveal();
  secrets.push(value);
  // The egress would reject it as well, but with a message about arguments.
  if (/[\r\n\0]/.test(value.trim()))
    throw new ArgumentsFault('The credential contains a line break and cannot be sent.');
  return value;
}

/** Reveals a value that may be a credential with its scheme: services may echo it without the scheme. */
function revealParts(secret: Secret, secrets: string[]): string {
  const value = reveal(secret, secrets);
  secrets.push(...secretParts(value));
  return value;
}

/** With the stored credential, with a renewed one, and with one that another process renewed in the meantime. */
const MAX_CALLS = 3;

/**
 * Makes a call, and repeats it with another credential if the service refuses the first. A refused call has no effect.
 * @param open opens the credential, or returns the outcome of the call
 * @param renew replaces a refused credential, if there is another. `renewed`: the refused credential was itself a replacement
 */
export async function callWithRenewal<Opened extends object>(
  open: () => Awaitable<Opened | { outcome: ToolOutcome }>,
  renew: (
    refused: Opened,
    outcome: Extract<ToolOutcome, { ok: false }>,
    renewed: boolean,
  ) => Promise<Opened | { outcome: ToolOutcome } | undefined>,
  call: (opened: Opened) => Awaitable<ToolOutcome>,
): Promise<ToolOutcome> {
  const opening = open();
  let opened = isPromise(opening) ? await opening : opening;
  for (let calls = 1; ; calls++) {
    if ('outcome' in opened) return opened.outcome;
    const outcome = await call(opened);
    if (outcome.ok || outcome.code !== 'credential_rejected') return outcome;
    const next = await renew(opened, outcome, calls > 1);
    if (next === undefined || (calls === MAX_CALLS && !('outcome' in next))) return outcome;
    opened = next;
  }
}
