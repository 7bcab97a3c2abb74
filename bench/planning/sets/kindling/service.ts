import { atLeast, atMost, contains, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, ref, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CAMPAIGN_STATES,
  CURRENCIES,
  GIFT_STATES,
  INTERVALS,
  KINDS,
  METHODS,
  MONEY,
  PLEDGE_STATES,
  paging,
  SCHEMAS,
} from './document.ts';

const TODAY = '2026-11-25';

const DONOR: Thing = ['donors', 'donor_id', 'Donor'];
const CAMPAIGN: Thing = ['campaigns', 'campaign_id', 'Campaign'];
const GIFT: Thing = ['gifts', 'gift_id', 'Gift'];
const PLEDGE: Thing = ['pledges', 'pledge_id', 'Pledge'];

const people: Operation[] = [
  lists(['list_donors', '/v2/donors', 'List donors'], ['donors', 'Donor'], {
    paging,
    filters: [
      {
        name: 'q',
        schema: text('Only donors whose name or e-mail address contains this'),
        keeps: ({ first_name, last_name, email: mail }, value) =>
          `${first_name} ${last_name} ${mail ?? ''}`.toLowerCase().includes(String(value).toLowerCase()),
      },
      same('country', text('Only donors in this country, ISO 3166-1 alpha-2')),
      same('do_not_contact', flag('Only donors who must not (true) or may (false) be contacted')),
    ],
  }),
  gets(['get_donor', '/v2/donors/{donor_id}', 'Get a donor'], DONOR),
  adds(['create_donor', '/v2/donors', 'Create a donor'], ['donors', 'Donor'], {
    body: object({
      'first_name!': text('First name'),
      'last_name!': text('Last name'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      city: text('City'),
      country: text('Country, ISO 3166-1 alpha-2'),
    }),
    set: { email: null, city: '', country: '', do_not_contact: false, created_on: TODAY },
  }),
  changes(['update_donor', '/v2/donors/{donor_id}', 'Update a donor'], DONOR, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      city: text('City'),
      do_not_contact: flag('Whether the donor must not be contacted'),
    }),
  }),
  lists(['list_interactions', '/v2/interactions', 'List contacts with donors'], ['interactions', 'Interaction'], {
    paging,
    filters: [
      same('donor_id', text('Only contacts with this donor')),
      same('kind', oneOf('Only contacts of this kind', KINDS)),
    ],
  }),
  adds(['log_interaction', '/v2/interactions', 'Log a contact with a donor'], ['interactions', 'Interaction'], {
    body: object({
      'donor_id!': text('Donor'),
      'kind!': oneOf('Kind of contact', KINDS),
      'summary!': text('What was said'),
      happened_on: day('Day of the contact; today if left out'),
    }),
    set: { happened_on: TODAY },
  }),
];

