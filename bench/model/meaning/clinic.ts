// An animal clinic.

import type { Operation } from './operation.ts';
import { amount, day, email, flag, list, moment, object, oneOf, ref, text, whole } from './schemas.ts';

const SPECIES = oneOf('Species', ['dog', 'cat', 'rabbit', 'bird']);
const STATUS = oneOf('Status of the visit', ['BOOKED', 'DONE', 'NO_SHOW']);

export const CLINIC_SCHEMAS = {
  Owner: object({
    'id!': text('Id'),
    'name!': text('Full name'),
    email: email('Address'),
    phone: text('Telephone'),
    since: day('Day of the first visit'),
  }),
  Animal: object({
    'id!': text('Id'),
    'name!': text('Name'),
    ownerId: text('Id of the owner'),
    species: SPECIES,
    weightKg: amount('Weight in kilograms'),
    born: day('Birthday'),
    chipped: flag('Whether it has a chip'),
  }),
  Visit: object({
    'id!': text('Id'),
    animalId: text('Id of the animal'),
    vetId: whole('Number of the vet'),
    status: STATUS,
    startsAt: moment('Begin'),
    minutes: whole('Length in minutes'),
    reason: text('Reason'),
  }),
  Invoice: object({
    'id!': text('Id'),
    ownerId: text('Id of the owner'),
    amountCents: whole('Amount in cents'),
    paid: flag('Whether it is paid'),
    issuedOn: day('Day of issue'),
  }),
};

export const CLINIC: Operation[] = [
  {
    id: 'listOwners',
    path: '/owners',
    summary: 'Lists owners',
    query: {
      search: text('Part of the name, the address or the telephone number'),
      limit: whole('Owners a page, 100 at most'),
      starting_after: text('Id of the last owner of the page before'),
    },
    answer: object({ data: list(ref('Owner')), has_more: flag('Whether there are more') }),
  },
  { id: 'getOwner', path: '/owners/{ownerId}', summary: 'Gets an owner', answer: ref('Owner') },
  {
    id: 'listAnimals',
    path: '/animals',
    summary: 'Lists animals',
    query: {
      ownerId: text('Of an owner'),
      species: SPECIES,
      name: text('Name'),
      page: whole('Page, from 0'),
      size: whole('Animals a page'),
    },
    answer: object({
      content: list(ref('Animal')),
      number: whole('Page'),
      totalPages: whole('Pages'),
      totalElements: whole('Animals in all'),
    }),
  },
  { id: 'getAnimal', path: '/animals/{animalId}', summary: 'Gets an animal', answer: ref('Animal') },
  {
    id: 'setWeight',
    method: 'put',
    path: '/animals/{animalId}/weight',
    summary: 'Sets the weight of an animal',
    body: object({ 'weightKg!': amount('Weight in kilograms') }),
    answer: ref('Animal'),
  },
  {
    id: 'listVisits',
    path: '/visits',
    summary: 'Lists visits, in the order of their begin',
    query: {
      animalId: text('Of an animal'),
      vetId: whole('Of a vet'),
      from: day('First day'),
      to: day('Last day'),
      status: STATUS,
      first: whole('Visits a page'),
      after: text('Cursor'),
    },
    answer: object({
      nodes: list(ref('Visit')),
      pageInfo: object({ hasNextPage: flag('Whether there are more'), endCursor: text('Cursor', { nullable: true }) }),
    }),
  },
  {
    id: 'bookVisit',
    method: 'post',
    path: '/visits',
    summary: 'Books a visit',
    body: object({
      'animalId!': text('Id of the animal'),
      'vetId!': whole('Number of the vet'),
      'startsAt!': moment('Begin'),
      minutes: whole('Length in minutes, 20 unless given'),
      reason: text('Reason'),
    }),
    answer: ref('Visit'),
  },
  {
    id: 'changeVisit',
    method: 'patch',
    path: '/visits/{visitId}',
    summary: 'Changes a visit',
    body: object({
      status: STATUS,
      startsAt: moment('Begin'),
      minutes: whole('Length in minutes'),
      reason: text('Reason'),
    }),
    answer: ref('Visit'),
  },
  {
    id: 'listVets',
    path: '/vets',
    summary: 'Lists all vets',
    answer: list(
      object({
        'id!': whole('Number'),
        'name!': text('Name'),
        email: email('Address'),
        specialties: list(oneOf('Specialty', ['surgery', 'dental', 'exotic', 'general'])),
      }),
    ),
  },
  {
    id: 'listInvoices',
    path: '/invoices',
    summary: 'Lists invoices, the newest first',
    query: {
      ownerId: text('Of an owner'),
      paid: flag('Whether they are paid'),
      limit: whole('Invoices a page'),
      offset: whole('Invoices to skip'),
    },
    answer: object({ invoices: list(ref('Invoice')), count: whole('Invoices in all') }),
  },
  { id: 'getInvoice', path: '/invoices/{invoiceId}', summary: 'Gets an invoice', answer: ref('Invoice') },
  {
    id: 'refund',
    method: 'post',
    path: '/invoices/{invoiceId}/refunds',
    summary: 'Pays an amount of an invoice back',
    body: object({ 'amountCents!': whole('Amount in cents'), reason: text('Reason') }),
    answer: object({ id: text('Id'), amountCents: whole('Amount in cents') }),
  },
  {
    id: 'sendReminder',
    method: 'post',
    path: '/owners/{ownerId}/reminders',
    summary: 'Sends a reminder to an owner',
    body: object({ 'channel!': oneOf('By which way', ['sms', 'email']), 'text!': text('Words of the reminder') }),
    answer: object({ id: text('Id') }),
  },
];

