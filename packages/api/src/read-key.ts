import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@errand/contracts';

/**
 * The API key of a request: `x-api-key`, or `Authorization: Bearer`, which means the same.
 * @throws ProblemError validation_failed if both are present and differ; unauthenticated if both are missing
 */
export function readKey(headers: IncomingHttpHeaders): string {
  const plain = single(headers['x-api-key']);
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
  if (plain !== undefined && bearer !== undefined && plain !== bearer) {
    throw problem('validation_failed', 'x-api-key and Authorization contain different keys.', {
      remedy: 'Send only one of them.',
    });
  }
  const key = plain ?? bearer;
  if (!key) throw unauthenticated('The request has no API key.');
  return key;
}

export const unauthenticated = (
  detail: string,
  { challenge = 'Bearer realm="errand"', remedy }: { challenge?: string; remedy?: string } = {},
) => problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge }, ...(remedy && { remedy }) });

const single = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value.join(', ') : value)?.trim() || undefined;
