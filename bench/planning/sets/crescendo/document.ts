import { day, email, flag, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  pupilId: 'Id of the pupil',
  teacherId: 'Id of the teacher',
  lessonId: 'Id of the lesson',
  instrumentId: 'Id of the instrument',
  rentalId: 'Id of the rental',
  invoiceId: 'Id of the invoice',
  concertId: 'Id of the concert',
};

export const LEVELS = ['beginner', 'intermediate', 'advanced'];
export const PUPIL_STATES = ['active', 'paused', 'left'];
export const LESSON_STATES = ['planned', 'held', 'missed', 'cancelled'];
export const INSTRUMENT_STATES = ['available', 'rented', 'repair'];
export const RENTAL_STATES = ['active', 'returned'];
export const INVOICE_STATES = ['open', 'paid', 'cancelled'];
export const TAUGHT = ['piano', 'voice', 'guitar', 'violin', 'viola', 'cello', 'flute', 'clarinet', 'drums'];
export const RENTED = ['violin', 'cello', 'flute', 'clarinet', 'guitar'];

export const SCHEMAS: Record<string, Schema> = {
  Pupil: object({
    'id!': text('Unique id'),
    'name!': text('First and last name'),
    'email!': email('Email address for letters of the school'),
    'phone!': text('Phone number'),
    'birthDate!': day('Date of birth'),
    'instrument!': oneOf('Instrument the pupil learns', TAUGHT),
    'level!': oneOf('How advanced the pupil is', LEVELS),
    'status!': oneOf('Whether the pupil takes lessons at present', PUPIL_STATES),
    'teacherId!': text('Id of the teacher of the pupil'),
    'joinedOn!': day('Date of enrolment'),
  }),
  Teacher: object({
    'id!': text('Unique id'),
    'name!': text('First and last name'),
    'email!': email('Email address'),
    'phone!': text('Phone number'),
    'instruments!': list(oneOf('Instrument', TAUGHT), 'Instruments that the teacher teaches'),
    'weeklyHours!': whole('Hours a week in the contract'),
  }),
  Room: object({
    'id!': text('Unique id'),
    'name!': text('Name of the room'),
    'seats!': whole('Number of seats'),
    'hasPiano!': flag('Whether there is a piano'),
  }),
  Lesson: object({
    'id!': text('Unique id'),
    'pupilId!': text('Id of the pupil'),
    'teacherId!': text('Id of the teacher'),
    'roomId!': text('Id of the room'),
    'date!': day('Date of the lesson'),
    'startsAt!': text('Local time at which it starts, HH:MM'),
    'minutes!': whole('Length in minutes'),
    'status!': oneOf('Status of the lesson', LESSON_STATES),
    'cancelReason!': { type: ['string', 'null'], description: 'Why it was cancelled' },
  }),
  Instrument: object({
    'id!': text('Unique id'),
    'kind!': oneOf('Kind of instrument', RENTED),
    'maker!': text('Maker'),
    'serialNumber!': text('Serial number on the instrument'),
    'status!': oneOf('Whether it can be rented', INSTRUMENT_STATES),
    'monthlyFeeCents!': whole('Monthly fee in cents'),
  }),
  Rental: object({
    'id!': text('Unique id'),
    'instrumentId!': text('Id of the instrument'),
    'pupilId!': text('Id of the pupil who rents it'),
    'startedOn!': day('First day'),
    'endedOn!': { type: ['string', 'null'], format: 'date', description: 'Day on which it was returned' },
    'status!': oneOf('Status of the rental', RENTAL_STATES),
  }),
  Invoice: object({
    'id!': text('Unique id'),
    'number!': text('Invoice number as printed'),
    'pupilId!': text('Id of the pupil the invoice is for'),
    'issuedOn!': day('Invoice date'),
    'dueOn!': day('Date by which it is to be paid'),
    'totalCents!': whole('Total amount in cents'),
    'status!': oneOf('Status of the invoice', INVOICE_STATES),
  }),
  Concert: object({
    'id!': text('Unique id'),
    'title!': text('Title on the programme'),
    'date!': day('Date of the concert'),
    'venue!': text('Where it takes place'),
    'performers!': list(
      object({
        'pupilId!': text('Id of the pupil'),
        'piece!': { type: ['string', 'null'], description: 'What the pupil plays' },
      }),
      'Pupils who play, in the order of the programme',
    ),
  }),
};
