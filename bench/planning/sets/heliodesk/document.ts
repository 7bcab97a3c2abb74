import { Refused } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const CUSTOMER_KINDS = ['household', 'business'];
export const SYSTEM_STATES = ['planned', 'live', 'fault', 'decommissioned'];
export const QUOTE_STATES = ['draft', 'sent', 'accepted', 'declined', 'expired'];
export const CURRENCIES = ['EUR', 'GBP'];
export const TICKET_STATES = ['open', 'in_progress', 'resolved'];
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'];
export const PURPOSES = ['survey', 'installation', 'service'];

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Value of next_cursor of the page before') },
    { name: 'limit', schema: whole('Number of records on a page', { minimum: 1, maximum: 50, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records on this page'),
      next_cursor: text('Cursor of the next page; missing on the last page'),
    }),
  cut(rows, args) {
    const cursor = String(args.cursor ?? 'c0');
    if (!/^c\d+$/.test(cursor)) throw new Refused(422, 'cursor is not valid');
    const [start, limit] = [Number(cursor.slice(1)), Number(args.limit ?? 20)];
    const end = start + limit;
    return { data: rows.slice(start, end), ...(end < rows.length ? { next_cursor: `c${end}` } : {}) };
  },
};

export const kwp = (description: string) => amount(description, { minimum: 0.1 });
export const clock = (description: string) => text(`${description}, HH:MM in 24 hours`);

export const SCHEMAS: Record<string, Schema> = {
  Customer: object({
    'id!': text('Customer id'),
    'name!': text('Name of the person or business'),
    'kind!': oneOf('Kind of customer', CUSTOMER_KINDS),
    email: email('E-mail address, if it is known'),
    'phone!': text('Phone number'),
    'city!': text('City'),
    'created_on!': day('Day on which the customer was added'),
  }),
  System: object({
    'id!': text('System id'),
    'customer_id!': text('Customer who owns it'),
    'site!': text('Where it is'),
    'size_kwp!': amount('Peak power in kWp'),
    'inverter_model!': text('Model of the inverter'),
    'panel_count!': whole('Number of panels'),
    'status!': oneOf('Status of the system', SYSTEM_STATES),
    installed_on: day('Day of installation; missing while it is planned'),
    warranty_until: day('Last day of the warranty; missing while it is planned'),
    'monitoring_enabled!': flag('Whether its production is read every day'),
  }),
  Production: object({
    'system_id!': text('System id'),
    'month!': text('Month, YYYY-MM'),
    'kwh!': amount('Energy produced in that month, in kWh'),
  }),
  Quote: object({
    'id!': text('Quote number'),
    'customer_id!': text('Customer'),
    'size_kwp!': amount('Peak power of the offered system in kWp'),
    'amount!': amount('Price, in whole units of the currency'),
    'currency!': oneOf('Currency', CURRENCIES),
    'status!': oneOf('Status; sent: waiting for the answer of the customer', QUOTE_STATES),
    'created_on!': day('Day on which it was written'),
    sent_on: day('Day on which it was sent; missing for drafts'),
    'valid_until!': day('Last day on which it can be accepted'),
    decline_reason: text('Why the customer declined'),
  }),
  Ticket: object({
    'id!': text('Ticket number'),
    'system_id!': text('System with the problem'),
    'title!': text('What the problem is'),
    'priority!': oneOf('Priority', PRIORITIES),
    'status!': oneOf('Status', TICKET_STATES),
    technician_id: text('Technician who works on it; missing until one is assigned'),
    'opened_at!': moment('When it was opened'),
    resolved_at: moment('When it was resolved'),
  }),
  Comment: object({
    'id!': text('Comment id'),
    'ticket_id!': text('Ticket number'),
    'author!': text('Who wrote it'),
    'text!': text('Text of the comment'),
    'created_at!': moment('When it was written'),
  }),
  Technician: object({
    'id!': text('Technician id'),
    'name!': text('Full name'),
    'base!': text('City that the technician works from'),
    'phone!': text('Phone number'),
    'active!': flag('Whether the technician works for us now'),
  }),
  Visit: object({
    'id!': text('Visit id'),
    'system_id!': text('System that is visited'),
    'technician_id!': text('Technician'),
    'date!': day('Day of the visit'),
    'time!': clock('Time of arrival'),
    'purpose!': oneOf('Purpose', PURPOSES),
  }),
};
