import { expect, test } from 'vitest';
import { prefersHtml } from './prefers-html.ts';

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['text/html', true],
  ['TEXT/HTML; q=0.5', true],
  ['application/json, text/html', true],
  ['application/json, text/html;q=0.9', false],
  ['text/html;q=0', false],
  ['*/*', false],
  ['application/json', false],
  ['', false],
  [undefined, false],
])('Accept: %s', (accept, page) => {
  expect(prefersHtml(accept)).toBe(page);
});
