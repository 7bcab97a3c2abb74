import { since, until } from '../days.ts';
import { contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CURRENCIES,
  KINDS,
  ORDER_STATE_WORDS,
  ORDER_STATES,
  PURCHASE_STATE_WORDS,
  PURCHASE_STATES,
  paging,
  SCHEMAS,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const ORDER: Thing = ['orders', 'order_id', 'Order'];
const MATERIAL: Thing = ['materials', 'material_id', 'Material'];
const PURCHASE: Thing = ['purchase_orders', 'purchase_order_id', 'PurchaseOrder'];

const orders: Operation[] = [
  lists(['list_orders', '/v2/orders', 'List the orders of customers'], ['orders', 'Order'], {
    paging,
    filters: [
      contains('q', text('Orders whose title contains this text'), 'title'),
      same('status', oneOf(`Orders with this status. ${ORDER_STATE_WORDS}`, ORDER_STATES)),
      same('customer_id', text('Orders of this customer')),
      same('joiner_id', text('Orders that this joiner builds')),
      since('ordered_from', day('Orders placed on this day or later'), 'ordered_on'),
      until('ordered_to', day('Orders placed on this day or earlier'), 'ordered_on'),
      since('due_from', day('Orders promised for this day or later'), 'due_on'),
      until('due_to', day('Orders promised for this day or earlier'), 'due_on'),
    ],
  }),
  gets(['get_order', '/v2/orders/{order_id}', 'Retrieve an order'], ORDER),
  {
    ...adds(['create_order', '/v2/orders', 'Create an order'], ['orders', 'Order'], {
      body: object({
        'customer_id!': text('Customer'),
        'title!': text('What is built'),
        'price!': amount('Offered price', { minimum: 0 }),
        currency: oneOf('Currency of the price; EUR if left out', CURRENCIES),
        due_on: day('Day on which it is promised to be delivered'),
      }),
      set: { status: 'quoted', currency: 'EUR', deposit_paid: false, ordered_on: NOW.slice(0, 10) },
    }),
    description: 'A new order has the status quoted.',
  },
  {
    ...changes(['update_order', '/v2/orders/{order_id}', 'Update an order'], ORDER, {
      method: 'patch',
      body: object({
        title: text('What is built'),
        price: amount('Agreed price, in the currency of the order', { minimum: 0 }),
        joiner_id: text('Joiner who builds it'),
        due_on: day('Day on which it is promised to be delivered'),
        deposit_paid: flag('Whether the customer has paid the deposit'),
      }),
    }),
    description: 'Fields that are not sent keep their value. The status is changed by operations of its own.',
  },
  changes(['confirm_order', '/v2/orders/{order_id}/confirm', 'Confirm a quoted order'], ORDER, {
    set: { status: 'confirmed' },
    only: ['quoted'],
  }),
  changes(['start_order', '/v2/orders/{order_id}/start', 'Start the production of a confirmed order'], ORDER, {
    set: { status: 'in_production' },
    only: ['confirmed'],
  }),
  changes(['finish_order', '/v2/orders/{order_id}/finish', 'Mark an order in production as finished'], ORDER, {
    set: { status: 'finished' },
    only: ['in_production'],
  }),
  changes(['deliver_order', '/v2/orders/{order_id}/deliver', 'Mark a finished order as delivered'], ORDER, {
    body: object({ 'delivered_on!': day('Day on which it was delivered') }),
    set: { status: 'delivered' },
    only: ['finished'],
  }),
  changes(['cancel_order', '/v2/orders/{order_id}/cancel', 'Cancel an order that is not built yet'], ORDER, {
    set: { status: 'cancelled' },
    only: ['quoted', 'confirmed'],
  }),
  lists(
    ['list_order_comments', '/v2/orders/{order_id}/comments', 'List the comments on an order'],
    ['comments', 'OrderComment'],
    { paging, within: 'order_id' },
  ),
  adds(
    ['create_order_comment', '/v2/orders/{order_id}/comments', 'Comment on an order'],
    ['comments', 'OrderComment'],
    { body: object({ 'text!': text('Text of the comment') }), within: 'order_id', set: { created_at: NOW } },
  ),
];

const people: Operation[] = [
  lists(['list_customers', '/v2/customers', 'List customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      contains('q', text('Customers whose name or e-mail address contains this text'), 'name', 'email'),
      same('country', text('Customers in this country, ISO 3166-1 alpha-2')),
    ],
  }),
  adds(['create_customer', '/v2/customers', 'Create a customer'], ['customers', 'Customer'], {
    body: object({
      'name!': text('Name of the person or company'),
      'city!': text('City'),
      'country!': text('Country, ISO 3166-1 alpha-2'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
    }),
  }),
  lists(['list_joiners', '/v2/joiners', 'List the joiners of the workshop'], ['joiners', 'Joiner'], { paging }),
  lists(['list_suppliers', '/v2/suppliers', 'List suppliers'], ['suppliers', 'Supplier'], {
    paging,
    filters: [
      contains('q', text('Suppliers whose name contains this text'), 'name'),
      same('country', text('Suppliers in this country, ISO 3166-1 alpha-2')),
    ],
  }),
  changes(
    ['update_supplier', '/v2/suppliers/{supplier_id}', 'Update a supplier'],
    ['suppliers', 'supplier_id', 'Supplier'],
    {
      method: 'patch',
      body: object({
        contact: text('Person to talk to'),
        email: email('E-mail address'),
        phone: text('Phone number'),
        lead_time_days: whole('Days from an order to the delivery', { minimum: 0 }),
      }),
    },
  ),
];

const stock: Operation[] = [
  lists(['list_materials', '/v2/materials', 'List materials and what is in stock'], ['materials', 'Material'], {
    paging,
    filters: [
      contains('q', text('Materials whose name contains this text'), 'name'),
      same('kind', oneOf('Materials of this kind', KINDS)),
      same('supplier_id', text('Materials that are bought from this supplier')),
      {
        name: 'below_reorder_level',
        schema: flag('Materials whose stock is (true) or is not (false) below the reorder level'),
        keeps: (row, value) => Number(row.stock) < Number(row.reorder_level) === value,
      },
    ],
  }),
  {
    id: 'withdraw_material',
    method: 'post',
    path: '/v2/materials/{material_id}/withdrawals',
    summary: 'Take material out of stock',
    description: 'Lowers the stock. It is refused if there is not enough.',
    body: object({
      'quantity!': amount('How much is taken, in the unit of the material', { minimum: 0.1 }),
      order_id: text('Order that it is used for'),
    }),
    status: 201,
    answer: ref('Material'),
    run({ tables, path, body }) {
      const material = find(tables.materials, path.material_id);
      if (body.order_id !== undefined) find(tables.orders, body.order_id);
      const left = Number(material.stock) - Number(body.quantity);
      if (left < 0) throw new Refused(409, 'There is not enough in stock');
      return Object.assign(material, { stock: left });
    },
  },
  changes(['update_material', '/v2/materials/{material_id}', 'Update a material'], MATERIAL, {
    method: 'patch',
    body: object({
      reorder_level: amount('Stock below which it should be bought again, in its unit', { minimum: 0 }),
      unit_price: amount('Price of one unit, in euros', { minimum: 0 }),
      supplier_id: text('Supplier that it is bought from'),
    }),
  }),
  lists(
    ['list_purchase_orders', '/v2/purchase_orders', 'List purchase orders to suppliers'],
    ['purchase_orders', 'PurchaseOrder'],
    {
      paging,
      filters: [
        same('status', oneOf(PURCHASE_STATE_WORDS, PURCHASE_STATES)),
        same('supplier_id', text('Purchase orders to this supplier')),
      ],
    },
  ),
  {
    ...adds(
      ['create_purchase_order', '/v2/purchase_orders', 'Write a purchase order to a supplier'],
      ['purchase_orders', 'PurchaseOrder'],
      {
        body: object({
          'supplier_id!': text('Supplier'),
          'material_id!': text('Material to buy'),
          'quantity!': amount('How much to buy, in the unit of the material', { minimum: 0.1 }),
          expected_on: day('Day on which the delivery is expected'),
        }),
        set: { status: 'draft', created_on: NOW.slice(0, 10) },
      },
    ),
    description: 'It is a draft until it is sent.',
  },
  changes(
    ['send_purchase_order', '/v2/purchase_orders/{purchase_order_id}/send', 'Send a draft to its supplier'],
    PURCHASE,
    { set: { status: 'sent' }, only: ['draft'] },
  ),
];

/** A furniture workshop: orders, materials, suppliers and purchase orders; snake case and pages by cursor. */
export const SERVICE = service({
  id: 'dovetail',
  name: 'Dovetail',
  description: 'REST API of the Dovetail workshop software. Lists are read page by page with a cursor.',
  pathWords: {
    order_id: 'Order number, e.g. DT-2041',
    material_id: 'Material id',
    supplier_id: 'Supplier id',
    purchase_order_id: 'Number of the purchase order',
  },
  schemas: SCHEMAS,
  operations: [...orders, ...people, ...stock],
  seed,
});
