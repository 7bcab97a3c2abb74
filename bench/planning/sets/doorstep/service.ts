import { atLeast, atMost, contains, find, type Operation, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging, removes } from '../rest.ts';
import { amount, day, email, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';

const TOWNS = ['Marlow', 'Wexcombe', 'Stanbridge'];
const LETTING_STATES = ['available', 'under_offer', 'let', 'off_market'];
const TENANCY_STATES = ['active', 'ending', 'ended'];
const TENANCY_WORDS = 'active: runs on; ending: notice has been given; ended: the tenants have left';
const CHARGE_STATES = ['due', 'paid', 'late'];
const URGENCIES = ['emergency', 'urgent', 'routine'];
const REPAIR_STATES = ['reported', 'assigned', 'done'];
const REPAIR_WORDS = 'reported: nobody has it yet; assigned: a contractor has it; done: mended';
const TRADES = ['plumber', 'electrician', 'roofer', 'handyman', 'locksmith', 'gardener'];
const AGENTS = ['Dana Whitfield', 'Piers Colman', 'Shona Baird'];

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page, counted from 1', { minimum: 1, default: 1 }) },
    { name: 'size', schema: whole('Rows on a page', { minimum: 1, maximum: 50, default: 15 }) },
  ],
  answer: (item) => object({ 'rows!': list(item), 'total!': whole('All rows that match, on all pages') }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.size ?? 15)];
    return { rows: rows.slice((page - 1) * size, page * size), total: rows.length };
  },
};

const SCHEMAS: Record<string, Schema> = {
  Property: object({
    'ref!': text('Reference of the property'),
    'address!': text('Street address'),
    'town!': oneOf('Town', TOWNS),
    'bedrooms!': whole('Bedrooms'),
    'monthlyRent!': amount('Rent a month in pounds'),
    'status!': oneOf('Whether it can be rented', LETTING_STATES),
    'listedOn!': day('Day on which we took it on'),
  }),
  Tenant: object({
    'id!': text('Tenant id'),
    'name!': text('First and last name'),
    'mobile!': text('Mobile number'),
    'email!': email('E-mail address'),
  }),
  Tenancy: object({
    'id!': text('Tenancy id'),
    'propertyRef!': text('Property'),
    'tenantId!': text('Tenant'),
    'startsOn!': day('First day'),
    'endsOn!': day('Last day'),
    'state!': oneOf(TENANCY_WORDS, TENANCY_STATES),
  }),
  RentCharge: object({
    'id!': text('Id of the charge'),
    'tenancyId!': text('Tenancy'),
    'month!': text('Month, as YYYY-MM'),
    'amount!': amount('Rent in pounds'),
    'state!': oneOf('A late charge is not paid in time and still open', CHARGE_STATES),
  }),
  Repair: object({
    'id!': text('Repair id'),
    'propertyRef!': text('Property'),
    'description!': text('What is broken'),
    'urgency!': oneOf('How soon it must be seen to', URGENCIES),
    'state!': oneOf(REPAIR_WORDS, REPAIR_STATES),
    'reportedOn!': day('Day of the report'),
    'contractorId!': { type: ['string', 'null'], description: 'Contractor who has it' },
    'visitOn!': { type: ['string', 'null'], description: 'Day on which the contractor comes' },
    'cost!': { type: ['number', 'null'], description: 'What it cost in pounds, once it is done' },
  }),
  Contractor: object({
    'id!': text('Contractor id'),
    'name!': text('Name of the firm'),
    'trade!': oneOf('Trade', TRADES),
    'phone!': text('Phone'),
  }),
  Viewing: object({
    'id!': text('Viewing id'),
    'propertyRef!': text('Property to be seen'),
    'startsAt!': moment('Start (UTC)'),
    'agent!': oneOf('Agent who shows it', AGENTS),
    'applicantName!': text('Who comes to see it'),
    'applicantPhone!': text('Their phone'),
  }),
  Message: object({ 'id!': text('Message id'), 'tenantId!': text('Tenant') }),
};

const PROPERTY = ['properties', 'ref', 'Property', 'ref'] as [string, string, string, string];
const propertyRef = text('Reference of the property');

