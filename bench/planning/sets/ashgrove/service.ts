import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging } from '../rest.ts';
import { amount, day, email, flag, list, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';

const TYPES = ['wedding', 'conference', 'concert', 'private_party', 'exhibition'];
const STATES = ['enquiry', 'held', 'confirmed', 'cancelled'];
const STATE_WORDS = 'enquiry: only asked; held: kept for the client; confirmed: contract signed; cancelled';
const CLIENT_KINDS = ['private', 'company', 'charity'];
const TRADES = ['catering', 'florist', 'sound_and_light', 'photographer', 'security'];
const PAYMENT_STATES = ['due', 'paid', 'overdue'];
const METHODS = ['card', 'bank_transfer', 'cheque'];
const SIZE = 20;

const paging: Paging = {
  query: [{ name: 'cursor', schema: text('next_cursor of the page before; leave it out for the first page') }],
  answer: (item) =>
    object({
      'items!': list(item),
      'next_cursor!': { type: ['string', 'null'], description: 'Where the next page starts, null on the last' },
    }),
  cut(rows, args) {
    const start = args.cursor === undefined ? 0 : Number(String(args.cursor).replace('after-', ''));
    if (!Number.isInteger(start)) throw new Refused(422, 'Unknown cursor');
    const end = start + SIZE;
    return { items: rows.slice(start, end), next_cursor: end < rows.length ? `after-${end}` : null };
  },
};

const clock = (description: string): Schema =>
  text(`${description}, local time as HH:MM`, { pattern: '^\\d\\d:\\d\\d$' });

const SCHEMAS: Record<string, Schema> = {
  Space: object({
    'id!': text('Id of the space'),
    'name!': text('Name'),
    'capacity!': whole('Most guests'),
    'step_free!': flag('Can be reached without steps'),
    'day_price!': amount('Hire for a day, in pounds'),
  }),
  Client: object({
    'id!': text('Id of the client'),
    'name!': text('Name of the person or organisation'),
    'kind!': oneOf('Kind of client', CLIENT_KINDS),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
  }),
  Supplier: object({
    'id!': text('Id of the supplier'),
    'name!': text('Name'),
    'trade!': oneOf('What they do', TRADES),
    'phone!': text('Phone number'),
  }),
  Booking: object({
    'id!': text('Id of the booking'),
    'title!': text('What the event is called'),
    'client_id!': text('Client who books'),
    'space_id!': text('Space that is booked'),
    'event_type!': oneOf('Kind of event', TYPES),
    'date!': day('Day of the event'),
    'starts!': clock('Start'),
    'ends!': clock('End'),
    'guests!': whole('Expected guests'),
    'status!': oneOf(STATE_WORDS, STATES),
    'manager!': email('E-mail address of the event manager at the hall'),
  }),
  Assignment: object({
    'booking_id!': text('Booking'),
    'supplier_id!': text('Supplier'),
    'fee!': amount('Agreed fee in pounds'),
  }),
  Payment: object({
    'id!': text('Id of the payment'),
    'booking_id!': text('Booking that it is for'),
    'kind!': oneOf('Deposit or the rest', ['deposit', 'balance']),
    'amount!': amount('Amount in pounds'),
    'due_on!': day('Day on which it is due'),
    'status!': oneOf('overdue: due day has passed without payment', PAYMENT_STATES),
    'method!': { type: ['string', 'null'], description: 'How it was paid' },
  }),
};

const BOOKING = ['bookings', 'booking_id', 'Booking'] as [string, string, string];

const operations: Operation[] = [
  lists(['list_spaces', '/spaces', 'List the spaces for hire'], ['spaces', 'Space'], {
    filters: [
      atLeast('min_capacity', whole('Only spaces that take at least so many guests'), 'capacity'),
      same('step_free', flag('Only spaces with (true) or without (false) step-free access')),
    ],
  }),
  gets(['get_space', '/spaces/{space_id}', 'Get a space'], ['spaces', 'space_id', 'Space']),
  lists(['list_clients', '/clients', 'List clients'], ['clients', 'Client'], {
    paging,
    filters: [
      contains('q', text('Part of the name or of the e-mail address'), 'name', 'email'),
      same('kind', oneOf('Only this kind of client', CLIENT_KINDS)),
    ],
  }),
  gets(['get_client', '/clients/{client_id}', 'Get a client'], ['clients', 'client_id', 'Client']),
  adds(['create_client', '/clients', 'Add a client'], ['clients', 'Client'], {
    body: object({
      'name!': text('Name of the person or organisation'),
      'kind!': oneOf('Kind of client', CLIENT_KINDS),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
    }),
    set: { phone: '' },
  }),
  lists(['list_bookings', '/bookings', 'List bookings in the order of their days'], ['bookings', 'Booking'], {
    paging,
    filters: [
      contains('q', text('Words of the title'), 'title'),
      same('client_id', text('Only bookings of this client')),
      same('space_id', text('Only bookings of this space')),
      same('event_type', oneOf('Only this kind of event', TYPES)),
      same('status', oneOf('Only bookings with this status', STATES)),
      same('manager', email('Only bookings that this event manager looks after, by e-mail address')),
      atLeast('from', day('First day'), 'date'),
      atMost('to', day('Last day'), 'date'),
    ],
  }),
  gets(['get_booking', '/bookings/{booking_id}', 'Get a booking'], BOOKING),
  adds(['create_booking', '/bookings', 'Hold a space for a client'], ['bookings', 'Booking'], {
    body: object({
      'client_id!': text('Client who books'),
      'space_id!': text('Space to hold'),
      'event_type!': oneOf('Kind of event', TYPES),
      'title!': text('What the event is called'),
      'date!': day('Day of the event'),
      'starts!': clock('Start'),
      'ends!': clock('End'),
      'guests!': whole('Expected guests', { minimum: 1 }),
    }),
    set: { status: 'held', manager: 'dana@example.com' },
  }),
  changes(['update_booking', '/bookings/{booking_id}', 'Change the details of a booking'], BOOKING, {
    method: 'patch',
    body: object({
      title: text('What the event is called'),
      starts: clock('Start'),
      ends: clock('End'),
      guests: whole('Expected guests', { minimum: 1 }),
    }),
  }),
  changes(['confirm_booking', '/bookings/{booking_id}/confirm', 'Confirm a held booking'], BOOKING, {
    set: { status: 'confirmed' },
    only: ['held', 'enquiry'],
  }),
  changes(['cancel_booking', '/bookings/{booking_id}/cancel', 'Cancel a booking'], BOOKING, {
    set: { status: 'cancelled' },
    only: ['held', 'enquiry', 'confirmed'],
  }),
  lists(['list_suppliers', '/suppliers', 'List suppliers that may work at the hall'], ['suppliers', 'Supplier'], {
    filters: [same('trade', oneOf('Only this trade', TRADES))],
  }),
  {
    id: 'list_booking_suppliers',
    method: 'get',
    path: '/bookings/{booking_id}/suppliers',
    summary: 'List the suppliers of a booking',
    answer: object({
      'items!': list(
        object({
          'supplier_id!': text('Supplier'),
          'name!': text('Name of the supplier'),
          'trade!': oneOf('What they do', TRADES),
          'fee!': amount('Agreed fee in pounds'),
        }),
      ),
    }),
    run({ tables, path: { booking_id } }) {
      find(tables.bookings, booking_id);
      const own = tables.assignments!.filter((row) => row.booking_id === booking_id);
      const items = own.map(({ supplier_id, fee }) => {
        const { name, trade } = find(tables.suppliers, supplier_id);
        return { supplier_id, name, trade, fee };
      });
      return { items };
    },
  },
  {
    id: 'assign_supplier',
    method: 'post',
    path: '/bookings/{booking_id}/suppliers',
    summary: 'Engage a supplier for a booking',
    body: object({ 'supplier_id!': text('Supplier'), 'fee!': amount('Agreed fee in pounds', { minimum: 0 }) }),
    status: 201,
    answer: ref('Assignment'),
    run({ tables, path: { booking_id }, body }) {
      find(tables.suppliers, body.supplier_id);
      const row = { booking_id: find(tables.bookings, booking_id).id, ...body };
      tables.assignments!.push(row);
      return row;
    },
  },
  lists(['list_payments', '/payments', 'List payments of clients'], ['payments', 'Payment'], {
    paging,
    filters: [
      same('booking_id', text('Only payments for this booking')),
      same('status', oneOf('Only payments with this status', PAYMENT_STATES)),
      atLeast('due_from', day('Due on this day or later'), 'due_on'),
      atMost('due_to', day('Due on this day or earlier'), 'due_on'),
    ],
  }),
  {
    ...changes(
      ['record_receipt', '/payments/{payment_id}/receipt', 'Record that a payment has come in'],
      ['payments', 'payment_id', 'Payment'],
      {
        body: object({ 'received_on!': day('Day on which it came in'), 'method!': oneOf('How it was paid', METHODS) }),
      },
    ),
    run: ({ tables, path, body }) =>
      Object.assign(find(tables.payments, path.payment_id), { status: 'paid', method: body.method }),
  },
];

/** A hall for weddings, conferences and parties: spaces, bookings, suppliers and what clients owe. */
export const SERVICE = service({
  id: 'ashgrove',
  name: 'Ashgrove Hall',
  description: 'The diary of Ashgrove Hall.',
  pathWords: {
    space_id: 'Id of the space',
    client_id: 'Id of the client',
    booking_id: 'Id of the booking',
    payment_id: 'Id of the payment',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
