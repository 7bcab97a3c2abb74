import type { PlanInput } from '@errand/contracts';

/** The customerIntegrationIds of the registrations. */
export type Integrations = { notes: string; vault: string; seats: string };

export const shapes = [
  'reads',
  'sandwich',
  'forEach',
  'parallel',
  'chain',
  'vault',
  'question',
  'pages',
  'unless',
  'ended',
  'asked',
  'look',
  'rerun',
] as const;
export type Shape = (typeof shapes)[number];

/** Pages of a paged list, and items of each. */
export const PAGES = 3;
export const ITEMS = 3;

/** The approval strategies, and their share of 100 errands. */
export const strategies = { NONE: 55, ON_WRITE: 25, ON_TOOL_CALL: 10, ON_START: 10 };
export type Strategy = keyof typeof strategies;

type Step = PlanInput['steps'][number];

/** A paged list. */
const pages = {
  pages: { items: { $: 'page.items' }, next: { $: 'page.next' }, into: 'query.call', max: 5 },
} satisfies Partial<Step>;

/** Makes the steps of a plan. Their calls carry the name of the errand. */
function stepsOf(errand: string, { notes: id, seats }: Integrations) {
  const named = (step: string) => `${errand} ${step}`;
  const read = (step: string, more: Partial<Step> = {}): Step => ({
    id: step,
    tool: `${id}.listItems`,
    args: { query: { call: named(step) } },
    ...more,
  });
  const note = (step: string, more: Partial<Step> = {}): Step => ({
    id: step,
    tool: `${id}.addNote`,
    args: { body: { call: named(step) } },
    ...more,
  });
  const put = (step: string, more: Partial<Step> = {}): Step => ({
    id: step,
    tool: `${id}.putRecord`,
    args: { path: { id: named(step) }, body: { value: errand } },
    ...more,
  });
  const book = (step: string): Step => ({
    id: step,
    tool: `${seats}.book`,
    dependsOn: ['first'],
    args: { call: named(step) },
  });
  const forItems = (step: string, key: 'body' | 'path') => ({
    forEach: { $: 'steps.list.output.items' },
    args: {
      [key]: { [key === 'body' ? 'call' : 'id']: { $: `'${named(step)} ' & item.amount` } },
      ...(key === 'path' && { body: { value: errand } }),
    },
  });
  /** A step with a call that names the moment of its run, so that its calls in a rerun are others. */
  const timed = (step: Step, ...dependsOn: string[]): Step => {
    const call = { $: `'${named(step.id)} ' & now` };
    const isRead = step.tool.endsWith('.listItems');
    const args = step.tool.endsWith('.putRecord')
      ? { path: { id: call }, body: { value: errand } }
      : { body: { call } };
    return { ...step, args: isRead ? { query: { call } } : args, dependsOn };
  };
  return { named, read, note, put, book, forItems, timed };
}

/**
 * A plan with calls that the third party can distinguish: each carries the name of its errand, step and item, as in `r12 note 2`.
 * @param errand a word without spaces
 */
