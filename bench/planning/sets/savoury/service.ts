import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import { COURSES, DIETS, paging, REASONS, ROLES, SCHEMAS, STATES } from './document.ts';

const BOOKING: Thing = ['bookings', 'bookingId', 'Booking'];
const CLIENT: Thing = ['clients', 'clientId', 'Client'];
const LINE = '/bookings/{bookingId}/dishes/{lineId}';

/** The menu line of the booking that the path names. */
function lineOf({ tables, path }: Parameters<Operation['run']>[0]) {
  const line = find(tables.dishes, path.lineId);
  if (line.bookingId !== path.bookingId) throw new Refused(404, `${path.bookingId} has no line ${path.lineId}`);
  return line;
}

const operations: Operation[] = [
  lists(['listClients', '/clients', 'List clients'], ['clients', 'Client'], {
    paging,
    filters: [
      contains('search', text('Clients whose name or contact person contains this'), 'name', 'contact'),
      same('city', text('Clients in this city')),
    ],
  }),
  gets(['getClient', '/clients/{clientId}', 'Get a client'], CLIENT),
  adds(['createClient', '/clients', 'Create a client'], ['clients', 'Client'], {
    body: object({
      'name!': text('Name of the company or person'),
      'contact!': text('Name of the contact person'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      'city!': text('City'),
    }),
  }),
  changes(['updateClient', '/clients/{clientId}', 'Change a client'], CLIENT, {
    method: 'patch',
    body: object({
      contact: text('Name of the contact person'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      city: text('City'),
    }),
  }),
  lists(['listBookings', '/bookings', 'List bookings of events'], ['bookings', 'Booking'], {
    paging,
    filters: [
      contains('search', text('Bookings whose title or venue contains this'), 'title', 'venue'),
      same('status', oneOf('Bookings in this status', STATES)),
      same('clientId', text('Bookings of this client')),
      atLeast('from', day('Events on this day or later'), 'eventDate'),
      atMost('to', day('Events on this day or earlier'), 'eventDate'),
      {
        name: 'sort',
        schema: oneOf('Order; a minus turns it round', ['eventDate', '-eventDate', 'guests', '-guests']),
      },
    ],
  }),
  gets(['getBooking', '/bookings/{bookingId}', 'Get a booking'], BOOKING),
  adds(['createBooking', '/bookings', 'Create a booking, as an enquiry'], ['bookings', 'Booking'], {
    body: object({
      'clientId!': text('Client who books'),
      'title!': text('Title of the event'),
      'eventDate!': day('Day of the event'),
      'guests!': whole('Number of guests', { minimum: 1 }),
      'venue!': text('Where it takes place'),
      notes: text('Notes for the team'),
    }),
    set: { status: 'enquiry', currency: 'EUR' },
  }),
  changes(['updateBooking', '/bookings/{bookingId}', 'Change a booking'], BOOKING, {
    method: 'patch',
    body: object({
      title: text('Title of the event'),
      eventDate: day('Day of the event'),
      guests: whole('Number of guests', { minimum: 1 }),
      venue: text('Where it takes place'),
      pricePerGuest: amount('Price for each guest, in the currency of the booking', { minimum: 0 }),
      notes: text('Notes for the team; replaces those that are there'),
    }),
  }),
  changes(['confirmBooking', '/bookings/{bookingId}/confirm', 'Confirm a quoted booking'], BOOKING, {
    set: { status: 'confirmed' },
    only: ['quoted'],
  }),
  changes(['cancelBooking', '/bookings/{bookingId}/cancel', 'Cancel a booking'], BOOKING, {
    body: object({ 'reason!': oneOf('Why it is cancelled', REASONS) }),
    set: { status: 'cancelled' },
    only: ['enquiry', 'quoted', 'confirmed'],
  }),
  lists(
    ['listBookingDishes', '/bookings/{bookingId}/dishes', 'List the menu of a booking'],
    ['dishes', 'BookingDish'],
    { within: 'bookingId' },
  ),
  adds(
    ['addBookingDish', '/bookings/{bookingId}/dishes', 'Add a dish to the menu of a booking'],
    ['dishes', 'BookingDish'],
    {
      within: 'bookingId',
      body: object({
        'recipeId!': text('Recipe to serve'),
        'portions!': whole('Number of portions', { minimum: 1 }),
      }),
    },
  ),
  {
    id: 'updateBookingDish',
    method: 'patch',
    path: LINE,
    summary: 'Change the portions of a dish on the menu of a booking',
    body: object({ 'portions!': whole('Number of portions from now on', { minimum: 1 }) }),
    answer: ref('BookingDish'),
    run: (call) => Object.assign(lineOf(call), call.body),
  },
  {
    id: 'removeBookingDish',
    method: 'delete',
    path: LINE,
    summary: 'Take a dish off the menu of a booking',
    run: (call) => call.tables.dishes!.splice(call.tables.dishes!.indexOf(lineOf(call)), 1),
  },
  lists(['listRecipes', '/recipes', 'List the recipes of the kitchen'], ['recipes', 'Recipe'], {
    paging,
    filters: [
      contains('search', text('Recipes whose name contains this'), 'name'),
      same('course', oneOf('Recipes of this course', COURSES)),
      same('diet', oneOf('Recipes marked with exactly this diet', DIETS)),
    ],
  }),
  changes(['updateRecipe', '/recipes/{recipeId}', 'Change a recipe'], ['recipes', 'recipeId', 'Recipe'], {
    method: 'patch',
    body: object({
      name: text('Name of the dish'),
      portionPrice: amount('Price of a portion in EUR', { minimum: 0 }),
      diet: oneOf('Strictest diet that it suits', DIETS),
    }),
  }),
  lists(['listWorkers', '/workers', 'List the people who work at events'], ['workers', 'Worker'], {
    paging,
    filters: [
      contains('search', text('Workers whose name contains this'), 'name'),
      same('role', oneOf('Workers with this role', ROLES)),
    ],
  }),
  lists(['listShifts', '/shifts', 'List the shifts of all bookings'], ['shifts', 'Shift'], {
    paging,
    filters: [
      same('bookingId', text('Shifts at this booking')),
      same('workerId', text('Shifts of this worker')),
      atLeast('from', day('Shifts that start on this day or later'), 'startsAt'),
      atMost('to', day('Shifts that start on this day or earlier'), 'startsAt'),
    ],
  }),
  adds(['createShift', '/bookings/{bookingId}/shifts', 'Put a worker on a booking'], ['shifts', 'Shift'], {
    within: 'bookingId',
    body: object({ 'workerId!': text('Worker'), 'startsAt!': moment('Start'), 'endsAt!': moment('End') }),
  }),
];

/** A caterer: clients, bookings with menus and shifts, recipes and workers; nested resources and PATCH. */
export const SERVICE = service({
  id: 'savoury',
  name: 'Savoury',
  description: 'Bookings, menus and shifts of a catering company. Times are UTC.',
  pathWords: {
    clientId: 'Client id',
    bookingId: 'Booking number',
    lineId: 'Menu line id',
    recipeId: 'Recipe id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
