import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { amount, day, email, flag, object, oneOf, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';
import { adds, changes, gets, searches, type Thing } from './rpc.ts';

const TODAY = '2026-11-25';
const CLIENT: Thing = ['clients', 'clientId', 'Client'];
const MATTER: Thing = ['matters', 'matterId', 'Matter'];
const ENTRY: Thing = ['entries', 'timeEntryId', 'TimeEntry'];
const TASK: Thing = ['tasks', 'taskId', 'Task'];
const INVOICE: Thing = ['invoices', 'invoiceId', 'Invoice'];

const ofMatter = same('matterId', text('Only those of this matter'));
const ofLawyer = same('lawyerId', text('Only those of this lawyer'));

const operations: Operation[] = [
  searches(['searchClients', 'clients.search', 'Search clients'], ['clients', 'Client'], {
    filters: [
      contains('query', text('Only clients whose name or e-mail address contains this'), 'name', 'email'),
      same('kind', oneOf('Only persons or only companies', doc.KINDS)),
    ],
    orders: ['name'],
  }),
  adds(['createClient', 'clients.create', 'Create a client'], ['clients', 'Client'], {
    members: {
      'name!': text('Name of the person or company'),
      'kind!': oneOf('Whether it is a person or a company', doc.KINDS),
      'email!': email('E-mail address'),
      city: text('City'),
    },
  }),
  changes(['updateClient', 'clients.update', 'Change the address of a client'], CLIENT, {
    members: { email: email('E-mail address'), city: text('City') },
  }),
  searches(
    ['searchLawyers', 'lawyers.search', 'Search the lawyers and paralegals of the office'],
    ['lawyers', 'Lawyer'],
    {
      filters: [
        contains('query', text('Only people whose name contains this'), 'name'),
        same('role', oneOf('Only people with this role', doc.ROLES)),
      ],
      orders: ['name', 'hourlyRate'],
    },
  ),
  searches(['searchMatters', 'matters.search', 'Search matters'], ['matters', 'Matter'], {
    filters: [
      contains('query', text('Only matters whose title or file number contains this'), 'title', 'number'),
      same('clientId', text('Only matters of this client')),
      ofLawyer,
      same('area', oneOf('Only matters of this area of law', doc.AREAS)),
      same('status', oneOf('Only matters in this state', doc.MATTER_STATES)),
    ],
    orders: ['openedOn', 'title'],
  }),
  gets(['getMatter', 'matters.get', 'Get a matter'], MATTER),
  adds(['openMatter', 'matters.open', 'Open a new matter for a client'], ['matters', 'Matter'], {
    members: {
      'title!': text('Title of the matter'),
      'clientId!': text('Client'),
      'lawyerId!': text('Lawyer who is responsible'),
      'area!': oneOf('Area of law', doc.AREAS),
      budgetHours: amount('Hours that were agreed with the client', { minimum: 0 }),
    },
    set: { number: '26-143', status: 'open', openedOn: TODAY },
  }),
  changes(['updateMatter', 'matters.update', 'Change a matter'], MATTER, {
    members: {
      title: text('Title of the matter'),
      lawyerId: text('Lawyer who is responsible'),
      budgetHours: amount('Hours that were agreed with the client', { minimum: 0 }),
      status: oneOf('State of the matter; to close one, use matters.close', ['open', 'on_hold']),
    },
  }),
  changes(['closeMatter', 'matters.close', 'Close a matter'], MATTER, {
    set: { status: 'closed', closedOn: TODAY },
    only: ['open', 'on_hold'],
  }),
  searches(['searchTimeEntries', 'time.search', 'Search time entries'], ['entries', 'TimeEntry'], {
    filters: [
      ofMatter,
      ofLawyer,
      atLeast('dateFrom', day('Only work on this day or later'), 'date'),
      atMost('dateTo', day('Only work on this day or earlier'), 'date'),
      same('billable', flag('Only work that the client does (true) or does not (false) pay for')),
      same('status', oneOf('Only time entries in this state', doc.ENTRY_STATES)),
    ],
    orders: ['date', 'minutes'],
  }),
  adds(['logTime', 'time.log', 'Log time that a lawyer worked on a matter'], ['entries', 'TimeEntry'], {
    members: {
      'matterId!': text('Matter'),
      'lawyerId!': text('Lawyer who did the work'),
      'date!': day('Day of the work'),
      'minutes!': whole('Length in minutes', { minimum: 1 }),
      'description!': text('What was done'),
      billable: flag('Whether the client pays for it; true if left out'),
    },
    set: { billable: true, status: 'draft' },
  }),
  changes(['updateTimeEntry', 'time.update', 'Change a time entry that is a draft'], ENTRY, {
    members: {
      minutes: whole('Length in minutes', { minimum: 1 }),
      description: text('What was done'),
      billable: flag('Whether the client pays for it'),
    },
    only: ['draft'],
  }),
  {
    ...changes(['submitTimeEntry', 'time.submit', 'Submit a draft time entry for billing'], ENTRY, {
      set: { status: 'submitted' },
      only: ['draft'],
    }),
    description: 'A time entry that was submitted can no longer be changed or deleted.',
  },
  {
    id: 'deleteTimeEntry',
    method: 'post',
    path: '/rpc/time.delete',
    summary: 'Delete a time entry that is a draft',
    body: object({ 'timeEntryId!': text('Time entry that is deleted') }),
    only: ['draft'],
    run({ tables, body }) {
      const rows = tables.entries!;
      const row = find(rows, body.timeEntryId);
      if (row.status !== 'draft') throw new Refused(409, `It is ${row.status}`);
      rows.splice(rows.indexOf(row), 1);
    },
  },
  searches(['searchTasks', 'tasks.search', 'Search tasks and their due days'], ['tasks', 'Task'], {
    filters: [
      ofMatter,
      ofLawyer,
      atMost('dueTo', day('Only tasks that are due on this day or earlier'), 'dueOn'),
      atLeast('dueFrom', day('Only tasks that are due on this day or later'), 'dueOn'),
      same('done', flag('Only tasks that are (true) or are not (false) done')),
    ],
    orders: ['dueOn'],
  }),
  adds(['createTask', 'tasks.create', 'Create a task on a matter'], ['tasks', 'Task'], {
    members: {
      'matterId!': text('Matter'),
      'title!': text('What is to be done'),
      'dueOn!': day('Day by which it must be done'),
      lawyerId: text('Lawyer who does it'),
    },
    set: { done: false },
  }),
  changes(['updateTask', 'tasks.update', 'Change the due day of a task, or who does it'], TASK, {
    members: { dueOn: day('Day by which it must be done'), lawyerId: text('Lawyer who does it') },
  }),
  changes(['completeTask', 'tasks.complete', 'Mark a task as done'], TASK, { set: { done: true } }),
  searches(['searchInvoices', 'invoices.search', 'Search invoices'], ['invoices', 'Invoice'], {
    filters: [
      ofMatter,
      same('status', oneOf('Only invoices in this state', doc.INVOICE_STATES)),
      atMost('dueTo', day('Only invoices that are due on this day or earlier'), 'dueOn'),
      atLeast('issuedFrom', day('Only invoices issued on this day or later'), 'issuedOn'),
    ],
    orders: ['issuedOn', 'amount'],
  }),
  changes(['sendInvoice', 'invoices.send', 'Send a draft invoice to the client'], INVOICE, {
    set: { status: 'sent' },
    only: ['draft'],
  }),
  changes(['markInvoicePaid', 'invoices.markPaid', 'Record that an invoice was paid'], INVOICE, {
    set: { status: 'paid' },
    only: ['sent'],
  }),
];

/** A law office: clients, matters, time sheets, tasks and invoices; every operation is a POST with a body. */
export const SERVICE = service({
  id: 'lexhour',
  name: 'Lexhour',
  description:
    'RPC API of Lexhour, the case and time software of a law office. Lengths are in minutes. Rates are in euros.',
  pathWords: {},
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