const operations: Operation[] = [
  lists(['listProperties', '/properties', 'List properties to let'], ['properties', 'Property'], {
    paging,
    filters: [
      contains('address', text('Part of the street address'), 'address'),
      same('town', oneOf('Town', TOWNS)),
      same('status', oneOf('Whether it can be rented', LETTING_STATES)),
      atLeast('minBedrooms', whole('At least so many bedrooms'), 'bedrooms'),
      atMost('maxRent', amount('Rent a month at most, in pounds'), 'monthlyRent'),
    ],
  }),
  gets(['getProperty', '/properties/{ref}', 'Get a property'], PROPERTY),
  changes(['setRent', '/properties/{ref}/rent', 'Set the asking rent of a property'], PROPERTY, {
    method: 'put',
    body: object({ 'monthlyRent!': amount('Rent a month in pounds', { minimum: 0 }) }),
  }),
  lists(['listTenants', '/tenants', 'List tenants'], ['tenants', 'Tenant'], {
    paging,
    filters: [contains('name', text('Name or part of it'), 'name')],
  }),
  gets(['getTenant', '/tenants/{tenantId}', 'Get a tenant'], ['tenants', 'tenantId', 'Tenant']),
  changes(
    ['updateTenant', '/tenants/{tenantId}', 'Change how a tenant is reached'],
    ['tenants', 'tenantId', 'Tenant'],
    {
      method: 'patch',
      body: object({ mobile: text('Mobile number'), email: email('E-mail address') }),
    },
  ),
  lists(['listTenancies', '/tenancies', 'List tenancies (who lives where, and until when)'], ['tenancies', 'Tenancy'], {
    paging,
    filters: [
      same('propertyRef', propertyRef),
      same('tenantId', text('Tenant id')),
      same('state', oneOf(TENANCY_WORDS, TENANCY_STATES)),
      atLeast('endsFrom', day('Last day is this one or later'), 'endsOn'),
      atMost('endsTo', day('Last day is this one or earlier'), 'endsOn'),
    ],
  }),
  lists(['listRentCharges', '/rent-charges', 'List rent that was charged'], ['charges', 'RentCharge'], {
    paging,
    filters: [
      same('tenancyId', text('Tenancy id')),
      same('month', text('Month, as YYYY-MM')),
      same('state', oneOf('Paid or not', CHARGE_STATES)),
    ],
  }),
  lists(['listRepairs', '/repairs', 'List repairs, oldest first'], ['repairs', 'Repair'], {
    paging,
    filters: [
      same('propertyRef', propertyRef),
      same('urgency', oneOf('How soon it must be seen to', URGENCIES)),
      same('state', oneOf(REPAIR_WORDS, REPAIR_STATES)),
      atLeast('reportedFrom', day('Reported on this day or later'), 'reportedOn'),
      atMost('reportedTo', day('Reported on this day or earlier'), 'reportedOn'),
    ],
  }),
  adds(['reportRepair', '/repairs', 'Report a repair'], ['repairs', 'Repair'], {
    body: object({
      'propertyRef!': propertyRef,
      'description!': text('What is broken'),
      'urgency!': oneOf('How soon it must be seen to', URGENCIES),
    }),
    set: { state: 'reported', reportedOn: '2026-11-25', contractorId: null, visitOn: null, cost: null },
  }),
  changes(
    ['assignRepair', '/repairs/{repairId}/assign', 'Give a repair to a contractor'],
    ['repairs', 'repairId', 'Repair'],
    {
      body: object({ 'contractorId!': text('Contractor id'), visitOn: day('Day on which the contractor comes') }),
      set: { state: 'assigned' },
    },
  ),
  lists(['listContractors', '/contractors', 'List contractors'], ['contractors', 'Contractor'], {
    filters: [same('trade', oneOf('Trade', TRADES))],
  }),
  lists(['listViewings', '/viewings', 'List viewings by time'], ['viewings', 'Viewing'], {
    paging,
    filters: [
      same('propertyRef', propertyRef),
      same('agent', oneOf('Agent who shows the property', AGENTS)),
      atLeast('from', day('First day'), 'startsAt'),
      atMost('to', day('Last day'), 'startsAt'),
    ],
  }),
  adds(['bookViewing', '/viewings', 'Book a viewing'], ['viewings', 'Viewing'], {
    body: object({
      'propertyRef!': propertyRef,
      'startsAt!': moment('Start (UTC)'),
      'agent!': oneOf('Agent who shows the property', AGENTS),
      'applicantName!': text('Who comes to see it'),
      'applicantPhone!': text('Their phone'),
    }),
  }),
  removes(['cancelViewing', '/viewings/{viewingId}', 'Cancel a viewing'], ['viewings', 'viewingId']),
  {
    ...adds(['sendMessage', '/messages', 'Send a message to a tenant'], ['messages', 'Message'], {
      body: object({
        'tenantId!': text('Tenant id'),
        'channel!': oneOf('How it is sent', ['sms', 'email']),
        'body!': text('What it says', { maxLength: 1000 }),
      }),
    }),
    run: ({ tables, body }) => ({ id: 'MSG-1', tenantId: find(tables.tenants, body.tenantId).id }),
  },
];

/** A lettings agency: properties, tenants and their rent, repairs, and viewings for those who look for a home. */
export const SERVICE = service({
  id: 'doorstep',
  name: 'Doorstep Lettings',
  description: 'Properties, tenancies, repairs and viewings of Doorstep Lettings.',
  pathWords: {
    ref: 'Reference of the property',
    tenantId: 'Tenant id',
    repairId: 'Repair id',
    viewingId: 'Viewing id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
