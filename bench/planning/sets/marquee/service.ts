import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  nextId,
  type Operation,
  Refused,
  same,
  service,
} from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { day, email, flag, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  ACCREDITATIONS,
  CATEGORIES,
  PREMIERES,
  paging,
  ROLES,
  SCHEMAS,
  SCREENING_STATES,
  STATES,
  STOPS,
} from './document.ts';

const TODAY = '2026-11-25';

const SUBMISSION: Thing = ['submissions', 'submission_id', 'Submission'];
const SCREENING: Thing = ['screenings', 'screening_id', 'Screening'];
const GUEST: Thing = ['guests', 'guest_id', 'Guest'];

const OPEN = ['received', 'in_review', 'shortlisted'];

const order = (fields: string[], description: string): Filter => ({
  name: 'sort',
  schema: oneOf(
    description,
    fields.flatMap((field) => [field, `-${field}`]),
  ),
});

/** A filter that keeps no row in which the field is missing. */
const whereKnown = (filter: Filter, field: string): Filter => ({
  ...filter,
  keeps: (row, value) => row[field] !== undefined && filter.keeps!(row, value),
});

const submissions: Operation[] = [
  lists(['list_submissions', '/v2/submissions', 'List submitted films'], ['submissions', 'Submission'], {
    paging,
    filters: [
      same('status', oneOf('Return submissions with this status', STATES)),
      same('category', oneOf('Return submissions of this category', CATEGORIES)),
      same('country', text('Return submissions from this country, ISO 3166-1 alpha-2')),
      contains('q', text('Return submissions whose title or director contains this text'), 'title', 'director'),
      same('fee_paid', flag('Return submissions whose fee is (true) or is not (false) paid')),
      atLeast('submitted_after', day('Return submissions made on this day or later'), 'submitted_at'),
      atMost('submitted_before', day('Return submissions made on this day or earlier'), 'submitted_at'),
      order(['submitted_at', 'title'], 'Order of the records; a minus turns it round. Default: submitted_at'),
    ],
  }),
  gets(['get_submission', '/v2/submissions/{submission_id}', 'Get a submission'], SUBMISSION),
  changes(['update_submission', '/v2/submissions/{submission_id}', 'Update a submission'], SUBMISSION, {
    method: 'patch',
    body: object({
      title: text('Title of the film'),
      language: text('Main language, in English'),
      runtime_minutes: whole('Length of the film in minutes', { minimum: 1 }),
      category: oneOf('Category', CATEGORIES),
      premiere: oneOf('What kind of premiere the screening would be', PREMIERES),
      fee_paid: flag('Whether the fee is paid'),
    }),
  }),
  changes(['accept_submission', '/v2/submissions/{submission_id}/accept', 'Accept a submission'], SUBMISSION, {
    set: { status: 'accepted' },
    only: OPEN,
  }),
  {
    id: 'reject_submission',
    method: 'post',
    path: '/v2/submissions/{submission_id}/reject',
    summary: 'Reject a submission',
    description: 'The reason is sent to the director.',
    body: object({ 'reason!': text('Reason, as the director reads it') }),
    answer: ref('Submission'),
    only: OPEN,
    run({ tables, path }) {
      const film = find(tables.submissions, path.submission_id);
      if (!OPEN.includes(String(film.status))) throw new Refused(409, `It is ${film.status}`);
      return Object.assign(film, { status: 'rejected' });
    },
  },
  lists(
    ['list_reviews', '/v2/submissions/{submission_id}/reviews', 'List the reviews of a submission'],
    ['reviews', 'Review'],
    { paging, within: 'submission_id' },
  ),
  adds(
    ['create_review', '/v2/submissions/{submission_id}/reviews', 'Add a review to a submission'],
    ['reviews', 'Review'],
    {
      body: object({
        'reviewer!': text('Name of the reviewer'),
        'score!': whole('Score, 1 (worst) to 10 (best)', { minimum: 1, maximum: 10 }),
        'comment!': text('What the reviewer thinks'),
      }),
      set: { written_on: TODAY },
      within: 'submission_id',
    },
  ),
];

