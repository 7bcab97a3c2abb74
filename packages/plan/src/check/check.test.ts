import type { PlanInput, ToolSpec } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const text = { type: 'string' };
const tools: ToolSpec[] = [
  aTool('searchAccounts', { query: { type: 'object', properties: { name: text, limit: { type: 'integer' } } } }),
  aTool('listDeals', {
    query: {
      type: 'object',
      properties: { accountId: text, state: { enum: ['open', 'won'] }, from: { type: 'string', format: 'date' } },
      required: ['accountId'],
    },
  }),
  aTool(
    'createDeal',
    { body: { $ref: '#/definitions/Deal' } },
    {
      effect: 'write',
      definitions: {
        Deal: {
          type: 'object',
          properties: { title: text, tags: { type: 'array', items: text } },
          required: ['title'],
        },
      },
    },
  ),
];

const search = { id: 'account', tool: 'crm_1a2b3c4d.searchAccounts', args: { query: { name: 'Northwind' } } };
const deals = {
  id: 'deals',
  tool: 'crm_1a2b3c4d.listDeals',
  args: { query: { accountId: { $: 'steps.account.output.items[0].id' } } },
};
const check = (steps: unknown[], result?: unknown, mayFill = false) =>
  checkPlan({ goal: 'Deals', steps, ...(result === 'then' ? { then: 'plan' } : { result }) } as PlanInput, {
    tools,
    sandbox,
    mayFill,
    endsBecause: 'Nobody plans on.',
  });

test('a sound plan is accepted with its order and dependencies', async () => {
  const checked = await check([deals, search], { $: 'steps.deals.output.items' });
  expect(checked).toMatchObject({ ok: true, order: ['account', 'deals'] });
  expect(checked.ok && [...checked.dependencies]).toEqual([
    ['deals', ['account']],
    ['account', []],
  ]);
});

test.for<[string, unknown[], unknown, string, string]>([
  [
    'an unknown tool',
    [{ ...search, tool: 'crm_1a2b3c4d.searchAccount' }],
    undefined,
    '/steps/0/tool',
    'Did you mean crm_1a2b3c4d.searchAccounts?',
  ],
  ['a wrong effect', [{ ...search, effect: 'write' }], undefined, '/steps/0/effect', '"effect": "read"'],
  ['an id twice', [search, search], undefined, '/steps/1/id', 'named account too'],
  [
    'an unknown dependency',
    [{ ...search, dependsOn: ['acount'] }],
    undefined,
    '/steps/0/dependsOn/0',
    'There is no step acount',
  ],
  [
    'a cycle through an expression',
    [{ ...search, dependsOn: ['deals'] }, deals],
    undefined,
    '/steps/0',
    'waits for deals',
  ],
  [
    'a step that reads itself',
    [{ ...search, when: { $: 'steps.account.output' } }],
    undefined,
    '/steps/0/when',
    'cannot read its own output',
  ],
  ['an unknown step in an expression', [deals], undefined, '/steps/0/args/query/accountId', 'there is no step account'],
  [
    'a step read without output',
    [search, { ...deals, args: { query: { accountId: { $: 'steps.account.items[0].id' } } } }],
    undefined,
    '/steps/1/args/query/accountId',
    'write steps.account.output.items',
  ],
  [
    'a step id used as a root',
    [search, { ...deals, args: { query: { accountId: { $: 'account.items[0].id' } } } }],
    undefined,
    '/steps/1/args/query/accountId',
    'write steps.account.output',
  ],
  [
    'item without forEach',
    [{ ...search, args: { query: { name: { $: 'item' } } } }],
    undefined,
    '/steps/0/args/query/name',
    'only when the step has forEach',
  ],
  [
    'item in when',
    [{ ...search, forEach: { $: 'input' }, when: { $: 'item.ok' } }],
    undefined,
    '/steps/0/when',
    'filter the list',
  ],
  [
    'an end without words',
    [search, { ...deals, unless: { $: 'steps.account.output.items = []' } }],
    undefined,
    '/steps/1/unless',
    'add say, one sentence',
  ],
  ['words without an end', [{ ...search, say: 'Nothing.' }], undefined, '/steps/0/say', 'add unless'],
  [
    'item in unless',
    [{ ...search, forEach: { $: 'input' }, unless: { $: 'item.ok' }, say: { $: 'item.name' } }],
    undefined,
    '/steps/0/say',
    'say is decided once',
  ],
  ['no end of its own, where nobody plans on', [search], 'then', '/then', 'Nobody plans on.'],
  ['a syntax error', [search], { $: 'steps.account.' }, '/result', 'at character'],
  ['an unknown function', [search], { $: '$uniq(steps.account.output)' }, '/result', 'no function or variable $uniq'],
  ['an unsupported regex', [search], { $: '$match(intent, /(?<=a)b/)' }, '/result', 'not supported'],
  [
    'a binding beside other members',
    [{ ...search, args: { query: { name: { $: 'intent', x: 1 } } } }],
    undefined,
    '/steps/0/args/query/name',
    'stand alone',
  ],
  [
    'a fill without a model',
    [{ ...search, args: { query: { name: { $fill: 'the name' } } } }],
    undefined,
    '/steps/0/args/query/name',
    'No model',
  ],
  [
    'an unknown group',
    [{ ...search, args: { queries: { name: 'x' } } }],
    undefined,
    '/steps/0/args/queries',
    'There is query.',
  ],
  [
    'an unknown property beside a binding',
    [search, { ...deals, args: { query: { accountId: { $: 'intent' }, status: 'won' } } }],
    undefined,
    '/steps/1/args/query/status',
    'Did you mean state?',
  ],
  [
    'a missing property',
    [{ ...deals, args: { query: { state: { $: 'intent' } } } }],
    undefined,
    '/steps/0/args/query',
    'requires accountId',
  ],
  [
    'a literal outside an enum',
    [search, { ...deals, args: { query: { ...deals.args.query, state: 'lost' } } }],
    undefined,
    '/steps/1/args/query/state',
    '"open", "won"',
  ],
  [
    'a literal of the wrong type',
    [{ ...search, args: { query: { name: 5 } } }],
    undefined,
    '/steps/0/args/query/name',
    'string',
  ],
  [
    'a literal of the wrong format',
    [search, { ...deals, args: { query: { ...deals.args.query, from: 'today' } } }],
    undefined,
    '/steps/1/args/query/from',
    'date',
  ],
  [
    'a wrong item behind a reference',
    [{ id: 'new', tool: 'crm_1a2b3c4d.createDeal', args: { body: { title: { $: 'intent' }, tags: ['a', 5] } } }],
    undefined,
    '/steps/0/args/body/tags/1',
    'string',
  ],
  ['no steps', [], undefined, '/steps', ''],
])('a plan with %s is refused with what would be right', async ([_name, steps, result, pointer, words]) => {
  const checked = await check(steps, result);
  expect(checked).toMatchObject({
    ok: false,
    complaints: expect.arrayContaining([{ pointer, message: expect.stringContaining(words) }]),
  });
});

