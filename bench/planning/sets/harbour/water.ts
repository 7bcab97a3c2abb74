import { atLeast, atMost, contains, type Operation, same } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, flag, object, oneOf, text, whole } from '../schemas.ts';
import * as doc from './document.ts';
import { byOwner, byVessel, NOW, PAGES, sort, state, TODAY } from './filters.ts';

const BERTH: Thing = ['berths', 'berthId', 'Berth'];
const VESSEL: Thing = ['vessels', 'vesselId', 'Vessel'];
const BOOKING: Thing = ['bookings', 'bookingId', 'Booking'];

const vesselFilters = [
  contains('q', text('Words of the name or the registration'), 'name', 'registration'),
  byOwner,
  same('kind', oneOf('Only this kind of vessel', doc.VESSEL_KINDS)),
  atLeast('minLengthM', amount('At least this long, in metres'), 'lengthM'),
];
const bookingFilters = [
  byVessel,
  same('berthId', text('Only those of this berth')),
  state('bookings', doc.BOOKING_STATES),
  atLeast('arrivesFrom', day('Arrival on this day or later'), 'arrivesOn'),
  atMost('arrivesTo', day('Arrival on this day or earlier'), 'arrivesOn'),
  sort(['arrivesOn', '-arrivesOn']),
];

/** Basins, berths, vessels and the bookings of visitors. */
export const WATER: Operation[] = [
  lists(['listBasins', '/basins', 'List the basins of the harbour'], ['basins', 'Basin']),
  gets(['getBasin', '/basins/{basinId}', 'Get a basin'], ['basins', 'basinId', 'Basin']),
  lists(['listPontoons', '/basins/{basinId}/pontoons', 'List the pontoons of a basin'], ['pontoons', 'Pontoon'], {
    within: 'basinId',
  }),
  lists(['listBerths', '/berths', 'List berths'], ['berths', 'Berth'], {
    paging: PAGES,
    filters: [
      same('pontoonId', text('Only those at this pontoon')),
      state('berths', doc.BERTH_STATES),
      same('shorePower', flag('Only those with (or without) shore power')),
      atLeast('fitsLengthM', amount('Only those that a vessel of this length fits into, in metres'), 'maxLengthM'),
    ],
  }),
  gets(['getBerth', '/berths/{berthId}', 'Get a berth'], BERTH),
  changes(['updateBerth', '/berths/{berthId}', 'Change a berth'], BERTH, {
    method: 'patch',
    body: object({
      dailyRate: amount('Price a day in NOK'),
      shorePower: flag('Whether there is shore power'),
      maxLengthM: amount('Longest vessel that fits, in metres'),
    }),
  }),
  changes(['closeBerth', '/berths/{berthId}/close', 'Close a berth, e.g. for repairs'], BERTH, {
    body: object({ 'closedReason!': text('Why it is closed') }),
    set: { status: 'closed' },
  }),
  changes(['reopenBerth', '/berths/{berthId}/reopen', 'Open a closed berth again'], BERTH, {
    set: { status: 'free' },
    only: ['closed'],
  }),
  lists(
    ['listMeterReadings', '/berths/{berthId}/readings', 'List the meter readings of a berth, oldest first'],
    ['readings', 'Reading'],
    { within: 'berthId', filters: [same('meter', oneOf('Only this meter', ['electricity', 'water']))] },
  ),
  adds(['addMeterReading', '/berths/{berthId}/readings', 'Add a meter reading to a berth'], ['readings', 'Reading'], {
    body: object({
      'meter!': oneOf('Which meter', ['electricity', 'water']),
      'value!': amount('What the meter shows: kWh or cubic metres'),
    }),
    set: { readAt: NOW },
    within: 'berthId',
  }),
  lists(['listVessels', '/vessels', 'List vessels'], ['vessels', 'Vessel'], { paging: PAGES, filters: vesselFilters }),
  gets(['getVessel', '/vessels/{vesselId}', 'Get a vessel'], VESSEL),
  adds(['registerVessel', '/vessels', 'Register a vessel'], ['vessels', 'Vessel'], {
    body: object({
      'name!': doc.VESSEL_BODY.name,
      'registration!': doc.VESSEL_BODY.registration,
      'ownerId!': text('Owner of the vessel'),
      'kind!': doc.VESSEL_BODY.kind,
      'lengthM!': doc.VESSEL_BODY.lengthM,
      draughtM: doc.VESSEL_BODY.draughtM,
      berthId: doc.VESSEL_BODY.berthId,
    }),
    set: { draughtM: 1, berthId: null, insuredUntil: TODAY },
  }),
  changes(['updateVessel', '/vessels/{vesselId}', 'Change a vessel'], VESSEL, {
    method: 'patch',
    body: object(doc.VESSEL_BODY),
  }),
  removes(['removeVessel', '/vessels/{vesselId}', 'Remove a vessel from the register'], ['vessels', 'vesselId']),
  lists(['listVesselNotes', '/vessels/{vesselId}/notes', 'List the notes about a vessel'], ['notes', 'Note'], {
    within: 'vesselId',
  }),
  adds(['addVesselNote', '/vessels/{vesselId}/notes', 'Write a note about a vessel'], ['notes', 'Note'], {
    body: object({ 'text!': text('The note') }),
    set: { writtenAt: NOW },
    within: 'vesselId',
  }),
  lists(['listBookings', '/bookings', 'List bookings of visiting vessels'], ['bookings', 'Booking'], {
    paging: PAGES,
    filters: bookingFilters,
  }),
  gets(['getBooking', '/bookings/{bookingId}', 'Get a booking'], BOOKING),
  adds(['createBooking', '/bookings', 'Book a berth for a vessel'], ['bookings', 'Booking'], {
    body: object({
      'vesselId!': text('Vessel that comes'),
      'berthId!': text('Berth that is booked'),
      'arrivesOn!': day('Day of arrival'),
      'departsOn!': day('Day of departure'),
      guests: whole('People on board'),
      note: text('Remark of the guest'),
    }),
    set: { status: 'requested', guests: 1, note: '' },
  }),
  changes(['updateBooking', '/bookings/{bookingId}', 'Change a booking'], BOOKING, {
    method: 'patch',
    body: object({
      berthId: text('Berth'),
      arrivesOn: day('Day of arrival'),
      departsOn: day('Day of departure'),
      guests: whole('People on board'),
      note: text('Remark of the guest'),
    }),
  }),
  changes(['confirmBooking', '/bookings/{bookingId}/confirm', 'Confirm a requested booking'], BOOKING, {
    set: { status: 'confirmed' },
    only: ['requested'],
  }),
  changes(['cancelBooking', '/bookings/{bookingId}/cancel', 'Cancel a booking'], BOOKING, {
    body: object({ reason: text('Why it is cancelled') }),
    set: { status: 'cancelled' },
    only: ['requested', 'confirmed'],
  }),
  changes(['checkIn', '/bookings/{bookingId}/check-in', 'Check a vessel in that has arrived'], BOOKING, {
    set: { status: 'checked_in' },
    only: ['confirmed'],
  }),
  changes(['checkOut', '/bookings/{bookingId}/check-out', 'Check a vessel out that leaves'], BOOKING, {
    set: { status: 'checked_out' },
    only: ['checked_in'],
  }),
];
