import { expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';

test('API keys and query parameters that usually contain secrets are redacted without registration', () => {
  const { redact } = createRedactor();
  expect(redact('key er_live_0123456789abcdefghij is wrong')).toBe('key [secret] is wrong');
  expect(redact('GET /cb?code=abc&x=1&state=def')).toBe('GET /cb?code=[secret]&x=1&state=[secret]');
});

test('short words are left alone, and only so many secrets are remembered', () => {
  const redactor = createRedactor();
  redactor.add('abc');
  expect(redactor.redact('abc')).toBe('abc');
  for (let i = 0; i < 600; i++) redactor.add(`secret-number-${i}!`);
  expect(redactor.redact('secret-number-599!')).toBe('[secret]');
  expect(redactor.redact('secret-number-0!')).toBe('secret-number-0!');
});

test('a remembered name is redacted again when one of its secrets becomes known', () => {
  const redactor = createRedactor();
  const name = 'GET /bot12345:token/send';
  expect(redactor.redactName(name)).toBe(name);
  redactor.add('12345:token');
  expect(redactor.redactName(name)).toBe('GET /bot[secret]/send');
  expect(redactor.redactName(name)).toBe('GET /bot[secret]/send');
  redactor.add('another-secret');
  expect(redactor.redactName(name)).toBe('GET /bot[secret]/send');
});

test('only so many names, and so many of their characters, are remembered', () => {
  const redactor = createRedactor();
  for (let i = 0; i < 3000; i++) expect(redactor.redactName(`name ${i} er_live_0123456789`)).toBe(`name ${i} [secret]`);
  for (const chars of [1, 499_000, 2_000_000]) expect(redactor.redactName('x'.repeat(chars))).toHaveLength(chars);
});
