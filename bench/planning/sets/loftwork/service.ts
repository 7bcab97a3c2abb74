import { atLeast, atMost, type Call, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const { paging } = doc;
const NOW = '2026-11-25T09:00:00Z';
const ROOM: Thing = ['rooms', 'roomId', 'Room'];
const MEMBER: Thing = ['members', 'memberId', 'Member'];
const BOOKING: Thing = ['bookings', 'bookingId', 'Booking'];

const location = same('locationId', text('Only those at this location'));
const bookingDays = [
  atLeast('from', day('Only bookings that start on this day or later'), 'startsAt'),
  atMost('to', day('Only bookings that start on this day or earlier'), 'startsAt'),
];

const booking = adds(
  ['createBooking', '/rooms/{roomId}/bookings', 'Book a room for a member'],
  ['bookings', 'Booking'],
  {
    body: object({
      'memberId!': text('Member who books'),
      'title!': text('What the room is booked for'),
      'startsAt!': moment('Start'),
      'endsAt!': moment('End'),
      attendees: whole('Number of people', { minimum: 1 }),
    }),
    within: 'roomId',
    set: { status: 'confirmed' },
  },
);

/** Refuses a booking of a room that cannot be used, or that is taken. */
function checkTime({ tables, path, body }: Call): void {
  const room = find(tables.rooms, path.roomId);
  if (room.status !== 'open') throw new Refused(409, `The room is in ${room.status}`);
  const [start, end] = [Date.parse(String(body.startsAt)), Date.parse(String(body.endsAt))];
  if (end <= start) throw new Refused(422, 'endsAt must be after startsAt');
  const taken = tables.bookings!.some(
    (one) =>
      one.roomId === room.id &&
      one.status === 'confirmed' &&
      Date.parse(String(one.startsAt)) < end &&
      Date.parse(String(one.endsAt)) > start,
  );
  if (taken) throw new Refused(409, 'The room is booked at that time');
}

const operations: Operation[] = [
  lists(['listLocations', '/locations', 'List the locations'], ['locations', 'Location']),
  lists(['listRooms', '/rooms', 'List the meeting rooms'], ['rooms', 'Room'], {
    paging,
    filters: [
      location,
      atLeast('minCapacity', whole('Only rooms with at least this number of seats', { minimum: 1 }), 'capacity'),
      same('hasScreen', flag('Only rooms with (true) or without (false) a screen')),
      same('status', oneOf('Only rooms in this state', doc.ROOM_STATES)),
    ],
  }),
  gets(['getRoom', '/rooms/{roomId}', 'Get a meeting room'], ROOM),
  changes(['updateRoom', '/rooms/{roomId}', 'Change the price, seats or state of a meeting room'], ROOM, {
    method: 'patch',
    body: object({
      capacity: whole('Number of seats', { minimum: 1 }),
      hourlyRate: amount('Price of an hour in euros', { minimum: 0 }),
      status: oneOf('State of the room', doc.ROOM_STATES),
    }),
  }),
  lists(['listRoomBookings', '/rooms/{roomId}/bookings', 'List the bookings of a room'], ['bookings', 'Booking'], {
    paging,
    filters: bookingDays,
    within: 'roomId',
  }),
  {
    ...booking,
    description: 'The room must be open, and nobody else may have booked it for that time.',
    only: ['open'],
    run(call) {
      checkTime(call);
      return booking.run(call);
    },
  },
  lists(['listBookings', '/bookings', 'List the bookings of all rooms'], ['bookings', 'Booking'], {
    paging,
    filters: [
      same('memberId', text('Only bookings of this member')),
      same('status', oneOf('Only bookings in this state', doc.BOOKING_STATES)),
      ...bookingDays,
    ],
  }),
  changes(['updateBooking', '/bookings/{bookingId}', 'Change the time, title or people of a booking'], BOOKING, {
    method: 'patch',
    body: object({
      title: text('What the room is booked for'),
      startsAt: moment('Start'),
      endsAt: moment('End'),
      attendees: whole('Number of people', { minimum: 1 }),
    }),
  }),
  changes(['cancelBooking', '/bookings/{bookingId}/cancel', 'Cancel a booking'], BOOKING, {
    set: { status: 'cancelled' },
    only: ['confirmed'],
  }),
  lists(['listDesks', '/desks', 'List the desks'], ['desks', 'Desk'], {
    paging,
    filters: [
      location,
      same('kind', oneOf('Only desks of this kind', doc.DESK_KINDS)),
      same('status', oneOf('Only desks in this state', doc.DESK_STATES)),
    ],
  }),
  {
    id: 'assignDesk',
    method: 'put',
    path: '/desks/{deskId}/assignment',
    summary: 'Give a free desk to a member',
    body: object({ 'memberId!': text('Member who gets the desk') }),
    answer: ref('Desk'),
    only: ['free'],
    run({ tables, path, body }) {
      const desk = find(tables.desks, path.deskId);
      if (desk.status !== 'free') throw new Refused(409, `It is ${desk.status}`);
      find(tables.members, body.memberId);
      return Object.assign(desk, { memberId: body.memberId, status: 'assigned' });
    },
  },
  {
    id: 'releaseDesk',
    method: 'delete',
    path: '/desks/{deskId}/assignment',
    summary: 'Take a desk back from the member who has it, so that it is free again',
    only: ['assigned'],
    run({ tables, path }) {
      const desk = find(tables.desks, path.deskId);
      if (desk.status !== 'assigned') throw new Refused(409, `It is ${desk.status}`);
      delete desk.memberId;
      desk.status = 'free';
    },
  },
  lists(['listMembers', '/members', 'List the members'], ['members', 'Member'], {
    paging,
    filters: [
      contains('search', text('Only members whose name, e-mail or company contains this'), 'name', 'email', 'company'),
      same('plan', oneOf('Only members with this plan', doc.PLANS)),
      same('status', oneOf('Only members in this state', doc.MEMBER_STATES)),
      location,
    ],
  }),
  gets(['getMember', '/members/{memberId}', 'Get a member'], MEMBER),
  adds(['createMember', '/members', 'Register a new member'], ['members', 'Member'], {
    body: object({
      'name!': text('Full name'),
      'email!': email('E-mail address'),
      'plan!': oneOf('Membership plan', doc.PLANS),
      'locationId!': text('Home location'),
      company: text('Company'),
      phone: text('Phone number'),
    }),
    set: { status: 'active', joinedOn: NOW.slice(0, 10) },
  }),
  changes(['updateMember', '/members/{memberId}', 'Change the details, plan or state of a member'], MEMBER, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      company: text('Company'),
      plan: oneOf('Membership plan', doc.PLANS),
      status: oneOf('State of the membership', doc.MEMBER_STATES),
      locationId: text('Home location'),
    }),
  }),
  lists(
    ['listMemberInvoices', '/members/{memberId}/invoices', 'List the invoices of a member'],
    ['invoices', 'Invoice'],
    {
      paging,
      filters: [same('status', oneOf('Only invoices in this state', doc.INVOICE_STATES))],
      within: 'memberId',
    },
  ),
  lists(['listInvoices', '/invoices', 'List the invoices of all members'], ['invoices', 'Invoice'], {
    paging,
    filters: [
      same('status', oneOf('Only invoices in this state', doc.INVOICE_STATES)),
      atLeast('issuedFrom', day('Only invoices issued on this day or later'), 'issuedOn'),
      atMost('issuedTo', day('Only invoices issued on this day or earlier'), 'issuedOn'),
    ],
  }),
  changes(
    ['markInvoicePaid', '/invoices/{invoiceId}/mark-paid', 'Record that an invoice was paid'],
    ['invoices', 'invoiceId', 'Invoice'],
    { set: { status: 'paid' }, only: ['open', 'overdue'] },
  ),
  lists(['listMemberNotes', '/members/{memberId}/notes', 'List the notes on a member'], ['notes', 'MemberNote'], {
    within: 'memberId',
  }),
  {
    ...adds(['addMemberNote', '/members/{memberId}/notes', 'Add a note to a member'], ['notes', 'MemberNote'], {
      body: object({ 'text!': text('Text of the note') }),
      within: 'memberId',
      set: { createdAt: NOW },
    }),
    description: 'Notes are read by the staff only.',
  },
  lists(['listTickets', '/tickets', 'List the maintenance tickets'], ['tickets', 'Ticket'], {
    paging,
    filters: [
      location,
      same('status', oneOf('Only tickets in this state', doc.TICKET_STATES)),
      same('priority', oneOf('Only tickets of this priority', doc.PRIORITIES)),
    ],
  }),
  adds(['createTicket', '/tickets', 'Report something that needs repair'], ['tickets', 'Ticket'], {
    body: object({
      'locationId!': text('Location'),
      'title!': text('What is wrong'),
      roomId: text('Room that it is about'),
      priority: oneOf('Priority; normal if left out', doc.PRIORITIES),
    }),
    set: { priority: 'normal', status: 'open', createdAt: NOW },
  }),
  changes(
    ['updateTicket', '/tickets/{ticketId}', 'Change the state or priority of a maintenance ticket'],
    ['tickets', 'ticketId', 'Ticket'],
    {
      method: 'patch',
      body: object({
        status: oneOf('State of the ticket', doc.TICKET_STATES),
        priority: oneOf('Priority', doc.PRIORITIES),
      }),
    },
  ),
];

/** A coworking space: rooms with bookings, desks, members with invoices and notes, repairs; nested resources and PATCH. */
export const SERVICE = service({
  id: 'loftwork',
  name: 'Loftwork',
  description: 'REST API of the Loftwork coworking spaces. Prices are in euros. Times are UTC.',
  pathWords: {
    roomId: 'Room id',
    deskId: 'Desk id',
    memberId: 'Member id',
    bookingId: 'Booking id',
    invoiceId: 'Invoice id',
    ticketId: 'Ticket id',
  },
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
