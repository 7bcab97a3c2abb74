import type { Paging } from '../rest.ts';
import { amount, day, email, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const STATES = ['enquiry', 'quoted', 'confirmed', 'completed', 'cancelled'];
export const COURSES = ['starter', 'main', 'dessert', 'drink'];
export const DIETS = ['none', 'vegetarian', 'vegan'];
export const ROLES = ['chef', 'waiter', 'bartender', 'driver'];
export const REASONS = ['client_request', 'unpaid_deposit', 'no_capacity', 'other'];

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page number, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Rows on a page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) => object({ 'data!': list(item, 'Rows of this page'), 'total!': whole('Rows on all pages') }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    return { data: rows.slice((page - 1) * size, page * size), total: rows.length };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Client: object({
    'id!': text('Client id'),
    'name!': text('Name of the company or person'),
    'contact!': text('Name of the contact person'),
    'email!': email('E-mail address'),
    phone: text('Phone number, if known'),
    'city!': text('City'),
  }),
  Booking: object({
    'id!': text('Booking number'),
    'clientId!': text('Client who booked'),
    'title!': text('Title of the event'),
    'eventDate!': day('Day of the event'),
    'guests!': whole('Number of guests'),
    'venue!': text('Where it takes place'),
    'status!': oneOf('Status; enquiry: no price sent yet; quoted: the client has not accepted the price yet', STATES),
    pricePerGuest: amount('Price for each guest, in the currency of the booking; missing until it is quoted'),
    'currency!': oneOf('Currency', ['EUR', 'CHF']),
    notes: text('Notes for the team'),
  }),
  Recipe: object({
    'id!': text('Recipe id'),
    'name!': text('Name of the dish'),
    'course!': oneOf('Course', COURSES),
    'diet!': oneOf('Strictest diet that it suits', DIETS),
    'portionPrice!': amount('Price of a portion in EUR'),
    'allergens!': list(text('Allergen'), 'Allergens it contains'),
  }),
  BookingDish: object({
    'id!': text('Menu line id'),
    'bookingId!': text('Booking number'),
    'recipeId!': text('Recipe that is served'),
    'portions!': whole('Number of portions'),
  }),
  Worker: object({
    'id!': text('Worker id'),
    'name!': text('Full name'),
    'role!': oneOf('Role', ROLES),
    phone: text('Phone number, if known'),
    'hourlyPay!': amount('Pay per hour in EUR'),
  }),
  Shift: object({
    'id!': text('Shift id'),
    'bookingId!': text('Booking number'),
    'workerId!': text('Worker'),
    'startsAt!': moment('Start'),
    'endsAt!': moment('End'),
  }),
};
