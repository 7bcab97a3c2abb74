import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const CATEGORIES = ['A', 'B', 'BE'];
export const CATEGORY_WORDS = 'Licence category; A: motorcycle, B: car, BE: car with trailer';
export const STUDENT_STATES = ['active', 'paused', 'passed', 'left'];
export const LESSON_STATES = ['booked', 'completed', 'cancelled', 'noShow'];
export const CANCEL_REASONS = ['student', 'instructor', 'weather', 'vehicle'];
export const METHODS = ['cash', 'card', 'transfer'];
export const TRANSMISSIONS = ['manual', 'automatic'];
export const VEHICLE_STATES = ['available', 'workshop', 'retired'];
export const SEVERITIES = ['minor', 'major'];
export const KINDS = ['theory', 'practical'];
export const RESULTS = ['pending', 'passed', 'failed'];

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page number, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('Records per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Records on this page'),
      'page!': whole('Page number'),
      'totalPages!': whole('Number of pages'),
      'totalItems!': whole('Number of records on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, totalPages: Math.ceil(rows.length / size), totalItems: rows.length };
  },
};

export const minutes = whole('Length of the lesson in minutes', { minimum: 45, maximum: 180 });

export const SCHEMAS: Record<string, Schema> = {
  Student: object({
    'id!': text('Student id'),
    'firstName!': text('First name'),
    'lastName!': text('Last name'),
    email: email('E-mail address, if the student gave one'),
    'phone!': text('Phone number'),
    'category!': oneOf(CATEGORY_WORDS, CATEGORIES),
    'status!': oneOf('Status of the student', STUDENT_STATES),
    instructorId: text('Instructor who teaches the student; missing until one is assigned'),
    'enrolledOn!': day('Day of enrolment'),
    'balance!': amount('Account balance in euros; negative when the student owes money to the school'),
  }),
  Lesson: object({
    'id!': text('Lesson id'),
    'studentId!': text('Student'),
    'instructorId!': text('Instructor'),
    'startsAt!': moment('Start of the lesson'),
    'durationMinutes!': minutes,
    'status!': oneOf('Status; noShow: the student did not come', LESSON_STATES),
    pickupPlace: text('Where the student is picked up; missing when the lesson starts at the school'),
  }),
  Payment: object({
    'id!': text('Payment id'),
    'studentId!': text('Student'),
    'amount!': amount('Amount in euros'),
    'method!': oneOf('How it was paid', METHODS),
    reference: text('Reference'),
    'paidOn!': day('Day of the payment'),
  }),
  Note: object({
    'id!': text('Note id'),
    'studentId!': text('Student'),
    'text!': text('Text of the note'),
    'createdAt!': moment('When it was written'),
  }),
  Instructor: object({
    'id!': text('Instructor id'),
    'name!': text('Full name'),
    'phone!': text('Phone number'),
    'categories!': list(oneOf(CATEGORY_WORDS, CATEGORIES), 'Categories that the instructor teaches'),
  }),
  Vehicle: object({
    'id!': text('Vehicle id'),
    'model!': text('Model'),
    'plate!': text('Number plate'),
    'category!': oneOf(CATEGORY_WORDS, CATEGORIES),
    'transmission!': oneOf('Gearbox', TRANSMISSIONS),
    'status!': oneOf('Status; only available vehicles are used for lessons', VEHICLE_STATES),
    'mileageKm!': whole('Mileage in kilometres'),
    nextServiceOn: day('Day of the next service, if it is known'),
  }),
  Defect: object({
    'id!': text('Defect id'),
    'vehicleId!': text('Vehicle'),
    'description!': text('What is wrong'),
    'severity!': oneOf('major: the vehicle must not be driven', SEVERITIES),
    'fixed!': flag('Whether it is repaired'),
    'reportedOn!': day('Day of the report'),
  }),
  Test: object({
    'id!': text('Test id'),
    'studentId!': text('Student'),
    'kind!': oneOf('Kind of test', KINDS),
    'date!': day('Day of the test'),
    'center!': text('Test centre'),
    'result!': oneOf('Result; pending until the examiner has reported it', RESULTS),
    faults: whole('Number of faults that the examiner counted'),
  }),
};
