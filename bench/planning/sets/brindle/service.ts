import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  type Operation,
  Refused,
  type Row,
  same,
  service,
} from '../kit.ts';
import { adds, changes, gets, lists, type Paging, type Thing } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page, the first is 1', { minimum: 1, default: 1 }) },
    { name: 'per_page', schema: whole('Records per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item),
      'meta!': object({
        'page!': whole('Page'),
        'per_page!': whole('Records per page'),
        'total!': whole('All records'),
      }),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.per_page ?? 20)];
    return { data: rows.slice((page - 1) * size, page * size), meta: { page, per_page: size, total: rows.length } };
  },
};

const sort = (...fields: string[]): Filter => ({
  name: 'sort',
  schema: oneOf(
    'Sort order. Put a - in front for descending',
    fields.flatMap((field) => [field, `-${field}`]),
  ),
});

const byName: Filter = {
  name: 'q',
  schema: text('Search in name, e-mail address and phone number'),
  keeps: (row, value) =>
    `${row.first_name} ${row.last_name}\n${row.email}\n${row.phone}`
      .toLowerCase()
      .includes(String(value).toLowerCase()),
};

const OWNER: Thing = ['owners', 'owner_id', 'Owner'];
const PET: Thing = ['pets', 'pet_id', 'Pet'];
const APPOINTMENT: Thing = ['appointments', 'appointment_id', 'Appointment'];

/** Every full hour from 8 to 16 at which a vet has nothing that starts in it. */
function freeSlots(appointments: Row[], { vet_id, date }: Row): Row[] {
  const taken = appointments
    .filter((row) => row.vet_id === vet_id && row.status !== 'cancelled')
    .map(({ starts_at }) => String(starts_at).slice(0, 13));
  return Array.from({ length: 9 }, (_, index) => `${date}T${String(8 + index).padStart(2, '0')}`)
    .filter((hour) => !taken.includes(hour))
    .map((hour) => ({ starts_at: `${hour}:00:00Z`, duration_min: 60 }));
}

