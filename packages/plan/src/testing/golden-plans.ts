// Plans as language models write them, for a garden: the checker must not begin to refuse them.
import type { Json } from '@errand/contracts';
import { gardenTool } from './garden.ts';

type Step = Record<string, unknown> & { id: string };
/** `calls`: the operations of a dry run, in their order; `result`: its result. */
export type Golden = { plan: { goal: string; steps: Step[]; result?: Json }; calls: string[]; result: unknown };

const $ = (expression: string) => ({ $: expression });
const step = (id: string, operation: string, args: object = {}, more: object = {}): Step => ({
  id,
  tool: gardenTool(operation),
  args,
  reason: `For ${id}`,
  ...more,
});
const plots = (query: object = {}) => step('plots', 'listPlots', { query });
const peopleNamed = (name: string) => step('keepers', 'listKeepers', { query: { name } });
const visit = (body: object, more: object = {}) =>
  step('visit', 'logVisit', { body: { kind: 'visit', subject: 'Look in', visitAt: $('now'), ...body } }, more);
const tomorrowAt = (hour: number) => $(`now ~> $startOf('day') ~> $dateAdd(1, 'day') ~> $dateAdd(${hour}, 'hour')`);
type End = [calls: string[], result: unknown];
const golden = (goal: string, steps: Step[], result: Json | undefined, ...[calls, gives]: End): Golden => ({
  plan: { goal, steps, ...(result !== undefined && { result }) },
  calls,
  result: gives,
});

const page = (n: number): Step =>
  step(`p${n}`, 'listPlots', n === 1 ? {} : { query: { cursor: $(`steps.p${n - 1}.output.nextCursor`) } }, {
    ...(n > 1 && { when: $(`$type(steps.p${n - 1}.output.nextCursor) = 'string'`) }),
  });

