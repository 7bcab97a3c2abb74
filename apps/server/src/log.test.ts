import { createRedactor } from '@errand/basics/redactor';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';

const SECRET = 'p4ss"word/with+marks';

test.each([
  ['as it is', () => SECRET],
  ['in an error', () => new Error(`refused: ${SECRET}`).message],
  ['in a URL', () => `https://x.example/?q=${encodeURIComponent(SECRET)}`],
  ['in base64', () => Buffer.from(`user:${SECRET}`.slice(5)).toString('base64')],
])('an opened secret is redacted %s', (_, text) => {
  const redactor = createRedactor();
  const lines: string[] = [];
  const log = createLog('info', redactor, { write: (line) => void lines.push(line) });
  log.info({ deep: [{ text: text() }] }, text());
  redactor.add(SECRET);
  log.info({ deep: [{ text: text() }] }, text());
  expect(lines[1]).not.toContain(JSON.stringify(text()).slice(1, -1));
  expect(lines[1]).toContain('[secret]');
  expect(lines[0]).toContain(JSON.stringify(text()).slice(1, -1));
});
