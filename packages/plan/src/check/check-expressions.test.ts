import type { Json, JsonSchema, PlanInput } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const text = { type: 'string' };
const list = (properties: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { items: { type: 'array', items: { type: 'object', properties } }, total: { type: 'integer' } },
});
const deal = { id: text, name: text, ownerId: text, closeDate: text, amount: { type: 'number' } };
const tools = [
  { ...aTool('listDeals', { query: {} }), outputSchema: list(deal) },
  { ...aTool('listUsers', { query: {} }), outputSchema: list({ id: text, name: text, now: text }) },
  aTool('list', { query: {} }),
];
const steps = [
  { id: 'deals', tool: 'crm_1a2b3c4d.listDeals' },
  { id: 'users', tool: 'crm_1a2b3c4d.listUsers' },
  { id: 'things', tool: 'crm_1a2b3c4d.list' },
];
const check = (result: Json, more: object[] = []) =>
  checkPlan({ goal: 'g', steps: [...steps, ...more], result } as PlanInput, { tools, sandbox, mayFill: true });
const checkExpression = async (expression: string) => {
  const checked = await check({ $: expression });
  return {
    complaints: checked.ok ? [] : checked.complaints.map((complaint) => complaint.message),
    doubts: checked.doubts,
  };
};

test.each<[expression: string, remedy: string]>([
  ["steps.deals.output.items[closeDate < $substringBefore(now, 'T')]", '$$.now'],
  ['$count(steps.things.output.items[due < now])', '$$.now'],
  ["steps.deals.output.items.{'name': name, 'owner': steps.users.output.items[id = ownerId].name}", '$$.steps.users'],
  ['steps.things.output{kind: now}', '$$.now'],
  ['steps.things.output^(due < now)', '$$.now'],
  ['steps.things.output[id = pairs.id]', '$$.pairs.id'],
  ['steps.things.output[name = intent]', '$$.intent'],
  ["steps.things.output[due < $startOf($$.now, 'day', timeZone)]", '$$.timeZone'],
])('a root is complained about where names are members of an item, with the remedy: %s', async (expression, remedy) => {
  const { complaints } = await checkExpression(expression);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toContain(`write ${remedy}`);
});

test('so are the item and the index of a step with forEach', async () => {
  const step = (id: string) => ({
    id: 'each',
    tool: 'crm_1a2b3c4d.list',
    forEach: { $: 'steps.things.output' },
    args: { query: { id: { $: id } } },
  });
  for (const [id, remedy] of [
    ['steps.deals.output.items[id = item.dealId].name', '$$.item.dealId'],
    ['steps.deals.output.items[index].name', '$$.index'],
  ] as const)
    expect(await check(null, [step(id)])).toMatchObject({ complaints: [{ message: expect.stringContaining(remedy) }] });
  expect(await check(null, [step('steps.deals.output.items[id = $$.item.dealId].name')])).toMatchObject({ ok: true });
});

test.each([
  "steps.deals.output.items[closeDate < $substringBefore($$.now, 'T')]",
  '$filter(steps.deals.output.items, function($d) { $d.closeDate < now })',
  "($o := steps.users.output.items; [steps.deals.output.items.($d := $; {'name': name, 'owner': $o[id = $d.ownerId].name})])",
  "steps.deals.output.items.{'name': name, 'owner': $$.steps.users.output.items.name}",
  'steps.users.output.items[now > name]',
  'steps.things.output[context.kind = "a" and steps.length > 2]',
  'steps.things.output[$.now = "x"]',
  '$sort(steps.deals.output.items, function($l, $r) { $l.closeDate > $r.closeDate })[0].name',
  'steps.things.output.{"index": index, "item": item}',
])('what means the members of an item passes: %s', async (expression) => {
  expect(await checkExpression(expression)).toEqual({ complaints: [], doubts: [] });
});

test.each<[expression: string, remedy: string]>([
  ["steps.deals.output.items[name == 'won']", 'Equality is =, not ==.'],
  ["steps.deals.output.items[name !== 'won']", 'Inequality is !=, not !==.'],
  ["steps.deals.output.items[name = 'won' && amount > 5]", 'Write and, not &&.'],
  ["steps.deals.output.items[name = '&&' || amount > 5]", 'Write or, not ||.'],
  ['$filter(steps.deals.output.items, d => d.amount > 5)', 'write function($x) { … }'],
  ['steps.deals.output.items[!amount]', 'Write $not(…), not !.'],
  ['steps.deals?.output.items', 'Write a dot, not ?.'],
  ['if (steps.deals.output.total > 1) 1', 'Write condition ? value : other'],
  ['steps.deals.output.items.map(function($d) { $d.name })', '$map(list, …)'],
  ['steps.deals.output.items.find(function($d) { $d.name })', '$filter(list'],
  ['steps.deals.output.items.length()', '$count(list)'],
])('signs of other languages get the remedy: %s', async (expression, remedy) => {
  const { complaints } = await checkExpression(expression);
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toContain(remedy);
});

test('signs inside texts get no remedy', async () => {
  const { complaints } = await checkExpression("steps.deals.output.items[name = 'a == b'");
  expect(complaints[0]).not.toContain('Equality');
});

test.each<[expression: string, words: string]>([
  ["steps.deals.output.total > 0 ? 'true' : 'false'", 'this gives a text'],
  ['$count(steps.deals.output.items)', 'this gives a number'],
  ['[steps.deals.output.items]', 'this gives a list'],
])('a condition that cannot be true or false is refused: %s', async ($, words) => {
  const checked = await check(null, [{ id: 'maybe', tool: 'crm_1a2b3c4d.list', when: { $ } }]);
  expect(checked).toMatchObject({ ok: false, complaints: [{ pointer: '/steps/3/when' }] });
  expect(!checked.ok && checked.complaints[0]!.message).toContain(words);
});

test.each<[expression: string, words: string]>([
  ['steps.deals.output.results[0].id', 'not described to return results there.'],
  ['steps.deals.output.items.length', 'write $count(…)'],
  ['$$.steps.deals.output.items.{"n": name, "o": $$.steps.users.output.items[id = ownerId].name}', 'return ownerId'],
  ['($d := steps.deals.output.items; $sort($d, function($l, $r) { $l.closing > $r.closing }))', 'return closing'],
  ['steps.deals.output.items ~> $filter(function($d) { $d.stage = "won" })', 'return stage'],
])('a member that the output is described without is a doubt: %s', async (expression, words) => {
  const { complaints, doubts } = await checkExpression(expression);
  expect([complaints, doubts.length]).toEqual([[], 1]);
  expect(doubts[0]!.message).toContain(words);
});

test('a condition that is described as no truth value is a doubt', async () => {
  const checked = await check(null, [
    { id: 'maybe', tool: 'crm_1a2b3c4d.list', when: { $: 'steps.deals.output.total' } },
  ]);
  expect(checked).toMatchObject({ ok: true, doubts: [{ pointer: '/steps/3/when' }] });
});
