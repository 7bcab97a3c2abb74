import type { Json } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { aPlan, done, runner } from '../testing/run-a-plan.ts';
import { toOutput } from './output.ts';
import type { CallOutcome, Invocation } from './plan-execution.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const run = runner(sandbox);

const query = { type: 'object', properties: { cursor: { type: 'string' }, page: { type: 'integer' }, q: {} } };
const tools = [aTool('find', { query })];
const by = (next: string, into: string, more: object = {}) => ({
  id: 'list',
  args: { query: { q: 'x' } },
  pages: { items: { $: 'page.rows' }, next: { $: next }, into, ...more },
});
const cursor = by('page.next', 'query.cursor');
const total = { n: { $: '$count(steps.list.output)' }, last: { $: 'steps.list.output[-1].n' } };

/** A service with this many rows, two a page; `lead` gives the next page's cursor or link. */
function aService(rows: number, lead: (place: number) => { next?: Json; link?: Json }) {
  const queries: Json[] = [];
  const call = async ({ args }: Invocation): Promise<CallOutcome> => {
    queries.push((args as { query: Json }).query);
    const { cursor: at, page = 1 } = (args as { query: { cursor?: string; page?: number } }).query;
    const from = at === undefined ? (page - 1) * 2 : Number(at.slice(1));
    const some = Array.from({ length: Math.max(0, Math.min(2, rows - from)) }, (_, n) => ({ n: from + n }));
    const { next, link } = from + 2 < rows ? lead(from + 2) : {};
    const output = toOutput({ rows: some, ...(next !== undefined && { next }) });
    return { kind: 'done', output, ...(link !== undefined && { link }) };
  };
  return { asked: queries, call };
}

test('pages are read one after another, and the output is the list of all items', async () => {
  const { asked: queries, call } = aService(5, (place) => ({ next: `c${place}` }));
  const { end, outputOf } = await run(aPlan([cursor], total), {}, { call, tools });
  expect(queries).toEqual([{ q: 'x' }, { q: 'x', cursor: 'c2' }, { q: 'x', cursor: 'c4' }]);
  expect(outputOf('list')).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })));
  expect(end.result).toEqual({ n: 5, last: 4 });
  const list = end.steps.get('list')!;
  expect(list.paged).toEqual({ itemCount: 5, capped: false });
  expect(list.calls.map(({ toolCallId }) => toolCallId)).toEqual(['list', 'list.p2', 'list.p3']);
});

test.each<[string, string, string]>([
  ['the number of the page', 'pageCount + 1', 'page'],
  ['what a header links to, in the type that the argument has', 'link.page', 'page'],
])('%s leads on, too', async (_, next, into) => {
  const { asked: queries, call } = aService(3, (place) => ({ link: { page: String(place / 2 + 1) } }));
  const { end } = await run(aPlan([by(next, `query.${into}`)], total), {}, { call, tools });
  expect(end.result).toEqual({ n: 3, last: 2 });
  expect(queries.slice(0, 2)).toEqual([{ q: 'x' }, { q: 'x', page: 2 }]);
});

test('after an empty page a number leads nowhere, so that no page is asked for without end', async () => {
  const { asked: queries, call } = aService(2, () => ({}));
  const { end } = await run(aPlan([by('pageCount + 1', 'query.page')]), {}, { call, tools });
  expect(queries).toHaveLength(2);
  expect(end.steps.get('list')?.paged).toEqual({ itemCount: 2, capped: false });
});

test('the maximum of the plan is read, and the output is marked as possibly incomplete', async () => {
  const { asked: queries, call } = aService(9, (place) => ({ next: `c${place}` }));
  const { end } = await run(aPlan([by('page.next', 'query.cursor', { max: 2 })]), {}, { call, tools });
  expect(queries).toHaveLength(2);
  expect(end.steps.get('list')?.paged).toEqual({ itemCount: 4, capped: true });
});

test('a step that must be complete fails instead', async () => {
  const whole = (rows: number) => {
    const { call } = aService(rows, (place) => ({ next: `c${place}` }));
    return run(aPlan([by('page.next', 'query.cursor', { max: 2, complete: true })], total), {}, { call, tools });
  };
  expect((await whole(4)).end.result).toEqual({ n: 4, last: 3 });
  const { end } = await whole(5);
  expect(end.steps.get('list')?.error).toMatchObject({
    code: 'nothing_found',
    message: '"find" at CRM has more than the first 4 items, and no more were to be read.',
  });
});

test('a page that fails fails the step', async () => {
  const { call } = aService(9, (place) => ({ next: `c${place}` }));
  const broken: CallOutcome = { kind: 'failed', code: 'upstream_error', message: 'The service answered 500.' };
  const second = async (ask: Invocation) => (ask.toolCallId === 'list.p2' ? broken : call(ask));
  const { end, states } = await run(aPlan([cursor], total), {}, { call: second, tools });
  expect(states).toEqual({ list: 'failed' });
  expect(end.steps.get('list')?.error).toMatchObject({ code: 'upstream_error' });
});

test.each<[string, (place: number) => { next?: Json }, string, RegExp]>([
  ['the same place again and again', () => ({ next: 'c2' }), 'tool_failed', /same next page repeatedly/],
  ['an object', () => ({ next: { a: 1 } }), 'expression_failed', /neither a text nor a number/],
])('a service that leads on with %s fails the step', async (_, lead, code, words) => {
  const { call } = aService(9, lead);
  const { end } = await run(aPlan([cursor]), {}, { call, tools });
  expect(end.steps.get('list')?.error).toMatchObject({ code, message: expect.stringMatching(words) });
});

test('an answer without the list has no items, one with something else there fails', async () => {
  const none = await run(aPlan([cursor]), { list: done({}) }, { tools });
  expect(none.end.steps.get('list')?.paged).toEqual({ itemCount: 0, capped: false });
  const odd = await run(aPlan([cursor]), { list: done({ rows: { a: 1 } }) }, { tools });
  expect(odd.end.steps.get('list')?.error?.message).toContain('has no list of items');
});

test('with forEach each item has its own pages', async () => {
  const { call } = aService(3, (place) => ({ next: `c${place}` }));
  const plan = aPlan([{ ...cursor, forEach: { $: "['a', 'b']" }, args: { query: { q: { $: 'item' } } } }]);
  const { end, outputOf } = await run(plan, {}, { call, tools });
  expect(outputOf('list')).toEqual([
    [{ n: 0 }, { n: 1 }, { n: 2 }],
    [{ n: 0 }, { n: 1 }, { n: 2 }],
  ]);
  expect(end.steps.get('list')?.paged).toEqual({ itemCount: 6, capped: false });
  expect(end.steps.get('list')?.calls.map(({ toolCallId }) => toolCallId)).toContain('list.1.p2');
});

test('a model gets the first pages', async () => {
  const { call } = aService(9, (place) => ({ next: `c${place}` }));
  const outputs: Json[] = [];
  const fill = async (ask: { outputs: object }) => {
    outputs.push({ ...ask.outputs } as Json);
    return { kind: 'done', values: [{ value: 'x' }] } as const;
  };
  await run(aPlan([cursor], { $fill: 'sum up' }), {}, { call, tools, fill });
  expect(outputs).toEqual([{ list: JSON.stringify(Array.from({ length: 9 }, (_, n) => ({ n }))) }]);
});
