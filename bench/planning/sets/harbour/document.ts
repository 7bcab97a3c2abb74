import { amount, day, email, flag, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  basinId: 'Id of the basin: north, south or old',
  berthId: 'Id of the berth, as painted on the pontoon, e.g. B-04',
  ownerId: 'Id of the boat owner, e.g. own_012',
  cardId: 'Id of the gate card, e.g. crd_009',
  vesselId: 'Id of the vessel, e.g. ves_017',
  bookingId: 'Id of the booking, e.g. bkg_0123',
  contractId: 'Id of the berth contract, e.g. ctr_004',
  entryId: 'Id of the entry in the waiting list, e.g. wtl_003',
  invoiceId: 'Id of the invoice, e.g. inv_0317',
  liftId: 'Id of the crane lift, e.g. lft_011',
  jobId: 'Id of the yard job, e.g. job_021',
};

export const VESSEL_KINDS = ['sail', 'motor', 'fishing', 'catamaran'];
export const BOOKING_STATES = ['requested', 'confirmed', 'checked_in', 'checked_out', 'cancelled'];
export const BERTH_STATES = ['free', 'occupied', 'reserved', 'closed'];
export const INVOICE_STATES = ['open', 'overdue', 'paid', 'void'];
export const JOB_STATES = ['planned', 'in_progress', 'done'];
export const PRIORITIES = ['low', 'normal', 'high'];

const address = object({ street: text('Street and number'), town: text('Town') }, 'Postal address');

