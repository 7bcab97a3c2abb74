import { expect, test } from 'vitest';
import { escaped, visible } from './visible.ts';

const rendered = (text: string) => visible(text).replaceAll(/<span class="hidden">(.*?)<\/span>/g, '[$1]');

test('markup is text', () => {
  const text = `<a href="x" title='y'>&</a>`;
  expect(visible(text)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;');
  expect(escaped(text)).toBe(visible(text));
});

test.each([
  ['bidi override', '\u202E', '202E'],
  ['bidi isolate', '\u2066', '2066'],
  ['Arabic letter mark', '\u061C', '061C'],
  ['zero width space', '\u200B', '200B'],
  ['zero width joiner', '\u200D', '200D'],
  ['byte order mark', '\uFEFF', 'FEFF'],
  ['soft hyphen', '\u00AD', '00AD'],
  ['tag', '\u{E0041}', 'E0041'],
  ['variation selector', '\uFE0F', 'FE0F'],
  ['variation selector beyond', '\u{E0100}', 'E0100'],
  ['line separator', '\u2028', '2028'],
  ['NUL', '\0', '0000'],
  ['escape', '\x1B', '001B'],
  ['carriage return', '\r', '000D'],
  ['C1 control', '\x85', '0085'],
  ['no-break space', '\u00A0', '00A0'],
  ['ideographic space', '\u3000', '3000'],
  ['Hangul filler', '\u3164', '3164'],
  ['blank Braille', '\u2800', '2800'],
  ['private use', '\uE000', 'E000'],
  ['lone surrogate', '\uD800', 'D800'],
])('%s is rendered as an escape', (_, character, code) => {
  expect(rendered(`a${character}b`)).toBe(`a[\\u{${code}}]b`);
  expect(escaped(`a${character}b`)).toBe(`a\\u{${code}}b`);
});

test('what people write stays as it is', () => {
  const text = 'Grüße, 東京 и مرحبا 😀 – “so”\n\tnext';
  expect(visible(text)).toBe(text);
});
