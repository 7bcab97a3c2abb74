// Two made-up services: a hire shop for cameras, and a mailbox with a calendar.
import {
  email,
  flag,
  list,
  moment,
  object,
  oneOf,
  ref,
  type Schema,
  text,
  whole,
} from '../../planning/sets/schemas.ts';

type Operation = {
  id: string;
  method?: 'get' | 'post' | 'patch' | 'put';
  path: string;
  summary: string;
  query?: Record<string, Schema>;
  body?: Schema;
  answer: Schema;
};

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

export const POST: Operation[] = [
  {
    id: 'searchMessages',
    path: '/messages',
    summary: 'Searches messages, the newest first',
    query: {
      q: text('Words'),
      from: text('Sender'),
      folder: oneOf('Folder', ['inbox', 'sent', 'archive']),
      limit: whole('Most'),
      page_token: text('Next page'),
    },
    answer: object({
      messages: list(ref('Message')),
      next_page_token: text('Token of the next page', { nullable: true }),
    }),
  },
  { id: 'getMessage', path: '/messages/{messageId}', summary: 'Gets a message', answer: ref('Message') },
  {
    id: 'sendMessage',
    method: 'post',
    path: '/messages',
    summary: 'Sends a message',
    body: object({
      'to!': email('Recipient'),
      cc: list(email('Recipient')),
      'subject!': text('Subject'),
      'text!': text('Text'),
      replyTo: text('Id of the message that it answers'),
    }),
    answer: object({ id: text('Id') }),
  },
  {
    id: 'preview',
    path: '/preview',
    summary: 'Shows the title of a web page',
    query: { 'url!': text('Address of the page') },
    answer: object({ title: text('Title') }),
  },
  {
    id: 'createEvent',
    method: 'post',
    path: '/calendars/{calendarId}/events',
    summary: 'Creates an event; the calendar "primary" is that of the user',
    body: object({
      'title!': text('Title'),
      'startsAt!': moment('Begin'),
      durationMinutes: whole('Length in minutes'),
      attendees: list(email('Guest')),
      location: text('Place'),
    }),
    answer: object({ id: text('Id') }),
  },
  {
    id: 'listEvents',
    path: '/calendars/{calendarId}/events',
    summary: 'Lists events of a calendar',
    query: {
      from: moment('Begin after'),
      to: moment('Begin before'),
      limit: whole('Most'),
      pageToken: text('Next page'),
    },
    answer: object({
      events: list(
        object({
          id: text('Id'),
          title: text('Title'),
          startsAt: moment('Begin'),
          durationMinutes: whole('Length'),
          attendees: list(email('Guest')),
        }),
      ),
      nextPageToken: text('Next page', { nullable: true }),
    }),
  },
];

const message = object({
  'id!': text('Id'),
  from: email('Sender'),
  to: email('Recipient'),
  subject: text('Subject'),
  body: text('Text'),
  receivedAt: moment('When it came'),
  unread: flag('Whether it is unread'),
});

const SCHEMAS = { Customer: customer, Item: item, Booking: booking, Message: message };

/** The OpenAPI document of a service. */
export const documentOf = (title: string, operations: readonly Operation[], origin: string) => ({
  openapi: '3.1.0',
  info: { title, version: '1' },
  servers: [{ url: origin }],
  components: { schemas: SCHEMAS },
  paths: operations.reduce<Record<string, Record<string, unknown>>>((paths, one) => {
    const { id, method = 'get', path, summary, body, answer } = one;
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: text('Id'),
    }));
    const inQuery = Object.entries(one.query ?? {}).map(([name, schema]) => ({
      ...{
        name: name.replace('!', ''),
        in: 'query',
        required: name.endsWith('!'),
        schema,
        description: schema.description,
      },
    }));
    const sent = body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } };
    const responses = { 200: { description: 'Done', content: { 'application/json': { schema: answer } } } };
    paths[path] = {
      ...paths[path],
      [method]: { operationId: id, summary, parameters: [...inPath, ...inQuery], ...sent, responses },
    };
    return paths;
  }, {}),
});
