import type { IncomingHttpHeaders } from 'node:http';
import { isForbiddenHeader } from '@errand/contracts';
import { EgressError } from './error.ts';

const MAX_RETRY_DELAY_MS = 3_600_000;
const tokenChars = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a header has a token as its name, and no control characters in its value. */
export const isWritableHeader = (name: string, value: string): boolean =>
  tokenChars.test(name) && fieldValue.test(value);

/**
 * The headers to send: all but the forbidden ones.
 * @throws EgressError request_not_allowed for a name or value that could break out of its line
 */
export function outgoingHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!isWritableHeader(name, value)) {
      throw new EgressError('request_not_allowed', { cause: new Error(`header ${JSON.stringify(name)}`) });
    }
    if (!isForbiddenHeader(name)) out[name] = value;
  }
  return out;
}

const responseHeaders = new Set([
  'content-type',
  'content-language',
  'date',
  'etag',
  'last-modified',
  'link',
  'location',
  'mcp-protocol-version',
  'mcp-session-id',
  'ratelimit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'retry-after-ms',
  'www-authenticate',
  'x-rate-limit-remaining',
  'x-rate-limit-reset',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-reset-after',
  'x-request-id',
]);

const DEFAULT_RETRY_MS = 5_000;

/** The result of a request that may succeed later. */
export const laterResult = (retryAfter?: string | null) => ({
  kind: 'later' as const,
  retryAfterMs: retryDelayMs(retryAfter) ?? DEFAULT_RETRY_MS,
});

/** Retry-After (RFC 9110 §10.2.3), in seconds or as a date, in ms from now; at most an hour. */
export function retryDelayMs(value: string | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_DELAY_MS) : undefined;
}

/** Longest value of a header that rules name, in characters. */
const MAX_KEPT_CHARS = 200;

/**
 * The few headers of an answer that are used; names in lower case, repeated ones joined.
 * @param keep further names, in lower case
 */
export function incomingHeaders(headers: IncomingHttpHeaders, keep: readonly string[] = []): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of responseHeaders) {
    const value = headers[name];
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  for (const name of keep) {
    const value = headers[name];
    if (typeof value === 'string' && value.length <= MAX_KEPT_CHARS) out[name] = value;
  }
  return out;
}
