// A practice for physiotherapy: people of two kinds, things that are known by what holds of them, figures and days.
import type { Call } from './runs.ts';
import { type Short, service } from './tools.ts';

const patient: Short = { id: 'string', name: 'string', email: 'email', phone: 'string', town: 'string' };
const therapist: Short = { id: 'string', name: 'string', email: 'email', role: 'therapist|receptionist' };
const session: Short = {
  id: 'string',
  patient_id: 'string: Id of the patient.',
  therapist_id: 'string: Id of the therapist.',
  day: 'date',
  starts_at: 'string: Time at which it starts, HH:MM.',
  kind: 'massage|exercise',
  status: 'planned|held|missed|cancelled',
};
const invoice: Short = {
  id: 'string',
  patient_id: 'string: Id of the patient.',
  issued_on: 'date',
  due_on: 'date',
  total: 'number: Total in euros.',
  status: 'open|paid|void',
};

export const practice = service('practice', 'Practice', [
  {
    call: 'GET /patients',
    name: 'listPatients',
    title: 'List patients',
    query: { q: 'string: Search in the name.', town: 'string' },
    answer: { data: [patient] },
  },
  { call: 'GET /patients/{patient_id}', name: 'getPatient', title: 'Get a patient', answer: patient },
  {
    call: 'PATCH /patients/{patient_id}',
    name: 'updatePatient',
    title: 'Change a patient',
    body: { email: 'email', phone: 'string: Phone number.', town: 'string' },
    answer: patient,
  },
  { call: 'GET /staff', name: 'listStaff', title: 'List staff', answer: { data: [therapist] } },
  {
    call: 'GET /sessions',
    name: 'listSessions',
    title: 'List sessions',
    query: {
      patient_id: 'string: Only sessions of this patient.',
      therapist_id: 'string: Only sessions with this therapist.',
      from: 'date: First day.',
      to: 'date: Last day.',
      status: 'planned|held|missed|cancelled',
    },
    answer: { data: [session] },
  },
  {
    call: 'PATCH /sessions/{session_id}',
    name: 'moveSession',
    title: 'Move a session',
    body: { day: 'date', starts_at: 'string: Time at which it starts, HH:MM.', kind: 'massage|exercise' },
    answer: session,
  },
  {
    call: 'POST /sessions/{session_id}/cancel',
    name: 'cancelSession',
    title: 'Cancel a session',
    answer: session,
  },
  {
    call: 'GET /invoices',
    name: 'listInvoices',
    title: 'List invoices',
    query: {
      patient_id: 'string: Only invoices of this patient.',
      status: 'open|paid|void',
      issued_from: 'date: Issued on this day or later.',
      issued_to: 'date: Issued on this day or earlier.',
    },
    answer: { data: [invoice] },
  },
  {
    call: 'PATCH /invoices/{invoice_id}',
    name: 'updateInvoice',
    title: 'Change an invoice',
    body: { status: 'open|paid|void' },
    answer: invoice,
  },
  { call: 'POST /invoices/{invoice_id}/remind', name: 'remind', title: 'Remind of an invoice', answer: invoice },
]);

const people = (...names: string[]) =>
  names.map((name, index) => ({
    id: `p${index + 1}`,
    name,
    email: `${name.split(' ')[0]!.toLowerCase()}@mail.example`,
  }));

const TABLES = {
  patients: people('Nora Lund', 'Ada Berg', 'Otto Berg', 'Luna Holm', 'Luna Voss').map((one, index) => ({
    ...one,
    phone: `0151 555 01${index}`,
    town: index < 3 ? 'Tromso' : 'Narvik',
  })),
  staff: [
    { id: 't1', name: 'Dana Whitfield', email: 'dana@practice.example', role: 'therapist' },
    { id: 't2', name: 'Kim Osei', email: 'kim@practice.example', role: 'therapist' },
    { id: 't3', name: 'Otto Berg', email: 'berg@practice.example', role: 'receptionist' },
  ],
  sessions: [
    ['se_1', 'p1', 't1', '2026-11-27', '09:00', 'planned'],
    ['se_2', 'p1', 't2', '2026-12-01', '10:00', 'planned'],
    ['se_3', 'p2', 't1', '2026-11-27', '11:00', 'planned'],
    ['se_4', 'p4', 't2', '2026-11-27', '12:00', 'planned'],
    ['se_5', 'p1', 't1', '2026-11-20', '09:00', 'missed'],
  ].map(([id, patient_id, therapist_id, day, starts_at, status]) => ({
    id,
    patient_id,
    therapist_id,
    day,
    starts_at,
    status,
    kind: 'massage',
  })),
  invoices: [
    ['in_1', 'p1', '2026-10-30', '2026-11-13', 80, 'open'],
    ['in_2', 'p1', '2026-11-20', '2026-12-04', 120, 'open'],
    ['in_3', 'p2', '2026-11-02', '2026-11-16', 300, 'paid'],
    ['in_4', 'p2', '2026-11-24', '2026-12-08', 40, 'open'],
  ].map(([id, patient_id, issued_on, due_on, total, status]) => ({ id, patient_id, issued_on, due_on, total, status })),
};

type Row = Record<string, unknown>;

/** What the practice answers: its lists with their filters, and of a write what was sent. */
export function answerOf({ operation, args }: Call): unknown {
  const [, list] = /^list(\w+)$/.exec(operation) ?? [];
  if (list === undefined) {
    const found = Object.values(TABLES as Record<string, Row[]>)
      .flat()
      .find(({ id }) => id === Object.values(args.path ?? {})[0]);
    return { ...found, ...args.body };
  }
  const { q, from, to, issued_from, issued_to, ...same } = (args.query ?? {}) as Record<string, string | undefined>;
  const isWithin = (day: unknown, low?: string, high?: string) =>
    (low === undefined || String(day) >= low) && (high === undefined || String(day) <= high);
  const rows = (TABLES as Record<string, Row[]>)[list.toLowerCase()]!.filter(
    (row) =>
      String(row.name)
        .toLowerCase()
        .includes((q ?? '').toLowerCase()) &&
      isWithin(row.day, from, to) &&
      isWithin(row.issued_on, issued_from, issued_to) &&
      Object.entries(same).every(([name, value]) => value === undefined || row[name] === value),
  );
  return { data: rows };
}
