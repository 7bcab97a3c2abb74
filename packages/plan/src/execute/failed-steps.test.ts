// Result values that need a failed step: each is null, and the end of the plan names it.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aPlan, done, runner, type Step } from '../testing/run-a-plan.ts';
import type { CallOutcome } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const broken: CallOutcome = { kind: 'failed', code: 'upstream_error', message: 'The service answered 500.' };
const denied: CallOutcome = { kind: 'denied', code: 'approval_denied', message: 'No.' };
const answerLost: CallOutcome = { ...(done(null) as CallOutcome & { kind: 'done' }), unknown: true };
const rows = done({ items: [{ id: 'a' }, { id: 'b' }], n: 2 });
const steps: Step[] = [
  { id: 'good' },
  { id: 'bad' },
  { id: 'after', dependsOn: ['bad'] },
  { id: 'no' },
  { id: 'lost' },
  { id: 'paged', pages: { items: { $: 'page.items' }, next: { $: '2' }, into: 'query.page', max: 3, complete: false } },
];
const answers = { good: rows, bad: broken, no: denied, lost: answerLost, paged: rows, 'paged.p2': broken };
const resultOf = async (result: Json) => (await run(aPlan(steps, result), answers)).end;

/** Expressions that read the step. Most of them have a value even when its output is null. */
const readings = (id: string): string[] => {
  const output = `steps.${id}.output`;
  return [
    output,
    `${output}.items`,
    `${output}.items[0].id`,
    `$count(${output})`,
    `$count(${output}.items)`,
    `$exists(${output})`,
    `$not($exists(${output}.items))`,
    `${output} = null`,
    `${output}.n > 1`,
    `$sum(${output}.items.n)`,
    `[${output}]`,
    `[steps.good.output.items, ${output}.items]`,
    `$append(steps.good.output.items, ${output})`,
    `$join([${output}.id, 'x'], ', ')`,
    `$string(${output})`,
    `$type(${output})`,
    `'found ' & ${output}.n`,
    `steps.good.output.n + $count(${output})`,
    `${output} ? 'yes' : 'no'`,
    `$exists(${output}) ? ${output}.n : steps.good.output.n`,
    `steps.good.output.items[$count($$.${output}) = 1]`,
    `($list := ${output}; $count($list))`,
    `$lookup(steps, '${id}').output = null`,
    `$map(steps.good.output.items, function($item) { $$.${output} = null })`,
  ];
};

describe.each(['bad', 'after', 'no', 'lost', 'paged'])('the step %s, which has no answer', (id) => {
  test.each(readings(id))('%s gives null', async ($) => {
    const end = await resultOf({ value: { $ }, good: { $: 'steps.good.output.n' } });
    expect(end).toMatchObject({
      state: 'finished',
      partial: true,
      hasFindings: true,
      result: { value: null, good: 2 },
    });
    expect(end.missing?.errors).toEqual([
      { pointer: '/result/value', message: expect.stringContaining('needs the output of') },
    ]);
  });
});

test('a text of which a part reads a failed step gives null', async () => {
  const $text = '{{steps.good.output.n}} of {{$count(steps.bad.output)}}';
  expect((await resultOf({ text: { $text } })).result).toEqual({ text: null });
});

test.each<[string, Json]>([
  ["{ 'good': steps.good.output.n, 'bad': $count(steps.bad.output) }", { good: 2, bad: null }],
  ['{ "good": steps.good.output.n, "in": { "bad": steps.bad.output, "n": 1 } }', { good: 2, in: { bad: null, n: 1 } }],
  [
    "{ 'a,b': $join(['{', ','], \"}\"), 'c': steps.good.output.items.{ 'id': id }, 'd': [steps.bad.output] }",
    { 'a,b': '{},', c: [{ id: 'a' }, { id: 'b' }], d: null },
  ],
  ["{ 'twice': steps.good.output.n, 'twice': steps.bad.output }", null],
  ["{ 'good': steps.good.output.n } ~> $merge([$, { 'bad': steps.bad.output }])", null],
  ['{ steps.bad.output.key: 1 }', null],
  ["{ 'a': 1, /* } */ 'b': steps.bad.output }", null],
  ["[{ 'bad': steps.bad.output }]", null],
])('%s gives the members that read no failed step', async ($, expected) => {
  expect((await resultOf({ $ })).result).toEqual(expected);
});

