// Four small services of different trades, each with habits of its own.
import { shop } from './shop.ts';
import { type Short, type Sketch, service } from './tools.ts';

const page = (rows: string, row: Short): Short => ({
  [`${rows}!`]: [row] as const,
  total: 'integer: How many there are in all.',
});

const event: Short = {
  id: 'string',
  summary: 'string',
  start: 'time',
  end: 'time',
  location: 'string',
  attendees: [{ email: 'email', name: 'string' }],
  organizerId: 'string: Id of the person who organizes it.',
};
const calendarSketches: Sketch[] = [
  {
    call: 'GET /events',
    name: 'listEvents',
    title: 'List calendar events',
    text: 'Lists events of the calendar between two times.',
    query: {
      timeMin: 'time: Only events that end after this time.',
      timeMax: 'time: Only events that start before this time.',
      q: 'string: Free text search in summary and location.',
      maxResults: 'limit250',
    },
    answer: { items: [event] },
  },
  { call: 'GET /events/{eventId}', name: 'getEvent', title: 'Get an event', answer: event },
  {
    call: 'POST /events',
    name: 'createEvent',
    title: 'Create an event',
    text: 'Puts an event into the calendar and invites the attendees.',
    body: {
      'summary!': 'string: Title of the event.',
      'start!': 'time: When it starts.',
      'end!': 'time: When it ends.',
      location: 'string: Where it takes place.',
      attendees: [{ 'email!': 'email' }],
      description: 'string',
    },
    answer: event,
  },
  {
    call: 'DELETE /events/{eventId}',
    name: 'deleteEvent',
    title: 'Delete an event',
    text: 'Cancels the event and tells the attendees.',
  },
  {
    call: 'GET /people',
    name: 'searchPeople',
    title: 'Search people',
    text: 'Finds people of the directory.',
    query: { query: 'string: Part of a name or an email address.' },
    answer: { people: [{ personId: 'string', fullName: 'string', email: 'email', phone: 'string' }] },
  },
  {
    call: 'GET /people/{personId}',
    name: 'getPerson',
    title: 'Get a person',
    answer: { personId: 'string', fullName: 'string', email: 'email', phone: 'string' },
  },
];

const invoice: Short = {
  id: 'string',
  number: 'string',
  customer_id: 'string: Id of the customer.',
  status: 'draft|open|paid|void',
  amount_due: 'number: What is still to be paid.',
  currency: 'string',
  issued_on: 'date',
  due_on: 'date',
};
const customer: Short = { id: 'string', name: 'string', email: 'email', country: 'string', balance: 'number' };
const billingSketches: Sketch[] = [
  {
    call: 'GET /v1/customers',
    name: 'customers_list',
    title: 'List customers',
    query: { name: 'string', email: 'email', limit: 'limit100', offset: 'integer' },
    answer: page('data', customer),
  },
  { call: 'GET /v1/customers/{id}', name: 'customers_get', title: 'Retrieve a customer', answer: customer },
  {
    call: 'POST /v1/customers',
    name: 'customers_create',
    title: 'Create a customer',
    body: { 'name!': 'string', 'email!': 'email', country: 'string' },
    answer: customer,
  },
  {
    call: 'GET /v1/invoices',
    name: 'invoices_list',
    title: 'List invoices',
    query: {
      customer_id: 'string: Id of the customer.',
      status: 'draft|open|paid|void',
      due_before: 'date: Only invoices that are due before this day.',
      due_after: 'date: Only invoices that are due after this day.',
      limit: 'limit100',
      offset: 'integer',
    },
    answer: page('data', invoice),
  },
  { call: 'GET /v1/invoices/{id}', name: 'invoices_get', title: 'Retrieve an invoice', answer: invoice },
  {
    call: 'POST /v1/invoices/{id}/send',
    name: 'invoices_send',
    title: 'Send an invoice',
    text: 'Emails the invoice to its customer.',
    answer: invoice,
  },
  { call: 'POST /v1/invoices/{id}/void', name: 'invoices_void', title: 'Void an invoice', answer: invoice },
  {
    call: 'POST /v1/refunds',
    name: 'refunds_create',
    title: 'Create a refund',
    body: {
      'payment_id!': 'string: Id of the payment.',
      amount: 'number: How much to give back; all when absent.',
      reason: 'duplicate|fraudulent|requested_by_customer',
    },
    answer: { id: 'string', amount: 'number' },
  },
  {
    call: 'GET /v1/payments',
    name: 'payments_list',
    title: 'List payments',
    query: { customer_id: 'string: Id of the customer.', limit: 'limit100' },
    answer: page('data', {
      id: 'string',
      customer_id: 'string',
      amount: 'number',
      method: 'card|bank|cash',
      paid_at: 'time',
    }),
  },
];

const issue: Short = {
  id: 'integer',
  title: 'string',
  state: 'open|closed',
  priority: 'low|medium|high|urgent',
  assignee_id: 'integer: Id of the member who works on it.',
  project_id: 'integer',
  created_at: 'time',
  comments: 'integer: Number of comments.',
};
const trackerSketches: Sketch[] = [
  {
    call: 'GET /projects',
    name: 'listProjects',
    title: 'List projects',
    query: { search: 'string' },
    answer: [{ id: 'integer', name: 'string', archived: 'boolean' }],
  },
  {
    call: 'GET /issues',
    name: 'listIssues',
    title: 'List issues',
    text: 'Lists issues, newest first.',
    query: {
      project_id: 'integer: Id of the project.',
      assignee_id: 'integer: Id of the member.',
      state: 'open|closed',
      priority: 'low|medium|high|urgent',
      created_after: 'time',
      sort: 'created|updated|comments',
      per_page: 'limit50',
      page: 'integer',
    },
    answer: { results: [issue], count: 'integer: Number of matching issues.' },
  },
  { call: 'GET /issues/{issueId}', name: 'getIssue', title: 'Get an issue', answer: issue },
  {
    call: 'POST /issues',
    name: 'createIssue',
    title: 'Create an issue',
    body: {
      'project_id!': 'integer: Id of the project.',
      'title!': 'string',
      description: 'string',
      priority: 'low|medium|high|urgent',
    },
    answer: issue,
  },
  {
    call: 'PATCH /issues/{issueId}',
    name: 'updateIssue',
    title: 'Update an issue',
    body: {
      title: 'string',
      state: 'open|closed',
      priority: 'low|medium|high|urgent',
      assignee_id: 'integer: Id of the member who works on it.',
    },
    answer: issue,
  },
  {
    call: 'POST /issues/{issueId}/comments',
    name: 'addComment',
    title: 'Comment on an issue',
    body: { 'body!': 'string: Text of the comment.' },
    answer: { id: 'integer', body: 'string' },
  },
  {
    call: 'GET /members',
    name: 'listMembers',
    title: 'List members',
    text: 'The people who work on issues.',
    query: { search: 'string: Part of the name.' },
    answer: [{ id: 'integer', name: 'string', email: 'email' }],
  },
  {
    call: 'GET /members/{memberId}',
    name: 'getMember',
    title: 'Get a member',
    answer: { id: 'integer', name: 'string', email: 'email' },
  },
];

export const calendar = service('calendar', 'Team calendar', calendarSketches);
export const billing = service('billing', 'Billing', billingSketches);
export const tracker = service('tracker', 'Issue tracker', trackerSketches);
export const everything = [...calendar, ...billing, ...tracker, ...shop];
