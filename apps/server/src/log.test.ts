import { Secret } from '@errand/contracts';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { createRedactor } from './redact.ts';

const secret = 'p4ss"word/with+marks';

test.each([
  ['as it is', () => secret],
  ['in an error', () => new Error(`refused: ${secret}`).message],
  ['in a URL', () => `https://x.example/?q=${encodeURIComponent(secret)}`],
  ['in base64', () => Buffer.from(`user:${secret}`.slice(5)).toString('base64')],
])('an opened secret is redacted %s', (_, text) => {
  const redactor = createRedactor();
  const lines: string[] = [];
  const log = createLog('info', redactor, { write: (line) => void lines.push(line) });
  log.info({ deep: [{ text: text() }] }, text());
  redactor.add(new Secret(secret));
  log.info({ deep: [{ text: text() }] }, text());
  expect(lines[1]).not.toContain(JSON.stringify(text()).slice(1, -1));
  expect(lines[1]).toContain('[secret]');
  expect(lines[0]).toContain(JSON.stringify(text()).slice(1, -1));
});

test('API keys and tell-tale query parameters are redacted although nobody named them', () => {
  const { redact } = createRedactor();
  expect(redact('key er_live_0123456789abcdefghij is wrong')).toBe('key [secret] is wrong');
  expect(redact('GET /cb?code=abc&x=1&state=def')).toBe('GET /cb?code=[secret]&x=1&state=[secret]');
});

test('short words are left alone, and only so many secrets are remembered', () => {
  const redactor = createRedactor();
  redactor.add(new Secret('abc'));
  expect(redactor.redact('abc')).toBe('abc');
  for (let i = 0; i < 600; i++) redactor.add(new Secret(`secret-number-${i}!`));
  expect(redactor.redact('secret-number-599!')).toBe('[secret]');
  expect(redactor.redact('secret-number-0!')).toBe('secret-number-0!');
});
