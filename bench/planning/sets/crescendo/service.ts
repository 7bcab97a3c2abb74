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
import { day, email, list, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page number, starting at 1', { minimum: 1, default: 1 }) },
    { name: 'limit', schema: whole('Number of items per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Items of this page'),
      'page!': whole('Page number'),
      'limit!': whole('Number of items per page'),
      'total!': whole('Number of items on all pages'),
    }),
  cut(rows, args) {
    const page = Number(args.page ?? 1);
    const limit = Number(args.limit ?? 20);
    return { items: rows.slice((page - 1) * limit, page * limit), page, limit, total: rows.length };
  },
};

const sort = (...fields: string[]): Filter => ({
  name: 'sort',
  schema: oneOf(
    'Field to sort by; a leading minus sorts in descending order',
    fields.flatMap((field) => [field, `-${field}`]),
  ),
});

const PUPIL: Thing = ['pupils', 'pupilId', 'Pupil'];
const TEACHER: Thing = ['teachers', 'teacherId', 'Teacher'];
const LESSON: Thing = ['lessons', 'lessonId', 'Lesson'];
const INVOICE: Thing = ['invoices', 'invoiceId', 'Invoice'];

const operations: Operation[] = [
  lists(['listPupils', '/pupils', 'List pupils'], ['pupils', 'Pupil'], {
    paging,
    filters: [
      contains('search', text('Text to look for in name and email address'), 'name', 'email'),
      same('status', oneOf('Return only pupils with this status', doc.PUPIL_STATES)),
      same('level', oneOf('Return only pupils of this level', doc.LEVELS)),
      same('instrument', oneOf('Return only pupils who learn this instrument', doc.TAUGHT)),
      same('teacherId', text('Return only pupils of this teacher')),
      sort('name', 'joinedOn'),
    ],
  }),
  gets(['getPupil', '/pupils/{pupilId}', 'Get a pupil'], PUPIL),
  adds(['createPupil', '/pupils', 'Enrol a new pupil'], ['pupils', 'Pupil'], {
    body: object({
      'name!': text('First and last name'),
      'email!': email('Email address for letters of the school'),
      'instrument!': oneOf('Instrument the pupil learns', doc.TAUGHT),
      'teacherId!': text('Id of the teacher'),
      phone: text('Phone number'),
      birthDate: day('Date of birth'),
      level: oneOf('How advanced the pupil is; beginner if left out', doc.LEVELS),
    }),
    set: { phone: '', birthDate: '2015-01-01', level: 'beginner', status: 'active', joinedOn: '2026-11-25' },
  }),
  changes(['updatePupil', '/pupils/{pupilId}', 'Update a pupil; fields that are left out stay as they are'], PUPIL, {
    method: 'patch',
    body: object({
      name: text('First and last name'),
      email: email('Email address for letters of the school'),
      phone: text('Phone number'),
      level: oneOf('How advanced the pupil is', doc.LEVELS),
      status: oneOf('Whether the pupil takes lessons at present', doc.PUPIL_STATES),
      teacherId: text('Id of the teacher of the pupil'),
    }),
  }),
  lists(['listTeachers', '/teachers', 'List teachers'], ['teachers', 'Teacher'], {
    paging,
    filters: [
      contains('search', text('Text to look for in the name'), 'name'),
      {
        name: 'instrument',
        schema: oneOf('Return only teachers of this instrument', doc.TAUGHT),
        keeps: (row, value) => (row.instruments as unknown[]).includes(value),
      },
    ],
  }),
  gets(['getTeacher', '/teachers/{teacherId}', 'Get a teacher'], TEACHER),
  lists(['listRooms', '/rooms', 'List rooms'], ['rooms', 'Room'], { paging }),
  lists(['listLessons', '/lessons', 'List lessons'], ['lessons', 'Lesson'], {
    paging,
    filters: [
      same('pupilId', text('Return only lessons of this pupil')),
      same('teacherId', text('Return only lessons of this teacher')),
      same('roomId', text('Return only lessons in this room')),
      same('status', oneOf('Return only lessons with this status', doc.LESSON_STATES)),
      atLeast('from', day('Return only lessons on or after this date'), 'date'),
      atMost('to', day('Return only lessons on or before this date'), 'date'),
      sort('date'),
    ],
  }),
  gets(['getLesson', '/lessons/{lessonId}', 'Get a lesson'], LESSON),
  adds(['createLesson', '/lessons', 'Plan a lesson'], ['lessons', 'Lesson'], {
    body: object({
      'pupilId!': text('Id of the pupil'),
      'teacherId!': text('Id of the teacher'),
      'roomId!': text('Id of the room'),
      'date!': day('Date of the lesson'),
      'startsAt!': text('Local time at which it starts, HH:MM'),
      'minutes!': whole('Length in minutes', { minimum: 15, maximum: 120 }),
    }),
    set: { status: 'planned', cancelReason: null },
  }),
  changes(['updateLesson', '/lessons/{lessonId}', 'Move a lesson to another room, date or time'], LESSON, {
    method: 'patch',
    body: object({
      roomId: text('Id of the room'),
      date: day('Date of the lesson'),
      startsAt: text('Local time at which it starts, HH:MM'),
      minutes: whole('Length in minutes', { minimum: 15, maximum: 120 }),
    }),
    only: ['planned'],
  }),
  {
    ...changes(['cancelLesson', '/lessons/{lessonId}/cancel', 'Cancel a planned lesson'], LESSON, {
      body: object({ 'reason!': text('Why the lesson is cancelled') }),
    }),
    only: ['planned'],
    run: ({ tables, path, body }) => {
      const lesson = find(tables.lessons, path.lessonId);
      if (lesson.status !== 'planned') throw new Refused(409, `The lesson is ${lesson.status}`);
      return Object.assign(lesson, { status: 'cancelled', cancelReason: body.reason });
    },
  },
  lists(['listInstruments', '/instruments', 'List instruments for rent'], ['instruments', 'Instrument'], {
    paging,
    filters: [
      same('kind', oneOf('Return only instruments of this kind', doc.RENTED)),
      same('status', oneOf('Return only instruments with this status', doc.INSTRUMENT_STATES)),
      same('serialNumber', text('Return only the instrument with this serial number')),
    ],
  }),
  gets(
    ['getInstrument', '/instruments/{instrumentId}', 'Get an instrument'],
    ['instruments', 'instrumentId', 'Instrument'],
  ),
  lists(['listRentals', '/rentals', 'List rentals of instruments'], ['rentals', 'Rental'], {
    paging,
    filters: [
      same('instrumentId', text('Return only rentals of this instrument')),
      same('pupilId', text('Return only rentals of this pupil')),
      same('status', oneOf('Return only rentals with this status', doc.RENTAL_STATES)),
    ],
  }),
  adds(['createRental', '/rentals', 'Rent an instrument to a pupil'], ['rentals', 'Rental'], {
    body: object({ 'instrumentId!': text('Id of the instrument'), 'pupilId!': text('Id of the pupil') }),
    set: { startedOn: '2026-11-25', endedOn: null, status: 'active' },
  }),
  changes(
    ['returnRental', '/rentals/{rentalId}/return', 'Record that a rented instrument was returned'],
    ['rentals', 'rentalId', 'Rental'],
    {
      set: { status: 'returned', endedOn: '2026-11-25' },
      only: ['active'],
    },
  ),
  lists(['listInvoices', '/invoices', 'List invoices'], ['invoices', 'Invoice'], {
    paging,
    filters: [
      same('pupilId', text('Return only invoices for this pupil')),
      same('status', oneOf('Return only invoices with this status', doc.INVOICE_STATES)),
      atLeast('issuedFrom', day('Return only invoices issued on or after this date'), 'issuedOn'),
      atMost('issuedTo', day('Return only invoices issued on or before this date'), 'issuedOn'),
      atMost('dueUntil', day('Return only invoices due on or before this date'), 'dueOn'),
      atLeast('minTotalCents', whole('Return only invoices with at least this total, in cents'), 'totalCents'),
      sort('issuedOn', 'dueOn', 'totalCents'),
    ],
  }),
  gets(['getInvoice', '/invoices/{invoiceId}', 'Get an invoice'], INVOICE),
  changes(['payInvoice', '/invoices/{invoiceId}/pay', 'Mark an open invoice as paid'], INVOICE, {
    set: { status: 'paid' },
    only: ['open'],
  }),
  lists(['listConcerts', '/concerts', 'List concerts'], ['concerts', 'Concert'], {
    paging,
    filters: [
      contains('search', text('Text to look for in the title'), 'title'),
      atLeast('from', day('Return only concerts on or after this date'), 'date'),
      atMost('to', day('Return only concerts on or before this date'), 'date'),
    ],
  }),
  adds(['createConcert', '/concerts', 'Create a concert'], ['concerts', 'Concert'], {
    body: object({
      'title!': text('Title on the programme'),
      'date!': day('Date of the concert'),
      'venue!': text('Where it takes place'),
    }),
    set: { performers: [] },
  }),
  {
    id: 'addPerformer',
    method: 'post',
    path: '/concerts/{concertId}/performers',
    summary: 'Add a pupil to the programme of a concert',
    body: object({ 'pupilId!': text('Id of the pupil'), piece: text('What the pupil plays') }),
    status: 201,
    answer: ref('Concert'),
    run: ({ tables, path, body }) => {
      const concert = find(tables.concerts, path.concertId);
      if (!tables.pupils!.some(({ id }) => id === body.pupilId))
        throw new Refused(422, `There is no pupil ${body.pupilId}`);
      (concert.performers as Row[]).push({ piece: null, ...body });
      return concert;
    },
  },
];

/** A music school: an ordinary service with pages and limits. */
export const SERVICE = service({
  id: 'crescendo',
  name: 'Crescendo',
  description: 'Pupils, teachers, lessons, instrument rentals, invoices and concerts of a music school.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
