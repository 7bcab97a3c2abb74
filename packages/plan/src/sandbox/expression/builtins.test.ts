import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import jsonata from 'jsonata';
import { afterAll, expect, test } from 'vitest';
import { hostileCalls } from '../../testing/hostile-calls.ts';
import { childrenOf } from '../../testing/processes.ts';
import { createSandbox } from '../sandbox.ts';
import { RESULT_SIZES, SMALL_RESULTS } from './builtin-limits.ts';

const sandbox = createSandbox({ children: 1 });
afterAll(() => sandbox.close());

test('each function of JSONata has its size, or is known to make nothing large', () => {
  const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8');
  const names = [...source.matchAll(/staticFrame\.bind\('(\w+)'/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(60);
  expect([...Object.keys(RESULT_SIZES), ...SMALL_RESULTS].sort()).toEqual(names.sort());
});

test('each function with a size has a hostile call', () => {
  expect(Object.keys(RESULT_SIZES).filter((name) => !(name in hostileCalls(1)))).toEqual([]);
});

const samples: readonly [name: string, ...args: unknown[]][] = [
  ['string', { a: [1, { b: 'xyz' }], c: null }],
  ['string', { a: [1, { b: 'xyz' }], c: null }, true],
  ['clone', { a: [1, 2, { b: 'x' }] }],
  ['pad', 'ab', 40, 'xyz'],
  ['pad', 'ab', -40],
  ['substring', 'hello', 1],
  ['substringBefore', 'hello', 'l'],
  ['substringAfter', 'hello', 'l'],
  ['lowercase', 'HELLO'],
  ['uppercase', 'hello'],
  ['trim', ' a  b '],
  ['match', 'abab', /a/],
  ['replace', 'banana', 'a', 'oo'],
  ['replace', 'banana', 'a', 'oo', 2],
  ['split', 'a,b,c', ','],
  ['split', 'abc', ''],
  ['split', 'a,b,c', ',', 2],
  ['join', ['ab', 'c', 'def'], '--'],
  ['formatNumber', 12, '#,##0.00'],
  ['formatInteger', 12, '00000'],
  ['fromMillis', 0, '[Y,30]-[M,7-9] [D0001]'],
  ['base64encode', 'hello'],
  ['base64decode', 'aGVsbG8='],
  ['encodeUrlComponent', 'ä€ /'],
  ['encodeUrl', 'ä€ /'],
  ['decodeUrlComponent', '%20%20'],
  ['decodeUrl', '%20%20'],
  ['zip', [1, 2, 3], [4, 5], [6, 7]],
  ['append', [1, 2], [3]],
  ['reverse', [1, 2, 3]],
  ['sort', [3, 1, 2]],
  ['distinct', [1, 1, 2]],
];

test.each(samples)('the computed size of $%s is at least the size of its result', async (...[name, ...args]) => {
  const call = `$${name}(${args.map((value) => (value instanceof RegExp ? String(value) : JSON.stringify(value))).join(', ')})`;
  const result: unknown = await jsonata(call).evaluate({});
  const { characters = 0, items = 0 } = RESULT_SIZES[name]!(...args);
  const text = typeof result === 'string' ? result : name === 'clone' ? JSON.stringify(result) : '';
  expect(Math.max(characters, items)).toBeGreaterThanOrEqual(text.length);
  if (Array.isArray(result) && name !== 'match') expect(items).toBeGreaterThanOrEqual(result.length);
});

const MIB = 1024 * 1024;
const calls = [8 * MIB, 128 * MIB].flatMap((size) =>
  Object.entries(hostileCalls(size)).map(([name, expression]) => [name, size / MIB, expression] as const),
);

test.each(calls)('$%s with %i MiB does not end its child', async (name, _, expression) => {
  await sandbox.evaluate(['$sum([1, 2])'], {});
  const before = childrenOf(process.pid);
  const [outcome] = await sandbox.for(name).evaluate([expression], {}, 15_000);
  expect(outcome).not.toMatchObject({ message: expect.stringMatching(/MiB of memory|ended its process|ran longer/) });
  expect(childrenOf(process.pid)).toEqual(before);
});

test.each([
  ['$length($pad("", 200000000))', '$pad makes a text of more than 8,388,608 characters'],
  ['$count($split($string([1..200000]) , ""))', '$split makes a list of more than 1,048,576 items'],
  ['($p := $pad(?, 200000000, "x"); $length($p("a")))', '$pad makes a text of more than 8,388,608 characters'],
  ['$map([200000000], $pad("", ?))', '$pad makes a text of more than 8,388,608 characters'],
  ['$fromMillis(0, "[Y,200000000]")', '$fromMillis makes a text of more than 8,388,608 characters'],
  [
    '($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $length($d("x", 28)))',
    '& makes a text of more than 8,388,608 characters',
  ],
])('%s says what is too large', async (expression, message) => {
  const [outcome] = await sandbox.for(expression).evaluate([expression], {});
  expect(outcome).toMatchObject({ ok: false, message, explanation: 'it makes a text or a list that is too long' });
});

test.each([
  ['$map(["a", "b"], $uppercase)', ['A', 'B']],
  ['($p := $pad(?, 5, "x"); $p("a"))', 'axxxx'],
  ['$reduce(["a", "b"], $append)', ['a', 'b']],
  ['"abc" ~> $uppercase ~> $substring(1)', 'BC'],
  ['{"a": 1} ~> |$|{"b": 2}|', { a: 1, b: 2 }],
  ['$length($pad("", 1000000))', 1_000_000],
])('%s still works with the limits in front', async (expression, value) => {
  expect(await sandbox.evaluate([expression], {})).toMatchObject([{ ok: true, value }]);
});