export const goldenPlans: Golden[] = [
  golden('All plots', [plots()], undefined, ['listPlots'], { total: 9 }),
  golden(
    'Names of the plots in the glasshouse',
    [plots({ bed: 'glasshouse', limit: 100 })],
    { names: $('[steps.plots.output.items.name]') },
    ['listPlots'],
    { names: ['out-items-1-name', 'out-items-2-name', 'out-items-3-name'] },
  ),
  golden(
    'The largest plot',
    [plots({ sortBy: 'area', order: 'desc', limit: 1 })],
    { plot: $('steps.plots.output.items[0].name') },
    ['listPlots'],
    { plot: 'out-items-1-name' },
  ),
  golden(
    'Who keeps Herbs',
    [
      plots({ name: $('pairs.plot') }),
      step('keeper', 'getKeeper', { path: { keeperId: $('steps.plots.output.items[0].keeperId') } }),
    ],
    { keeper: $('steps.keeper.output.name'), email: $('steps.keeper.output.email') },
    ['listPlots', 'getKeeper'],
    { keeper: 'out-name', email: 'out-email@garden.example' },
  ),
  golden(
    'Plots with their keepers, by variables',
    [plots(), step('keepers', 'listKeepers')],
    {
      plots: $(
        "($k := steps.keepers.output.keepers; [steps.plots.output.items.($p := $; {'name': name, 'keeper': $k[id = $p.keeperId].name})])",
      ),
    },
    ['listPlots', 'listKeepers'],
    { plots: [{ name: 'out-items-1-name' }, { name: 'out-items-2-name' }, { name: 'out-items-3-name' }] },
  ),
  golden(
    'Each keeper of a plot once',
    [
      plots(),
      step(
        'each',
        'getKeeper',
        { path: { keeperId: $('item') } },
        { forEach: $('$distinct(steps.plots.output.items.keeperId)') },
      ),
    ],
    { keepers: $('$count(steps.each.output)') },
    ['listPlots', 'getKeeper', 'getKeeper', 'getKeeper'],
    { keepers: 3 },
  ),
  golden(
    'The plot that was planted last',
    [plots()],
    {
      plot: $(
        "$sort(steps.plots.output.items[plantedOn <= $substringBefore($$.now, 'T')], function($l, $r) {$l.plantedOn < $r.plantedOn})[0].name",
      ),
    },
    ['listPlots'],
    { plot: 'out-items-1-name' },
  ),
  golden(
    'Area in all, and its mean',
    [plots({ limit: 100 })],
    { total: $('$round($sum(steps.plots.output.items.area), 2)'), mean: $('$average(steps.plots.output.items.area)') },
    ['listPlots'],
    { total: 48, mean: 16 },
  ),
  golden(
    'Which of two plots is larger',
    [
      step('herbs', 'listPlots', { query: { name: 'Herbs' } }),
      step('beans', 'listPlots', { query: { name: 'Beans' } }),
    ],
    { larger: $("steps.herbs.output.items[0].area > steps.beans.output.items[0].area ? 'Herbs' : 'Beans'") },
    ['listPlots', 'listPlots'],
    { larger: 'Beans' },
  ),
  golden(
    'Whether two keepers are there',
    [step('keepers', 'listKeepers')],
    { both: $("'Ada' in steps.keepers.output.keepers.name and 'Grace' in steps.keepers.output.keepers.name") },
    ['listKeepers'],
    { both: false },
  ),
  golden(
    'Log a visit to Herbs for tomorrow at ten, if there is one plot of that name',
    [
      plots({ name: 'Herbs' }),
      visit(
        { plotId: $('steps.plots.output.items[0].id'), visitAt: tomorrowAt(10) },
        { when: $('$count(steps.plots.output.items) = 1') },
      ),
    ],
    { visit: $('steps.visit.output.id'), found: $('$count(steps.plots.output.items)') },
    ['listPlots'],
    { visit: null, found: 3 },
  ),
  golden(
    'Log a visit to the first plot with its name',
    [
      plots(),
      visit({
        plotId: $('steps.plots.output.items[0].id'),
        subject: { $text: 'Look in on {{steps.plots.output.items[0].name}}' },
      }),
    ],
    { subject: $('steps.visit.output.subject') },
    ['listPlots', 'logVisit'],
    { subject: 'out-subject' },
  ),
  golden(
    'A task for each dry plot',
    [
      plots(),
      step(
        'tasks',
        'logVisit',
        { body: { plotId: $('item.id'), kind: 'task', subject: $("'Water ' & item.name"), visitAt: tomorrowAt(7) } },
        { forEach: $("[steps.plots.output.items[wateredAt < $dateAdd($$.now, -1, 'day')]]") },
      ),
    ],
    { tasks: $("[steps.tasks.output.{'id': id, 'subject': subject}]") },
    ['listPlots', 'logVisit', 'logVisit', 'logVisit'],
    { tasks: [{ id: 'out-id', subject: 'out-subject' }, { id: 'out-id' }, { id: 'out-id' }] },
  ),
  golden(
    'Tell Ada, if there is one Ada',
    [
      peopleNamed('Ada'),
      step(
        'tell',
        'sendNote',
        { body: { to: $('steps.keepers.output.keepers[0].email'), subject: 'Slugs', text: 'The slugs are back.' } },
        { when: $('$count(steps.keepers.output.keepers) = 1') },
      ),
    ],
    { sent: $('$exists(steps.tell.output.id)'), candidates: $('[steps.keepers.output.keepers.name]') },
    ['listKeepers'],
    { sent: false, candidates: ['out-keepers-1-name', 'out-keepers-2-name', 'out-keepers-3-name'] },
  ),
  golden(
    'Tell the keeper who it is, or say that there is none',
    [
      peopleNamed('Ada'),
      step('tell', 'sendNote', {
        body: {
          to: $(
            "$exists(steps.keepers.output.keepers) ? steps.keepers.output.keepers[0].email : $refuse('There is no keeper named Ada.')",
          ),
          text: {
            $text:
              'Dear {{steps.keepers.output.keepers[0].name}}, {{$count(steps.keepers.output.keepers)}} of you are here.',
          },
        },
      }),
    ],
    { id: $('steps.tell.output.id') },
    ['listKeepers', 'sendNote'],
    { id: 'out-id' },
  ),
  golden(
    'Sum up the newest message',
    [step('inbox', 'readInbox')],
    { summary: { $fill: 'One sentence that sums up the newest message, which is the first one' } },
    ['readInbox'],
    { summary: 'filled' },
  ),
  golden(
    'Answer the newest message',
    [
      step('inbox', 'readInbox'),
      step(
        'reply',
        'sendNote',
        { body: { to: { $fill: 'The address of the sender of the newest message' }, text: 'We come on Friday.' } },
        { dependsOn: ['inbox'], when: $('$count(steps.inbox.output.messages) > 0') },
      ),
    ],
    { replied: $('$exists(steps.reply.output.id)') },
    ['readInbox', 'sendNote'],
    { replied: true },
  ),
  golden(
    'Yield by bed, from an export',
    [step('export', 'exportYield')],
    { $fill: 'For each bed in the export: its name and the sum of its yield' },
    ['exportYield'],
    'filled',
  ),
  golden(
    'Count the plots of all pages',
    [page(1), page(2), page(3)],
    { total: $('$count([steps.p1.output.items, steps.p2.output.items, steps.p3.output.items])') },
    ['listPlots', 'listPlots', 'listPlots'],
    { total: 9 },
  ),
  golden(
    'Plots by bed',
    [plots({ limit: 100 })],
    {
      beds: $(
        "($all := steps.plots.output.items; [$distinct($all.bed).($b := $; {'bed': $b, 'count': $count($all[bed = $b])})])",
      ),
    },
    ['listPlots'],
    { beds: [{ bed: 'north', count: 3 }] },
  ),
  golden(
    'The first dry plot with its readings of the last week',
    [
      plots(),
      step('readings', 'listReadings', {
        query: { plotId: $('steps.plots.output.items[0].id'), from: $("$dateAdd(now, -1, 'week')"), to: $('now') },
      }),
      step(
        'water',
        'waterPlot',
        { path: { plotId: $('steps.plots.output.items[0].id') }, body: { litres: 5 } },
        { when: $('steps.readings.output.readings[0].dry') },
      ),
    ],
    { watered: $('steps.water.output.wateredAt'), driest: $('$min(steps.readings.output.readings.moisture)') },
    ['listPlots', 'listReadings', 'waterPlot'],
    { watered: '2026-01-30T08:00:00.000Z', driest: 23 },
  ),
  golden(
    'Log a visit and tell the keeper afterwards',
    [
      plots({ name: 'Herbs' }),
      visit({ plotId: $('steps.plots.output.items[0].id') }),
      step('keeper', 'getKeeper', { path: { keeperId: $('steps.plots.output.items[0].keeperId') } }),
      step(
        'tell',
        'sendNote',
        {
          body: {
            to: $('steps.keeper.output.email'),
            text: { $text: 'A visit is logged for {{steps.visit.output.visitAt}}.' },
          },
        },
        { dependsOn: ['visit'] },
      ),
    ],
    { visit: $('steps.visit.output.id'), note: $('steps.tell.output.id') },
    ['listPlots', 'logVisit', 'getKeeper', 'sendNote'],
    { visit: 'out-id', note: 'out-id' },
  ),
  golden(
    'Keepers whose plots are larger than their share',
    [plots(), step('keepers', 'listKeepers')],
    {
      keepers: $(
        '$map(steps.keepers.output.keepers, function($k) { {"name": $k.name, "area": $sum($filter(steps.plots.output.items, function($p) { $p.keeperId = $k.id }).area)} })',
      ),
    },
    ['listPlots', 'listKeepers'],
    { keepers: [{ name: 'out-keepers-1-name' }, {}, {}] },
  ),
];
