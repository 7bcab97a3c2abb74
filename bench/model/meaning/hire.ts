// A camera hire shop.

import type { Operation } from './operation.ts';
import { email, flag, list, moment, object, oneOf, ref, text, whole } from './schemas.ts';

const CATEGORY = oneOf('Kind of item', ['camera', 'lens', 'light', 'tripod']);
const STATE = oneOf('State', ['available', 'out', 'in_repair']);
const BOOKING_STATE = oneOf('State of the booking', ['requested', 'confirmed', 'returned', 'cancelled']);

const customer = object({
  'id!': text('Id'),
  'name!': text('Name'),
  email: email('Address'),
  phone: text('Telephone'),
  city: text('City'),
  tags: list(text('Tag')),
  depositCents: whole('Deposit in cents'),
});
const item = object({
  'id!': text('Id'),
  'name!': text('Name'),
  category: CATEGORY,
  state: STATE,
  dayRateCents: whole('Price of a day in cents'),
  boughtAt: moment('When it was bought'),
  insured: flag('Whether it is insured'),
});
const booking = object({
  'id!': text('Id'),
  customerId: text('Customer'),
  itemId: text('Item'),
  state: BOOKING_STATE,
  startsAt: moment('Begin'),
  endsAt: moment('End'),
  totalCents: whole('Price in cents'),
  late: flag('Whether it is late'),
});

export const HIRE_SCHEMAS = { Customer: customer, Item: item, Booking: booking };

export const HIRE: Operation[] = [
  {
    id: 'listCustomers',
    path: '/customers',
    summary: 'Lists customers',
    query: {
      name: text('Part of the name'),
      email: text('Exact address'),
      city: text('City'),
      limit: whole('Most'),
      cursor: text('Next page'),
    },
    answer: object({
      items: list(ref('Customer')),
      next_cursor: text('Cursor of the next page', { nullable: true }),
      total: whole('All'),
    }),
  },
  { id: 'getCustomer', path: '/customers/{customerId}', summary: 'Gets a customer', answer: ref('Customer') },
  {
    id: 'createCustomer',
    method: 'post',
    path: '/customers',
    summary: 'Creates a customer',
    body: object({
      'name!': text('Name'),
      email: email('Address'),
      phone: text('Telephone'),
      city: text('City'),
      depositCents: whole('Deposit in cents'),
    }),
    answer: ref('Customer'),
  },
  {
    id: 'updateCustomer',
    method: 'patch',
    path: '/customers/{customerId}',
    summary: 'Changes a customer',
    body: object({ email: email('Address'), phone: text('Telephone'), city: text('City'), tags: list(text('Tag')) }),
    answer: ref('Customer'),
  },
  {
    id: 'addNote',
    method: 'post',
    path: '/customers/{customerId}/notes',
    summary: 'Adds a note to a customer',
    body: object({
      'text!': text('What it says'),
      remindAt: moment('When to be reminded'),
      priority: oneOf('Priority', ['low', 'normal', 'high']),
    }),
    answer: object({ id: text('Id') }),
  },
  {
    id: 'listItems',
    path: '/items',
    summary: 'Lists what can be hired',
    query: {
      category: CATEGORY,
      state: STATE,
      name: text('Part of the name'),
      sort: oneOf('Order', ['name', 'dayRate', '-dayRate']),
      page: whole('Page, from 1'),
      per_page: whole('Items a page'),
    },
    answer: object({ data: list(ref('Item')), meta: object({ page: whole('Page'), total_pages: whole('Pages') }) }),
  },
  { id: 'getItem', path: '/items/{itemId}', summary: 'Gets an item', answer: ref('Item') },
  {
    id: 'setRate',
    method: 'put',
    path: '/items/{itemId}/rate',
    summary: 'Sets the price of a day',
    body: object({ 'dayRateCents!': whole('Price of a day in cents') }),
    answer: ref('Item'),
  },
  {
    id: 'setState',
    method: 'put',
    path: '/items/{itemId}/state',
    summary: 'Sets the state of an item',
    body: object({ 'state!': STATE, reason: text('Why') }),
    answer: ref('Item'),
  },
  {
    id: 'listBookings',
    path: '/bookings',
    summary: 'Lists bookings',
    query: {
      customerId: text('Of a customer'),
      itemId: text('Of an item'),
      state: BOOKING_STATE,
      startsAfter: moment('Begin after'),
      startsBefore: moment('Begin before'),
      sort: oneOf('Order', ['startsAt', '-startsAt', '-totalCents']),
      limit: whole('Most'),
      offset: whole('Bookings to skip'),
    },
    answer: object({ bookings: list(ref('Booking')), total: whole('All that fit') }),
  },
  {
    id: 'createBooking',
    method: 'post',
    path: '/bookings',
    summary: 'Books an item',
    body: object({
      'customerId!': text('Customer'),
      'itemId!': text('Item'),
      'startsAt!': moment('Begin'),
      'endsAt!': moment('End'),
      note: text('Note'),
    }),
    answer: ref('Booking'),
  },
  {
    id: 'updateBooking',
    method: 'patch',
    path: '/bookings/{bookingId}',
    summary: 'Changes a booking',
    body: object({ state: BOOKING_STATE, endsAt: moment('End'), note: text('Note') }),
    answer: ref('Booking'),
  },
  {
    id: 'listStaff',
    path: '/staff',
    summary: 'Lists the people of the shop',
    query: { role: oneOf('Role', ['desk', 'repair', 'driver']), page: whole('Page, from 1') },
    answer: list(
      object({
        id: text('Id'),
        name: text('Name'),
        email: email('Address'),
        role: oneOf('Role', ['desk', 'repair', 'driver']),
        hours: whole('Hours a week'),
      }),
    ),
  },
];
