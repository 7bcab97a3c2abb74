import type { Row } from '../kit.ts';
import { amount, day, email, flag, list, moment, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';

export const STATES = ['booked', 'confirmed', 'arrived', 'completed', 'cancelled', 'no_show'];
export const SPECIALTIES = ['general_practice', 'dermatology', 'cardiology', 'physiotherapy', 'paediatrics', 'nursing'];
export const REASONS = ['patient_request', 'patient_ill', 'practitioner_ill', 'other'];
export const CHANNELS = ['sms', 'email'];
export const METHODS = ['card', 'cash', 'bank_transfer'];
export const INVOICE_STATES = ['unpaid', 'paid', 'void'];

const STATE_WORDS =
  'Status; booked: not confirmed by the patient yet; arrived: in the waiting room; no_show: the patient did not come';

/** Members of a search that choose a page. */
export const PAGE: Record<string, Schema> = {
  limit: whole('Maximum number of items, 20 if left out', { minimum: 1, maximum: 100 }),
  offset: whole('Number of items to skip', { minimum: 0 }),
};
export const found = (item: string): Schema =>
  object({ 'items!': list(ref(item), 'Items found'), 'total!': whole('Number of items without regard to pages') });
export const cut = (rows: Row[], { limit = 20, offset = 0 }: Row): Row => ({
  items: rows.slice(Number(offset), Number(offset) + Number(limit)),
  total: rows.length,
});

export const SCHEMAS: Record<string, Schema> = {
  Appointment: object({
    'id!': text('Appointment id'),
    'patientId!': text('Patient'),
    'practitionerId!': text('Practitioner'),
    'typeId!': text('Appointment type'),
    'locationId!': text('Location'),
    'start!': moment('Start'),
    'durationMinutes!': whole('Length in minutes'),
    'status!': oneOf(STATE_WORDS, STATES),
  }),
  Slot: object({
    'practitionerId!': text('Practitioner'),
    'start!': moment('Start of the free slot'),
  }),
  Patient: object({
    'id!': text('Patient id'),
    'name!': text('Full name'),
    'dateOfBirth!': day('Date of birth'),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
    'usualPractitionerId!': { type: ['string', 'null'], description: 'Practitioner whom the patient usually sees' },
    'registeredOn!': day('Day of registration'),
  }),
  Message: object({
    'id!': text('Message id'),
    'patientId!': text('Patient who gets it'),
    'channel!': oneOf('How it is sent', CHANNELS),
    'text!': text('Text of the message'),
    'sentAt!': moment('When it was sent'),
  }),
  Practitioner: object({
    'id!': text('Practitioner id'),
    'name!': text('Full name without titles'),
    'email!': email('E-mail address'),
    'specialty!': oneOf('Specialty', SPECIALTIES),
    'locationId!': text('Location where the practitioner works'),
    'acceptingNewPatients!': flag('Whether new patients can register with the practitioner'),
  }),
  TimeOff: object({
    'id!': text('Time off id'),
    'practitionerId!': text('Practitioner who is away'),
    'from!': day('First day away'),
    'to!': day('Last day away'),
    'reason!': text('Reason'),
  }),
  AppointmentType: object({
    'id!': text('Appointment type id'),
    'name!': text('Name'),
    'durationMinutes!': whole('Length in minutes'),
    'fee!': amount('Fee in pounds'),
  }),
  Location: object({ 'id!': text('Location id'), 'name!': text('Name') }),
  Invoice: object({
    'id!': text('Invoice id'),
    'patientId!': text('Patient who has to pay'),
    'appointmentId!': text('Appointment that is charged'),
    'amount!': amount('Amount in pounds'),
    'status!': oneOf('Status', INVOICE_STATES),
    'issuedOn!': day('Day of issue'),
    'dueOn!': day('Day by which it has to be paid'),
  }),
  WaitlistEntry: object({
    'id!': text('Waiting list entry id'),
    'patientId!': text('Patient who waits'),
    'practitionerId!': text('Practitioner whom the patient wants to see'),
    'addedOn!': day('Day on which the patient was added'),
    'note!': text('Wishes of the patient; may be empty'),
  }),
};