test('the missing values are named, with the steps that they need', async () => {
  const end = await resultOf({
    count: { $: '$count(steps.bad.output)' },
    total: { $: '$sum(steps.bad.output.n)' },
    later: { $: 'steps.after.output' },
    good: { $: 'steps.good.output.n' },
  });
  expect(end.missing?.text).toBe(
    'The result has no "count" and "total": "find" at CRM failed. It has no "later": "find" at CRM was not run.',
  );
  expect(end.missing?.errors.map(({ pointer }) => pointer)).toEqual([
    '/result/count',
    '/result/total',
    '/result/later',
  ]);
});

test.each<[string, Json, boolean]>([
  ['read from a step that is done', { n: { $: 'steps.good.output.n' }, m: { $: 'steps.bad.output' } }, true],
  ['read from a failed step alone', { m: { $: '$count(steps.bad.output)' } }, false],
  ['written in the plan', { note: 'Here it is.', m: { $: 'steps.bad.output' } }, false],
  ['computed from no step', { at: { $: 'now' }, m: { $: 'steps.bad.output' } }, false],
  ['written in an object with values', { $: "{ 'status': 'ok', 'n': $count(steps.bad.output) }" }, false],
])('a value %s counts as found: %j', async (_, result, isFound) => {
  expect((await resultOf(result)).hasFindings).toBe(isFound);
});

describe('forEach', () => {
  const each: Step = { id: 'each', forEach: { $: "['x', 'y', 'z']" }, args: { query: { q: { $: 'item' } } } };
  const of = async (result: Json, failing: string[]) =>
    (await run(aPlan([each], result), Object.fromEntries(failing.map((id) => [id, broken])))).end;
  const outputs = { all: { $: 'steps.each.output' }, named: { $: 'steps.each.output.query.q' } };

  test('of which some items failed gives null in their places, and its values are there', async () => {
    const end = await of({ ...outputs, count: { $: '$count(steps.each.output)' } }, ['each.1']);
    expect(end).toMatchObject({ partial: true, hasFindings: true });
    expect(end.result).toEqual({
      all: [{ query: { q: 'x' } }, null, { query: { q: 'z' } }],
      named: ['x', 'z'],
      count: 3,
    });
    expect(end.missing).toBeUndefined();
  });

  test('of which every item failed gives nothing', async () => {
    const failing = ['each.0', 'each.1', 'each.2'];
    const end = await of({ ...outputs, count: { $: '$count(steps.each.output)' } }, failing);
    expect(end).toMatchObject({ hasFindings: false, result: { all: null, named: null, count: null } });
    expect(end.missing?.text).toBe('The result has no "all", "named" and "count": "find" at CRM failed.');
  });
});

test('a skipped step has the output null, which an expression may test', async () => {
  const plan = aPlan([{ id: 'maybe', when: { $: 'false' } }, { id: 'good' }], {
    plain: { $: 'steps.maybe.output' },
    chosen: { $: 'steps.maybe.output ? steps.maybe.output.n : steps.good.output.n' },
  });
  const { end } = await run(plan, { good: rows });
  expect(end).toMatchObject({ partial: false, result: { plain: null, chosen: 2 } });
  expect(end.missing).toBeUndefined();
});

test('values computed on the main thread and in a sandbox agree, whichever steps fail', async () => {
  const paths = ['', '.n', '.items', '.items[0]', '.items[1].id', '.none.more'];
  for (let failing = 0; failing < 8; failing++) {
    const ids = ['p', 'q', 'r'];
    const outcome = Object.fromEntries(ids.map((id, bit) => [id, failing & (1 << bit) ? broken : rows]));
    const each = ids.flatMap((id) => paths.map((path) => `steps.${id}.output${path}`));
    const { end } = await run(
      aPlan(
        ids.map((id) => ({ id })),
        { here: each.map(($) => ({ $ })), there: each.map((expression) => ({ $: `(${expression})` })) },
      ),
      outcome,
    );
    const { here, there } = end.result as { here: Json[]; there: Json[] };
    expect(here).toEqual(there);
    const isLost = (index: number) => outcome[ids[Math.floor(index / paths.length)]!] === broken;
    expect(here.map((value, index) => value !== null && isLost(index))).not.toContain(true);
  }
});
