import { atLeast, atMost, contains, type Filter, find, type Operation, type Row, same, service } from '../kit.ts';
import { changes, gets, lists, type Paging } from '../rest.ts';
import { amount, day, list, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';

const KINDS = ['pub', 'bar', 'restaurant', 'bottle_shop'];
const STYLES = ['bitter', 'mild', 'pale_ale', 'golden_ale', 'ipa', 'stout', 'porter', 'wheat', 'saison'];
const ORDER_STATES = ['draft', 'confirmed', 'dispatched', 'delivered', 'cancelled'];
const STAGES = ['mashing', 'fermenting', 'conditioning', 'packaged', 'dumped'];
const CASK_STATES = ['clean', 'filled', 'out', 'dirty', 'lost'];
const CONTAINERS = ['firkin', 'keg_30l', 'case_12'];
const CONTAINER_WORDS = 'firkin: cask of 9 gallons; keg_30l: keg of 30 litres; case_12: case of 12 bottles';

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Number of the page, from 1', { minimum: 1, default: 1 }) },
    { name: 'perPage', schema: whole('Entries on a page', { minimum: 1, maximum: 100, default: 30 }) },
  ],
  answer: (item) =>
    object({ 'items!': list(item), 'page!': whole('This page'), 'pages!': whole('How many pages there are') }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.perPage ?? 30)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, pages: Math.max(1, Math.ceil(rows.length / size)) };
  },
};

const sort = (...fields: string[]): Filter => ({
  name: 'sort',
  schema: oneOf(
    'Field to sort by; a leading minus turns the order round',
    fields.flatMap((one) => [one, `-${one}`]),
  ),
});

const line = object({
  'beerCode!': text('Code of the beer, three letters'),
  'container!': oneOf(CONTAINER_WORDS, CONTAINERS),
  'quantity!': whole('How many of the container', { minimum: 1 }),
});

const SCHEMAS: Record<string, Schema> = {
  Outlet: object({
    'id!': text('Id of the outlet'),
    'name!': text('Name over the entrance'),
    'kind!': oneOf('Kind of outlet', KINDS),
    'area!': text('Part of town'),
    'contactName!': text('Who orders for the outlet'),
    'phone!': text('Telephone'),
    'creditLimit!': amount('Credit limit in pounds'),
  }),
  Beer: object({
    'code!': text('Three letters'),
    'name!': text('Name of the beer'),
    'style!': oneOf('Style', STYLES),
    'abv!': amount('Alcohol by volume, per cent'),
    'available!': { type: 'boolean', description: 'Whether it can be ordered now' },
    'prices!': object(Object.fromEntries(CONTAINERS.map((one) => [`${one}!`, amount('Trade price in pounds')]))),
  }),
  Order: object({
    'orderNo!': text('Order number'),
    'outletId!': text('Id of the outlet'),
    'placedOn!': day('Day on which it was placed'),
    'deliverOn!': day('Day of delivery'),
    'status!': oneOf('Where the order stands', ORDER_STATES),
    'lines!': list(line, 'What is ordered'),
    'total!': amount('Value of the order in pounds'),
  }),
  Batch: object({
    'batchNo!': text('Batch number'),
    'beerCode!': text('Code of the beer'),
    'brewedOn!': day('Brew day'),
    'stage!': oneOf('Stage', STAGES),
    'litres!': whole('Volume in litres'),
    'tank!': { type: ['string', 'null'], description: 'Vessel that it is in; null once it has left' },
  }),
  Reading: object({
    'batchNo!': text('Batch number'),
    'takenOn!': day('Day of the reading'),
    'gravity!': amount('Specific gravity, such as 1.012'),
    'temperatureC!': amount('Temperature in degrees Celsius'),
  }),
  Cask: object({
    'id!': text('Number on the cask'),
    'size!': oneOf('Size', ['pin', 'firkin', 'keg_30l']),
    'state!': oneOf('State', CASK_STATES),
    'outletId!': { type: ['string', 'null'], description: 'Outlet that has it, when it is out' },
    'outSince!': { type: ['string', 'null'], description: 'Since when it is out' },
  }),
  Round: object({
    'roundNo!': text('Number of the round'),
    'date!': day('Day'),
    'driver!': text('Name of the driver'),
    'van!': text('Van'),
    'stops!': whole('Number of stops'),
  }),
};

const ORDER = ['orders', 'orderNo', 'Order', 'orderNo'] as [string, string, string, string];
const BATCH = ['batches', 'batchNo', 'Batch', 'batchNo'] as [string, string, string, string];

