import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@errand/contracts';

/**
 * The API key of a request: `x-api-key`, or `Authorization: Bearer`, which means the same.
 * @throws ProblemError validation_failed when both are given and differ; unauthenticated when there is none
 */
export function readKey(headers: IncomingHttpHeaders): string {
  const plain = single(headers['x-api-key']);
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (plain !== undefined && bearer !== undefined && plain !== bearer) {
    throw problem('validation_failed', 'x-api-key and Authorization name different keys. Send one of them.');
  }
  const key = plain ?? bearer;
  if (!key) throw unauthenticated('Send an API key in the x-api-key header, or as Authorization: Bearer.');
  return key;
}

export const unauthenticated = (detail: string, challenge = 'Bearer realm="errand"') =>
  problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });

const single = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value.join(', ') : value)?.trim() || undefined;
