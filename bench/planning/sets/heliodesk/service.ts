import {
  atLeast,
  atMost,
  type Call,
  contains,
  find,
  type Operation,
  Refused,
  type Row,
  same,
  service,
} from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CURRENCIES,
  CUSTOMER_KINDS,
  clock,
  kwp,
  PRIORITIES,
  PURPOSES,
  paging,
  QUOTE_STATES,
  SCHEMAS,
  SYSTEM_STATES,
  TICKET_STATES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);

const CUSTOMER: Thing = ['customers', 'customer_id', 'Customer'];
const SYSTEM: Thing = ['systems', 'system_id', 'System'];
const QUOTE: Thing = ['quotes', 'quote_id', 'Quote'];
const TICKET: Thing = ['tickets', 'ticket_id', 'Ticket'];
const VISIT: Thing = ['visits', 'visit_id', 'Visit'];

/** Refuses a time of day that is none. */
const withTime = (operation: Operation): Operation => ({
  ...operation,
  run(call: Call) {
    const { time } = call.body;
    if (time !== undefined && !/^([01]\d|2[0-3]):[0-5]\d$/.test(String(time)))
      throw new Refused(422, 'time must be HH:MM');
    return operation.run(call);
  },
});

const production = lists(
  ['list_production', '/systems/{system_id}/production', 'Monthly energy production of a system'],
  ['production', 'Production'],
  { paging, within: 'system_id', filters: [same('month', text('Only this month, YYYY-MM'))] },
);

const updateTicket = changes(['update_ticket', '/tickets/{ticket_id}', 'Change or assign a service ticket'], TICKET, {
  method: 'patch',
  body: object({
    priority: oneOf('Priority', PRIORITIES),
    status: oneOf('Status', TICKET_STATES),
    technician_id: text('Technician who works on it'),
  }),
});

