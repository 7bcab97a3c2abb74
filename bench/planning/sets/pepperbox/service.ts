import { atLeast, atMost, contains, find, nextId, type Operation, same, service } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  cents,
  DISCOUNT_TYPES,
  DISCOUNT_VALUE,
  PRODUCT_STATES,
  paging,
  REASONS,
  REVIEW_STATES,
  SCHEMAS,
  STATES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);

const ORDER: Thing = ['orders', 'order_id', 'Order'];
const CUSTOMER: Thing = ['customers', 'customer_id', 'Customer'];
const PRODUCT: Thing = ['products', 'product_id', 'Product'];

const operations: Operation[] = [
  lists(['listOrders', '/v1/orders', 'List all orders'], ['orders', 'Order'], {
    paging,
    filters: [
      same('status', oneOf('Limit result to orders with this status', STATES)),
      same('customer_id', text('Limit result to orders of this customer')),
      same('country', text('Limit result to orders shipped to this country, ISO code'), 'shipping_country'),
      atLeast('created_from', day('Limit result to orders placed on this day or later'), 'created_at'),
      atMost('created_to', day('Limit result to orders placed on this day or earlier'), 'created_at'),
      atLeast('min_total', cents('Limit result to orders of at least this total'), 'total'),
      {
        name: 'sort',
        schema: oneOf('Sort collection by attribute; a minus sorts in descending order. Default: created_at', [
          'created_at',
          '-created_at',
          'total',
          '-total',
        ]),
      },
    ],
  }),
  gets(['getOrder', '/v1/orders/{order_id}', 'Retrieve an order'], ORDER),
  changes(['cancelOrder', '/v1/orders/{order_id}/cancel', 'Cancel an order'], ORDER, {
    body: object({ 'reason!': oneOf('Reason for the cancellation', REASONS) }),
    set: { status: 'cancelled' },
    only: ['pending', 'paid', 'packed'],
  }),
  changes(['shipOrder', '/v1/orders/{order_id}/ship', 'Mark an order as shipped'], ORDER, {
    body: object({ 'tracking_number!': text('Tracking number of the parcel') }),
    set: { status: 'shipped' },
    only: ['paid', 'packed'],
  }),
  lists(
    ['listOrderNotes', '/v1/orders/{order_id}/notes', 'List the internal notes of an order'],
    ['notes', 'OrderNote'],
    { within: 'order_id' },
  ),
  {
    ...adds(
      ['createOrderNote', '/v1/orders/{order_id}/notes', 'Add an internal note to an order'],
      ['notes', 'OrderNote'],
      {
        body: object({ 'text!': text('Text of the note') }),
        within: 'order_id',
        set: { created_at: NOW },
      },
    ),
    description: 'Notes are for the staff of the shop. Customers do not see them.',
  },
  adds(['createRefund', '/v1/orders/{order_id}/refunds', 'Refund an order in part or whole'], ['refunds', 'Refund'], {
    body: object({
      'amount!': whole('Amount to pay back, in euro cents', { minimum: 1 }),
      reason: text('Reason of the refund'),
    }),
    within: 'order_id',
    set: { reason: '', created_at: NOW },
  }),
  lists(['listRefunds', '/v1/refunds', 'List all refunds'], ['refunds', 'Refund'], {
    paging,
    filters: [same('order_id', text('Limit result to refunds of this order'))],
  }),
  lists(['listCustomers', '/v1/customers', 'List all customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      contains('search', text('Limit result to customers whose name or e-mail address contains this'), 'name', 'email'),
      same('country', text('Limit result to customers in this country, ISO code')),
      same('accepts_marketing', flag('Limit result to customers who do (true) or do not (false) want newsletters')),
    ],
  }),
  gets(['getCustomer', '/v1/customers/{customer_id}', 'Retrieve a customer'], CUSTOMER),
  adds(['createCustomer', '/v1/customers', 'Create a customer'], ['customers', 'Customer'], {
    body: object({
      'name!': text('Full name'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      city: text('City'),
      country: text('Country, ISO 3166-1 alpha-2'),
    }),
    set: { phone: '', city: '', country: '', accepts_marketing: false },
  }),
  changes(['updateCustomer', '/v1/customers/{customer_id}', 'Update a customer'], CUSTOMER, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      accepts_marketing: flag('Whether the customer wants to get newsletters'),
    }),
  }),
  lists(['listProducts', '/v1/products', 'List all products'], ['products', 'Product'], {
    paging,
    filters: [
      contains('search', text('Limit result to products whose name or SKU contains this'), 'name', 'sku'),
      same('category_id', text('Limit result to products of this category')),
      same('status', oneOf('Limit result to products with this status', PRODUCT_STATES)),
      {
        name: 'in_stock',
        schema: flag('Limit result to products that are (true) or are not (false) in stock'),
        keeps: (row, value) => Number(row.stock) > 0 === value,
      },
      atMost('max_price', cents('Limit result to products of at most this price'), 'price'),
    ],
  }),
  gets(['getProduct', '/v1/products/{product_id}', 'Retrieve a product'], PRODUCT),
  adds(['createProduct', '/v1/products', 'Create a product'], ['products', 'Product'], {
    body: object({
      'name!': text('Product name'),
      'sku!': text('Stock keeping unit'),
      'price!': cents('Price'),
      'category_id!': text('Category'),
      status: oneOf('Status; draft if left out', PRODUCT_STATES),
      stock: whole('Units in stock; 0 if left out', { minimum: 0 }),
    }),
    set: { status: 'draft', stock: 0 },
  }),
  changes(['updateProduct', '/v1/products/{product_id}', 'Update a product'], PRODUCT, {
    method: 'patch',
    body: object({
      name: text('Product name'),
      price: cents('Price'),
      status: oneOf('Status', PRODUCT_STATES),
      category_id: text('Category'),
    }),
  }),
  {
    id: 'setStock',
    method: 'put',
    path: '/v1/products/{product_id}/stock',
    summary: 'Set the stock of a product',
    body: object({ 'quantity!': whole('Units that are in stock from now on', { minimum: 0 }) }),
    answer: ref('Product'),
    run: ({ tables, path, body }) => Object.assign(find(tables.products, path.product_id), { stock: body.quantity }),
  },
  lists(['listCategories', '/v1/categories', 'List all product categories'], ['categories', 'Category']),
  lists(['listDiscounts', '/v1/discounts', 'List all discount codes'], ['discounts', 'Discount'], {
    paging,
    filters: [
      {
        name: 'active',
        schema: flag('Limit result to discounts that can (true) or cannot (false) be used today'),
        keeps: (row, value) => (String(row.starts_on) <= TODAY && String(row.ends_on) >= TODAY) === value,
      },
    ],
  }),
  {
    id: 'createDiscount',
    method: 'post',
    path: '/v1/discounts',
    summary: 'Create a discount code',
    body: object({
      'code!': text('Code that customers enter at checkout'),
      'type!': oneOf('How the value is meant', DISCOUNT_TYPES),
      'value!': amount(DISCOUNT_VALUE, { minimum: 1 }),
      'starts_on!': day('First day on which it can be used'),
      'ends_on!': day('Last day on which it can be used'),
    }),
    status: 201,
    answer: ref('Discount'),
    run({ tables, body }) {
      tables.discounts!.push({ id: nextId(tables.discounts!), ...body });
      return tables.discounts!.at(-1);
    },
  },
  removes(['deleteDiscount', '/v1/discounts/{discount_id}', 'Delete a discount code'], ['discounts', 'discount_id']),
  lists(['listReviews', '/v1/reviews', 'List all product reviews'], ['reviews', 'Review'], {
    paging,
    filters: [
      same('product_id', text('Limit result to reviews of this product')),
      same('status', oneOf('Limit result to reviews with this status', REVIEW_STATES)),
      same('rating', whole('Limit result to reviews with this number of stars', { minimum: 1, maximum: 5 })),
    ],
  }),
  changes(
    ['approveReview', '/v1/reviews/{review_id}/approve', 'Approve a product review'],
    ['reviews', 'review_id', 'Review'],
    {
      set: { status: 'approved' },
      only: ['pending'],
    },
  ),
];

/** An online shop for the kitchen: orders, customers, products, discounts and reviews; plain REST with filters and numbered pages. */
export const SERVICE = service({
  id: 'pepperbox',
  name: 'Pepperbox',
  description: 'REST API of the Pepperbox shop. Amounts are in euro cents. Times are UTC.',
  pathWords: {
    order_id: 'Order number',
    customer_id: 'Customer id',
    product_id: 'Product id',
    discount_id: 'Discount id',
    review_id: 'Review id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
