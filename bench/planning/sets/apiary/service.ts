import { atLeast, atMost, contains, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, removes, type Thing } from '../rest.ts';
import { day, list, object, oneOf, text, whole } from '../schemas.ts';
import { dayAt, seed } from './data.ts';
import * as doc from './document.ts';

const PAGE_SIZE = 10;
const TODAY = dayAt(0);
const hive_id = text('Hive, e.g. hv_012');

/** Ten items a page; a cursor leads to the next one. */
const paging: Paging = {
  query: [{ name: 'cursor', schema: text('Where to go on: `next_cursor` of the page before') }],
  answer: (item) =>
    object({
      'items!': list(item, 'At most ten items'),
      'next_cursor!': { type: ['string', 'null'], description: 'Cursor of the next page; null on the last one' },
    }),
  cut(rows, { cursor }) {
    const start = cursor === undefined ? 0 : Number(Buffer.from(String(cursor), 'base64url').toString().slice(1));
    if (!Number.isInteger(start)) throw new Refused(422, 'cursor is not one of ours');
    const end = start + PAGE_SIZE;
    const next = end < rows.length ? Buffer.from(`@${end}`).toString('base64url') : null;
    return { items: rows.slice(start, end), next_cursor: next };
  },
};

const HIVE: Thing = ['hives', 'hive_id', 'Hive'];
const BEEKEEPER: Thing = ['keepers', 'keeper_id', 'Keeper'];
const SALE: Thing = ['sales', 'sale_id', 'Sale'];
const byHive = same('hive_id', text('Only those of this hive'));
const byKeeper = same('keeper_id', text('Only those of this beekeeper'));

