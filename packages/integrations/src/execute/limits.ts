import type { Json, Rules } from '@errand/contracts';
import { retryDelayMs } from '../egress/headers.ts';
import { hasWord } from './answer-rules.ts';
import { valueAt } from './value-at.ts';

export type LimitRules = NonNullable<Rules['limits']>;
type Unit = NonNullable<LimitRules['resetUnit']>;
type Headers = Readonly<Record<string, string>>;

/** Longest pause after a limit, in ms, whatever the service states. */
const MAX_PAUSE_MS = 3_600_000;
/** Larger numbers count from 1970: in seconds, and in milliseconds. */
const [MIN_EPOCH_S, MIN_EPOCH_MS] = [1e9, 1e11];
const MAX_VALUE_CHARS = 100;
const SCANNED_BYTES = 2_048;
/** Statuses that mean a limit with a word of the rules, if the rules name no status. */
const WORD_STATUSES = [400, 403];

/** Headers that state the number of further requests, by custom. */
const REMAINING = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'];
/** Headers that state the end of a limit, by custom, the most exact first; without a unit: by the size of the number. */
const RESETS: readonly (readonly [name: string, unit?: Unit])[] = [
  ['retry-after-ms', 'ms'],
  ['x-ratelimit-reset-after', 's'],
  ['ratelimit-reset', 's'],
  ['x-ratelimit-reset'],
  ['x-rate-limit-reset'],
];

/** The headers that the rules of an integration name, in lower case: an answer keeps them. */
export const namedHeaders = ({ remaining, reset }: LimitRules = {}): string[] =>
  [remaining, reset].flatMap((name) => (name === undefined ? [] : [name.toLowerCase()]));

type Answer = { status: number; headers: Headers; body: Buffer };

/** @param json the body, if it is JSON @param errorPath the member with the word for the error */
export function isLimit(
  { status, headers, body }: Answer,
  limits: LimitRules | undefined,
  { json, errorPath }: { json?: Json | undefined; errorPath?: string | undefined },
): boolean {
  if (status === 429) return true;
  if (!limits || !(limits.statuses ?? (limits.words ? WORD_STATUSES : [])).includes(status)) return false;
  if (limits.statuses && (hasNoneRemaining(headers, limits) || headers['retry-after'] !== undefined)) return true;
  const { words = [] } = limits;
  const word = json !== undefined && errorPath !== undefined ? valueAt(json, errorPath) : undefined;
  if (word !== undefined) return hasWord(words, word);
  const text = words.length > 0 ? body.toString('utf8', 0, SCANNED_BYTES).toLowerCase() : '';
  return words.some((each) => text.includes(each.toLowerCase()));
}

function hasNoneRemaining(headers: Headers, { remaining }: LimitRules): boolean {
  const names = remaining === undefined ? REMAINING : [remaining.toLowerCase()];
  return names.some((name) => /^0+(?:\.0*)?$/.test(headers[name]?.trim() ?? ''));
}

/** When a limit ends, in ms from now, at most an hour; undefined if the answer does not state it. */
export function limitMs(headers: Headers, limits: LimitRules = {}, now = Date.now()): number | undefined {
  const { reset, resetUnit } = limits;
  const named = reset === undefined ? undefined : delayOf(headers[reset.toLowerCase()], resetUnit, now);
  if (named !== undefined) return named;
  const retryAfter = retryDelayMs(headers['retry-after']);
  if (retryAfter !== undefined && headers['retry-after-ms'] === undefined) return retryAfter;
  for (const [name, unit] of RESETS) {
    const delay = delayOf(headers[name], unit, now);
    if (delay !== undefined) return delay;
  }
  // The draft of the IETF: `"default";r=0;t=30`.
  const seconds = /;\s*t\s*=\s*(\d{1,15})/.exec(headers.ratelimit?.slice(0, MAX_VALUE_CHARS) ?? '')?.[1];
  return retryAfter ?? delayOf(seconds, 's', now);
}

function delayOf(value: string | undefined, unit: Unit | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (text === '' || text.length > MAX_VALUE_CHARS) return undefined;
  const number = /^\d+(?:\.\d*)?$/.test(text) ? Number(text) : undefined;
  const ms = number === undefined || unit === 'iso' ? Date.parse(text) - now : fromNumber(number, unit, now);
  return Number.isFinite(ms) ? Math.ceil(Math.min(Math.max(0, ms), MAX_PAUSE_MS)) : undefined;
}

function fromNumber(value: number, unit: Unit | undefined, now: number): number {
  switch (unit ?? unitBySize(value)) {
    case 'ms':
      return value;
    case 'epoch_s':
      return value * 1000 - now;
    case 'epoch_ms':
      return value - now;
    default:
      return value * 1000;
  }
}

const unitBySize = (value: number): Unit =>
  value >= MIN_EPOCH_MS ? 'epoch_ms' : value >= MIN_EPOCH_S ? 'epoch_s' : 's';