const operations: Operation[] = [
  lists(['listOutlets', '/outlets', 'List the outlets that we supply'], ['outlets', 'Outlet'], {
    paging,
    filters: [
      contains('q', text('Name of the outlet, or part of it'), 'name'),
      same('kind', oneOf('Only this kind', KINDS)),
      same('area', text('Only this part of town')),
    ],
  }),
  gets(['getOutlet', '/outlets/{outletId}', 'Get an outlet'], ['outlets', 'outletId', 'Outlet']),
  changes(['updateOutlet', '/outlets/{outletId}', 'Change an outlet’s details'], ['outlets', 'outletId', 'Outlet'], {
    method: 'patch',
    body: object({
      contactName: text('Who orders for the outlet'),
      phone: text('Telephone'),
      creditLimit: amount('Credit limit in pounds', { minimum: 0 }),
    }),
  }),
  lists(['listBeers', '/beers', 'List our beers with their prices'], ['beers', 'Beer'], {
    filters: [
      same('style', oneOf('Only this style', STYLES)),
      same('available', {
        type: 'boolean',
        description: 'true: only what can be ordered now; false: only what cannot',
      }),
    ],
  }),
  gets(['getBeer', '/beers/{beerCode}', 'Get a beer'], ['beers', 'beerCode', 'Beer', 'code']),
  lists(['listOrders', '/orders', 'List orders'], ['orders', 'Order'], {
    paging,
    filters: [
      same('outletId', text('Only orders of this outlet')),
      same('status', oneOf('Only orders with this status', ORDER_STATES)),
      atLeast('placedFrom', day('Placed on this day or later'), 'placedOn'),
      atMost('placedTo', day('Placed on this day or earlier'), 'placedOn'),
      sort('placedOn', 'deliverOn', 'total'),
    ],
  }),
  gets(['getOrder', '/orders/{orderNo}', 'Get an order with its lines'], ORDER),
  {
    id: 'createOrder',
    method: 'post',
    path: '/orders',
    summary: 'Enter an order of an outlet',
    body: object({
      'outletId!': text('Id of the outlet that orders'),
      'lines!': list(line, 'What is ordered, one line for each beer and container'),
      'deliverOn!': day('Day of delivery'),
    }),
    status: 201,
    answer: ref('Order'),
    run({ tables, body }) {
      find(tables.outlets, body.outletId);
      const lines = body.lines as { beerCode: string; container: string; quantity: number }[];
      const cost = ({ beerCode, container, quantity }: (typeof lines)[number]) =>
        quantity * (find(tables.beers, beerCode, 'code').prices as Record<string, number>)[container]!;
      const total = lines.reduce((sum, one) => sum + cost(one), 0);
      const row: Row = { orderNo: `SO-26-${1131 + tables.orders!.length}`, placedOn: '2026-11-25', status: 'draft' };
      tables.orders!.push(Object.assign(row, body, { total }));
      return row;
    },
  },
  changes(['rescheduleOrder', '/orders/{orderNo}/reschedule', 'Move an order to another day of delivery'], ORDER, {
    body: object({ 'deliverOn!': day('New day of delivery') }),
    only: ['draft', 'confirmed'],
  }),
  changes(['cancelOrder', '/orders/{orderNo}/cancel', 'Cancel an order'], ORDER, {
    set: { status: 'cancelled' },
    only: ['draft', 'confirmed'],
  }),
  lists(['listBatches', '/batches', 'List batches of beer'], ['batches', 'Batch'], {
    filters: [
      same('beerCode', text('Only batches of this beer')),
      same('stage', oneOf('Only batches at this stage', STAGES)),
    ],
  }),
  changes(['moveBatch', '/batches/{batchNo}/stage', 'Move a batch to another stage'], BATCH, {
    method: 'put',
    body: object({ 'stage!': oneOf('Stage that it is at from now on', STAGES) }),
  }),
  {
    id: 'listReadings',
    method: 'get',
    path: '/batches/{batchNo}/readings',
    summary: 'List the gravity readings of a batch, oldest first',
    answer: object({ 'items!': list(ref('Reading')) }),
    run: ({ tables, path: { batchNo } }) => {
      find(tables.batches, batchNo, 'batchNo');
      return { items: tables.readings!.filter((row) => row.batchNo === batchNo) };
    },
  },
  {
    id: 'addReading',
    method: 'post',
    path: '/batches/{batchNo}/readings',
    summary: 'Write down a gravity reading of a batch',
    body: object({
      'gravity!': amount('Specific gravity, such as 1.012', { minimum: 0.98, maximum: 1.2 }),
      'temperatureC!': amount('Temperature in degrees Celsius'),
      'takenOn!': day('Day of the reading'),
    }),
    status: 201,
    answer: ref('Reading'),
    run: ({ tables, path: { batchNo }, body }) => {
      const row = { batchNo: find(tables.batches, batchNo, 'batchNo').batchNo, ...body };
      tables.readings!.push(row);
      return row;
    },
  },
  lists(['listCasks', '/casks', 'List casks and kegs, and where they are'], ['casks', 'Cask'], {
    paging,
    filters: [
      same('outletId', text('Only those that this outlet has')),
      same('state', oneOf('Only those in this state', CASK_STATES)),
    ],
  }),
  changes(['reportCaskLost', '/casks/{caskId}/lost', 'Report a cask as lost'], ['casks', 'caskId', 'Cask'], {
    set: { state: 'lost' },
  }),
  lists(['listRounds', '/rounds', 'List the rounds of our drivers'], ['rounds', 'Round'], {
    filters: [same('date', day('Only this day')), same('driver', text('Only rounds of this driver, full name'))],
  }),
];

/** A small brewery: outlets and their orders, batches in tanks, casks that come back or do not. */
export const SERVICE = service({
  id: 'maltings',
  name: 'Old Maltings Brewery',
  description: 'Orders, brewing and deliveries of the Old Maltings Brewery.',
  pathWords: {
    outletId: 'Id of the outlet, such as OUT-0412',
    beerCode: 'Code of the beer, three letters',
    orderNo: 'Order number, such as SO-26-1150',
    batchNo: 'Batch number, such as B26-033',
    caskId: 'Number on the cask, such as K-0075',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
