import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, text } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const { paging } = doc;
const NOW = '2026-11-25T09:00:00Z';
const SUBSCRIBER: Thing = ['subscribers', 'subscriber_id', 'Subscriber'];
const BOX: Thing = ['boxes', 'box_id', 'Box'];
const DELIVERY: Thing = ['deliveries', 'delivery_id', 'Delivery'];

const operations: Operation[] = [
  lists(['list_subscribers', '/v2/subscribers', 'List subscribers'], ['subscribers', 'Subscriber'], {
    paging,
    filters: [
      contains('last_name', text('Only subscribers whose last name contains this'), 'last_name'),
      same('status', oneOf('Only subscriptions in this state', doc.SUBSCRIBER_STATES)),
      same('box_id', text('Only subscribers who get this box')),
      same('route_id', text('Only subscribers on this delivery route')),
      same('frequency', oneOf('Only subscribers with this frequency', doc.FREQUENCIES)),
    ],
  }),
  gets(['get_subscriber', '/v2/subscribers/{subscriber_id}', 'Get a subscriber'], SUBSCRIBER),
  adds(['create_subscriber', '/v2/subscribers', 'Sign up a new subscriber'], ['subscribers', 'Subscriber'], {
    body: object({
      'first_name!': text('First name'),
      'last_name!': text('Last name'),
      'email!': email('E-mail address'),
      'village!': text('Village that is delivered to'),
      'box_id!': text('Box that the subscriber gets'),
      'route_id!': text('Delivery route'),
      frequency: oneOf('How often a box is delivered; weekly if left out', doc.FREQUENCIES),
      phone: text('Phone number'),
      delivery_note: text('Where to leave the box'),
    }),
    set: { frequency: 'weekly', status: 'active', started_on: NOW.slice(0, 10) },
  }),
  changes(['update_subscriber', '/v2/subscribers/{subscriber_id}', 'Change a subscriber'], SUBSCRIBER, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      village: text('Village that is delivered to'),
      box_id: text('Box that the subscriber gets'),
      frequency: oneOf('How often a box is delivered', doc.FREQUENCIES),
      route_id: text('Delivery route'),
      delivery_note: text('Where to leave the box'),
    }),
  }),
  {
    ...changes(['pause_subscriber', '/v2/subscribers/{subscriber_id}/pause', 'Pause a subscription'], SUBSCRIBER, {
      body: object({ 'paused_until!': day('Day on which deliveries start again') }),
      set: { status: 'paused' },
      only: ['active'],
    }),
    description: 'Only an active subscription can be paused. It resumes by itself on the day that is given.',
  },
  {
    id: 'resume_subscriber',
    method: 'post',
    path: '/v2/subscribers/{subscriber_id}/resume',
    summary: 'Resume a paused subscription at once',
    answer: { $ref: '#/components/schemas/Subscriber' },
    only: ['paused'],
    run({ tables, path }) {
      const row = find(tables.subscribers, path.subscriber_id);
      if (row.status !== 'paused') throw new Refused(409, `It is ${row.status}`);
      delete row.paused_until;
      return Object.assign(row, { status: 'active' });
    },
  },
  lists(
    ['list_credits', '/v2/subscribers/{subscriber_id}/credits', 'List the credits of a subscriber'],
    ['credits', 'Credit'],
    { paging, within: 'subscriber_id' },
  ),
  {
    ...adds(
      ['create_credit', '/v2/subscribers/{subscriber_id}/credits', 'Give a subscriber a credit'],
      ['credits', 'Credit'],
      {
        body: object({ 'amount_pence!': doc.pence('Amount of the credit'), 'reason!': text('Reason') }),
        within: 'subscriber_id',
        set: { created_at: NOW },
      },
    ),
    description: 'A credit is taken off the next bill of the subscriber.',
  },
  lists(['list_boxes', '/v2/boxes', 'List the kinds of boxes'], ['boxes', 'Box'], {
    paging,
    filters: [same('available', flag('Only boxes that new subscribers can (true) or cannot (false) choose'))],
  }),
  gets(['get_box', '/v2/boxes/{box_id}', 'Get a kind of box'], BOX),
  changes(['update_box', '/v2/boxes/{box_id}', 'Change the price or availability of a box'], BOX, {
    method: 'patch',
    body: object({
      price_pence: doc.pence('Price of one box'),
      available: flag('Whether new subscribers can choose it'),
    }),
  }),
  lists(['list_box_items', '/v2/boxes/{box_id}/items', 'List what is put into a box this week'], ['items', 'BoxItem'], {
    paging,
    within: 'box_id',
  }),
  adds(['add_box_item', '/v2/boxes/{box_id}/items', 'Put a crop into a box'], ['items', 'BoxItem'], {
    body: object({
      'crop_id!': text('Crop that is put in'),
      'quantity!': amount('How much of it, in the unit of the crop', { minimum: 0 }),
    }),
    within: 'box_id',
  }),
  {
    id: 'remove_box_item',
    method: 'delete',
    path: '/v2/boxes/{box_id}/items/{item_id}',
    summary: 'Take a crop out of a box',
    run({ tables, path }) {
      const rows = tables.items!;
      const inBox = rows.filter((row) => row.box_id === path.box_id);
      rows.splice(rows.indexOf(find(inBox, path.item_id)), 1);
    },
  },
  lists(['list_deliveries', '/v2/deliveries', 'List deliveries, oldest first'], ['deliveries', 'Delivery'], {
    paging,
    filters: [
      atLeast('date_from', day('Only deliveries on this day or later'), 'date'),
      atMost('date_to', day('Only deliveries on this day or earlier'), 'date'),
      same('status', oneOf('Only deliveries in this state', doc.DELIVERY_STATES)),
      same('route_id', text('Only deliveries on this route')),
      same('subscriber_id', text('Only deliveries to this subscriber')),
    ],
  }),
  gets(['get_delivery', '/v2/deliveries/{delivery_id}', 'Get a delivery'], DELIVERY),
  changes(['reschedule_delivery', '/v2/deliveries/{delivery_id}', 'Move a delivery to another day'], DELIVERY, {
    method: 'patch',
    body: object({ 'date!': day('New day of the delivery') }),
    only: ['scheduled', 'packed'],
  }),
  changes(['skip_delivery', '/v2/deliveries/{delivery_id}/skip', 'Skip one delivery'], DELIVERY, {
    set: { status: 'skipped' },
    only: ['scheduled'],
  }),
  changes(
    ['report_missed_delivery', '/v2/deliveries/{delivery_id}/missed', 'Report that a delivery was missed'],
    DELIVERY,
    {
      body: object({ 'problem!': text('What went wrong') }),
      set: { status: 'missed' },
      only: ['scheduled', 'packed', 'delivered'],
    },
  ),
  lists(['list_routes', '/v2/routes', 'List the delivery routes'], ['routes', 'Route']),
  changes(['update_route', '/v2/routes/{route_id}', 'Change the driver of a route'], ['routes', 'route_id', 'Route'], {
    method: 'patch',
    body: object({ driver: text('Name of the driver') }),
  }),
  lists(['list_crops', '/v2/crops', 'List the crops with their stock'], ['crops', 'Crop'], {
    paging,
    filters: [
      contains('name', text('Only crops whose name contains this'), 'name'),
      same('unit', oneOf('Only crops that are counted in this unit', doc.UNITS)),
    ],
  }),
  changes(['update_crop', '/v2/crops/{crop_id}', 'Correct the stock of a crop'], ['crops', 'crop_id', 'Crop'], {
    method: 'patch',
    body: object({ 'stock!': amount('How much is in the store from now on, in its unit', { minimum: 0 }) }),
  }),
];

/** A farm's vegetable-box scheme: subscribers, boxes, crops and deliveries; snake_case with cursor pages. */
export const SERVICE = service({
  id: 'mossfield',
  name: 'Mossfield Boxes',
  description: 'API of the vegetable boxes of Mossfield Farm. Money is in pence sterling. Times are UTC.',
  pathWords: {
    subscriber_id: 'Subscriber id',
    box_id: 'Box id',
    item_id: 'Item id',
    delivery_id: 'Delivery id',
    route_id: 'Route id',
    crop_id: 'Crop id',
  },
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
