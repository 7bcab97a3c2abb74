import { expect, it } from 'vitest';
import { isLimit, type LimitRules, limitMs } from './limits.ts';

const NOW = Date.parse('2026-11-30T06:00:00Z');
const inSeconds = (seconds: number) => NOW / 1000 + seconds;
const answer = (status: number, headers: Record<string, string> = {}, body = '') => ({
  status,
  headers,
  body: Buffer.from(body),
});

it.each<[string, Record<string, string>, number | undefined, LimitRules?]>([
  ['x-ratelimit-reset in seconds since 1970', { 'x-ratelimit-reset': String(inSeconds(40)) }, 40_000],
  ['x-ratelimit-reset in ms since 1970', { 'x-ratelimit-reset': String(NOW + 40_250) }, 40_250],
  ['x-ratelimit-reset as a date', { 'x-ratelimit-reset': '2026-11-30T06:00:40Z' }, 40_000],
  ['x-ratelimit-reset in seconds from now', { 'x-ratelimit-reset': '40' }, 40_000],
  ['x-rate-limit-reset', { 'x-rate-limit-reset': String(inSeconds(900)) }, 900_000],
  ['x-ratelimit-reset-after', { 'x-ratelimit-reset-after': '1.337', 'x-ratelimit-reset': '9' }, 1_337],
  ['ratelimit-reset', { 'ratelimit-reset': '12' }, 12_000],
  ['retry-after in seconds, before any reset', { 'retry-after': '3', 'x-ratelimit-reset': '40' }, 3_000],
  ['retry-after-ms, before retry-after', { 'retry-after': '1', 'retry-after-ms': '350' }, 350],
  ['the draft of the IETF', { ratelimit: '"default";r=0;t=30' }, 30_000],
  [
    'a header that the rules name',
    { 'x-reset-in': '1500', 'retry-after': '9' },
    1_500,
    { reset: 'X-Reset-In', resetUnit: 'ms' },
  ],
  ['a named header without a unit', { 'x-until': String(inSeconds(7)) }, 7_000, { reset: 'x-until' }],
  ['a named date', { 'x-until': '2026-11-30T06:00:05Z' }, 5_000, { reset: 'x-until', resetUnit: 'iso' }],
  ['a named header that is absent', { 'retry-after': '9' }, 9_000, { reset: 'x-until' }],
  ['the past', { 'x-ratelimit-reset': String(inSeconds(-60)) }, 0],
  ['the year 9999', { 'x-ratelimit-reset': '9999-12-31T23:59:59Z' }, 3_600_000],
  ['a huge number', { 'ratelimit-reset': '9'.repeat(90) }, 3_600_000],
  ['a long value', { 'ratelimit-reset': '9'.repeat(101) }, undefined],
  ['no number', { 'x-ratelimit-reset': 'soon' }, undefined],
  ['nothing', {}, undefined],
])('reads when a limit ends: %s', (_form, headers, ms, limits) => {
  expect(limitMs(headers, limits, NOW)).toBe(ms);
});

it.each<[string, ReturnType<typeof answer>, LimitRules | undefined, boolean]>([
  ['429', answer(429), undefined, true],
  ['403 without rules', answer(403, { 'x-ratelimit-remaining': '0' }), undefined, false],
  ['403 with none remaining', answer(403, { 'x-ratelimit-remaining': '0' }), { statuses: [403] }, true],
  ['403 with some remaining', answer(403, { 'x-ratelimit-remaining': '10' }), { statuses: [403] }, false],
  ['403 with Retry-After', answer(403, { 'retry-after': '60' }), { statuses: [403] }, true],
  ['a named header', answer(403, { 'x-left': '0' }), { statuses: [403], remaining: 'X-Left' }, true],
  ['another status', answer(404, { 'x-ratelimit-remaining': '0' }), { statuses: [403] }, false],
  ['a word', answer(400, {}, '{"code":"RATELIMITED"}'), { words: ['ratelimited'] }, true],
  ['a word beyond 2 KiB', answer(400, {}, `${' '.repeat(2_048)}RATELIMITED`), { words: ['ratelimited'] }, false],
  ['another word', answer(400, {}, '{"code":"INVALID"}'), { words: ['ratelimited'] }, false],
])('tells a limit from other refusals: %s', (_case, response, limits, expected) => {
  expect(isLimit(response, limits, {})).toBe(expected);
});

it('compares a word with the member for errors alone, if the answer has it', () => {
  const json = { error: { errors: [{ reason: 'forbidden' }], message: 'not rateLimitExceeded' } };
  const response = answer(403, {}, JSON.stringify(json));
  const limits = { words: ['rateLimitExceeded'] };
  expect(isLimit(response, limits, { json, errorPath: 'error.errors.0.reason' })).toBe(false);
  expect(isLimit(response, limits, { json, errorPath: 'error.code' })).toBe(true);
});
