import type { PlanInput } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const query = { type: 'object', properties: { cursor: { type: 'string' }, limit: { type: 'integer' } } };
const tools = [aTool('list', { query }), aTool('send', { query }, { effect: 'write' })];
const pages = { items: { $: 'page.items' }, next: { $: 'page.next' }, into: 'query.cursor' };
const check = (of: object, more: object = {}) =>
  checkPlan({ goal: 'g', steps: [{ id: 'a', tool: 'crm_1a2b3c4d.list', pages: of, ...more }] } as PlanInput, {
    tools,
    sandbox,
    mayFill: false,
  });

test('pages of a read are accepted, ten unless the plan says how many', async () => {
  expect(await check(pages)).toMatchObject({ ok: true, plan: { steps: [{ pages: { max: 10 } }] } });
  expect(await check({ ...pages, next: { $: '$count(page.items) = 20 ? itemCount' } })).toMatchObject({ ok: true });
  expect(await check({ ...pages, next: { $: 'link.cursor' } }, { args: { query: { limit: 20 } } })).toMatchObject({
    ok: true,
  });
});

test.each<[string, object, string, string]>([
  ['another place for the items', { ...pages, items: { $: 'page.items[ok]' } }, '/items', 'plain path from page'],
  ['items of a step', { ...pages, items: { $: 'steps.b.output' } }, '/items', 'plain path from page'],
  ['an unknown argument', { ...pages, into: 'query.curser' }, '/into', 'Did you mean cursor?'],
  ['an unknown group', { ...pages, into: 'body.cursor' }, '/into', 'has no body'],
  ['an unknown root', { ...pages, next: { $: 'output.next' } }, '/next', 'pageCount'],
  ['too many pages', { ...pages, max: 101 }, '/max', ''],
])('%s is complained about', async (_, of, at, words) => {
  expect(await check(of)).toMatchObject({
    complaints: [{ pointer: `/steps/0/pages${at}`, message: expect.stringContaining(words) }],
  });
});

test('only reads have pages, and page is nowhere else', async () => {
  expect(await check(pages, { tool: 'crm_1a2b3c4d.send' })).toMatchObject({
    complaints: [{ pointer: '/steps/0/pages', message: expect.stringContaining('only reads have pages') }],
  });
  expect(await check(pages, { args: { query: { cursor: { $: 'page.next' } } } })).toMatchObject({
    complaints: [{ pointer: '/steps/0/args/query/cursor' }],
  });
});

test('a search by POST has pages, though it is approved as a write', async () => {
  const search = {
    ...aTool('searchDeals', { query }, { effect: 'write' }),
    method: 'POST',
    description: 'Search deals',
  };
  const step = { id: 'a', tool: search.name, pages };
  const checked = await checkPlan({ goal: 'g', steps: [step] } as PlanInput, {
    tools: [search],
    sandbox,
    mayFill: false,
  });
  expect(checked).toMatchObject({ ok: true });
});
