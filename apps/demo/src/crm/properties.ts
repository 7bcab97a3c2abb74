// The fields of every kind of row, in concept names.
import * as data from './data.ts';
import type { Schema } from './schema.ts';

const id = (noun: string, example: string): Schema => ({ type: 'string', description: `Id of the ${noun}.`, example });
const text = (description: string, example: string, maxLength = 200): Schema => ({
  type: 'string',
  description,
  example,
  minLength: 1,
  maxLength,
});
export const formatted = (
  format: 'date' | 'date-time' | 'email' | 'uri',
  description: string,
  example: string,
): Schema => ({
  type: 'string',
  format,
  description,
  example,
});
export const oneOf = (values: readonly string[], description: string, example: string): Schema => ({
  type: 'string',
  description,
  enum: [...values],
  example,
});
/** An amount of money in dollars and cents, or in those of its currency. */
const money = (description: string): Schema => ({
  type: 'number',
  description: `${description} At most two decimals; cents are exact.`,
  minimum: 0,
  maximum: 1e12,
  example: 84500.25,
});
const row = (noun: string, example: string): Record<string, Schema> => ({
  id: { type: 'string', description: `Unique id of the ${noun}.`, readOnly: true, example },
});
const createdAt: Record<string, Schema> = {
  createdAt: {
    ...formatted('date-time', 'When it was recorded, in UTC.', '2023-02-14T09:30:00.000Z'),
    readOnly: true,
  },
};

const accountId = id('account', 'acc_000001');
const ownerId = id('user who is the owner', 'usr_000001');

export const PROPERTIES = {
  Account: {
    ...row('account', 'acc_000001'),
    name: text('Name of the business.', 'Northwind Traders'),
    industry: oneOf(data.INDUSTRIES, 'What the business does.', 'Retail'),
    region: oneOf(data.REGIONS, 'Region that serves the account.', 'North America'),
    website: formatted('uri', 'Public website.', 'https://northwind.example'),
    ownerId,
    ...createdAt,
  },
  Contact: {
    ...row('contact', 'con_000001'),
    accountId,
    name: text('Full name.', 'Maria Anders'),
    email: formatted('email', 'Email address.', 'maria.anders@northwind.example'),
    phone: text('Telephone number.', '+1 206 555 0142', 40),
    title: text('Job title.', 'Purchasing Manager'),
    ...createdAt,
  },
  User: {
    ...row('user', 'usr_000001'),
    name: text('Full name.', 'Dana Whitfield'),
    email: formatted('email', 'Email address.', 'dana.whitfield@crm.example'),
    role: text('Role in the team.', 'Account Executive'),
    ...createdAt,
  },
  Deal: {
    ...row('deal', 'dea_000001'),
    accountId,
    name: text('Short name of the deal.', 'Warehouse rollout'),
    amount: money('Amount of the deal, in its currency.'),
    currency: { ...oneOf(data.CURRENCIES, 'ISO 4217 currency code.', 'USD'), default: 'USD' },
    stage: oneOf(data.STAGES, 'Where the deal stands.', 'negotiation'),
    ownerId,
    closeDate: formatted('date', 'Expected or actual day of closing.', '2024-03-29'),
    ...createdAt,
  },
  Sale: {
    ...row('sale', 'sal_000001'),
    date: formatted('date', 'Day of the invoice.', '2023-11-08'),
    year: { type: 'integer', description: 'Calendar year of the sale.', example: 2023 },
    quarter: oneOf(data.QUARTERS, 'Quarter of the year.', 'Q4'),
    region: oneOf(data.REGIONS, 'Region that made the sale.', 'EMEA'),
    accountId,
    productId: id('product', 'pro_000001'),
    amount: money('Invoiced amount in US dollars.'),
    ...createdAt,
  },
  Activity: {
    ...row('activity', 'act_000001'),
    type: oneOf(data.ACTIVITY_TYPES, 'Kind of activity.', 'call'),
    accountId,
    ownerId,
    subject: text('One line that says what it is about.', 'Renewal terms'),
    scheduledAt: formatted('date-time', 'When it takes place, with a time zone (RFC 3339).', '2024-01-16T10:00:00Z'),
    notes: {
      type: 'string',
      description: 'Free text.',
      maxLength: 10_000,
      default: '',
      example: 'Bring the price list.',
    },
    status: { ...oneOf(data.ACTIVITY_STATUSES, 'How far it is.', 'planned'), default: 'planned' },
    ...createdAt,
  },
  Ticket: {
    ...row('ticket', 'tic_000001'),
    accountId,
    subject: text('One line that says what is wrong.', 'Invoice shows the wrong address'),
    priority: { ...oneOf(data.PRIORITIES, 'How urgent it is.', 'normal'), default: 'normal' },
    status: oneOf(data.TICKET_STATUSES, 'State of the ticket.', 'open'),
    ...createdAt,
  },
  Product: {
    ...row('product', 'pro_000001'),
    name: text('Name of the product.', 'Route Planner'),
    sku: text('Stock keeping unit.', 'RP-100', 40),
    price: money('List price in US dollars.'),
    ...createdAt,
  },
} satisfies Record<string, Record<string, Schema>>;
