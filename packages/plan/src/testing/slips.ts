// Slips that language models make in plans, for the garden.
import type { Json } from '@errand/contracts';
import { gardenTool } from './garden.ts';

/**
 * The outcome of a slip. `refused`: words of the complaint. `doubted`: words of the doubt; the same plan then runs, and ends as in `ends`.
 * `ends` alone: no fault shows before it runs.
 */
export type Slip = {
  plan: unknown;
  refused?: string;
  doubted?: string;
  ends?: { states: Record<string, string>; result?: Json; error?: string };
};

const plots = { id: 'plots', tool: gardenTool('listPlots'), args: { query: { bed: 'north' } } };
const get = (plotId: Json) => ({ id: 'one', tool: gardenTool('getPlot'), args: { path: { plotId } } });
const visit = (body: object, more: object = {}) => ({
  id: 'visit',
  tool: gardenTool('logVisit'),
  args: {
    body: {
      kind: 'task',
      plotId: { $: 'steps.plots.output.items[0].id' },
      subject: 'x',
      visitAt: { $: 'now' },
      ...body,
    },
  },
  ...more,
});
const plan = (steps: unknown[], result?: unknown) => ({ goal: 'g', steps, ...(result !== undefined && { result }) });
const gives = ($: string) => plan([plots], { $ });
const query = (args: object, more: object = {}) => plan([{ ...plots, args, ...more }]);

export const slips: Record<string, Slip> = {
  'double equals': { plan: gives("steps.plots.output.items[bed == 'north']"), refused: 'Equality is =, not ==.' },
  'and by signs': { plan: gives("steps.plots.output.items[bed = 'north' && area > 5]"), refused: 'Write and, not &&.' },
  'an arrow function': {
    plan: gives('$map(steps.plots.output.items, p => p.name)'),
    refused: 'write function($x) { … }',
  },
  'a method': { plan: gives('steps.plots.output.items.map(function($p) { $p.name })'), refused: '$map(list, …)' },
  'the length of a list': {
    plan: gives('steps.plots.output.items.length'),
    doubted: 'For the number of items write $count(…).',
    ends: { states: { plots: 'done' }, result: null },
  },
  'a template in a text': {
    plan: plan([plots, visit({ subject: 'Water {{steps.plots.output.items[0].name}}' })]),
    refused: '{"$text": "Call {{steps.deals.output.name}}"}',
  },
  'a template with a dollar sign': {
    plan: plan([plots, get('$\u007bsteps.plots.output.items[0].id}')]),
    refused: 'is not computed here',
  },
  'an expression as plain text': {
    plan: plan([plots, get('steps.plots.output.items[0].id')]),
    refused: 'is not computed',
  },
  'a sum of texts as plain text': {
    plan: plan([plots, visit({ subject: "'Water ' & steps.plots.output.items[0].name" })]),
    refused: 'is not computed here',
  },
  'a binding written into a text': {
    plan: plan([plots, get('{"$": "steps.plots.output.items[0].id"}')]),
    refused: 'is not computed here',
  },
  'a member that the output does not have': {
    plan: plan([plots, get({ $: 'steps.plots.output.results[0].plotId' })]),
    doubted: 'not described to return results there. There are items, total, nextCursor.',
    ends: { states: { plots: 'done', one: 'failed' }, error: 'gave nothing that fits' },
  },
  'the output left out': { plan: gives('steps.plots.items'), refused: 'write steps.plots.output.items' },
  'steps inside a map': {
    plan: plan([plots, { id: 'keepers', tool: gardenTool('listKeepers') }], {
      $: "[steps.plots.output.items.{'name': name, 'keeper': steps.keepers.output.keepers[id = keeperId].name}]",
    }),
    refused: 'write $$.steps.keepers',
  },
  'a filter that compares with a member of another list': {
    plan: plan([plots, { id: 'keepers', tool: gardenTool('listKeepers') }], {
      $: "[steps.plots.output.items.{'name': name, 'keeper': $$.steps.keepers.output.keepers[id = keeperId].name}]",
    }),
    doubted: 'not described to return keeperId there',
    ends: { states: { plots: 'done', keepers: 'done' } },
  },
  'now in a filter': { plan: gives('$count(steps.plots.output.items[wateredAt < now])'), refused: 'write $$.now' },
  'arguments without their group': { plan: query({ bed: 'north', limit: 5 }), refused: 'There is query.' },
  'a number as text': { plan: query({ query: { minArea: '5' } }), refused: 'must be number' },
  'an enum in capitals': { plan: query({ query: { bed: 'North' } }), refused: '"north", "south", "glasshouse"' },
  'item without forEach': {
    plan: query({ query: { keeperId: { $: 'item.id' } } }),
    refused: 'only when the step has forEach',
  },
  'a condition that gives a list': {
    plan: plan([plots, { ...get({ $: 'steps.plots.output.items[0].id' }), when: { $: 'steps.plots.output.items' } }]),
    doubted: 'when must give true or false',
    ends: { states: { plots: 'done', one: 'failed' }, error: 'its condition gives a list instead of true or false' },
  },
  'a condition that gives a text': {
    plan: plan([plots, { ...get('x'), when: { $: "steps.plots.output.total > 0 ? 'true' : 'false'" } }]),
    refused: 'this gives a text',
  },
  'a condition that counts': {
    plan: plan([plots, { ...get('x'), when: { $: '$count(steps.plots.output.items)' } }]),
    refused: 'this gives a number',
  },
  'a function that is not there': {
    plan: gives('$dateAddDays(now, 1)'),
    refused: 'no function or variable $dateAddDays',
  },
  'a key of a step that is not there': { plan: plan([{ ...plots, retries: 3 }]), refused: 'retries' },
  'a binding beside another key': {
    plan: plan([plots], { $: 'steps.plots.output', note: 'x' }),
    refused: 'stand alone',
  },
  'a fill that is no text': { plan: plan([plots], { x: { $fill: { prompt: 'x' } } }), refused: '$fill must be text' },
  'no steps': { plan: plan([], 'hello'), refused: '>=1 items' },
  'a result that is made up': {
    plan: plan([plots], { plots: 12 }),
    refused: 'Nothing of this result comes from the steps',
  },
  'an id with a dash': { plan: plan([{ ...plots, id: 'list-plots' }]), refused: 'Must start with a letter' },
  'no goal': { plan: { steps: [plots] }, refused: 'expected string' },
  'a step that needs itself': { plan: plan([{ ...plots, dependsOn: ['plots'] }]), refused: 'waits for' },
  'the goal in a result': {
    plan: gives("intent & ': ' & $string(steps.plots.output.total)"),
    ends: { states: { plots: 'done' }, result: 'Look after the garden: 9' },
  },
};
