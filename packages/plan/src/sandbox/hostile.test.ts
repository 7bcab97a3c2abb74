import type { Json, JsonSchema } from '@errand/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, endedChildrenMs, processorMs } from '../testing/processes.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/** Processor time of a job in ms: it may use a second of its child, then another child starts. The clock depends on other processes. */
const IN_TIME_MS = 2500;
/** By the clock, on a machine where many other processes run. */
const TIMEOUT_MS = 60_000;

const sandbox = createSandbox({ children: 2 });
let before: NodeJS.CpuUsage;
const warm = (box: Sandbox) => box.validate({ type: 'integer' }, 1);
beforeAll(async () => {
  await Promise.all([warm(sandbox), warm(sandbox)]);
  before = process.cpuUsage();
}, 60_000);
afterAll(() => sandbox.close());

/** Processor time that children of this process have used so far, whether they still run or not. */
const childrenMs = () =>
  endedChildrenMs() + childrenOf(process.pid).reduce((sum, child) => sum + (processorMs(child) ?? 0), 0);

/** Runs one job and checks that it stays within its time. */
async function inTime<T>(job: () => Promise<T>): Promise<T> {
  const from = childrenMs();
  const outcome = await job();
  expect(childrenMs() - from).toBeLessThan(IN_TIME_MS);
  return outcome;
}

const nested = (levels: number, inner: JsonSchema = {}): JsonSchema => {
  let schema = inner;
  for (let level = 0; level < levels; level += 1) schema = { properties: { a: schema } };
  return schema;
};
const doubling: JsonSchema = { $ref: '#/definitions/d40', definitions: { d0: { minLength: 1 } } };
for (let n = 1; n <= 40; n += 1) {
  const $ref = `#/definitions/d${n - 1}`;
  (doubling.definitions as Record<string, unknown>)[`d${n}`] = { allOf: [{ $ref }, { $ref }] };
}
const withProto = JSON.parse('{"properties": {"__proto__": {"type": "string"}}}') as JsonSchema;

const schemas: [string, JsonSchema, string][] = [
  ['a reference to itself', { $ref: '#' }, 'schema_too_complex'],
  [
    'references in a ring',
    { $ref: '#/definitions/a', definitions: { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } } },
    'schema_too_complex',
  ],
  ['doubling', doubling, 'schema_too_complex'],
  ['33 levels', nested(33), 'schema_too_complex'],
  ['2,000 levels', nested(2000), 'schema_too_complex'],
  ['an enum of 1,001', { enum: Array.from({ length: 1001 }, (_, n) => n) }, 'schema_too_complex'],
  ['65 KiB', { description: 'x'.repeat(65 * 1024) }, 'schema_too_complex'],
  [
    '1,001 subschemas',
    { properties: Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`p${n}`, {}])) },
    'schema_too_complex',
  ],
  ['look-behind', { pattern: '(?<=a)b' }, 'schema_pattern_unsupported'],
  ['look-ahead in a property name', { patternProperties: { '^(?!x)': {} } }, 'schema_pattern_unsupported'],
  ['a back-reference', { pattern: '(a)\\1' }, 'schema_pattern_unsupported'],
  ['a pattern of 513', { pattern: 'a'.repeat(513) }, 'schema_pattern_unsupported'],
  ['a repetition of repetitions', { pattern: '((a{1000}){1000}){1000}' }, 'schema_pattern_unsupported'],
  ['$async', { $async: true }, 'schema_not_supported'],
  ['$async within', { properties: { a: { $async: true } } }, 'schema_not_supported'],
  ['$async behind a reference', { $ref: '#/hidden', hidden: { $async: true } }, 'schema_not_supported'],
  ['a remote $ref', { $ref: 'https://example.com/a' }, 'schema_not_supported'],
  ['a file $ref', { $ref: 'file:///etc/passwd' }, 'schema_not_supported'],
  ['an $id', { $id: 'https://example.com/a' }, 'schema_not_supported'],
  ['another draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }, 'schema_not_supported'],
  ['$data', { properties: { a: { minimum: { $data: '1/b' } } } }, 'schema_not_supported'],
  ['nullable', { type: 'string', nullable: true }, 'schema_not_supported'],
  ['a member named __proto__', withProto, 'schema_not_supported'],
  ['a wrong keyword value', { type: 'text' }, 'schema_not_supported'],
  ['a reference to nothing', { $ref: '#/definitions/none' }, 'schema_not_supported'],
];