test('fills are accepted when a model is there', async () => {
  expect(await check([{ ...search, args: { query: { name: { $fill: 'the name' } } } }], undefined, true)).toMatchObject(
    { ok: true },
  );
});

test('a plan that looks first only reads, and has no result', async () => {
  const then = (steps: unknown[], more: object = {}) =>
    checkPlan({ goal: 'Look', steps, then: 'plan', ...more }, { tools, sandbox, mayFill: false });
  expect(await then([search])).toMatchObject({ ok: true, plan: { then: 'plan' } });
  const write = { id: 'new', tool: 'crm_1a2b3c4d.createDeal', args: { body: { title: 'x' } } };
  const mayWrite = ['crm_1a2b3c4d.createDeal'];
  expect(await then([search], { mayWrite })).toMatchObject({ ok: true, plan: { mayWrite } });
  expect(await then([search], { mayWrite: [...mayWrite, search.tool, 'crm_1a2b3c4d.gone'] })).toMatchObject({
    complaints: [
      { pointer: '/mayWrite/1', message: expect.stringContaining('is a read tool') },
      { pointer: '/mayWrite/2', message: 'There is no tool crm_1a2b3c4d.gone.' },
    ],
  });
  expect(await checkPlan({ goal: 'g', steps: [search], mayWrite }, { tools, sandbox, mayFill: false })).toMatchObject({
    complaints: [{ pointer: '/mayWrite' }],
  });
  expect(await then([search, write], { result: 1 })).toMatchObject({
    complaints: [
      { pointer: '/then', message: expect.stringContaining('in place of result') },
      { pointer: '/steps/1/tool', message: expect.stringContaining('only reads') },
    ],
  });
});

test.each<[string, unknown, string]>([
  ['no object', undefined, 'is an object'],
  ['too large', { goal: 'x', steps: [search], result: 'x'.repeat(300_000) }, '256 KiB'],
  ['too deep', { goal: 'x', steps: [search], result: JSON.parse('['.repeat(200) + ']'.repeat(200)) }, '64 levels'],
])('a plan that is %s is refused', async (_name, plan, words) => {
  const checked = await checkPlan(plan, { tools, sandbox, mayFill: false });
  expect(checked).toMatchObject({ ok: false, complaints: [{ message: expect.stringContaining(words) }] });
});

test('all errors of a plan are reported at once', async () => {
  const checked = await check([{ ...search, effect: 'write', args: { query: { nam: 1 } } }], { $: 'nothing' });
  expect(!checked.ok && checked.complaints.map((complaint) => complaint.pointer)).toEqual([
    '/steps/0/effect',
    '/result',
    '/steps/0/args/query/nam',
  ]);
});

test('tools are read by the names in the plan, and all names only once one is unknown', async () => {
  const requests: (readonly string[])[] = [];
  let listed = 0;
  const source = {
    named: async (names: readonly string[]) => {
      requests.push(names);
      return tools.filter(({ name }) => names.includes(name));
    },
    unusable: async () => new Map(),
    names: async () => {
      listed++;
      return tools.map(({ name }) => name);
    },
  };
  const check = (steps: object[]) => checkPlan({ goal: 'Find it', steps }, { tools: source, sandbox, mayFill: false });
  expect((await check([search, deals])).ok).toBe(true);
  expect([requests, listed]).toEqual([[[search.tool, deals.tool]], 0]);
  const wrong = await check([{ ...search, tool: 'crm_1a2b3c4d.searchAccount' }]);
  expect(wrong).toMatchObject({
    complaints: [{ message: expect.stringContaining('Did you mean crm_1a2b3c4d.searchAccounts?') }],
  });
  expect(listed).toBe(1);
});

test('a plan of many wrong names among thousands of tools is refused in a moment', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `crm_1a2b3c4d.${'operation'.repeat(6)}${i}`);
  const source = { named: async () => [], unusable: async () => new Map(), names: async () => names };
  const steps = Array.from({ length: 100 }, (_, i) => ({
    id: `s${i}`,
    tool: `crm_1a2b3c4d.${'wrong'.repeat(11)}${i}`,
  }));
  const before = process.cpuUsage();
  expect((await checkPlan({ goal: 'Find it', steps }, { tools: source, sandbox, mayFill: false })).ok).toBe(false);
  expect(process.cpuUsage(before).user).toBeLessThan(1_500_000);
});
