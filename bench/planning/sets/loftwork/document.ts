import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ROOM_STATES = ['open', 'maintenance'];
export const DESK_KINDS = ['fixed', 'hot', 'adjustable'];
export const DESK_STATES = ['free', 'assigned', 'out_of_service'];
export const PLANS = ['day_pass', 'flex', 'resident', 'team'];
export const MEMBER_STATES = ['active', 'paused', 'left'];
export const BOOKING_STATES = ['confirmed', 'cancelled'];
export const INVOICE_STATES = ['open', 'overdue', 'paid'];
export const TICKET_STATES = ['open', 'in_progress', 'done'];
export const PRIORITIES = ['low', 'normal', 'high'];

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Number of the page, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Records on a page', { minimum: 1, maximum: 100, default: 25 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Records on this page'),
      'page!': whole('Number of this page'),
      'pageCount!': whole('Number of pages'),
      'totalCount!': whole('Number of records on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 25)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, pageCount: Math.ceil(rows.length / size), totalCount: rows.length };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Location: object({
    'id!': text('Location id'),
    'name!': text('Name of the location'),
    'address!': text('Street address'),
    'opensAt!': text('Opening time, e.g. 07:30'),
  }),
  Room: object({
    'id!': text('Room id'),
    'name!': text('Name of the meeting room'),
    'locationId!': text('Location that it is in'),
    'capacity!': whole('Number of seats'),
    'hourlyRate!': amount('Price of an hour in euros'),
    'hasScreen!': flag('Whether there is a screen'),
    'status!': oneOf('Only open rooms can be booked', ROOM_STATES),
  }),
  Desk: object({
    'id!': text('Desk id'),
    'label!': text('Label on the desk, e.g. H-04'),
    'locationId!': text('Location that it is in'),
    'kind!': oneOf(
      'fixed: with a cupboard, for one member; hot: shared; adjustable: its height can be changed',
      DESK_KINDS,
    ),
    'status!': oneOf('State of the desk', DESK_STATES),
    'monthlyPrice!': amount('Price of a month in euros'),
    memberId: text('Member who has the desk; missing when nobody does'),
  }),
  Member: object({
    'id!': text('Member id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    phone: text('Phone number, if known'),
    company: text('Company of the member, if any'),
    'plan!': oneOf('Membership plan', PLANS),
    'status!': oneOf('State of the membership', MEMBER_STATES),
    'locationId!': text('Home location'),
    'joinedOn!': day('First day of the membership'),
  }),
  MemberNote: object({
    'id!': text('Note id'),
    'memberId!': text('Member that the note is about'),
    'text!': text('Text of the note'),
    'createdAt!': moment('When it was written'),
  }),
  Booking: object({
    'id!': text('Booking id'),
    'roomId!': text('Room that is booked'),
    'memberId!': text('Member who booked'),
    'title!': text('What the room is booked for'),
    'startsAt!': moment('Start'),
    'endsAt!': moment('End'),
    attendees: whole('Number of people, if it was given'),
    'status!': oneOf('State of the booking', BOOKING_STATES),
  }),
  Invoice: object({
    'id!': text('Invoice id'),
    'number!': text('Invoice number'),
    'memberId!': text('Member who has to pay'),
    'amount!': amount('Amount'),
    'currency!': text('Currency of the amount, ISO 4217'),
    'issuedOn!': day('Day of issue'),
    'dueOn!': day('Day on which it is due'),
    'status!': oneOf('open: not paid and not yet due; overdue: not paid and past its due day', INVOICE_STATES),
  }),
  Ticket: object({
    'id!': text('Ticket id'),
    'locationId!': text('Location'),
    roomId: text('Room that it is about; missing when it is about no room'),
    'title!': text('What is wrong'),
    'priority!': oneOf('Priority', PRIORITIES),
    'status!': oneOf('State of the ticket', TICKET_STATES),
    'createdAt!': moment('When it was reported'),
  }),
};
