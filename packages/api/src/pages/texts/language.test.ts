import { expect, test } from 'vitest';
import { textsFor } from './language.ts';

test.each([
  [undefined, 'en'],
  ['*', 'en'],
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE-ch, fr;q=0.5', 'de'],
  ['en-US,en;q=0.9,de;q=0.8', 'en'],
  ['en;q=0.3, de;q=0.7', 'de'],
  ['fr, de;q=0.2', 'de'],
  ['de;q=0, en;q=0.1', 'en'],
  ['fr', 'en'],
  ['', 'en'],
  [';;,=q', 'en'],
])('a reader who accepts %j gets %s', (header, lang) => {
  expect(textsFor({ 'accept-language': header }).lang).toBe(lang);
});