const screenings: Operation[] = [
  lists(['list_venues', '/v2/venues', 'List venues'], ['venues', 'Venue'], { paging }),
  lists(['list_screenings', '/v2/screenings', 'List screenings'], ['screenings', 'Screening'], {
    paging,
    filters: [
      same('submission_id', text('Return screenings of this submission')),
      same('venue_id', text('Return screenings at this venue')),
      same('status', oneOf('Return screenings with this status', SCREENING_STATES)),
      atLeast('from', day('Return screenings on this day or later'), 'starts_at'),
      atMost('to', day('Return screenings on this day or earlier'), 'starts_at'),
      order(['starts_at', 'tickets_sold'], 'Order of the records; a minus turns it round. Default: starts_at'),
    ],
  }),
  gets(['get_screening', '/v2/screenings/{screening_id}', 'Get a screening'], SCREENING),
  {
    id: 'create_screening',
    method: 'post',
    path: '/v2/screenings',
    summary: 'Schedule a screening of an accepted submission',
    body: object({
      'submission_id!': text('Submission that is shown; it must be accepted'),
      'venue_id!': text('Venue'),
      'starts_at!': moment('When it starts'),
      q_and_a: flag('Whether there is a talk with the makers after the film; false if left out'),
    }),
    status: 201,
    answer: ref('Screening'),
    run({ tables, body }) {
      const film = tables.submissions!.find(({ id, status }) => id === body.submission_id && status === 'accepted');
      const venue = tables.venues!.find(({ id }) => id === body.venue_id);
      if (!film || !venue) throw new Refused(422, 'There is no such venue or accepted submission');
      const id = nextId(tables.screenings!);
      const fixed = { id, film_title: film.title, seats: venue.seats, tickets_sold: 0, status: 'scheduled' };
      tables.screenings!.push({ ...fixed, q_and_a: false, ...body });
      return tables.screenings!.at(-1);
    },
  },
  {
    id: 'update_screening',
    method: 'patch',
    path: '/v2/screenings/{screening_id}',
    summary: 'Move a screening to another time or venue, or change its talk',
    description: 'Members that are left out stay as they are. Ticket holders are told about a move.',
    body: object({
      starts_at: moment('When it starts'),
      venue_id: text('Venue'),
      q_and_a: flag('Whether there is a talk with the makers after the film'),
    }),
    answer: ref('Screening'),
    only: ['scheduled'],
    run({ tables, path, body }) {
      const screening = find(tables.screenings, path.screening_id);
      if (screening.status !== 'scheduled') throw new Refused(409, `It is ${screening.status}`);
      const venue = tables.venues!.find(({ id }) => id === (body.venue_id ?? screening.venue_id));
      if (!venue) throw new Refused(422, `There is no venue ${body.venue_id}`);
      return Object.assign(screening, body, { seats: venue.seats });
    },
  },
  {
    id: 'cancel_screening',
    method: 'post',
    path: '/v2/screenings/{screening_id}/cancel',
    summary: 'Cancel a screening',
    description: 'The reason is shown on the website of the festival.',
    body: object({ 'reason!': text('Reason, as the audience reads it') }),
    answer: ref('Screening'),
    only: ['scheduled'],
    run({ tables, path }) {
      const screening = find(tables.screenings, path.screening_id);
      if (screening.status !== 'scheduled') throw new Refused(409, `It is ${screening.status}`);
      return Object.assign(screening, { status: 'cancelled' });
    },
  },
];

const guests: Operation[] = [
  lists(['list_guests', '/v2/guests', 'List guests of the festival'], ['guests', 'Guest'], {
    paging,
    filters: [
      contains('name', text('Return guests whose name contains this text'), 'name'),
      same('role', oneOf('Return guests with this role', ROLES)),
      same('accreditation', oneOf('Return guests whose accreditation is in this state', ACCREDITATIONS)),
      same('submission_id', text('Return guests who come with this submission')),
      whereKnown(
        atLeast('arrives_after', day('Return guests who arrive on this day or later'), 'arrives_on'),
        'arrives_on',
      ),
      whereKnown(
        atMost('arrives_before', day('Return guests who arrive on this day or earlier'), 'arrives_on'),
        'arrives_on',
      ),
    ],
  }),
  gets(['get_guest', '/v2/guests/{guest_id}', 'Get a guest'], GUEST),
  adds(['create_guest', '/v2/guests', 'Register a guest'], ['guests', 'Guest'], {
    body: object({
      'name!': text('Full name'),
      'role!': oneOf('Why the guest is at the festival', ROLES),
      email: email('E-mail address'),
      submission_id: text('Submission that the guest comes with'),
      arrives_on: day('Day of arrival'),
      departs_on: day('Day of departure'),
    }),
    set: { accreditation: 'requested' },
  }),
  changes(['update_guest', '/v2/guests/{guest_id}', 'Update a guest'], GUEST, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      arrives_on: day('Day of arrival'),
      departs_on: day('Day of departure'),
      hotel: text('Hotel in which the guest stays'),
      dietary_needs: text('What the guest does or does not eat'),
    }),
  }),
  changes(
    ['approve_accreditation', '/v2/guests/{guest_id}/accreditation/approve', 'Approve the accreditation of a guest'],
    GUEST,
    { set: { accreditation: 'approved' } },
  ),
  lists(
    ['list_transfers', '/v2/guests/{guest_id}/transfers', 'List the transfers of a guest'],
    ['transfers', 'Transfer'],
    { paging, within: 'guest_id' },
  ),
  adds(['create_transfer', '/v2/guests/{guest_id}/transfers', 'Book a car for a guest'], ['transfers', 'Transfer'], {
    body: object({
      'at!': moment('When the car leaves'),
      'from!': oneOf('Where the guest is picked up', STOPS),
      'to!': oneOf('Where the guest is driven to; hotel is the hotel of the guest', STOPS),
    }),
    within: 'guest_id',
  }),
  {
    id: 'delete_transfer',
    method: 'delete',
    path: '/v2/guests/{guest_id}/transfers/{transfer_id}',
    summary: 'Cancel the transfer of a guest',
    run({ tables, path }) {
      const own = tables.transfers!.filter(({ guest_id }) => guest_id === path.guest_id);
      tables.transfers!.splice(tables.transfers!.indexOf(find(own, path.transfer_id)), 1);
    },
  },
];

/** The office of a film festival: submissions and their reviews, screenings, guests and their cars; snake_case and cursors. */
export const SERVICE = service({
  id: 'marquee',
  name: 'Marquee',
  description:
    'API of Marquee, software for the offices of film festivals. Times are in UTC, the time of the festival.',
  pathWords: {
    submission_id: 'Submission id',
    screening_id: 'Screening id',
    guest_id: 'Guest id',
    transfer_id: 'Transfer id',
  },
  schemas: SCHEMAS,
  operations: [...submissions, ...screenings, ...guests],
  seed,
});
