import { amount, day, email, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const KINDS = ['person', 'company'];
export const ROLES = ['partner', 'associate', 'paralegal'];
export const AREAS = ['litigation', 'conveyancing', 'employment', 'family', 'corporate'];
export const MATTER_STATES = ['open', 'on_hold', 'closed'];
export const ENTRY_STATES = ['draft', 'submitted', 'billed'];
export const INVOICE_STATES = ['draft', 'sent', 'paid'];

export const page = (orders: string[]): Record<string, Schema> => ({
  orderBy: oneOf(
    'Order of the records; a minus turns it round',
    orders.flatMap((order) => [order, `-${order}`]),
  ),
  offset: whole('Number of records to leave out from the start', { minimum: 0, default: 0 }),
  limit: whole('Number of records to answer', { minimum: 1, maximum: 100, default: 20 }),
});

export const found = (item: Schema): Schema =>
  object({ 'rows!': list(item, 'The records'), 'total!': whole('Number of records that were found') });

export const SCHEMAS: Record<string, Schema> = {
  Client: object({
    'id!': text('Client id'),
    'name!': text('Name of the person or company'),
    'kind!': oneOf('Whether it is a person or a company', KINDS),
    'email!': email('E-mail address'),
    city: text('City, if known'),
  }),
  Lawyer: object({
    'id!': text('Lawyer id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'role!': oneOf('Role in the office', ROLES),
    'hourlyRate!': amount('Usual rate of an hour in euros'),
  }),
  Matter: object({
    'id!': text('Matter id'),
    'number!': text('File number, e.g. 26-104'),
    'title!': text('Title of the matter'),
    'clientId!': text('Client'),
    'lawyerId!': text('Lawyer who is responsible'),
    'area!': oneOf('Area of law', AREAS),
    'status!': oneOf('State of the matter', MATTER_STATES),
    'openedOn!': day('Day on which it was opened'),
    closedOn: day('Day on which it was closed; only for closed matters'),
    budgetHours: amount('Hours that were agreed with the client; missing without an agreement'),
  }),
  TimeEntry: object({
    'id!': text('Time entry id'),
    'matterId!': text('Matter'),
    'lawyerId!': text('Lawyer who did the work'),
    'date!': day('Day of the work'),
    'minutes!': whole('Length in minutes'),
    'description!': text('What was done'),
    'billable!': flag('Whether the client pays for it'),
    'status!': oneOf(
      'draft: may still be changed; submitted: ready for an invoice; billed: on an invoice',
      ENTRY_STATES,
    ),
  }),
  Task: object({
    'id!': text('Task id'),
    'matterId!': text('Matter'),
    'title!': text('What is to be done'),
    'dueOn!': day('Day by which it must be done'),
    lawyerId: text('Lawyer who does it; missing while nobody does'),
    'done!': flag('Whether it is done'),
  }),
  Invoice: object({
    'id!': text('Invoice id'),
    'number!': text('Invoice number'),
    'matterId!': text('Matter'),
    'amount!': amount('Amount'),
    'currency!': text('Currency of the amount, ISO 4217'),
    'issuedOn!': day('Day of issue'),
    'dueOn!': day('Day on which it is due'),
    'status!': oneOf('State of the invoice', INVOICE_STATES),
  }),
};