export function planOf(shape: Shape, errand: string, integrations: Integrations): PlanInput {
  const { vault, seats } = integrations;
  const { named, read, note, put, book, forItems, timed } = stepsOf(errand, integrations);
  const steps: Record<Shape, Step[]> = {
    reads: ['a', 'b', 'c', 'd', 'e'].map((step) => read(step)),
    sandwich: [read('before'), note('note', { dependsOn: ['before'] }), read('after', { dependsOn: ['note'] })],
    forEach: [read('list'), note('notes', forItems('notes', 'body')), put('records', forItems('records', 'path'))],
    parallel: [note('one'), note('two'), note('three'), put('four'), put('five')],
    chain: [
      read('first'),
      put('second', { dependsOn: ['first'] }),
      note('third', { dependsOn: ['second'] }),
      put('fourth', { dependsOn: ['third'] }),
    ],
    // It needs a token of its user.
    vault: [read('open', { tool: `${vault}.readVault` }), note('kept', { dependsOn: ['open'] })],
    // A person chooses the name of the call.
    question: [
      read('first'),
      {
        id: 'which',
        tool: 'errand.ask',
        dependsOn: ['first'],
        args: { question: `Which way does ${errand} go?`, choices: ['left', 'right'] },
      },
      note('kept', { args: { body: { call: { $: `'${named('kept')} ' & steps.which.output` } } } }),
    ],
    // Each page leads to the next one; the number of all items names the call.
    pages: [
      read('paged', pages),
      note('sum', { args: { body: { call: { $: `'${named('sum')} ' & $count(steps.paged.output)` } } } }),
    ],
    unless: [
      read('list'),
      note('kept', { unless: { $: '$count(steps.list.output.items) = 0' }, say: 'There is nothing to note.' }),
    ],
    // It ends before it does anything.
    ended: [
      read('list'),
      note('never', { unless: { $: '$count(steps.list.output.items) = 3' }, say: 'All three are there.' }),
    ],
    // An MCP server that asks its user during each of two calls.
    asked: [read('first', { tool: `${seats}.list_items`, args: { call: named('first') } }), book('one'), book('two')],
    // Planned by a model that reads the list first; the number of items names the note.
    look: [
      read('list', pages),
      note('sum', { args: { body: { call: { $: `'${named('sum')} ' & $count(steps.list.output)` } } } }),
    ],
    // Its client reruns it from one of its steps.
    rerun: [
      timed(read('first')),
      timed(note('kept'), 'first'),
      timed(put('second'), 'kept'),
      timed(note('third'), 'second'),
      timed(note('aside')),
      timed(read('after'), 'third'),
    ],
  };
  const count = { $: `$count(steps.${countedStep[shape]}.output)` };
  return { goal: `Errand ${errand}: ${shape}`, steps: steps[shape], result: { errand, shape, count } };
}

/** The step of a shape with answers that the result counts: its last one. */
export const countedStep: Readonly<Record<Shape, string>> = {
  reads: 'e',
  sandwich: 'after',
  forEach: 'records',
  parallel: 'five',
  chain: 'fourth',
  vault: 'kept',
  question: 'kept',
  pages: 'sum',
  unless: 'kept',
  ended: 'never',
  asked: 'two',
  look: 'sum',
  rerun: 'after',
};

/** Steps that must have ended before a step of a shape can. */
export const before: Readonly<Record<Shape, readonly (readonly [earlier: string, later: string])[]>> = {
  reads: [],
  sandwich: [
    ['before', 'note'],
    ['note', 'after'],
  ],
  forEach: [
    ['list', 'notes'],
    ['list', 'records'],
  ],
  parallel: [],
  chain: [
    ['first', 'second'],
    ['second', 'third'],
    ['third', 'fourth'],
  ],
  vault: [['open', 'kept']],
  question: [
    ['first', 'which'],
    ['which', 'kept'],
  ],
  pages: [['paged', 'sum']],
  unless: [['list', 'kept']],
  ended: [],
  asked: [
    ['first', 'one'],
    ['first', 'two'],
  ],
  look: [['list', 'sum']],
  rerun: [
    ['first', 'kept'],
    ['kept', 'second'],
    ['second', 'third'],
    ['third', 'after'],
  ],
};

/** The steps of a plan that is rerun, in the order in which each needs the one before it; `aside` needs none. */
export const chainOfRerun = ['first', 'kept', 'second', 'third', 'after'] as const;
/** The steps from which it is rerun. */
export const rerunFrom = ['kept', 'second', 'third', 'after', 'aside'] as const;

/** The number of calls of a plan by shape. */
export const callCount: Readonly<Record<Shape, number>> = {
  reads: 5,
  sandwich: 3,
  forEach: 7,
  parallel: 5,
  chain: 4,
  vault: 2,
  question: 3,
  pages: PAGES + 1,
  unless: 2,
  ended: 1,
  look: 2,
  asked: 3,
  rerun: 6,
};
