import { Refused } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const CATEGORIES = ['feature', 'documentary', 'short', 'animation'];
export const STATES = ['received', 'in_review', 'shortlisted', 'accepted', 'rejected', 'withdrawn'];
export const PREMIERES = ['world', 'international', 'national', 'none'];
export const SCREENING_STATES = ['scheduled', 'cancelled'];
export const ROLES = ['director', 'actor', 'juror', 'press', 'industry'];
export const ACCREDITATIONS = ['requested', 'approved', 'declined'];
export const STOPS = ['airport', 'station', 'hotel', 'venue'];

const SIZE = 20;

export const paging: Paging = {
  query: [
    { name: 'limit', schema: whole('Maximum number of records', { minimum: 1, maximum: 50, default: SIZE }) },
    { name: 'cursor', schema: text('The next_cursor of the page before; leave it out for the first page') },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records of this page'),
      next_cursor: text('Cursor of the next page; missing on the last one'),
    }),
  cut(rows, args) {
    const start = args.cursor === undefined ? 0 : Number(/^c(\d+)$/.exec(String(args.cursor))?.[1] ?? Number.NaN);
    if (Number.isNaN(start)) throw new Refused(422, 'cursor is not one that was answered');
    const end = start + Number(args.limit ?? SIZE);
    return { data: rows.slice(start, end), ...(end < rows.length ? { next_cursor: `c${end}` } : {}) };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Submission: object({
    'id!': text('Submission id'),
    'title!': text('Title of the film'),
    'director!': text('Full name of the director'),
    'country!': text('Country of production, ISO 3166-1 alpha-2'),
    'language!': text('Main language, in English'),
    'runtime_minutes!': whole('Length of the film in minutes'),
    'category!': oneOf('Category', CATEGORIES),
    'status!': oneOf('Status; accepted: the film is in the programme of the festival', STATES),
    'submitted_at!': moment('When it was submitted'),
    'fee_amount!': amount('Submission fee in whole units of fee_currency, e.g. 45 for 45 euros'),
    'fee_currency!': oneOf('Currency of the fee, ISO 4217', ['EUR', 'USD', 'GBP']),
    'fee_paid!': flag('Whether the fee is paid'),
    premiere: oneOf('What kind of premiere the screening would be', PREMIERES),
    'review_count!': whole('Number of reviews'),
    average_score: amount('Mean of the scores of its reviews, 1 to 10; missing without reviews'),
  }),
  Review: object({
    'id!': text('Review id'),
    'submission_id!': text('Submission that is reviewed'),
    'reviewer!': text('Name of the reviewer'),
    'score!': whole('Score, 1 (worst) to 10 (best)'),
    'comment!': text('What the reviewer wrote'),
    'written_on!': day('Day on which it was written'),
  }),
  Venue: object({
    'id!': text('Venue id'),
    'name!': text('Name'),
    'seats!': whole('Number of seats'),
    'wheelchair_access!': flag('Whether a wheelchair gets in'),
    address: text('Street address'),
  }),
  Screening: object({
    'id!': text('Screening id'),
    'submission_id!': text('Submission that is shown'),
    'film_title!': text('Title of the film'),
    'venue_id!': text('Venue'),
    'starts_at!': moment('When it starts'),
    'seats!': whole('Seats that can be sold; it is sold out when as many tickets are sold'),
    'tickets_sold!': whole('Tickets sold'),
    'status!': oneOf('Status', SCREENING_STATES),
    'q_and_a!': flag('Whether there is a talk with the makers after the film'),
  }),
  Guest: object({
    'id!': text('Guest id'),
    'name!': text('Full name'),
    'role!': oneOf('Why the guest is at the festival', ROLES),
    email: email('E-mail address'),
    submission_id: text('Submission that the guest comes with'),
    arrives_on: day('Day of arrival'),
    departs_on: day('Day of departure'),
    hotel: text('Hotel in which the guest stays'),
    'accreditation!': oneOf('State of the accreditation', ACCREDITATIONS),
    dietary_needs: text('What the guest does or does not eat'),
  }),
  Transfer: object({
    'id!': text('Transfer id'),
    'guest_id!': text('Guest who is driven'),
    'at!': moment('When the car leaves'),
    'from!': oneOf('Where the guest is picked up', STOPS),
    'to!': oneOf('Where the guest is driven to', STOPS),
    driver: text('Driver, once there is one'),
  }),
};
