import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ORDER_STATES = ['quoted', 'confirmed', 'in_production', 'finished', 'delivered', 'cancelled'];
export const ORDER_STATE_WORDS =
  'quoted: the customer has an offer; confirmed: the customer has accepted it; finished: built, and not delivered yet';
export const CURRENCIES = ['EUR', 'CHF'];
export const KINDS = ['wood', 'board', 'hardware', 'finish', 'fabric'];
const UNITS = ['m2', 'm', 'piece', 'litre'];
export const PURCHASE_STATES = ['draft', 'sent', 'received'];
export const PURCHASE_STATE_WORDS = 'draft: not sent to the supplier yet; sent: on its way; received: in stock';

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of next_cursor of the page before') },
    { name: 'limit', schema: whole('Number of records to return', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'The records'),
      'next_cursor!': { type: ['string', 'null'], description: 'Cursor of the next page; null on the last page' },
    }),
  cut(rows, args) {
    const from = args.cursor ? Number(String(args.cursor).slice(1)) : 0;
    const to = from + Number(args.limit ?? 20);
    return { data: rows.slice(from, to), next_cursor: to < rows.length ? `c${to}` : null };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Order: object({
    'id!': text('Order number'),
    'customer_id!': text('Customer'),
    'title!': text('What is built'),
    'status!': oneOf(ORDER_STATE_WORDS, ORDER_STATES),
    'price!': amount('Agreed or offered price, in the currency of the order'),
    'currency!': oneOf('Currency of the price', CURRENCIES),
    'deposit_paid!': flag('Whether the customer has paid the deposit'),
    joiner_id: text('Joiner who builds it; not there until somebody is assigned'),
    'ordered_on!': day('Day of the order or the offer'),
    due_on: day('Day on which it is promised to be delivered'),
    delivered_on: day('Day on which it was delivered'),
  }),
  OrderComment: object({
    'id!': text('Comment id'),
    'order_id!': text('Order number'),
    'text!': text('Text of the comment'),
    'created_at!': moment('When it was written'),
  }),
  Customer: object({
    'id!': text('Customer id'),
    'name!': text('Name of the person or company'),
    'city!': text('City'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    'email!': email('E-mail address'),
    phone: text('Phone number'),
  }),
  Joiner: object({ 'id!': text('Joiner id'), 'name!': text('Full name'), 'speciality!': text('What they do best') }),
  Material: object({
    'id!': text('Material id'),
    'name!': text('Name of the material'),
    'kind!': oneOf('Kind of material', KINDS),
    'unit!': oneOf('Unit in which it is counted', UNITS),
    'stock!': amount('How much is in stock, in its unit'),
    'reorder_level!': amount('Stock below which it should be bought again, in its unit'),
    'unit_price!': amount('Price of one unit, in euros'),
    'supplier_id!': text('Supplier that it is bought from'),
  }),
  Supplier: object({
    'id!': text('Supplier id'),
    'name!': text('Company name'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    contact: text('Person to talk to'),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
    'lead_time_days!': whole('Days from an order to the delivery'),
  }),
  PurchaseOrder: object({
    'id!': text('Number of the purchase order'),
    'supplier_id!': text('Supplier'),
    'material_id!': text('Material that is bought'),
    'quantity!': amount('How much is bought, in the unit of the material'),
    'status!': oneOf(PURCHASE_STATE_WORDS, PURCHASE_STATES),
    'created_on!': day('Day on which it was written'),
    expected_on: day('Day on which the delivery is expected'),
  }),
};
