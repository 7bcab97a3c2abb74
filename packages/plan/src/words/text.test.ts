import { expect, test } from 'vitest';
import { nameOf, valueText } from './text.ts';

test.each([
  ['2026-11-26T10:00:00Z', undefined, '26 Nov 2026, 10:00 UTC'],
  ['2026-11-26T10:00:00Z', 'UTC', '26 Nov 2026, 10:00 UTC'],
  ['2026-11-26T10:00:00Z', 'Europe/Berlin', '26 Nov 2026, 11:00 (Europe/Berlin)'],
  ['2026-07-01T22:30:15.250Z', 'Europe/Berlin', '2 Jul 2026, 00:30:15 (Europe/Berlin)'],
  ['2026-11-26T10:00:00+05:30', 'America/New_York', '25 Nov 2026, 23:30 (America/New_York)'],
  ['2026-11-26T10:00:00-08:00', undefined, '26 Nov 2026, 10:00 (UTC-08:00)'],
  // Without a zone the moment is ambiguous, and a day has none.
  ['2026-11-26T10:00:00', 'Europe/Berlin', '26 Nov 2026, 10:00'],
  ['2026-11-26', 'Asia/Tokyo', '26 Nov 2026'],
  ['2026-02-31T10:00:00Z', 'Asia/Tokyo', '2026-02-31T10:00:00Z'],
])('%s in %s is told as %s', (value, timeZone, text) => {
  expect(valueText(value, false, timeZone)).toBe(text);
  expect(valueText(value, true, timeZone)).toBe(value);
});

test.each([
  ['x'.repeat(999), `${'x'.repeat(59)}…`],
  ['x'.repeat(5000), `${'x'.repeat(59)}…`],
  [`${' '.repeat(500)}Ann`, 'Ann'],
  [`${' '.repeat(990)}Ann${' '.repeat(990)}`, 'Ann…'],
  [' '.repeat(5000), undefined],
  [`${' '.repeat(997)}a${'💡'.repeat(10)}`, 'a💡…'],
])('the name of a thing is its beginning on one line, however long the text is (%#)', (name, shown) => {
  expect(nameOf({ name })).toBe(shown);
});

test('a value in a sentence is the beginning of a text of any length', () => {
  expect(valueText('a b '.repeat(50_000))).toBe(`"${'a b '.repeat(15).slice(0, 59)}…"`);
  expect(valueText(`${'\n'.repeat(5000)}a`)).toBe('" …"');
});
