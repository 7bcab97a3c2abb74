import type { Paging } from '../rest.ts';
import { amount, day, email, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PRODUCTS = ['buildings', 'contents', 'combined'];
export const POLICY_STATES = ['active', 'expired', 'cancelled'];
export const PERILS = ['escape_of_water', 'fire', 'storm', 'theft', 'accidental_damage', 'subsidence'];
export const CLAIM_STATES = ['reported', 'in_review', 'approved', 'rejected', 'settled'];
export const CLAIM_STATE_WORDS =
  'Status of the claim; reported: nobody has looked at it yet; approved: accepted, not fully paid; settled: paid and closed';
export const VISIT_STATES = ['booked', 'done', 'cancelled'];

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Records per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Records on this page'),
      'page!': whole('Page, from 1'),
      'pageCount!': whole('Number of pages'),
      'totalCount!': whole('Number of records on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, pageCount: Math.ceil(rows.length / size), totalCount: rows.length };
  },
};

export const pounds = (description: string, more: Schema = {}) =>
  amount(`${description}, in pounds`, { minimum: 0, ...more });
const currency = text('Currency of the amounts, ISO 4217');

export const SCHEMAS: Record<string, Schema> = {
  Customer: object({
    'id!': text('Customer id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    phone: text('Phone number, if known'),
    'town!': text('Town'),
  }),
  Policy: object({
    'id!': text('Policy number'),
    'customerId!': text('Customer who holds it'),
    'policyholder!': text('Name of the customer who holds it'),
    'product!': oneOf('What is insured', PRODUCTS),
    'status!': oneOf('Status of the policy', POLICY_STATES),
    'annualPremium!': pounds('Premium of a year'),
    'sumInsured!': pounds('Most that is paid'),
    'excess!': pounds('Part of each claim that the customer bears'),
    'currency!': currency,
    'renewsOn!': day('Day on which it renews, or ended'),
    'address!': text('Insured address'),
  }),
  Claim: object({
    'id!': text('Claim number'),
    'policyId!': text('Policy that it is made under'),
    'policyholder!': text('Name of the customer who holds the policy'),
    'peril!': oneOf('What caused the loss', PERILS),
    'status!': oneOf(CLAIM_STATE_WORDS, CLAIM_STATES),
    'lossDate!': day('Day of the loss'),
    'reportedOn!': day('Day on which the claim was reported'),
    'reserve!': pounds('Amount set aside for the claim'),
    'currency!': currency,
    'handlerId!': { type: ['string', 'null'], description: 'Claims handler in charge; null if unassigned' },
    'description!': text('What happened'),
  }),
  Handler: object({
    'id!': text('Handler id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'team!': text('Team'),
  }),
  Payment: object({
    'id!': text('Payment id'),
    'claimId!': text('Claim number'),
    'amount!': pounds('Amount paid'),
    'currency!': currency,
    'payee!': text('Who was paid'),
    'paidOn!': day('Day of the payment'),
  }),
  Note: object({
    'id!': text('Note id'),
    'claimId!': text('Claim number'),
    'text!': text('Text of the note'),
    'createdAt!': moment('When it was written'),
  }),
  Visit: object({
    'id!': text('Visit id'),
    'claimId!': text('Claim number'),
    'scheduledFor!': moment('When the surveyor visits'),
    'surveyor!': text('Name of the surveyor'),
    'status!': oneOf('Status of the visit', VISIT_STATES),
  }),
};
