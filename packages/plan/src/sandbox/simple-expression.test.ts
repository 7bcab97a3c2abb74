import { expect, test } from 'vitest';
import { NAMES, oneOf, randomJson, randomNumbers, randomPath } from '../testing/random-json.ts';
import { evaluate } from './expression/expression.ts';
import { Declined, newEvaluationBudget, simpleExpression } from './simple-expression.ts';

const LITERALS = ['0', '1', '2.5', '-3', '1e15', '"text"', '""', "'1'", 'true', 'false', 'null', 'missing'];
const OPERATORS = ['+', '-', '*', '/', '%', '<', '<=', '>', '>=', '=', '!=', '&', 'and', 'or'];

function randomExpression(next: () => number, depth = 0): string {
  const part = () => randomExpression(next, depth + 1);
  const kind = Math.floor(next() * (depth > 3 ? 2 : 8));
  if (kind === 0) return oneOf(next, LITERALS);
  if (kind === 1) return next() < 0.5 ? `n.${oneOf(next, ['i', 'f', 's', 'absent'])}` : randomPath(next);
  if (kind === 2) return `(${part()})`;
  if (kind === 3) return `-${part()}`;
  if (kind === 4) return `[${Array.from({ length: Math.floor(next() * 3) }, part).join(', ')}]`;
  if (kind === 5) {
    const members = NAMES.filter(() => next() < 0.4).map((name) => `"${name}": ${part()}`);
    return `{${members.join(', ')}}`;
  }
  if (kind === 6 && next() < 0.3) return `(${part()} ? ${part()} : ${part()})`;
  return `${part()} ${oneOf(next, OPERATORS)} ${part()}`;
}

/** The value of an expression in this process; `declined` when a child process must evaluate it. */
function valueHere(
  expression: string,
  scope: Readonly<Record<string, unknown>>,
  budget = newEvaluationBudget(),
): { value?: unknown; declined?: true } {
  const simple = simpleExpression(expression);
  if (simple === undefined) return { declined: true };
  try {
    return { value: simple.evaluate(scope, budget) };
  } catch (error) {
    if (error instanceof Declined) return { declined: true };
    throw error;
  }
}

test('simple expressions have the same values here as in JSONata', { timeout: 240_000 }, async () => {
  const next = randomNumbers(20261129);
  const counts = { values: 0, missing: 0, declined: 0 };
  while (counts.values + counts.missing < 5000) {
    const scope = { a: randomJson(next), b: randomJson(next), n: { i: Math.floor(next() * 9), f: next(), s: 'x' } };
    const expression = randomExpression(next);
    const { value, declined } = valueHere(expression, scope);
    counts[declined ? 'declined' : value === undefined ? 'missing' : 'values']++;
    if (declined) continue;
    const outcome = await evaluate(expression, structuredClone<object>(scope), 1000, { left: 1_000_000 });
    expect({ expression, scope, outcome: JSON.parse(JSON.stringify(outcome)) }).toEqual({
      expression,
      scope,
      outcome: { ok: true, value: value ?? null, missing: value === undefined },
    });
  }
  expect(counts.values).toBeGreaterThan(2500);
});

const scope = {
  n: 2,
  f: 0.1,
  s: 'x',
  no: null,
  list: [1, 2],
  one: [1],
  of: { items: [{ id: 'a', total: 4 }] },
  yes: true,
};

test.each([
  ['n + 1', 3],
  ['of.items[0].total * 2 - n / 4', 7.5],
  ['f + 0.2 & ""', '0.3'],
  ['"#" & n & " " & of.items[0].id & absent', '#2 a'],
  ['n > 1 and s != "y" or absent', true],
  ['absent = absent', false],
  ['absent < 1', undefined],
  ['absent + 1', undefined],
  ['-(n)', -2],
  ['0 * -1', 0],
  ['yes ? "a" : "b"', 'a'],
  ['absent ? "a"', undefined],
  ['{"total": n + 1, "items": list, "none": absent}', { total: 3, items: [1, 2] }],
  ['[n, [s, []], absent]', [2, ['x', []]]],
  ['`n`', 2],
])('%s needs no child process', (expression, value) => {
  expect(valueHere(expression, scope)).toEqual({ value });
});

test.each([
  ['$sum(list)', 'a function'],
  ['of.items.total', 'a path over a list'],
  ['of.items[total = 4]', 'a filter'],
  ['(list)[0]', 'a filter of a value'],
  ['list[]', 'a kept list'],
  ['list ~> $sum', 'a chain'],
  ['n in list', 'a search in a list'],
  ['[1..3]', 'a range'],
  ['list = [1, 2]', 'a comparison of lists'],
  ['list and yes', 'the truth of a list'],
  ['[list, 3]', 'a list that is flattened'],
  ['{"a": 1}{"b": 2}', 'a group'],
  ['{"a": 1, "a": 2}', 'a key twice'],
  ['{"__proto__": 1}', 'a key with a meaning'],
  ['{s: 1}', 'a computed key'],
  ['$x := 1', 'a variable'],
  ['n; s', 'no expression'],
  ['(n; s)', 'a sequence of expressions'],
  ['s + 1', 'a sum of a text'],
  ['no & "x"', 'a text of null'],
  ['yes < 1', 'a comparison of a boolean'],
  ['n < "3"', 'a comparison of two types'],
  ['1 / 0', 'a number that JSON cannot represent'],
  ['1e308 * 10 - 1e308 * 10', 'no number'],
  [`n${' + 1'.repeat(120)}`, 'a text that is too long'],
  [`n${'+1'.repeat(110)}`, 'too many nodes'],
  ['(', 'a syntax error'],
])('%s is left to a child process: %s', (expression) => {
  expect(valueHere(expression, scope)).toEqual({ declined: true });
});

test('a value larger than 64 KiB is left to a child process', () => {
  const large = { s: 'x'.repeat(40_000) };
  expect(valueHere('s & s', large)).toEqual({ declined: true });
  expect(valueHere('[s, s]', large)).toEqual({ declined: true });
});

test('a path gives a list of any number of objects, and copies nothing', () => {
  const items = Array.from({ length: 10_000 }, () => ({}));
  expect(valueHere('items', { items }).value).toBe(items);
  expect(valueHere('{"items": items}', { items })).toEqual({ declined: true });
});

test.each([
  ['s & "x"', 'texts that are made'],
  ['s < t', 'texts that are compared'],
  ['s != t', 'texts that are tested for equality'],
  ['{"items": items}', 'values that are copied'],
  ['n + n + n + n + n + n + n + n', 'nodes'],
])('the expressions of a step share a budget: %s (%s)', (expression) => {
  const step = {
    s: `${'x'.repeat(2000)}a`,
    t: `${'x'.repeat(2000)}b`,
    items: Array.from({ length: 100 }, () => ({})),
    n: 1,
  };
  const budget = newEvaluationBudget();
  const evaluated = Array.from({ length: 2000 }, () => valueHere(expression, step, budget));
  const count = evaluated.findIndex(({ declined }) => declined);
  expect(count).toBeGreaterThan(10);
  expect(count).toBeLessThan(1000);
  expect(valueHere(expression, step)).not.toHaveProperty('declined');
});
