import { atLeast, atMost, find, nextId, type Operation, Refused, type Row, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CANCEL_REASONS,
  CATEGORIES,
  CATEGORY_WORDS,
  KINDS,
  LESSON_STATES,
  METHODS,
  minutes,
  paging,
  RESULTS,
  SCHEMAS,
  SEVERITIES,
  STUDENT_STATES,
  TRANSMISSIONS,
  VEHICLE_STATES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);

const STUDENT: Thing = ['students', 'studentId', 'Student'];
const LESSON: Thing = ['lessons', 'lessonId', 'Lesson'];
const VEHICLE: Thing = ['vehicles', 'vehicleId', 'Vehicle'];

const lessonStatus = same('status', oneOf('Only lessons with this status', LESSON_STATES));
const fullName = (row: Row) => `${row.firstName} ${row.lastName}`.toLowerCase();

const operations: Operation[] = [
  lists(['listStudents', '/students', 'List students'], ['students', 'Student'], {
    paging,
    filters: [
      {
        name: 'search',
        schema: text('Only students whose full name contains this'),
        keeps: (row, value) => fullName(row).includes(String(value).toLowerCase()),
      },
      same('status', oneOf('Only students with this status', STUDENT_STATES)),
      same('category', oneOf(`Only students of this category. ${CATEGORY_WORDS}`, CATEGORIES)),
      same('instructorId', text('Only students of this instructor')),
      {
        name: 'sort',
        schema: oneOf('Field to sort by; a minus means descending', [
          'lastName',
          'enrolledOn',
          '-enrolledOn',
          'balance',
          '-balance',
        ]),
      },
    ],
  }),
  gets(['getStudent', '/students/{studentId}', 'Get a student'], STUDENT),
  adds(['createStudent', '/students', 'Enrol a new student'], ['students', 'Student'], {
    body: object({
      'firstName!': text('First name'),
      'lastName!': text('Last name'),
      'phone!': text('Phone number'),
      'category!': oneOf(CATEGORY_WORDS, CATEGORIES),
      email: email('E-mail address'),
      instructorId: text('Instructor who teaches the student'),
    }),
    set: { status: 'active', enrolledOn: TODAY, balance: 0 },
  }),
  changes(['updateStudent', '/students/{studentId}', 'Change a student; what is left out stays'], STUDENT, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      status: oneOf('Status of the student', STUDENT_STATES),
      instructorId: text('Instructor who teaches the student'),
    }),
  }),
  lists(
    ['listStudentLessons', '/students/{studentId}/lessons', 'List the lessons of a student'],
    ['lessons', 'Lesson'],
    {
      paging,
      filters: [lessonStatus],
      within: 'studentId',
    },
  ),
  adds(['bookLesson', '/students/{studentId}/lessons', 'Book a driving lesson for a student'], ['lessons', 'Lesson'], {
    body: object({
      'instructorId!': text('Instructor'),
      'startsAt!': moment('Start of the lesson'),
      'durationMinutes!': minutes,
      pickupPlace: text('Where the student is picked up; leave it out to start at the school'),
    }),
    within: 'studentId',
    set: { status: 'booked' },
  }),
  lists(
    ['listStudentPayments', '/students/{studentId}/payments', 'List the payments of a student'],
    ['payments', 'Payment'],
    {
      paging,
      within: 'studentId',
    },
  ),
  {
    id: 'recordPayment',
    method: 'post',
    path: '/students/{studentId}/payments',
    summary: 'Record a payment of a student',
    description: 'The payment is dated today and added to the balance of the student.',
    body: object({
      'amount!': amount('Amount in euros', { minimum: 0.01 }),
      'method!': oneOf('How it was paid', METHODS),
      reference: text('Reference that is printed on the receipt'),
    }),
    status: 201,
    answer: ref('Payment'),
    run({ tables, path, body }) {
      const student = find(tables.students, path.studentId);
      const payment = { id: nextId(tables.payments!), studentId: student.id, ...body, paidOn: TODAY };
      tables.payments!.push(payment);
      student.balance = Number(student.balance) + Number(body.amount);
      return payment;
    },
  },
  lists(['listStudentNotes', '/students/{studentId}/notes', 'List the notes on a student'], ['notes', 'Note'], {
    paging,
    within: 'studentId',
  }),
  adds(['addStudentNote', '/students/{studentId}/notes', 'Write a note on a student'], ['notes', 'Note'], {
    body: object({ 'text!': text('Text of the note') }),
    within: 'studentId',
    set: { createdAt: NOW },
  }),
  lists(['listLessons', '/lessons', 'List the lessons of the whole school'], ['lessons', 'Lesson'], {
    paging,
    filters: [
      atLeast('from', day('Only lessons on this day or later'), 'startsAt'),
      atMost('to', day('Only lessons on this day or earlier'), 'startsAt'),
      same('instructorId', text('Only lessons of this instructor')),
      lessonStatus,
    ],
  }),
  changes(['updateLesson', '/lessons/{lessonId}', 'Move a lesson, or change its length, place or instructor'], LESSON, {
    method: 'patch',
    body: object({
      startsAt: moment('New start of the lesson'),
      durationMinutes: minutes,
      pickupPlace: text('Where the student is picked up'),
      instructorId: text('Instructor'),
    }),
    only: ['booked'],
  }),
  changes(['cancelLesson', '/lessons/{lessonId}/cancel', 'Cancel a lesson'], LESSON, {
    body: object({ 'reason!': oneOf('Whose fault or what caused it', CANCEL_REASONS) }),
    set: { status: 'cancelled' },
    only: ['booked'],
  }),
  lists(['listInstructors', '/instructors', 'List instructors'], ['instructors', 'Instructor'], { paging }),
  lists(['listVehicles', '/vehicles', 'List vehicles'], ['vehicles', 'Vehicle'], {
    paging,
    filters: [
      same('category', oneOf(`Only vehicles of this category. ${CATEGORY_WORDS}`, CATEGORIES)),
      same('transmission', oneOf('Only vehicles with this gearbox', TRANSMISSIONS)),
      same('status', oneOf('Only vehicles with this status', VEHICLE_STATES)),
    ],
  }),
  changes(['updateVehicle', '/vehicles/{vehicleId}', 'Change a vehicle; what is left out stays'], VEHICLE, {
    method: 'patch',
    body: object({
      status: oneOf('Status', VEHICLE_STATES),
      mileageKm: whole('Mileage in kilometres', { minimum: 0 }),
      nextServiceOn: day('Day of the next service'),
    }),
  }),
  lists(['listDefects', '/vehicles/{vehicleId}/defects', 'List the defects of a vehicle'], ['defects', 'Defect'], {
    paging,
    within: 'vehicleId',
  }),
  adds(['reportDefect', '/vehicles/{vehicleId}/defects', 'Report a defect of a vehicle'], ['defects', 'Defect'], {
    body: object({
      'description!': text('What is wrong'),
      'severity!': oneOf('major: the vehicle must not be driven', SEVERITIES),
    }),
    within: 'vehicleId',
    set: { fixed: false, reportedOn: TODAY },
  }),
  {
    id: 'updateDefect',
    method: 'patch',
    path: '/vehicles/{vehicleId}/defects/{defectId}',
    summary: 'Mark a defect as repaired, or open it again',
    body: object({ 'fixed!': flag('Whether it is repaired') }),
    answer: ref('Defect'),
    run: ({ tables, path, body }) => {
      const own = tables.defects!.filter(({ vehicleId }) => vehicleId === path.vehicleId);
      return Object.assign(find(own, path.defectId), body);
    },
  },
  lists(['listTests', '/tests', 'List theory and practical tests'], ['tests', 'Test'], {
    paging,
    filters: [
      same('studentId', text('Only tests of this student')),
      same('kind', oneOf('Only tests of this kind', KINDS)),
      same('result', oneOf('Only tests with this result', RESULTS)),
      atLeast('from', day('Only tests on this day or later'), 'date'),
      atMost('to', day('Only tests on this day or earlier'), 'date'),
    ],
  }),
  adds(['bookTest', '/students/{studentId}/tests', 'Register a student for a test'], ['tests', 'Test'], {
    body: object({
      'kind!': oneOf('Kind of test', KINDS),
      'date!': day('Day of the test'),
      'center!': text('Test centre'),
    }),
    within: 'studentId',
    set: { result: 'pending' },
  }),
  {
    id: 'recordTestResult',
    method: 'post',
    path: '/tests/{testId}/result',
    summary: 'Record the result of a test',
    body: object({
      'result!': oneOf('Result', ['passed', 'failed']),
      faults: whole('Number of faults that the examiner counted', { minimum: 0 }),
    }),
    answer: ref('Test'),
    run: ({ tables, path, body }) => {
      const test = find(tables.tests, path.testId);
      if (test.result !== 'pending') throw new Refused(409, `The result is ${test.result}`);
      return Object.assign(test, body);
    },
  },
];

/** A driving school: students, lessons, tests, payments and vehicles; nested resources and PATCH, camelCase, numbered pages. */
export const SERVICE = service({
  id: 'roadready',
  name: 'Roadready',
  description: 'API of the Roadready driving school office. Amounts are in euros. All times are UTC.',
  pathWords: {
    studentId: 'Student id',
    lessonId: 'Lesson id',
    vehicleId: 'Vehicle id',
    defectId: 'Defect id',
    testId: 'Test id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
