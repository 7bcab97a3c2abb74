import { expect, test } from 'vitest';
import { de } from '../texts/de.ts';
import { en } from '../texts/en.ts';
import { plainText } from './plain-text.ts';
import { momentText } from './request-facts.ts';

test.each([
  ['Manages `deals` and **accounts**.', 'Manages deals and accounts.'],
  ['# Sales\n\nSee [the guide](https://x.test/a "t").', 'Sales\n\nSee the guide.'],
  ['- one\n* two', '• one\n• two'],
  ['> quoted _text_', 'quoted text'],
  ['```json\n{"a": 1}\n```', '{"a": 1}'],
  ['a_b_c * 2 * 3', 'a_b_c * 2 * 3'],
  ['<b>bold</b> & 1 < 2', 'bold & 1 < 2'],
])('%j is told as %j', (markdown, text) => {
  expect(plainText(markdown)).toBe(text);
});

test('a long text with many marks takes no time', () => {
  const before = process.cpuUsage();
  plainText('**a '.repeat(500) + '[x]('.repeat(500));
  expect(process.cpuUsage(before).user).toBeLessThan(200_000);
});

const now = Date.parse('2026-11-25T09:51:00Z');
test.each([
  ['2026-11-26T09:51:00Z', 'in 24 hours (26 Nov 2026, 09:51 UTC)'],
  ['2026-12-02T09:51:00Z', 'in 7 days (2 Dec 2026, 09:51 UTC)'],
  ['2026-11-25T10:03:10Z', 'in 12 minutes (25 Nov 2026, 10:03 UTC)'],
  ['2026-11-25T09:51:20Z', 'in less than a minute (25 Nov 2026, 09:51 UTC)'],
  ['2026-11-25T09:50:00Z', '1 minute ago (25 Nov 2026, 09:50 UTC)'],
])('%s is told as %s', (at, text) => {
  expect(momentText(en, at, now)).toBe(text);
});

test.each([
  ['2026-12-02T09:51:00Z', 'in 7 Tagen (2. Dez. 2026, 09:51 UTC)'],
  ['2026-11-25T09:50:00Z', 'vor 1 Minute (25. Nov. 2026, 09:50 UTC)'],
  ['2026-11-25T09:51:20Z', 'in weniger als einer Minute (25. Nov. 2026, 09:51 UTC)'],
])('%s is told in German as %s', (at, text) => {
  expect(momentText(de, at, now)).toBe(text);
});

test('a moment is told in the time zone of its reader', () => {
  const at = '2026-11-26T23:51:00Z';
  expect(momentText(en, at, now, 'Europe/Berlin')).toBe('in 38 hours (27 Nov 2026, 00:51, Europe/Berlin)');
});