test.each(schemas)('a schema with %s is refused in time', { timeout: TIMEOUT_MS }, async (_name, schema, code) => {
  expect(await inTime(() => sandbox.checkSchema(schema))).toMatchObject({ ok: false, code });
});

const many = Array.from({ length: 20_000 }, (_, n): Json => ({ n, text: 'same' }));

test.each<[string, JsonSchema, Json, boolean]>([
  ['a pattern that backtracks', { pattern: '^(a+)+$' }, `${'a'.repeat(5000)}!`, false],
  ['unique items of a long list', { uniqueItems: true }, many, false],
  [
    'patterns that are distinguished',
    { properties: { a: { pattern: '^x$' }, b: { pattern: '^y$' } } },
    { a: 'x', b: 'x' },
    false,
  ],
  [
    'patterns that both fit',
    { properties: { a: { pattern: '^x$' }, b: { pattern: '^y$' } } },
    { a: 'x', b: 'y' },
    true,
  ],
  ['inherited members', { required: ['toString'] }, {}, false],
])('validating %s ends in time', { timeout: TIMEOUT_MS }, async (_name, schema, value, ok) => {
  expect(await inTime(async () => sandbox.validate(schema, value))).toMatchObject({ ok });
});

test.each([
  ['endless recursion', '($f := function($n){ $f($n + 1) }; $f(1))'],
  ['recursion that is no tail call', '($f := function($n){ 1 + $f($n) }; $f(1))'],
  ['a long range', '$sum([1..10000000])'],
  ['doubling text', '($d := function($s, $n){ $n = 0 ? $s : $d($s & $s, $n - 1) }; $d("x", 60))'],
  ['doubling lists', '($d := function($s, $n){ $n = 0 ? $s : $d([[$s], [$s]], $n - 1) }; $d(["x"], 30))'],
  ['a large output', '$pad("", 2000000, "x")'],
  ['a huge output', '$pad("", 200000000, "x")'],
  ['deep output', '($d := function($s, $n){ $n = 0 ? $s : $d({"a": $s}, $n - 1) }; $d(1, 200))'],
  ['deep nesting', `${'('.repeat(1900)}1${')'.repeat(1900)}`],
  ['a picture that backtracks', '$toMillis("1111111111111111111111111111", "[Y][Y][Y][Y][Y][Y][Y][Y][Y][Y]x")'],
])('an expression with %s ends in an error in time', { timeout: TIMEOUT_MS }, async (_name, expression) => {
  const [outcome] = await inTime(async () => sandbox.evaluate([expression], { now: '2026-01-31T09:30:00.000Z' }));
  if (expression.startsWith('$toMillis') || expression.startsWith('((')) expect(outcome).toBeDefined();
  else expect(outcome).toMatchObject({ ok: false });
});

test('a regex that backtracks elsewhere is linear here', async () => {
  const expression = `$contains("${'a'.repeat(3000)}!", /^(a+)+$/)`;
  expect(await sandbox.evaluate([expression], {})).toMatchObject([{ ok: true, value: false }]);
});

test('all that took the processor time of the children, not of this process', () => {
  const { user, system } = process.cpuUsage(before);
  // Some 15 s of jobs; this process used 0.7 s, with the test runner.
  expect((user + system) / 1e6).toBeLessThan(4);
});

test('a tenant that floods the pool delays another by its running jobs, not by its queue', {
  timeout: TIMEOUT_MS,
}, async () => {
  const pool = createSandbox({ children: 2, timeoutMs: 300 });
  await Promise.all([warm(pool), warm(pool)]);
  const slow = '($f := function($n){ $f($n + 1) }; $f(1))';
  let ended = 0;
  const flood = Array.from({ length: 12 }, async () => {
    await pool.for('noisy').evaluate([slow], {});
    ended++;
  });
  const [answer] = await pool.for('quiet').evaluate(['$sum([1, 1])'], {});
  expect(answer).toMatchObject({ value: 2 });
  expect(ended).toBeLessThan(6);
  await Promise.all(flood);
  await pool.close();
});

test('a child that was killed is replaced and its start is not counted against the next job', {
  timeout: TIMEOUT_MS,
}, async () => {
  const pool = createSandbox({ children: 1, timeoutMs: 150 });
  const killed = await pool.checkSchema(doubling);
  const next = await pool.evaluate(['$sum([1, 1])'], {});
  expect(killed).toMatchObject({ ok: false, code: 'schema_too_complex' });
  expect(next).toMatchObject([{ value: 2 }]);
  await pool.close();
});
