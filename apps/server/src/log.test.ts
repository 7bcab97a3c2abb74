import { Secret } from '@errand/contracts';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { createScrubber } from './redact.ts';

const secret = 'p4ss"word/with+marks';

test.each([
  ['as it is', () => secret],
  ['in an error', () => new Error(`refused: ${secret}`).message],
  ['in a URL', () => `https://x.example/?q=${encodeURIComponent(secret)}`],
  ['in base64', () => Buffer.from(`user:${secret}`.slice(5)).toString('base64')],
])('an opened secret is blotted out %s', (_, text) => {
  const scrubber = createScrubber();
  const lines: string[] = [];
  const log = createLog('info', scrubber, { write: (line) => void lines.push(line) });
  log.info({ deep: [{ text: text() }] }, text());
  scrubber.add(new Secret(secret));
  log.info({ deep: [{ text: text() }] }, text());
  expect(lines[1]).not.toContain(JSON.stringify(text()).slice(1, -1));
  expect(lines[1]).toContain('[secret]');
  expect(lines[0]).toContain(JSON.stringify(text()).slice(1, -1));
});

test('API keys and tell-tale query parameters are blotted out although nobody named them', () => {
  const { scrub } = createScrubber();
  expect(scrub('key er_live_0123456789abcdefghij is wrong')).toBe('key [secret] is wrong');
  expect(scrub('GET /cb?code=abc&x=1&state=def')).toBe('GET /cb?code=[secret]&x=1&state=[secret]');
});

test('short words are left alone, and only so many secrets are remembered', () => {
  const scrubber = createScrubber();
  scrubber.add(new Secret('abc'));
  expect(scrubber.scrub('abc')).toBe('abc');
  for (let i = 0; i < 600; i++) scrubber.add(new Secret(`secret-number-${i}!`));
  expect(scrubber.scrub('secret-number-599!')).toBe('[secret]');
  expect(scrubber.scrub('secret-number-0!')).toBe('secret-number-0!');
});
