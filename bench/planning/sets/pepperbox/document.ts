import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const STATES = ['pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'refunded'];
const STATE_WORDS = 'Status of the order; pending: not paid yet; packed: paid and ready to be shipped';
export const REASONS = ['customer_request', 'out_of_stock', 'fraud', 'other'];
export const PRODUCT_STATES = ['active', 'draft', 'archived'];
export const REVIEW_STATES = ['pending', 'approved', 'rejected'];
export const DISCOUNT_TYPES = ['percentage', 'fixed_amount'];
export const DISCOUNT_VALUE = 'Percent of the order for percentage, euro cents for fixed_amount';

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Current page of the collection', { minimum: 1, default: 1 }) },
    { name: 'per_page', schema: whole('Maximum number of items per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Items on this page'),
      'page!': whole('Current page'),
      'total_pages!': whole('Number of pages'),
      'total!': whole('Number of items on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.per_page ?? 20)];
    const data = rows.slice((page - 1) * size, page * size);
    return { data, page, total_pages: Math.ceil(rows.length / size), total: rows.length };
  },
};

export const cents = (description: string) => whole(`${description}, in euro cents`, { minimum: 0 });

export const SCHEMAS: Record<string, Schema> = {
  Order: object({
    'id!': text('Order number'),
    'customer_id!': text('Customer who placed it'),
    'status!': oneOf(STATE_WORDS, STATES),
    'total!': cents('Order total'),
    'line_items!': list(
      object({
        'product_id!': text('Product'),
        'name!': text('Product name'),
        'quantity!': whole('Quantity ordered'),
        'unit_price!': cents('Price of one'),
      }),
      'What was ordered',
    ),
    'shipping_city!': text('City that it is shipped to'),
    'shipping_country!': text('Country that it is shipped to, ISO 3166-1 alpha-2'),
    'tracking_number!': { type: ['string', 'null'], description: 'Tracking number; null until it is shipped' },
    'created_at!': moment('When the order was placed'),
  }),
  OrderNote: object({
    'id!': text('Note id'),
    'order_id!': text('Order number'),
    'text!': text('Text of the note'),
    'created_at!': moment('When it was written'),
  }),
  Refund: object({
    'id!': text('Refund id'),
    'order_id!': text('Order number'),
    'amount!': cents('Amount paid back'),
    'reason!': text('Reason of the refund'),
    'created_at!': moment('When it was made'),
  }),
  Customer: object({
    'id!': text('Customer id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
    'city!': text('City'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    'accepts_marketing!': flag('Whether the customer wants to get newsletters'),
  }),
  Product: object({
    'id!': text('Product id'),
    'name!': text('Product name'),
    'sku!': text('Stock keeping unit'),
    'price!': cents('Price'),
    'category_id!': text('Category'),
    'status!': oneOf('Only active products are shown in the shop', PRODUCT_STATES),
    'stock!': whole('Units in stock'),
  }),
  Category: object({ 'id!': text('Category id'), 'name!': text('Category name') }),
  Discount: object({
    'id!': text('Discount id'),
    'code!': text('Code that customers enter at checkout'),
    'type!': oneOf('How the value is meant', DISCOUNT_TYPES),
    'value!': amount(DISCOUNT_VALUE),
    'starts_on!': day('First day on which it can be used'),
    'ends_on!': day('Last day on which it can be used'),
  }),
  Review: object({
    'id!': text('Review id'),
    'product_id!': text('Product that is reviewed'),
    'customer_name!': text('Name of the reviewer'),
    'rating!': whole('Stars, 1 to 5'),
    'status!': oneOf('Only approved reviews are shown in the shop', REVIEW_STATES),
    'body!': text('Review text'),
    'written_on!': day('Day on which it was written'),
  }),
};
