import { expect, test } from 'vitest';
import { hidesText, textParts } from './hidden-characters.ts';

const numbered = (text: string) =>
  textParts(text)
    .map(({ text, isHidden }) => (isHidden ? `[${text}]` : text))
    .join('');

test('characters that hide or reorder text are shown by their numbers', () => {
  expect(numbered('Pay \u202E001\u{E0041} \ud800')).toBe('Pay [\\u{202E}]001[\\u{E0041}] [\\u{D800}]');
  expect(numbered('\u00a0')).toBe('[\\u{00A0}]');
  expect(hidesText('a\u200bb')).toBe(true);
});

test('ordinary text of any language stays as it is', () => {
  for (const text of ['Größe: 5 m², 10 €', 'שלום', '日本語\n\tTab', '👍🏽', '']) {
    expect(numbered(text)).toBe(text);
    expect(hidesText(text)).toBe(false);
  }
});
