import { since, until } from '../days.ts';
import { contains, find, type Operation, same, service } from '../kit.ts';
import { amount, day, email, moment, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  ADVERTISER_STATES,
  AIRING_STATES,
  CAMPAIGN_STATE_WORDS,
  CAMPAIGN_STATES,
  DAYPART_WORDS,
  DAYPARTS,
  INVOICE_STATE_WORDS,
  INVOICE_STATES,
  SCHEMAS,
  SECTORS,
  SPOT_STATES,
} from './document.ts';
import { creates, searches, sets } from './rpc.ts';

/** The part of the day of a moment. */
function daypartOf(moment: unknown): string {
  const hour = new Date(String(moment)).getUTCHours();
  return hour < 10 ? 'breakfast' : hour < 15 ? 'midday' : hour < 19 ? 'drive' : 'evening';
}

const advertisers: Operation[] = [
  searches(['searchAdvertisers', '/rpc/searchAdvertisers', 'Search advertisers'], ['advertisers', 'Advertiser'], {
    filters: [
      contains('query', text('Text that the company or the contact has in its name'), 'name', 'contactName'),
      same('sector', oneOf('Kind of business', SECTORS)),
      same('repId', text('Sales rep who looks after them')),
      same('status', oneOf('Status', ADVERTISER_STATES)),
    ],
    order: ['name'],
  }),
  {
    id: 'getAdvertiser',
    method: 'post',
    path: '/rpc/getAdvertiser',
    summary: 'Get an advertiser',
    body: object({ 'advertiserId!': text('Advertiser') }),
    answer: ref('Advertiser'),
    run: ({ tables, body }) => find(tables.advertisers, body.advertiserId),
  },
  creates(['createAdvertiser', '/rpc/createAdvertiser', 'Create an advertiser'], ['advertisers', 'Advertiser'], {
    body: {
      'name!': text('Company name'),
      'sector!': oneOf('Kind of business', SECTORS),
      'contactName!': text('Person to talk to'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      'repId!': text('Sales rep who looks after the advertiser'),
    },
    set: () => ({ status: 'active' }),
  }),
  sets(['updateAdvertiser', '/rpc/updateAdvertiser', 'Change an advertiser'], {
    of: ['advertisers', 'advertiserId', 'Advertiser'],
    body: {
      'advertiserId!': text('Advertiser to change'),
      contactName: text('Person to talk to'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      repId: text('Sales rep who looks after the advertiser'),
      status: oneOf('Nothing can be booked for a blocked advertiser', ADVERTISER_STATES),
    },
  }),
  searches(['searchReps', '/rpc/searchReps', 'Search the sales reps of the station'], ['reps', 'Rep'], {
    filters: [contains('query', text('Text that the name contains'), 'name')],
    order: ['name'],
  }),
];

const CAMPAIGN = ['campaigns', 'campaignId', 'Campaign'] as [string, string, string];
const campaigns: Operation[] = [
  searches(['searchCampaigns', '/rpc/searchCampaigns', 'Search campaigns'], ['campaigns', 'Campaign'], {
    filters: [
      contains('query', text('Text that the name of the campaign contains'), 'name'),
      same('advertiserId', text('Advertiser')),
      same('status', oneOf(CAMPAIGN_STATE_WORDS, CAMPAIGN_STATES)),
      since('startsFrom', day('Campaigns that start on this day or later'), 'startsOn'),
      until('startsTo', day('Campaigns that start on this day or earlier'), 'startsOn'),
    ],
    order: ['startsOn', 'budget', 'name'],
  }),
  creates(['createCampaign', '/rpc/createCampaign', 'Create a campaign as a draft'], ['campaigns', 'Campaign'], {
    body: {
      'advertiserId!': text('Advertiser'),
      'name!': text('Name of the campaign'),
      'startsOn!': day('First day on air'),
      'endsOn!': day('Last day on air'),
      'budget!': amount('What the advertiser spends, in euros', { minimum: 0 }),
    },
    set: () => ({ status: 'draft' }),
  }),
  sets(['updateCampaign', '/rpc/updateCampaign', 'Change a campaign'], {
    of: CAMPAIGN,
    body: {
      'campaignId!': text('Campaign to change'),
      name: text('Name of the campaign'),
      startsOn: day('First day on air'),
      endsOn: day('Last day on air'),
      budget: amount('What the advertiser spends, in euros', { minimum: 0 }),
    },
  }),
  sets(['bookCampaign', '/rpc/bookCampaign', 'Book a campaign that is a draft'], {
    of: CAMPAIGN,
    body: { 'campaignId!': text('Campaign to book') },
    set: { status: 'booked' },
    only: ['draft'],
  }),
  sets(['cancelCampaign', '/rpc/cancelCampaign', 'Cancel a campaign that has not ended'], {
    of: CAMPAIGN,
    body: { 'campaignId!': text('Campaign to cancel') },
    set: { status: 'cancelled' },
    only: ['draft', 'booked', 'running'],
  }),
];

const SPOT = ['spots', 'spotId', 'Spot'] as [string, string, string];
const AIRING = ['airings', 'airingId', 'Airing'] as [string, string, string];
const spots: Operation[] = [
  searches(['searchSpots', '/rpc/searchSpots', 'Search spots'], ['spots', 'Spot'], {
    filters: [
      contains('query', text('Text that the title contains'), 'title'),
      same('campaignId', text('Campaign that they belong to')),
      same('status', oneOf('Only approved spots go on air', SPOT_STATES)),
    ],
    order: ['title', 'lengthSeconds'],
  }),
  creates(['createSpot', '/rpc/createSpot', 'Create a spot for a campaign'], ['spots', 'Spot'], {
    body: {
      'campaignId!': text('Campaign that it belongs to'),
      'title!': text('Title of the spot'),
      'lengthSeconds!': whole('Length in seconds', { minimum: 5, maximum: 60 }),
      voice: text('Name of the voice'),
    },
    set: () => ({ status: 'in_production' }),
  }),
  sets(['approveSpot', '/rpc/approveSpot', 'Approve a spot that awaits approval'], {
    of: SPOT,
    body: { 'spotId!': text('Spot to approve') },
    set: { status: 'approved' },
    only: ['awaiting_approval'],
  }),
  sets(['rejectSpot', '/rpc/rejectSpot', 'Reject a spot that awaits approval'], {
    of: SPOT,
    body: { 'spotId!': text('Spot to reject'), 'rejectionReason!': text('Why it is rejected') },
    set: { status: 'rejected' },
    only: ['awaiting_approval'],
  }),
  searches(['searchAirings', '/rpc/searchAirings', 'Search when spots are played'], ['airings', 'Airing'], {
    filters: [
      same('spotId', text('Spot that is played')),
      since('from', day('Airings on this day or later'), 'airsAt'),
      until('to', day('Airings on this day or earlier'), 'airsAt'),
      same('daypart', oneOf(DAYPART_WORDS, DAYPARTS)),
      same('status', oneOf('What came of it', AIRING_STATES)),
    ],
    order: ['airsAt', 'price'],
  }),
  creates(['scheduleAiring', '/rpc/scheduleAiring', 'Plan an airing of a spot'], ['airings', 'Airing'], {
    body: { 'spotId!': text('Spot to play'), 'airsAt!': moment('When to play it') },
    set: ({ airsAt }) => ({ daypart: daypartOf(airsAt), status: 'planned', price: 40 }),
  }),
  sets(['moveAiring', '/rpc/moveAiring', 'Move a planned airing to another time'], {
    of: AIRING,
    body: { 'airingId!': text('Airing to move'), 'airsAt!': moment('When to play it instead') },
    only: ['planned'],
  }),
  sets(['cancelAiring', '/rpc/cancelAiring', 'Cancel a planned airing'], {
    of: AIRING,
    body: { 'airingId!': text('Airing to cancel') },
    set: { status: 'cancelled' },
    only: ['planned'],
  }),
];

const invoices: Operation[] = [
  searches(['searchInvoices', '/rpc/searchInvoices', 'Search invoices'], ['invoices', 'Invoice'], {
    filters: [
      same('advertiserId', text('Advertiser')),
      same('status', oneOf(INVOICE_STATE_WORDS, INVOICE_STATES)),
      since('issuedFrom', day('Invoices issued on this day or later'), 'issuedOn'),
      until('issuedTo', day('Invoices issued on this day or earlier'), 'issuedOn'),
    ],
    order: ['issuedOn', 'dueOn', 'amount'],
  }),
  sets(['markInvoicePaid', '/rpc/markInvoicePaid', 'Mark an invoice as paid'], {
    of: ['invoices', 'invoiceId', 'Invoice'],
    body: { 'invoiceId!': text('Invoice number'), 'paidOn!': day('Day on which it was paid') },
    set: { status: 'paid' },
    only: ['open', 'overdue'],
  }),
];

/** The advertising desk of a radio station: advertisers, campaigns, spots, airings and invoices; every operation is a POST. */
export const SERVICE = service({
  id: 'airdesk',
  name: 'Airdesk',
  description:
    'API of the advertising desk of Radio Estuary. Every operation is a POST. Amounts are in euros, times are UTC.',
  pathWords: {},
  schemas: SCHEMAS,
  operations: [...advertisers, ...campaigns, ...spots, ...invoices],
  seed,
});
