import { atLeast, atMost, contains, find, nextId, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, moment, object, oneOf, ref, text } from '../schemas.ts';
import { seed } from './data.ts';
import { CHANNELS, found, INVOICE_STATES, METHODS, REASONS, SCHEMAS, SPECIALTIES, STATES } from './document.ts';
import { among, paging, searches, wrapped } from './wrapping.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);
const OPEN = ['booked', 'confirmed'];
const HOURS = ['09', '10', '11', '12', '13', '14', '15'];

const APPOINTMENT: Thing = ['appointments', 'appointmentId', 'Appointment'];
const PATIENT: Thing = ['patients', 'patientId', 'Patient'];

const operations: Operation[] = [
  searches(
    ['searchAppointments', '/appointments/search', 'Search appointments'],
    ['appointments', 'Appointment'],
    [
      [
        atLeast('from', day('First day'), 'start'),
        atMost('to', day('Last day, inclusive'), 'start'),
        same('patientId', text('Appointments of this patient')),
        same('practitionerId', text('Appointments with this practitioner')),
        same('locationId', text('Appointments at this location')),
        same('typeId', text('Appointments of this type')),
        among('statuses', 'Appointments with one of these statuses', STATES),
      ],
      ['start', '-start'],
    ],
  ),
  wrapped('appointment', gets(['getAppointment', '/appointments/{appointmentId}', 'Get an appointment'], APPOINTMENT)),
  wrapped('appointment', {
    id: 'bookAppointment',
    method: 'post',
    path: '/appointments',
    summary: 'Book an appointment',
    description: 'Length and location follow from the type and the practitioner.',
    body: object({
      'patientId!': text('Patient'),
      'practitionerId!': text('Practitioner'),
      'typeId!': text('Appointment type'),
      'start!': moment('Start'),
    }),
    status: 201,
    answer: ref('Appointment'),
    run({ tables, body }) {
      find(tables.patients, body.patientId);
      const { locationId } = find(tables.practitioners, body.practitionerId);
      const { durationMinutes } = find(tables.types, body.typeId);
      const id = nextId(tables.appointments!);
      tables.appointments!.push({ id, ...body, locationId, durationMinutes, status: 'booked' });
      return tables.appointments!.at(-1);
    },
  }),
  wrapped(
    'appointment',
    changes(
      ['rescheduleAppointment', '/appointments/{appointmentId}/reschedule', 'Move an appointment to another time'],
      APPOINTMENT,
      { body: object({ 'start!': moment('New start') }), only: OPEN },
    ),
  ),
  wrapped('appointment', {
    ...changes(['cancelAppointment', '/appointments/{appointmentId}/cancel', 'Cancel an appointment'], APPOINTMENT, {
      body: object({ 'reason!': oneOf('Why it is cancelled', REASONS) }),
      only: OPEN,
    }),
    run({ tables, path }) {
      const row = find(tables.appointments, path.appointmentId);
      if (!OPEN.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
      return Object.assign(row, { status: 'cancelled' });
    },
  }),
  wrapped(
    'appointment',
    changes(
      [
        'confirmAppointment',
        '/appointments/{appointmentId}/confirm',
        'Mark an appointment as confirmed by the patient',
      ],
      APPOINTMENT,
      { set: { status: 'confirmed' }, only: ['booked'] },
    ),
  ),
  wrapped(
    'appointment',
    changes(
      ['checkInAppointment', '/appointments/{appointmentId}/check-in', 'Check a patient in on arrival'],
      APPOINTMENT,
      { set: { status: 'arrived' }, only: OPEN },
    ),
  ),
  {
    id: 'searchAvailability',
    method: 'post',
    path: '/availability/search',
    summary: 'Search free slots of a practitioner',
    body: object({
      'practitionerId!': text('Practitioner'),
      'from!': day('First day'),
      'to!': day('Last day, inclusive; at most 31 days after the first'),
    }),
    answer: found('Slot'),
    run({ tables, body: { practitionerId, from, to } }) {
      find(tables.practitioners, practitionerId);
      const own = tables.appointments!.filter(
        (row) => row.practitionerId === practitionerId && row.status !== 'cancelled',
      );
      const away = tables.timeOff!.filter((row) => row.practitionerId === practitionerId);
      const items = [];
      for (let at = Date.parse(String(from)), n = 0; at <= Date.parse(String(to)) && n <= 31; at += 86_400_000, n++) {
        const date = new Date(at).toISOString().slice(0, 10);
        const isWeekend = [0, 6].includes(new Date(at).getUTCDay());
        if (isWeekend || away.some((row) => String(row.from) <= date && date <= String(row.to))) continue;
        for (const hour of HOURS)
          if (!own.some(({ start }) => String(start).startsWith(`${date}T${hour}`)))
            items.push({ practitionerId, start: `${date}T${hour}:00:00Z` });
      }
      return { items, total: items.length };
    },
  },
  searches(
    ['searchPatients', '/patients/search', 'Search patients'],
    ['patients', 'Patient'],
    [
      [
        contains('name', text('Part of the name'), 'name'),
        same('email', email('E-mail address')),
        same('dateOfBirth', day('Date of birth')),
        same('usualPractitionerId', text('Patients who usually see this practitioner')),
        atLeast('registeredFrom', day('Registered on this day or later'), 'registeredOn'),
      ],
      ['id', 'name', 'registeredOn', '-registeredOn'],
    ],
  ),
  wrapped('patient', gets(['getPatient', '/patients/{patientId}', 'Get a patient'], PATIENT)),
  wrapped(
    'patient',
    adds(['registerPatient', '/patients', 'Register a patient'], ['patients', 'Patient'], {
      body: object({
        'name!': text('Full name'),
        'dateOfBirth!': day('Date of birth'),
        'email!': email('E-mail address'),
        phone: text('Phone number'),
        usualPractitionerId: text('Practitioner whom the patient usually sees'),
      }),
      set: { phone: '', usualPractitionerId: null, registeredOn: TODAY },
    }),
  ),
  wrapped(
    'patient',
    changes(['updatePatient', '/patients/{patientId}', 'Update contact data of a patient'], PATIENT, {
      method: 'patch',
      body: object({
        email: email('E-mail address'),
        phone: text('Phone number'),
        usualPractitionerId: text('Practitioner whom the patient usually sees'),
      }),
    }),
  ),
  lists(
    ['listMessages', '/patients/{patientId}/messages', 'List messages sent to a patient'],
    ['messages', 'Message'],
    { paging, within: 'patientId' },
  ),
  wrapped(
    'message',
    adds(['sendMessage', '/patients/{patientId}/messages', 'Send a message to a patient'], ['messages', 'Message'], {
      body: object({ 'channel!': oneOf('How it is sent', CHANNELS), 'text!': text('Text of the message') }),
      within: 'patientId',
      set: { sentAt: NOW },
    }),
  ),
  lists(['listPractitioners', '/practitioners', 'List practitioners'], ['practitioners', 'Practitioner'], {
    paging,
    filters: [
      same('specialty', oneOf('Practitioners of this specialty', SPECIALTIES)),
      same('locationId', text('Practitioners at this location')),
      same('acceptingNewPatients', flag('Practitioners who do (true) or do not (false) take new patients')),
    ],
  }),
  lists(
    ['listTimeOff', '/practitioners/{practitionerId}/time-off', 'List the time off of a practitioner'],
    ['timeOff', 'TimeOff'],
    { paging, within: 'practitionerId' },
  ),
  wrapped(
    'timeOff',
    adds(
      ['createTimeOff', '/practitioners/{practitionerId}/time-off', 'Block days on which a practitioner is away'],
      ['timeOff', 'TimeOff'],
      {
        body: object({ 'from!': day('First day away'), 'to!': day('Last day away'), 'reason!': text('Reason') }),
        within: 'practitionerId',
      },
    ),
  ),
  lists(['listAppointmentTypes', '/appointment-types', 'List appointment types'], ['types', 'AppointmentType'], {
    paging,
  }),
  lists(['listLocations', '/locations', 'List locations'], ['locations', 'Location'], { paging }),
  searches(
    ['searchInvoices', '/invoices/search', 'Search invoices'],
    ['invoices', 'Invoice'],
    [
      [
        same('patientId', text('Invoices of this patient')),
        among('statuses', 'Invoices with one of these statuses', INVOICE_STATES),
        atLeast('issuedFrom', day('Issued on this day or later'), 'issuedOn'),
        atMost('issuedTo', day('Issued on this day or earlier'), 'issuedOn'),
      ],
      ['issuedOn', '-issuedOn', 'amount', '-amount'],
    ],
  ),
  wrapped('invoice', {
    id: 'recordPayment',
    method: 'post',
    path: '/invoices/{invoiceId}/payments',
    summary: 'Record a payment of an invoice',
    body: object({
      'amount!': amount('Amount in pounds', { minimum: 0.01 }),
      'method!': oneOf('How it was paid', METHODS),
    }),
    answer: ref('Invoice'),
    run({ tables, path, body }) {
      const invoice = find(tables.invoices, path.invoiceId);
      return Object.assign(invoice, Number(body.amount) >= Number(invoice.amount) && { status: 'paid' });
    },
  }),
  lists(['listWaitlist', '/waitlist', 'List the waiting list'], ['waitlist', 'WaitlistEntry'], {
    paging,
    filters: [same('practitionerId', text('Entries that wait for this practitioner'))],
  }),
  wrapped(
    'entry',
    adds(['addToWaitlist', '/waitlist', 'Put a patient on the waiting list'], ['waitlist', 'WaitlistEntry'], {
      body: object({
        'patientId!': text('Patient who waits'),
        'practitionerId!': text('Practitioner whom the patient wants to see'),
        note: text('Wishes of the patient'),
      }),
      set: { addedOn: TODAY, note: '' },
    }),
  ),
  removes(
    ['removeFromWaitlist', '/waitlist/{entryId}', 'Take a patient off the waiting list'],
    ['waitlist', 'entryId'],
  ),
];

/** A medical practice: appointments, patients, practitioners and invoices; POSTs that search, and answers under a name. */
export const SERVICE = service({
  id: 'carenote',
  name: 'Carenote',
  description: 'REST API of the Carenote practice manager. Dates and times are UTC. Amounts are in pounds.',
  pathWords: {
    appointmentId: 'Appointment id',
    patientId: 'Patient id',
    practitionerId: 'Practitioner id',
    invoiceId: 'Invoice id',
    entryId: 'Waiting list entry id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