const operations: Operation[] = [
  lists(['list_customers', '/customers', 'List customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      contains('q', text('Only customers whose name or e-mail address contains this'), 'name', 'email'),
      same('city', text('Only customers in this city')),
      same('kind', oneOf('Only customers of this kind', CUSTOMER_KINDS)),
    ],
  }),
  gets(['get_customer', '/customers/{customer_id}', 'Get a customer'], CUSTOMER),
  adds(['create_customer', '/customers', 'Add a customer'], ['customers', 'Customer'], {
    body: object({
      'name!': text('Name of the person or business'),
      'kind!': oneOf('Kind of customer', CUSTOMER_KINDS),
      'phone!': text('Phone number'),
      'city!': text('City'),
      email: email('E-mail address'),
    }),
    set: { created_on: TODAY },
  }),
  changes(['update_customer', '/customers/{customer_id}', 'Change the contact details of a customer'], CUSTOMER, {
    method: 'patch',
    body: object({ email: email('E-mail address'), phone: text('Phone number'), city: text('City') }),
  }),
  lists(['list_systems', '/systems', 'List solar systems'], ['systems', 'System'], {
    paging,
    filters: [
      same('customer_id', text('Only systems of this customer')),
      same('status', oneOf('Only systems with this status', SYSTEM_STATES)),
      atLeast('min_size_kwp', kwp('Only systems of at least this peak power in kWp'), 'size_kwp'),
    ],
  }),
  gets(['get_system', '/systems/{system_id}', 'Get a solar system'], SYSTEM),
  changes(['update_system', '/systems/{system_id}', 'Change a solar system'], SYSTEM, {
    method: 'patch',
    body: object({
      status: oneOf('Status of the system', SYSTEM_STATES),
      monitoring_enabled: flag('Whether its production is read every day'),
      warranty_until: day('Last day of the warranty'),
    }),
  }),
  {
    ...production,
    description: 'Systems without monitoring have no figures. The current month is not included.',
    run(call) {
      if (call.args.month !== undefined && !/^\d{4}-\d\d$/.test(String(call.args.month)))
        throw new Refused(422, 'month must be YYYY-MM');
      return production.run(call);
    },
  },
  lists(['list_quotes', '/quotes', 'List quotes'], ['quotes', 'Quote'], {
    paging,
    filters: [
      same('customer_id', text('Only quotes for this customer')),
      same('status', oneOf('Only quotes with this status', QUOTE_STATES)),
      same('currency', oneOf('Only quotes in this currency', CURRENCIES)),
    ],
  }),
  gets(['get_quote', '/quotes/{quote_id}', 'Get a quote'], QUOTE),
  adds(['create_quote', '/quotes', 'Write a quote; it is a draft until it is sent'], ['quotes', 'Quote'], {
    body: object({
      'customer_id!': text('Customer'),
      'size_kwp!': kwp('Peak power of the offered system in kWp'),
      'amount!': amount('Price, in whole units of the currency', { minimum: 1 }),
      'currency!': oneOf('Currency', CURRENCIES),
      'valid_until!': day('Last day on which it can be accepted'),
    }),
    set: { status: 'draft', created_on: TODAY },
  }),
  changes(['send_quote', '/quotes/{quote_id}/send', 'Send a draft quote to the customer by e-mail'], QUOTE, {
    set: { status: 'sent', sent_on: TODAY },
    only: ['draft'],
  }),
  changes(['accept_quote', '/quotes/{quote_id}/accept', 'Mark a quote as accepted by the customer'], QUOTE, {
    set: { status: 'accepted' },
    only: ['sent'],
  }),
  {
    id: 'decline_quote',
    method: 'post',
    path: '/quotes/{quote_id}/decline',
    summary: 'Mark a quote as declined by the customer',
    body: object({ reason: text('Why the customer declined') }),
    answer: { $ref: '#/components/schemas/Quote' },
    only: ['sent'],
    run({ tables, path, body }) {
      const quote = find(tables.quotes, path.quote_id);
      if (quote.status !== 'sent') throw new Refused(409, `It is ${quote.status}`);
      return Object.assign(quote, { status: 'declined' }, body.reason ? { decline_reason: body.reason } : {});
    },
  },
  lists(['list_tickets', '/tickets', 'List service tickets'], ['tickets', 'Ticket'], {
    paging,
    filters: [
      same('system_id', text('Only tickets about this system')),
      same('status', oneOf('Only tickets with this status', TICKET_STATES)),
      same('priority', oneOf('Only tickets with this priority', PRIORITIES)),
      same('technician_id', text('Only tickets of this technician')),
    ],
  }),
  gets(['get_ticket', '/tickets/{ticket_id}', 'Get a service ticket'], TICKET),
  adds(['open_ticket', '/tickets', 'Open a service ticket for a system'], ['tickets', 'Ticket'], {
    body: object({
      'system_id!': text('System with the problem'),
      'title!': text('What the problem is'),
      'priority!': oneOf('Priority', PRIORITIES),
    }),
    set: { status: 'open', opened_at: NOW },
  }),
  {
    ...updateTicket,
    run(call) {
      const ticket = updateTicket.run(call) as Row;
      if (call.body.status === 'resolved') ticket.resolved_at ??= NOW;
      else if (call.body.status !== undefined) delete ticket.resolved_at;
      return ticket;
    },
  },
  lists(
    ['list_ticket_comments', '/tickets/{ticket_id}/comments', 'List the comments on a ticket'],
    ['comments', 'Comment'],
    { paging, within: 'ticket_id' },
  ),
  adds(['add_ticket_comment', '/tickets/{ticket_id}/comments', 'Comment on a ticket'], ['comments', 'Comment'], {
    body: object({ 'text!': text('Text of the comment') }),
    within: 'ticket_id',
    set: { author: 'API', created_at: NOW },
  }),
  lists(['list_technicians', '/technicians', 'List technicians'], ['technicians', 'Technician'], {
    paging,
    filters: [same('active', flag('Only technicians who do (true) or do not (false) work for us now'))],
  }),
  lists(['list_visits', '/visits', 'List visits of technicians to systems'], ['visits', 'Visit'], {
    paging,
    filters: [
      same('technician_id', text('Only visits by this technician')),
      same('system_id', text('Only visits to this system')),
      atLeast('date_from', day('Only visits on this day or later'), 'date'),
      atMost('date_to', day('Only visits on this day or earlier'), 'date'),
    ],
  }),
  withTime(
    adds(['schedule_visit', '/visits', 'Schedule a visit'], ['visits', 'Visit'], {
      body: object({
        'system_id!': text('System to visit'),
        'technician_id!': text('Technician'),
        'date!': day('Day of the visit'),
        'time!': clock('Time of arrival'),
        'purpose!': oneOf('Purpose', PURPOSES),
      }),
    }),
  ),
  withTime(
    changes(['update_visit', '/visits/{visit_id}', 'Move a visit, or give it to another technician'], VISIT, {
      method: 'patch',
      body: object({
        date: day('New day'),
        time: clock('New time of arrival'),
        technician_id: text('Technician'),
      }),
    }),
  ),
  removes(['cancel_visit', '/visits/{visit_id}', 'Cancel a visit'], ['visits', 'visit_id']),
];

/** An installer of solar systems: customers, systems, quotes, service tickets and visits; snake_case with cursor pages. */
export const SERVICE = service({
  id: 'heliodesk',
  name: 'Heliodesk',
  description: 'API of Heliodesk, the back office for solar installers. Times are UTC.',
  pathWords: {
    customer_id: 'Customer id',
    system_id: 'System id',
    quote_id: 'Quote number, e.g. Q-2201',
    ticket_id: 'Ticket number, e.g. T-7001',
    visit_id: 'Visit id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