const operations: Operation[] = [
  lists(['list_apiaries', '/apiaries', 'List apiaries'], ['apiaries', 'Apiary'], {
    paging,
    filters: [byKeeper, contains('search', text('Words of the name'), 'name')],
  }),
  gets(['get_apiary', '/apiaries/{apiary_id}', 'Get an apiary'], ['apiaries', 'apiary_id', 'Apiary']),
  lists(['list_keepers', '/keepers', 'List beekeepers'], ['keepers', 'Keeper'], {
    paging,
    filters: [contains('search', text('Words of the name'), 'name'), same('role', oneOf('Only this role', doc.ROLES))],
  }),
  gets(['get_keeper', '/keepers/{keeper_id}', 'Get a beekeeper'], BEEKEEPER),
  changes(['update_keeper', '/keepers/{keeper_id}', 'Change a beekeeper'], BEEKEEPER, {
    method: 'patch',
    body: object({
      name: text('Full name'),
      email: text('Email address', { format: 'email' }),
      phone: text('Phone number'),
      role: oneOf('Role in the association', doc.ROLES),
    }),
  }),
  lists(['list_hives', '/hives', 'List hives'], ['hives', 'Hive'], {
    paging,
    filters: [
      same('apiary_id', text('Only those in this apiary')),
      same('status', oneOf('Only colonies in this state', doc.HIVE_STATES)),
    ],
  }),
  gets(['get_hive', '/hives/{hive_id}', 'Get a hive'], HIVE),
  adds(['create_hive', '/hives', 'Set up a hive'], ['hives', 'Hive'], {
    body: object({
      'name!': text('Name painted on the hive'),
      'apiary_id!': text('Apiary it stands in'),
      boxes: whole('Number of boxes'),
    }),
    set: { status: 'empty', boxes: 1, installed_on: TODAY },
  }),
  changes(['update_hive', '/hives/{hive_id}', 'Change a hive, or move it to another apiary'], HIVE, {
    method: 'patch',
    body: object({
      name: text('Name painted on the hive'),
      apiary_id: text('Apiary it stands in'),
      status: oneOf('State of the colony', doc.HIVE_STATES),
      boxes: whole('Number of boxes'),
    }),
  }),
  lists(['list_queens', '/queens', 'List queens'], ['queens', 'Queen'], {
    paging,
    filters: [byHive, same('breed', text('Only this breed')), same('born_year', whole('Only those born in this year'))],
  }),
  changes(['mark_queen', '/queens/{queen_id}/mark', 'Mark a queen with a colour'], ['queens', 'queen_id', 'Queen'], {
    body: object({ 'marked!': oneOf('Colour of the mark', doc.MARKS) }),
  }),
  lists(['list_inspections', '/inspections', 'List inspections, oldest first'], ['inspections', 'Inspection'], {
    paging,
    filters: [
      byHive,
      byKeeper,
      same('temper', oneOf('Only bees of this temper', doc.TEMPERS)),
      atLeast('since', day('On this day or later'), 'inspected_at'),
      atMost('until', day('On this day or earlier'), 'inspected_at'),
    ],
  }),
  adds(
    ['add_inspection', '/hives/{hive_id}/inspections', 'Record an inspection of a hive'],
    ['inspections', 'Inspection'],
    {
      within: 'hive_id',
      body: object({
        'keeper_id!': text('Beekeeper who looked into the hive'),
        'remarks!': text('Remarks'),
        mites: whole('Varroa mites that were counted'),
        temper: oneOf('Temper of the bees', doc.TEMPERS),
      }),
      set: { inspected_at: `${TODAY}T09:00:00Z`, mites: 0, temper: 'calm' },
    },
  ),
  lists(['list_harvests', '/harvests', 'List harvests, oldest first'], ['harvests', 'Harvest'], {
    paging,
    filters: [
      byHive,
      same('honey', oneOf('Only this kind of honey', doc.HONEYS)),
      atLeast('since', day('On this day or later'), 'harvested_on'),
      atMost('until', day('On this day or earlier'), 'harvested_on'),
    ],
  }),
  adds(['add_harvest', '/harvests', 'Record a harvest'], ['harvests', 'Harvest'], {
    body: object({
      'hive_id!': hive_id,
      'honey!': oneOf('Kind of honey', doc.HONEYS),
      'weight_grams!': whole('Weight in grams'),
    }),
    set: { harvested_on: TODAY },
  }),
  removes(
    ['delete_harvest', '/harvests/{harvest_id}', 'Delete a harvest that was recorded by mistake'],
    ['harvests', 'harvest_id'],
  ),
  lists(['list_treatments', '/treatments', 'List treatments against mites'], ['treatments', 'Treatment'], {
    paging,
    filters: [byHive, same('status', oneOf('Running or ended', ['running', 'ended']))],
  }),
  adds(['start_treatment', '/treatments', 'Start a treatment of a hive'], ['treatments', 'Treatment'], {
    body: object({
      'hive_id!': hive_id,
      'product!': text('What is given, e.g. thymol'),
      'dose_ml!': whole('Dose in millilitres'),
    }),
    set: { started_on: TODAY, ended_on: null, status: 'running' },
  }),
  changes(
    ['end_treatment', '/treatments/{treatment_id}/end', 'End a running treatment'],
    ['treatments', 'treatment_id', 'Treatment'],
    { set: { status: 'ended', ended_on: TODAY }, only: ['running'] },
  ),
  lists(['list_sales', '/sales', 'List sales of honey'], ['sales', 'Sale'], {
    paging,
    filters: [
      contains('customer', text('Name of the customer, or part of it'), 'customer'),
      same('status', oneOf('Only sales in this state', doc.SALE_STATES)),
      atLeast('min_total_cents', whole('At least this total, in euro cents'), 'total_cents'),
      atLeast('since', day('Ordered on this day or later'), 'ordered_on'),
    ],
  }),
  gets(['get_sale', '/sales/{sale_id}', 'Get a sale'], SALE),
  adds(['create_sale', '/sales', 'Take an order for honey'], ['sales', 'Sale'], {
    body: object({
      'customer!': text('Name of the customer'),
      'jars!': whole('Number of jars'),
      'jar_grams!': whole('Size of a jar in grams'),
      'total_cents!': whole('Total in euro cents'),
    }),
    set: { ordered_on: TODAY, status: 'ordered' },
  }),
  changes(['deliver_sale', '/sales/{sale_id}/deliver', 'Mark a sale as delivered'], SALE, {
    set: { status: 'delivered' },
    only: ['ordered', 'packed'],
  }),
  changes(['refund_sale', '/sales/{sale_id}/refund', 'Refund a sale'], SALE, {
    body: object({ comment: text('Why') }),
    set: { status: 'refunded' },
    only: ['packed', 'delivered'],
  }),
  lists(['list_swarms', '/swarms', 'List reports of swarms, oldest first'], ['swarms', 'Swarm'], {
    paging,
    filters: [same('status', oneOf('Only reports in this state', doc.SWARM_STATES)), byKeeper],
  }),
  changes(
    ['assign_swarm', '/swarms/{swarm_id}/assign', 'Send a beekeeper to fetch a swarm'],
    ['swarms', 'swarm_id', 'Swarm'],
    { body: object({ 'keeper_id!': text('Beekeeper who fetches it') }), set: { status: 'assigned' }, only: ['open'] },
  ),
];

/** A beekeepers' association: every list comes in small pages that are chained by cursors. */
export const SERVICE = service({
  id: 'apiary',
  name: 'Bee Ledger',
  description:
    'Apiaries, hives, queens, inspections, harvests, treatments and honey sales of a beekeepers’ association.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
