import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const SUBSCRIBER_STATES = ['active', 'paused', 'cancelled'];
export const FREQUENCIES = ['weekly', 'fortnightly'];
export const DELIVERY_STATES = ['scheduled', 'packed', 'delivered', 'missed', 'skipped'];
export const UNITS = ['kg', 'bunch', 'piece'];

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of next_cursor of the page before') },
    { name: 'limit', schema: whole('Records on a page', { minimum: 1, maximum: 50, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records on this page'),
      'next_cursor!': { type: ['string', 'null'], description: 'Cursor of the next page; null on the last page' },
    }),
  cut(rows, args) {
    const size = Number(args.limit ?? 20);
    const from = args.cursor === undefined ? 0 : Number(String(args.cursor).replace('after_', ''));
    const end = from + size;
    return { data: rows.slice(from, end), next_cursor: end < rows.length ? `after_${end}` : null };
  },
};

export const pence = (description: string) => whole(`${description}, in pence`, { minimum: 1 });

export const SCHEMAS: Record<string, Schema> = {
  Subscriber: object({
    'id!': text('Subscriber id'),
    'first_name!': text('First name'),
    'last_name!': text('Last name'),
    'email!': email('E-mail address'),
    phone: text('Phone number, if known'),
    'village!': text('Village that is delivered to'),
    'box_id!': text('Box that the subscriber gets'),
    'frequency!': oneOf('How often a box is delivered', FREQUENCIES),
    'route_id!': text('Delivery route'),
    'status!': oneOf('State of the subscription', SUBSCRIBER_STATES),
    paused_until: day('Day on which deliveries start again; only while paused'),
    delivery_note: text('Where to leave the box, if the subscriber said so'),
    'started_on!': day('First day of the subscription'),
  }),
  Credit: object({
    'id!': text('Credit id'),
    'subscriber_id!': text('Subscriber'),
    'amount_pence!': pence('Amount of the credit'),
    'reason!': text('Reason'),
    'created_at!': moment('When it was given'),
  }),
  Box: object({
    'id!': text('Box id'),
    'name!': text('Name of the box'),
    'price_pence!': pence('Price of one box'),
    'weight_kg!': amount('Usual weight in kilograms'),
    'available!': flag('Whether new subscribers can choose it'),
  }),
  BoxItem: object({
    'id!': text('Item id'),
    'box_id!': text('Box'),
    'crop_id!': text('Crop that is put in'),
    'quantity!': amount('How much of it, in the unit of the crop'),
  }),
  Crop: object({
    'id!': text('Crop id'),
    'name!': text('Name of the crop'),
    'unit!': oneOf('Unit in which it is counted', UNITS),
    'stock!': amount('How much is in the store, in its unit'),
    'field!': text('Field on which it grows'),
    harvest_ends_on: day('Last day of the harvest; missing for crops that are stored all year'),
  }),
  Delivery: object({
    'id!': text('Delivery id'),
    'subscriber_id!': text('Subscriber'),
    'box_id!': text('Box that is delivered'),
    'route_id!': text('Delivery route'),
    'date!': day('Day of the delivery'),
    'status!': oneOf('State of the delivery', DELIVERY_STATES),
    problem: text('What went wrong, if something did'),
  }),
  Route: object({
    'id!': text('Route id'),
    'name!': text('Name of the route'),
    'weekday!': text('Day of the week on which it is driven'),
    'driver!': text('Name of the driver'),
  }),
};