const money: Operation[] = [
  lists(['list_campaigns', '/v2/campaigns', 'List campaigns'], ['campaigns', 'Campaign'], {
    paging,
    filters: [
      contains('q', text('Only campaigns whose name contains this'), 'name'),
      same('status', oneOf('Only campaigns with this status', CAMPAIGN_STATES)),
    ],
  }),
  gets(['get_campaign', '/v2/campaigns/{campaign_id}', 'Get a campaign'], CAMPAIGN),
  changes(['update_campaign', '/v2/campaigns/{campaign_id}', 'Update a campaign'], CAMPAIGN, {
    method: 'patch',
    body: object({
      name: text('Name of the campaign'),
      status: oneOf('Status', CAMPAIGN_STATES),
      goal_amount: amount('How much it is to raise, in its currency', { minimum: 1 }),
      ends_on: day('Last day'),
    }),
  }),
  lists(['list_gifts', '/v2/gifts', 'List gifts'], ['gifts', 'Gift'], {
    paging,
    filters: [
      same('donor_id', text('Only gifts of this donor')),
      same('campaign_id', text('Only gifts for this campaign')),
      same('status', oneOf('Only gifts with this status', GIFT_STATES)),
      same('currency', oneOf('Only gifts in this currency', CURRENCIES)),
      atLeast('received_from', day('Only gifts of this day or later'), 'received_on'),
      atMost('received_to', day('Only gifts of this day or earlier'), 'received_on'),
    ],
  }),
  gets(['get_gift', '/v2/gifts/{gift_id}', 'Get a gift'], GIFT),
  adds(['record_gift', '/v2/gifts', 'Record a gift'], ['gifts', 'Gift'], {
    body: object({
      'donor_id!': text('Donor who gave it'),
      campaign_id: text('Campaign that it is for; leave it out for a general gift'),
      'amount!': amount(MONEY, { minimum: 1 }),
      'currency!': oneOf('Currency', CURRENCIES),
      'method!': oneOf('How it was paid', METHODS),
      'received_on!': day('Day of the gift'),
    }),
    set: { campaign_id: null, status: 'received', thanked_on: null },
  }),
  changes(['refund_gift', '/v2/gifts/{gift_id}/refund', 'Pay a gift back'], GIFT, {
    set: { status: 'refunded' },
    only: ['received'],
  }),
  {
    ...changes(['mark_gift_thanked', '/v2/gifts/{gift_id}/thanked', 'Mark a gift as thanked for'], GIFT, {
      set: { thanked_on: TODAY },
      only: ['received'],
    }),
    description: 'Sets thanked_on to today. Nothing is sent to the donor.',
  },
  lists(['list_pledges', '/v2/pledges', 'List recurring pledges'], ['pledges', 'Pledge'], {
    paging,
    filters: [
      same('donor_id', text('Only pledges of this donor')),
      same('status', oneOf('Only pledges with this status', PLEDGE_STATES)),
      same('interval', oneOf('Only pledges that are charged this often', INTERVALS)),
    ],
  }),
  changes(['update_pledge', '/v2/pledges/{pledge_id}', 'Update a recurring pledge'], PLEDGE, {
    method: 'patch',
    body: object({
      amount: amount(MONEY, { minimum: 1 }),
      next_charge_on: day('Day of the next charge'),
    }),
  }),
  {
    id: 'pause_pledge',
    method: 'post',
    path: '/v2/pledges/{pledge_id}/pause',
    summary: 'Pause a recurring pledge',
    body: object({ 'resume_on!': day('Day on which it is charged again') }),
    answer: ref('Pledge'),
    only: ['active'],
    run({ tables, path, body }) {
      const pledge = find(tables.pledges, path.pledge_id);
      if (pledge.status !== 'active') throw new Refused(409, `It is ${pledge.status}`);
      return Object.assign(pledge, { status: 'paused', next_charge_on: body.resume_on });
    },
  },
  changes(['cancel_pledge', '/v2/pledges/{pledge_id}/cancel', 'Cancel a recurring pledge'], PLEDGE, {
    set: { status: 'cancelled', next_charge_on: null },
    only: ['active', 'paused'],
  }),
];

const tasks: Operation[] = [
  lists(['list_tasks', '/v2/tasks', 'List tasks'], ['tasks', 'Task'], {
    paging,
    filters: [
      same('assignee', text('Only tasks of this colleague, full name')),
      same('donor_id', text('Only tasks about this donor')),
      same('done', flag('Only tasks that are (true) or are not (false) done')),
    ],
  }),
  adds(['create_task', '/v2/tasks', 'Create a task'], ['tasks', 'Task'], {
    body: object({
      'title!': text('What is to be done'),
      'assignee!': text('Full name of the colleague who does it'),
      'due_on!': day('Day by which it is to be done'),
      donor_id: text('Donor whom it is about'),
    }),
    set: { donor_id: null, done: false },
  }),
  changes(['complete_task', '/v2/tasks/{task_id}/complete', 'Mark a task as done'], ['tasks', 'task_id', 'Task'], {
    set: { done: true },
  }),
];

/** Fundraising of a charity: donors, gifts in several currencies, campaigns, pledges and tasks; snake_case with cursors. */
export const SERVICE = service({
  id: 'kindling',
  name: 'Kindling',
  description: 'REST API of Kindling for fundraisers. Days are written YYYY-MM-DD. Lists are paged by cursor.',
  pathWords: {
    donor_id: 'Donor id',
    campaign_id: 'Campaign id',
    gift_id: 'Gift id',
    pledge_id: 'Pledge id',
    task_id: 'Task id',
  },
  schemas: SCHEMAS,
  operations: [...people, ...money, ...tasks],
  seed,
});
