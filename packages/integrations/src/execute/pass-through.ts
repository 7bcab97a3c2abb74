import type { Secret } from '@errand/contracts';
import { awsHeaders } from '../cloud/aws-signature.ts';
import { isForbiddenHeader, isWritableHeader } from '../egress/headers.ts';
import type { CallAuth } from './credential.ts';

/** What the caller of a run hands on to one integration; never stored in clear, never shown. */
export type PassThrough = { headers?: Readonly<Record<string, Secret>>; query?: Readonly<Record<string, Secret>> };

/** How the integration authenticates, as far as the place of its credential matters. */
type Placed = Pick<CallAuth, 'type'> & { in?: 'header' | 'query'; name?: string };

/** Headers that the call itself decides: another body, answer, attempt, method or path would be spoken of. */
const ownHeaders = new Set([
  'accept',
  'content-type',
  'content-encoding',
  'idempotency-key',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);
/** Parameters by which some services take another method than that of the request. */
const ownQuery = new Set(['_method', 'x-http-method-override']);
const isAwsQuery = (name: string): boolean => /^x-amz-/i.test(name);

/** Where the integration's own credential goes: `headers` with a name in lower case, or `query` with a name as it is. */
function placeOf(auth: Placed): { part: 'headers' | 'query'; name: string } | undefined {
  if (auth.type === 'NONE') return undefined;
  if (auth.type !== 'API_TOKEN') return { part: 'headers', name: 'authorization' };
  return auth.in === 'query'
    ? { part: 'query', name: auth.name ?? 'api_key' }
    : { part: 'headers', name: (auth.name ?? 'Authorization').toLowerCase() };
}

/** The same name in the same part. Headers know no case. */
const isAt = (place: ReturnType<typeof placeOf>, part: 'headers' | 'query', name: string): boolean =>
  place?.part === part && place.name === (part === 'headers' ? name.toLowerCase() : name);

/**
 * The place of the integration's own credential when what is passed through fills it: that stands in for the credential then.
 * Such as `headers authorization`; undefined when it is left free.
 */
export function credentialPlace(passThrough: PassThrough | undefined, auth: Placed): string | undefined {
  const place = passThrough && placeOf(auth);
  if (!place || !Object.keys(passThrough[place.part] ?? {}).some((name) => isAt(place, place.part, name))) {
    return undefined;
  }
  return `${place.part} ${place.name}`;
}

/**
 * What of a pass-through may not be sent, one sentence each, showing names and never values. Empty when all may.
 * @param auth of the integration: AWS signs each call, so nothing can stand in for its credential
 */
export function faultsOfPassThrough({ headers = {}, query = {} }: PassThrough, auth: Placed): string[] {
  const place = placeOf(auth);
  const ofAws = auth.type === 'AWS_ASSUME_ROLE';
  const faults: string[] = [];
  const names = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    const say = (what: string) => faults.push(`passThrough.headers: ${JSON.stringify(name.slice(0, 100))} ${what}`);
    if (!isWritableHeader(name, '')) say('is not the name of a header.');
    else if (names.has(lower)) say('is named twice.');
    else if (isForbiddenHeader(name) || ownHeaders.has(lower))
      say('steers the call itself and may not be passed through.');
    else if (ofAws && awsHeaders.has(lower)) say(signed);
    else if (!isWritableHeader(name, value.reveal())) {
      say('has a value with a line end or characters that a header cannot carry.');
    } else if (isAt(place, 'headers', name) && value.reveal().trim() === '') say(empty);
    names.add(lower);
  }
  for (const [name, value] of Object.entries(query)) {
    const say = (what: string) => faults.push(`passThrough.query: ${JSON.stringify(name.slice(0, 100))} ${what}`);
    if (ownQuery.has(name.toLowerCase())) say('steers the call itself and may not be passed through.');
    else if (ofAws && isAwsQuery(name)) say(signed);
    else if (/[\r\n\0]/.test(value.reveal())) say('has a value with a line end.');
    else if (isAt(place, 'query', name) && value.reveal().trim() === '') say(empty);
  }
  return faults;
}

const signed = 'is part of the signature of each call at AWS: no credential can be passed through there.';
const empty = "is where the integration's own credential goes: give a credential, or leave it out.";

/** A value and what of it is a secret of its own: what stands behind its scheme, and both halves of `Basic`. */
export function secretParts(value: string): string[] {
  const [, scheme = '', rest = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+(\S.*)$/s.exec(value) ?? [];
  if (rest === '') return [value];
  const parts = [value, rest.trim()];
  if (scheme.toLowerCase() !== 'basic') return parts;
  const decoded = Buffer.from(rest, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? parts : [...parts, decoded, decoded.slice(0, colon), decoded.slice(colon + 1)];
}
