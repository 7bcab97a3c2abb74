import { Refused } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { amount, day, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const CURRENCIES = ['EUR', 'GBP', 'SEK', 'USD'];
export const METHODS = ['card', 'bank_transfer', 'cheque', 'cash'];
export const GIFT_STATES = ['pending', 'received', 'failed', 'refunded'];
export const CAMPAIGN_STATES = ['draft', 'active', 'ended'];
export const PLEDGE_STATES = ['active', 'paused', 'cancelled'];
export const INTERVALS = ['monthly', 'quarterly', 'yearly'];
export const KINDS = ['call', 'email', 'meeting', 'letter'];
export const MONEY = 'Amount in the main unit of the currency, e.g. 25 for €25';

const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });

const markOf = (offset: number) => Buffer.from(`after:${offset}`).toString('base64url');
function offsetOf(cursor: unknown): number {
  const offset = /^after:(\d+)$/.exec(Buffer.from(String(cursor), 'base64url').toString())?.[1];
  if (offset === undefined) throw new Refused(422, 'cursor is not valid');
  return Number(offset);
}

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Where to go on: next_cursor of the answer before') },
    { name: 'limit', schema: whole('Number of results at most', { minimum: 1, maximum: 100, default: 25 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Results'),
      'has_more!': flag('Whether there are more results'),
      'next_cursor!': { type: ['string', 'null'], description: 'Pass it as cursor to get more; null at the end' },
    }),
  cut(rows, args) {
    const from = args.cursor === undefined ? 0 : offsetOf(args.cursor);
    const to = from + Number(args.limit ?? 25);
    const has_more = to < rows.length;
    return { data: rows.slice(from, to), has_more, next_cursor: has_more ? markOf(to) : null };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Donor: object({
    'id!': text('Donor id'),
    'first_name!': text('First name'),
    'last_name!': text('Last name'),
    'email!': orNull(text('E-mail address; null when there is none', { format: 'email' })),
    phone: text('Phone number, when known'),
    'city!': text('City'),
    'country!': text('Country, ISO 3166-1 alpha-2'),
    'do_not_contact!': flag('Whether the donor must not be contacted'),
    'created_on!': day('Day on which the record was created'),
  }),
  Campaign: object({
    'id!': text('Campaign id'),
    'name!': text('Name of the campaign'),
    'status!': oneOf('Status', CAMPAIGN_STATES),
    'goal_amount!': amount('How much it is to raise, in its currency'),
    'currency!': oneOf('Currency of the goal', CURRENCIES),
    'starts_on!': day('First day'),
    'ends_on!': orNull(day('Last day; null when it has no end')),
  }),
  Gift: object({
    'id!': text('Gift id'),
    'donor_id!': text('Donor who gave it'),
    'campaign_id!': orNull(text('Campaign that it is for; null for a general gift')),
    'amount!': amount(MONEY),
    'currency!': oneOf('Currency', CURRENCIES),
    'method!': oneOf('How it was paid', METHODS),
    'status!': oneOf('Status', GIFT_STATES),
    'received_on!': day('Day of the gift'),
    'thanked_on!': orNull(day('Day on which the donor was thanked; null when that was not done yet')),
  }),
  Pledge: object({
    'id!': text('Pledge id'),
    'donor_id!': text('Donor who pledged it'),
    'amount!': amount(MONEY),
    'currency!': oneOf('Currency', CURRENCIES),
    'interval!': oneOf('How often it is charged', INTERVALS),
    'status!': oneOf('Status', PLEDGE_STATES),
    'next_charge_on!': orNull(day('Day of the next charge; null while there is none')),
  }),
  Interaction: object({
    'id!': text('Interaction id'),
    'donor_id!': text('Donor'),
    'kind!': oneOf('Kind of contact; call: by phone', KINDS),
    'happened_on!': day('Day of the contact'),
    'summary!': text('What was said'),
  }),
  Task: object({
    'id!': text('Task id'),
    'title!': text('What is to be done'),
    'donor_id!': orNull(text('Donor whom it is about')),
    'assignee!': text('Full name of the colleague who does it'),
    'due_on!': day('Day by which it is to be done'),
    'done!': flag('Whether it is done'),
  }),
};