export const SCHEMAS: Record<string, Schema> = {
  Basin: object({
    'id!': text('Id of the basin'),
    'name!': text('Name of the basin'),
    'depthM!': amount('Depth at low water, in metres'),
    'lockable!': flag('Whether a lock gate closes it'),
  }),
  Pontoon: object({
    'id!': text('Letter of the pontoon'),
    'basinId!': text('Basin it lies in'),
    'name!': text('Name'),
    'lengthM!': amount('Length in metres'),
  }),
  Berth: object({
    'id!': text('Id of the berth, e.g. B-04'),
    'pontoonId!': text('Letter of the pontoon'),
    'maxLengthM!': amount('Longest vessel that fits, in metres'),
    'depthM!': amount('Depth in metres'),
    'shorePower!': flag('Whether there is shore power'),
    'dailyRate!': amount('Price a day in NOK'),
    'status!': oneOf('State of the berth', BERTH_STATES),
  }),
  Owner: object({
    'id!': text('Id of the owner'),
    'name!': text('Full name of the person, or name of the company'),
    'email!': email('Email address'),
    'phone!': text('Phone number'),
    'kind!': oneOf('Private person or company', ['private', 'company']),
    'memberSince!': day('Member of the harbour since'),
    'address!': address,
  }),
  Card: object({
    'id!': text('Id of the gate card'),
    'ownerId!': text('Owner who carries it'),
    'label!': text('What the card is called'),
    'status!': oneOf('State of the card', ['active', 'blocked']),
  }),
  Vessel: object({
    'id!': text('Id of the vessel'),
    'name!': text('Name on the hull'),
    'registration!': text('Registration, e.g. NO-4100'),
    'ownerId!': text('Owner of the vessel'),
    'kind!': oneOf('Kind of vessel', VESSEL_KINDS),
    'lengthM!': amount('Length over all, in metres'),
    'draughtM!': amount('Draught in metres'),
    'berthId!': { type: ['string', 'null'], description: 'Home berth, if it has one' },
    'insuredUntil!': day('Last day of the insurance'),
  }),
  Note: object({
    'id!': text('Id of the note'),
    'vesselId!': text('Vessel it is about'),
    'text!': text('The note'),
    'writtenAt!': moment('When it was written'),
  }),
  Booking: object({
    'id!': text('Id of the booking'),
    'vesselId!': text('Vessel that comes'),
    'berthId!': text('Berth that is booked'),
    'arrivesOn!': day('Day of arrival'),
    'departsOn!': day('Day of departure'),
    'status!': oneOf('State of the booking', BOOKING_STATES),
    'guests!': whole('People on board'),
    'note!': text('Remark of the guest'),
  }),
  Contract: object({
    'id!': text('Id of the contract'),
    'ownerId!': text('Owner who rents'),
    'berthId!': text('Berth that is rented'),
    'startsOn!': day('First day'),
    'endsOn!': day('Last day'),
    'yearlyFee!': amount('Fee a year in NOK'),
    'status!': oneOf('State of the contract', ['active', 'ended', 'terminated']),
  }),
  WaitlistEntry: object({
    'id!': text('Id of the entry'),
    'ownerId!': text('Owner who waits'),
    'vesselLengthM!': amount('Length of the vessel in metres'),
    'joinedOn!': day('Waiting since'),
    'basinId!': text('Basin that is wanted'),
  }),
  Invoice: object({
    'id!': text('Id of the invoice'),
    'number!': text('Number printed on it, e.g. 2026-0317'),
    'ownerId!': text('Owner who must pay'),
    'issuedOn!': day('Day of issue'),
    'dueOn!': day('Day it is due'),
    'amount!': amount('Amount in NOK'),
    'currency!': text('Currency'),
    'status!': oneOf('State of the invoice', INVOICE_STATES),
  }),
  Payment: object({
    'id!': text('Id of the payment'),
    'invoiceId!': text('Invoice that was paid'),
    'amount!': amount('Amount in NOK'),
    'method!': oneOf('How it was paid', ['card', 'transfer', 'cash']),
    'paidOn!': day('Day of payment'),
  }),
  Reading: object({
    'id!': text('Id of the reading'),
    'berthId!': text('Berth'),
    'meter!': oneOf('Which meter', ['electricity', 'water']),
    'value!': amount('What the meter shows: kWh or cubic metres'),
    'readAt!': moment('When it was read'),
  }),
  Lift: object({
    'id!': text('Id of the lift'),
    'vesselId!': text('Vessel that is lifted'),
    'kind!': oneOf('Out of the water or into it', ['haul_out', 'launch']),
    'startsAt!': moment('Start'),
    'durationMinutes!': whole('How long the crane is taken, in minutes'),
    'status!': oneOf('State of the lift', ['scheduled', 'done', 'cancelled']),
  }),
  Job: object({
    'id!': text('Id of the job'),
    'vesselId!': text('Vessel that is worked on'),
    'title!': text('What is to be done'),
    'status!': oneOf('State of the job', JOB_STATES),
    'workerId!': { type: ['string', 'null'], description: 'Yard worker who does it' },
    'dueOn!': day('Day it must be done'),
    'estimatedHours!': amount('Estimate in hours'),
    'priority!': oneOf('Priority', PRIORITIES),
  }),
  Worker: object({ 'id!': text('Id of the yard worker'), 'name!': text('Full name'), 'trade!': text('Trade') }),
  FuelSale: object({
    'id!': text('Id of the sale'),
    'vesselId!': text('Vessel that took fuel'),
    'fuel!': oneOf('Fuel', ['diesel', 'petrol']),
    'litres!': amount('Litres sold'),
    'total!': amount('Price in NOK'),
    'soldAt!': moment('When it was sold'),
  }),
  Notice: object({
    'id!': text('Id of the notice'),
    'title!': text('Headline'),
    'text!': text('Text of the notice'),
    'severity!': oneOf('How serious it is', ['info', 'warning']),
    'publishedOn!': day('Day of publication'),
  }),
};

export const OWNER_BODY = {
  name: text('Full name, or name of the company'),
  email: email('Email address'),
  phone: text('Phone number'),
  kind: oneOf('Private person or company', ['private', 'company']),
  address,
};
export const VESSEL_BODY = {
  name: text('Name on the hull'),
  registration: text('Registration'),
  kind: oneOf('Kind of vessel', VESSEL_KINDS),
  lengthM: amount('Length over all, in metres'),
  draughtM: amount('Draught in metres'),
  berthId: text('Home berth'),
  insuredUntil: day('Last day of the insurance'),
};
export const JOB_BODY = {
  title: text('What is to be done'),
  workerId: text('Yard worker who does it'),
  dueOn: day('Day it must be done'),
  estimatedHours: amount('Estimate in hours'),
  priority: oneOf('Priority', PRIORITIES),
};
