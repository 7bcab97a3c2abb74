import { amount, day, email, flag, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  owner_id: 'Id of the owner',
  pet_id: 'The pet’s id',
  appointment_id: 'Appointment id',
  bill_id: 'Id of the bill (not the number that is printed on it)',
};

export const SPECIES = ['dog', 'cat', 'rabbit', 'guinea_pig', 'bird'];
export const SEXES = ['female', 'male', 'unknown'];
export const PET_STATES = ['active', 'deceased'];
export const ROLES = ['vet', 'nurse', 'reception'];
export const KINDS = ['checkup', 'vaccination', 'dental', 'surgery', 'follow_up'];
export const APPOINTMENT_STATES = ['booked', 'completed', 'no_show', 'cancelled'];
export const BILL_STATES = ['open', 'paid', 'void'];
export const METHODS = ['cash', 'card', 'bank_transfer'];

export const SCHEMAS: Record<string, Schema> = {
  Owner: object({
    'id!': text('Unique id'),
    'first_name!': text('First name'),
    'last_name!': text('Last name'),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
    'town!': text('Town of the postal address'),
    'sms_ok!': flag('Whether we may send text messages to this owner'),
    'registered_on!': day('Day on which the owner became a client'),
  }),
  Pet: object({
    'id!': text('Unique id'),
    'name!': { type: 'string' },
    'species!': oneOf('Species', SPECIES),
    'breed!': { type: 'string' },
    'sex!': oneOf('Sex', SEXES),
    'born_on!': day('Date of birth, sometimes a guess'),
    'weight_kg!': amount('Weight at the last visit, in kilograms'),
    'owner_id!': text('Id of the owner'),
    'microchip!': text('Microchip number, 15 digits'),
    'insured!': flag('Has pet insurance'),
    'status!': oneOf('Status of the record', PET_STATES),
  }),
  StaffMember: object({
    'id!': text('Unique id'),
    'name!': text('First and last name'),
    'role!': oneOf('What they do at the practice', ROLES),
    'email!': email('E-mail address'),
  }),
  Appointment: object({
    'id!': text('Unique id'),
    'pet_id!': text('Id of the pet'),
    'vet_id!': text('Id of the vet, a member of staff'),
    'kind!': oneOf('Kind of appointment', KINDS),
    'starts_at!': moment('Start (UTC)'),
    'duration_min!': whole('Minutes'),
    'reason!': text('What the owner told us when booking'),
    'status!': oneOf('booked: still to come; completed: has taken place', APPOINTMENT_STATES),
  }),
  Slot: object({ 'starts_at!': moment('Start (UTC)'), 'duration_min!': whole('Minutes') }),
  Visit: object({ 'id!': { type: 'string' }, 'pet!': { type: 'string' }, 'when!': { type: 'string' } }),
  Vaccination: object({
    'id!': text('Unique id'),
    'pet_id!': text('Id of the pet'),
    'vaccine!': text('What it protects against'),
    'batch!': text('Batch on the vial'),
    'given_on!': day('Given on'),
    'due_on!': day('Day by which it has to be given again'),
  }),
  Bill: object({
    'id!': text('Unique id'),
    'number!': text('Number printed on the bill, e.g. BR-26-0417'),
    'owner_id!': text('Id of the owner who has to pay'),
    'issued_on!': day('Date of the bill'),
    'due_on!': day('Pay by'),
    'total!': amount('Total including VAT, in pounds'),
    'status!': oneOf('open: not paid yet', BILL_STATES),
  }),
  Message: object({
    'id!': text('Unique id'),
    'owner_id!': { type: 'string' },
    'channel!': oneOf('Channel', ['sms', 'email']),
    'text!': { type: 'string' },
  }),
};