const OWNERS = ['Jana Roth', 'Piet Vos', 'Ilse Marek', 'Tom Achterberg', 'Wanda Kowal', 'Gil Sousa'];
const rows = {
  owners: Array.from({ length: 18 }, (_, n) => ({
    id: `own_${n + 1}`,
    name: n < 6 ? OWNERS[n] : `${OWNERS[n % 6]} ${n}`,
    since: '2024-02-01',
    email: `owner${n}@pets.example`,
    phone: `+49 30 5550${n + 10}`,
  })),
  animals: Array.from({ length: 18 }, (_, n) => ({
    id: `an_${n + 1}`,
    name: ['Bella', 'Rex', 'Miezi', 'Coco', 'Pauli', 'Nero'][n % 6]!,
    ownerId: `own_${n + 1}`,
    species: ['dog', 'dog', 'cat', 'bird'][n % 4],
    weightKg: 3.5 + n,
    born: '2021-05-05',
    chipped: n % 3 === 0,
  })),
  visits: Array.from({ length: 18 }, (_, n) => ({
    id: `vis_${n + 1}`,
    animalId: `an_${n + 1}`,
    vetId: (n % 3) + 1,
    minutes: 20,
    reason: 'Checkup',
    status: ['BOOKED', 'DONE', 'NO_SHOW'][n % 3],
    startsAt: '2026-11-12T09:00:00Z',
  })),
  invoices: Array.from({ length: 18 }, (_, n) => ({
    id: `inv_${n + 50}`,
    ownerId: `own_${n + 1}`,
    amountCents: 4000 + 500 * n,
    paid: n % 2 === 0,
    issuedOn: '2026-11-01',
  })),
};
const VETS = [
  { id: 1, name: 'Dr. Ahn', email: 'ahn@clinic.example', specialties: ['surgery', 'general'] },
  { id: 2, name: 'Dr. Brandt', email: 'brandt@clinic.example', specialties: ['dental'] },
  { id: 3, name: 'Dr. Cruz', email: 'cruz@clinic.example', specialties: ['exotic', 'general'] },
];

/** Six of the rows that match the query. */
export function clinicAnswer(path: string, query: URLSearchParams): unknown {
  const [, kind, id] = path.split('/') as [string, keyof typeof rows, string?];
  if (path === '/vets') return VETS;
  if (!rows[kind]) return undefined;
  if (id) return rows[kind].find((row) => row.id === id) ?? rows[kind][0];
  const fits = (row: object) => {
    const filters = [...query].filter(([name]) => name in row || name === 'search');
    return filters.every(([name, value]) => JSON.stringify(name in row ? Object(row)[name] : row).includes(value));
  };
  const matches = (rows[kind] as { id: string }[]).filter(fits);
  const after = query.get('starting_after') ?? query.get('after');
  const from = after
    ? matches.findIndex((row) => row.id === after) + 1
    : Number(query.get('offset') ?? 6 * Number(query.get('page') ?? 0));
  const part = matches.slice(from, from + 6);
  const more = from + 6 < matches.length;
  if (kind === 'owners') return { data: part, has_more: more };
  if (kind === 'animals')
    return {
      content: part,
      number: from / 6,
      totalPages: Math.ceil(matches.length / 6),
      totalElements: matches.length,
    };
  if (kind === 'visits') return { nodes: part, pageInfo: { hasNextPage: more, endCursor: part.at(-1)?.id ?? null } };
  return { invoices: part, count: matches.length };
}
