// What a stranger can put into a field, at a size.
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** A text of a field, or the raw JSON text of a value, with a name for the table. */
export type Shape = { shape: string; text: string };

const CHARACTERS: Readonly<Record<string, string>> = {
  ...{ letter: 'a', capital: 'A', digit: '1', blank: ' ', tab: '\t', newline: '\n', return: '\r', nul: '\0' },
  ...{ slash: '/', backslash: '\\', quote: '"', apostrophe: "'", dot: '.', comma: ',', colon: ':', semicolon: ';' },
  ...{ minus: '-', underscore: '_', at: '@', percent: '%', ampersand: '&', hash: '#', dollar: '$', star: '*' },
  ...{ bracket: '[', brace: '{', 'closing brace': '}', parenthesis: '(', less: '<', equals: '=', question: '?' },
  ...{ 'byte 0xFF': '\u00ff', replacement: '\ufffd', combining: '\u0301', surrogate: '\ud800', emoji: '😀' },
};
/** The characters that most expressions repeat; each location of a kind that was tried whole gets these. */
const FEW = ['letter', 'blank', 'slash', 'dot', 'digit', 'minus'];

/** Which shapes: all characters or a few; in the head of a request a character takes the bytes of its encoding. */
export type Choice = { all: boolean; inHead?: boolean };
/** Bytes for a field in the head of a request. */
const HEAD_BYTES = 14_000;

function repeated(character: string, size: number, { inHead = false }: Choice): string {
  const encoded = encodeURIComponent(character.toWellFormed()).length;
  const count = Math.floor(size / character.length);
  return character.repeat(inHead ? Math.min(count, Math.floor(HEAD_BYTES / encoded)) : count);
}

/** One character repeated, and the same with another character at its end, so that searches of a suffix fail. */
export function runs(size: number, choice: Choice = { all: true }): Shape[] {
  const names = choice.all ? Object.keys(CHARACTERS) : FEW;
  return names.flatMap((name) => {
    const character = CHARACTERS[name]!;
    const last = character === 'a' ? '!' : 'a';
    const alone = { shape: name, text: repeated(character, size, choice) };
    return [
      ...(choice.all ? [alone] : []),
      { shape: `${name} and ${last}`, text: repeated(character, size - 1, choice) + last },
    ];
  });
}

/** The same within an example of the field, so that a check of its beginning or end lets them pass. */
export function runsWithin(example: string, size: number, choice: Choice = { all: true }): Shape[] {
  const room = size - 2 * example.length;
  if (example === '' || room < 1) return [];
  return runs(room, choice).flatMap(({ shape, text }) => [
    { shape: `example, ${shape}`, text: example + text },
    ...(choice.all ? [{ shape: `${shape}, example`, text: text + example }] : []),
  ]);
}

const members = (count: number, member: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => member(n)).join();

/** Values of JSON, as their text, of about this many bytes. */
export function jsonShapes(size: number): Shape[] {
  const deep = Math.floor(size / 8);
  return Object.entries({
    'deep lists': `${'['.repeat(size / 2)}${']'.repeat(size / 2)}`,
    'deep objects': `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
    '60 levels': `${'{"a":'.repeat(60)}${'[]'}${'}'.repeat(60)}`,
    'many keys': `{${members(size / 12, (n) => `"k${n}":${n % 10}`)}}`,
    'numeric keys': `{${members(size / 12, (n) => `"${n * 7}":0`)}}`,
    'a long key': `{"${'k'.repeat(size - 10)}":1}`,
    'long keys': `{${members(4, (n) => `"${String(n).repeat(size / 5)}":${n}`)}}`,
    'a repeated key': `{${members(size / 6, () => '"a":1')}}`,
    'many nulls': `[${members(size / 5, () => 'null')}]`,
    'empty lists': `[${members(size / 3, () => '[]')}]`,
    'empty objects': `[${members(size / 3, () => '{}')}]`,
    'empty texts': `[${members(size / 3, () => '""')}]`,
    'numbers of 400 digits': `[${members(size / 402, () => '9'.repeat(400))}]`,
    'a number of many digits': `1${'0'.repeat(size - 2)}`,
    'a fraction of many digits': `0.${'1'.repeat(size - 3)}`,
    proto: `{"__proto__":{"a":1},"a":"${'x'.repeat(size / 2)}"}`,
    constructor: `{"constructor":{"prototype":{"a":1}}}`,
    'inherited names': '{"constructor":1,"toString":2,"hasOwnProperty":3,"valueOf":4,"toJSON":5,"then":6}',
    'CR LF': JSON.stringify('\r\nx-a: b'.repeat(size / 10)),
    escapes: `"${'\\u0061'.repeat(size / 6)}"`,
    'escaped NUL': `"${'\\u0000'.repeat(size / 6)}"`,
    'escaped surrogates': `"${'\\ud800'.repeat(size / 6)}"`,
    'a long text': `"${'a'.repeat(size - 2)}"`,
    true: 'true',
    null: 'null',
    'empty text': '""',
    'an empty object': '{}',
    'an empty list': '[]',
    'a negative number': '-1',
    'a huge number': '1e308',
    'an overflow': '1e999',
    'negative zero': '-0',
  }).map(([shape, text]) => ({ shape, text }));
}

/** Bodies that are not what their headers state. */
export function encodings(text: string): { shape: string; body: Buffer; headers: Record<string, string> }[] {
  const bomb = Buffer.alloc(50 * 1024 * 1024, 97);
  const json = { 'content-type': 'application/json' };
  return [
    { shape: 'UTF-16', body: Buffer.from(`\ufeff${text}`, 'utf16le'), headers: json },
    {
      shape: 'UTF-16 that is stated',
      body: Buffer.from(text, 'utf16le'),
      headers: { 'content-type': 'application/json; charset=utf-16le' },
    },
    { shape: 'latin1', body: Buffer.from(text.replace('a', '\u00e9'), 'latin1'), headers: json },
    { shape: 'bytes 0xFF', body: Buffer.concat([Buffer.alloc(text.length, 0xff), Buffer.from('a')]), headers: json },
    { shape: 'bytes 0x80', body: Buffer.alloc(text.length, 0x80), headers: json },
    { shape: 'invalid gzip', body: Buffer.from(text), headers: { ...json, 'content-encoding': 'gzip' } },
    { shape: 'invalid br', body: Buffer.from(text), headers: { ...json, 'content-encoding': 'br' } },
    { shape: 'a bomb of gzip', body: gzipSync(bomb), headers: { ...json, 'content-encoding': 'gzip' } },
    { shape: 'a bomb of br', body: brotliCompressSync(bomb), headers: { ...json, 'content-encoding': 'br' } },
    { shape: 'gzip twice', body: gzipSync(gzipSync(text)), headers: { ...json, 'content-encoding': 'gzip, gzip' } },
  ];
}
