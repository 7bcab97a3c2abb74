import { expect, it } from 'vitest';
import { naming } from './naming.ts';
import { type Vocabulary, vocabulary } from './vocabulary.ts';

const plain = vocabulary(0);
const renamed: Vocabulary = {
  ...plain,
  style: 'snake',
  words: {
    ...plain.words,
    account: { one: 'organization', many: 'organizations' },
    activity: { one: 'booking', many: 'bookings' },
    call: { one: 'phone call', many: 'phone calls' },
    scheduledAt: { one: 'planned for', many: 'planned for' },
  },
  verbs: { ...plain.verbs, list: 'browse' },
};
const names = naming(renamed);

it('renames identifiers word by word', () => {
  expect(names.field('accountId')).toBe('organization_id');
  expect(names.field('scheduledAt')).toBe('planned_for');
  expect(names.component('ActivityPage')).toBe('BookingPage');
  expect(names.operation('listActivities')).toBe('browseBookings');
  expect(names.path('/activities/{activityId}')).toBe('/bookings/{booking_id}');
});

it('renames values of enumerations and leaves values without a concept alone', () => {
  expect(names.value('call')).toBe('phone_call');
  expect(names.value('Latin America')).toBe('Latin America');
  expect(names.value('createdAt')).toBe('created_at');
});

it('renames prose with its plurals, capitals and articles', () => {
  expect(names.prose('Accounts have an activity, a call or calls; see `accountId`.')).toBe(
    'Organizations have a booking, a phone call or phone calls; see `organization_id`.',
  );
  expect(names.prose('An account')).toBe('An organization');
  expect(names.prose('A contact of an account')).toBe('A contact of an organization');
  expect(names.summary('List accounts')).toBe('Browse organizations');
});

it('names the envelope of a list as its concepts say', () => {
  expect([naming(plain).field('rows'), naming(plain).field('hits')]).toEqual(['items', 'total']);
});