const operations: Operation[] = [
  lists(['listOwners', '/owners', 'List owners'], ['owners', 'Owner'], {
    paging,
    filters: [byName, same('town', text('Town, exactly as written')), sort('last_name', 'registered_on')],
  }),
  gets(['getOwner', '/owners/{owner_id}', 'Get one owner'], OWNER),
  adds(['createOwner', '/owners', 'Register an owner (client) at the practice'], ['owners', 'Owner'], {
    body: object({
      'first_name!': text('First name'),
      'last_name!': text('Last name'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      town: text('Town'),
      sms_ok: flag('Whether we may send text messages'),
    }),
    set: { phone: '', town: '', sms_ok: false, registered_on: '2026-11-25' },
  }),
  changes(['updateOwner', '/owners/{owner_id}', 'Change contact details of an owner'], OWNER, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      town: text('Town'),
      sms_ok: flag('Whether we may send text messages'),
    }),
  }),
  lists(['listPets', '/pets', 'List pets'], ['pets', 'Pet'], {
    paging,
    filters: [
      contains('q', text('Search in name and microchip number'), 'name', 'microchip'),
      same('species', oneOf('Only this species', doc.SPECIES)),
      same('owner_id', text('Only pets of this owner')),
      same('status', oneOf('Only records with this status', doc.PET_STATES)),
    ],
  }),
  gets(['getPet', '/pets/{pet_id}', 'Get one pet'], PET),
  adds(['createPet', '/pets', 'Add a pet to an owner'], ['pets', 'Pet'], {
    body: object({
      'name!': text('Name it is called by'),
      'species!': oneOf('Species', doc.SPECIES),
      'owner_id!': text('Id of the owner'),
      breed: text('Breed'),
      sex: oneOf('Sex', doc.SEXES),
      born_on: day('Date of birth'),
      weight_kg: amount('Weight in kilograms', { minimum: 0 }),
      microchip: text('Microchip number'),
      insured: flag('Has pet insurance'),
    }),
    set: {
      breed: '',
      sex: 'unknown',
      born_on: '2026-01-01',
      weight_kg: 0,
      microchip: '',
      insured: false,
      status: 'active',
    },
  }),
  changes(['updatePet', '/pets/{pet_id}', 'Update a pet'], PET, {
    method: 'patch',
    body: object({
      name: text('Name it is called by'),
      weight_kg: amount('Weight in kilograms', { minimum: 0 }),
      microchip: text('Microchip number'),
      insured: flag('Has pet insurance'),
      status: oneOf('Status of the record', doc.PET_STATES),
    }),
  }),
  lists(['listStaff', '/staff', 'List staff'], ['staff', 'StaffMember'], {
    filters: [same('role', oneOf('Only people with this role', doc.ROLES))],
  }),
  {
    ...lists(['listAppointments', '/appointments', 'List appointments'], ['appointments', 'Appointment'], {
      paging,
      filters: [
        same('pet_id', text('Only appointments of this pet')),
        same('vet_id', text('Only appointments with this vet')),
        same('kind', oneOf('Only this kind', doc.KINDS)),
        same('status', oneOf('Only this status', doc.APPOINTMENT_STATES)),
        atLeast('from', day('First day'), 'starts_at'),
        atMost('to', day('Last day (inclusive)'), 'starts_at'),
        sort('starts_at'),
      ],
    }),
    description: 'Past and future appointments. Without `sort` the order is the one in which they were entered.',
  },
  {
    ...lists(['listVisits', '/visits', 'List visits'], ['appointments', 'Visit']),
    description:
      '**Deprecated**, use `/appointments`. Answers the ten oldest only. Will be switched off in March 2027.',
    deprecated: true,
    run: ({ tables }) => ({
      data: tables.appointments!.slice(0, 10).map((row) => ({ id: row.id, pet: row.pet_id, when: row.starts_at })),
    }),
  },
  {
    id: 'listFreeSlots',
    method: 'get',
    path: '/free-slots',
    summary: 'Free times of a vet on one day',
    query: [
      { name: 'vet_id', schema: text('Id of the vet'), required: true },
      { name: 'date', schema: day('The day'), required: true },
    ],
    answer: object({ 'data!': list(ref('Slot')) }),
    run: ({ tables, args }) => {
      find(tables.staff, args.vet_id);
      return { data: freeSlots(tables.appointments!, args) };
    },
  },
  adds(['createAppointment', '/appointments', 'Book an appointment'], ['appointments', 'Appointment'], {
    body: object({
      'pet_id!': text('Id of the pet'),
      'vet_id!': text('Id of the vet'),
      'starts_at!': moment('Start (UTC)'),
      'kind!': oneOf('Kind of appointment', doc.KINDS),
      duration_min: whole('Minutes, 20 unless given', { minimum: 10, maximum: 240 }),
      reason: text('What the owner told us'),
    }),
    set: { duration_min: 20, reason: '', status: 'booked' },
  }),
  changes(
    ['rescheduleAppointment', '/appointments/{appointment_id}', 'Move an appointment to another time or vet'],
    APPOINTMENT,
    {
      method: 'patch',
      body: object({
        starts_at: moment('Start (UTC)'),
        vet_id: text('Id of the vet'),
        duration_min: whole('Minutes', { minimum: 10, maximum: 240 }),
      }),
      only: ['booked'],
    },
  ),
  {
    ...changes(['cancelAppointment', '/appointments/{appointment_id}/cancel', 'Cancel an appointment'], APPOINTMENT, {
      body: object({ 'reason!': text('Why. The owner sees this in the confirmation.') }),
    }),
    only: ['booked'],
    run: ({ tables, path }) => {
      const row = find(tables.appointments, path.appointment_id);
      if (row.status !== 'booked') throw new Refused(409, `The appointment is ${row.status}`);
      return Object.assign(row, { status: 'cancelled' });
    },
  },
  lists(['listVaccinations', '/vaccinations', 'List vaccinations given'], ['vaccinations', 'Vaccination'], {
    paging,
    filters: [
      same('pet_id', text('Only vaccinations of this pet')),
      atMost('due_until', day('Only vaccinations that are due on or before this day'), 'due_on'),
    ],
  }),
  adds(['recordVaccination', '/vaccinations', 'Record a vaccination'], ['vaccinations', 'Vaccination'], {
    body: object({
      'pet_id!': text('Id of the pet'),
      'vaccine!': text('What it protects against'),
      'given_on!': day('Given on'),
      'due_on!': day('Day by which it has to be given again'),
      batch: text('Batch on the vial'),
    }),
    set: { batch: '' },
  }),
  lists(['listBills', '/bills', 'List bills'], ['bills', 'Bill'], {
    paging,
    filters: [
      same('owner_id', text('Only bills of this owner')),
      same('number', text('The bill with this number')),
      same('status', oneOf('Only bills with this status', doc.BILL_STATES)),
      atLeast('issued_from', day('Issued on this day or later'), 'issued_on'),
      atMost('issued_to', day('Issued on this day or earlier'), 'issued_on'),
      sort('issued_on', 'total'),
    ],
  }),
  {
    ...changes(['payBill', '/bills/{bill_id}/payments', 'Record a payment of a bill'], ['bills', 'bill_id', 'Bill'], {
      body: object({
        'amount!': amount('Amount in pounds', { minimum: 0.01 }),
        'method!': oneOf('How it was paid', doc.METHODS),
      }),
    }),
    only: ['open'],
    run: ({ tables, path }) => {
      const bill = find(tables.bills, path.bill_id);
      if (bill.status !== 'open') throw new Refused(409, `The bill is ${bill.status}`);
      return Object.assign(bill, { status: 'paid' });
    },
  },
  {
    ...adds(['sendMessage', '/messages', 'Send a message to an owner'], ['messages', 'Message'], {
      body: object({
        'owner_id!': text('Id of the owner'),
        'channel!': oneOf('sms for a text message to the phone, email for an e-mail', ['sms', 'email']),
        'text!': text('The message, sent as it stands'),
      }),
    }),
    run: ({ tables, body }) => ({ id: 'ms-1', ...(find(tables.owners, body.owner_id) && body) }),
  },
];

/** A veterinary practice: an ordinary service with page numbers. */
export const SERVICE = service({
  id: 'brindle',
  name: 'Brindle Vets',
  description: 'API of the practice software. Owners, pets, appointments, vaccinations, bills. Times are UTC.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
