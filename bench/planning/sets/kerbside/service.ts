import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  kept,
  nextId,
  type Operation,
  Refused,
  type Row,
  same,
  service,
  sorted,
} from '../kit.ts';
import { day, email, object, oneOf, ref, type Schema, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  APPEAL_STATES,
  cut,
  FINE_STATES,
  found,
  KINDS,
  METHODS,
  OFFENCES,
  PAGE,
  PERMIT_STATES,
  SCHEMAS,
} from './document.ts';

type Head = [id: string, path: string, summary: string];

function searches(
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  filters: Filter[],
  orders?: string[],
): Operation {
  const members = Object.fromEntries(filters.map(({ name, schema }) => [name, schema]));
  const order = orders && { orderBy: oneOf('Order; a minus turns it round', orders) };
  return {
    ...{ id, method: 'post', path, summary },
    body: object({ ...members, ...order, ...PAGE }),
    answer: found(answer),
    run: ({ tables, body }) => cut(sorted(kept(tables[table]!, filters, body), body.orderBy), body),
  };
}

const gets = ([id, path, summary]: Head, [table, key, answer]: [string, string, string]): Operation => ({
  ...{ id, method: 'post', path, summary },
  body: object({ [`${key}!`]: text(`${answer} to get`) }),
  answer: ref(answer),
  run: ({ tables, body }) => find(tables[table], body[key]),
});

interface Change {
  body?: Record<string, Schema>;
  set?: Row;
  only?: string[];
}

/** Changes the row that a member of the body names by what else is in the body. */
const changes = (
  [id, path, summary]: Head,
  [table, key, answer]: [string, string, string],
  change: Change,
): Operation => ({
  ...{ id, method: 'post', path, summary, only: change.only },
  body: object({ [`${key}!`]: text(`${answer} to change`), ...change.body }),
  answer: ref(answer),
  run({ tables, body: { [key]: which, ...given } }) {
    const row = find(tables[table], which);
    if (change.only && !change.only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
    return Object.assign(row, given, change.set);
  },
});

const PERMIT: [string, string, string] = ['permits', 'permitId', 'Permit'];
const FINE: [string, string, string] = ['fines', 'fineId', 'Fine'];
const RESIDENT: [string, string, string] = ['residents', 'residentId', 'Resident'];
const plate = (words: string) => text(`${words}, with a space in the middle such as KB21 EDL`);

const operations: Operation[] = [
  searches(
    ['searchZones', '/rpc/zones.search', 'Search parking zones'],
    ['zones', 'Zone'],
    [contains('name', text('Zones whose name contains this'), 'name'), same('code', text('The zone with this letter'))],
  ),
  searches(
    ['searchResidents', '/rpc/residents.search', 'Search residents and businesses'],
    ['residents', 'Resident'],
    [
      contains('name', text('Residents whose name contains this'), 'name'),
      contains('address', text('Residents whose address contains this'), 'address'),
      same('zoneId', text('Residents whose address is in this zone')),
    ],
  ),
  gets(['getResident', '/rpc/residents.get', 'Get a resident'], RESIDENT),
  {
    ...{ id: 'registerResident', method: 'post', path: '/rpc/residents.register', summary: 'Register a resident' },
    body: object({
      'name!': text('Name of the person or business'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      'address!': text('Address'),
      'zoneId!': text('Zone of the address'),
    }),
    answer: ref('Resident'),
    run({ tables, body }) {
      find(tables.zones, body.zoneId);
      tables.residents!.push({ id: nextId(tables.residents!), ...body });
      return tables.residents!.at(-1);
    },
  },
  changes(['updateResident', '/rpc/residents.update', 'Change the contact data of a resident'], RESIDENT, {
    body: { email: email('E-mail address'), phone: text('Phone number') },
  }),
  searches(
    ['searchPermits', '/rpc/permits.search', 'Search parking permits'],
    ['permits', 'Permit'],
    [
      same('residentId', text('Permits of this holder')),
      same('zoneId', text('Permits for this zone')),
      same('kind', oneOf('Permits of this kind', KINDS)),
      same('status', oneOf('Permits in this status', PERMIT_STATES)),
      same('plate', plate('Permits for the vehicle with this number plate')),
      atLeast('endsFrom', day('Permits whose last day is this one or later'), 'validTo'),
      atMost('endsTo', day('Permits whose last day is this one or earlier'), 'validTo'),
    ],
    ['validTo', '-validTo'],
  ),
  gets(['getPermit', '/rpc/permits.get', 'Get a parking permit'], PERMIT),
  {
    ...{ id: 'issuePermit', method: 'post', path: '/rpc/permits.issue', summary: 'Issue a parking permit' },
    body: object({
      'residentId!': text('Holder'),
      'zoneId!': text('Zone in which it is valid'),
      'kind!': oneOf('Kind', KINDS),
      plate: plate('Number plate of the vehicle; left out for visitor permits'),
      'validFrom!': day('First day'),
      'validTo!': day('Last day'),
    }),
    answer: ref('Permit'),
    run({ tables, body }) {
      find(tables.residents, body.residentId);
      find(tables.zones, body.zoneId);
      if (String(body.validTo) < String(body.validFrom)) throw new Refused(422, 'validTo is before validFrom');
      if (body.kind !== 'visitor' && !body.plate) throw new Refused(422, 'plate is required');
      tables.permits!.push({ id: nextId(tables.permits!), ...body, status: 'active' });
      return tables.permits!.at(-1);
    },
  },
  changes(['approvePermit', '/rpc/permits.approve', 'Approve a pending permit'], PERMIT, {
    set: { status: 'active' },
    only: ['pending'],
  }),
  changes(['extendPermit', '/rpc/permits.extend', 'Extend a permit to a later last day'], PERMIT, {
    body: { 'validTo!': day('New last day') },
    set: { status: 'active' },
    only: ['active', 'expired'],
  }),
  changes(['changeVehicle', '/rpc/permits.changeVehicle', 'Put another vehicle on a permit'], PERMIT, {
    body: { 'plate!': plate('Number plate of the new vehicle') },
    only: ['active', 'pending'],
  }),
  changes(['revokePermit', '/rpc/permits.revoke', 'Revoke a permit'], PERMIT, {
    set: { status: 'revoked' },
    only: ['active', 'pending'],
  }),
  searches(
    ['searchFines', '/rpc/fines.search', 'Search parking fines'],
    ['fines', 'Fine'],
    [
      same('plate', plate('Fines of the vehicle with this number plate')),
      same('zoneId', text('Fines in this zone')),
      contains('street', text('Fines in streets whose name contains this'), 'street'),
      same('status', oneOf('Fines in this status', FINE_STATES)),
      same('offence', oneOf('Fines for this', OFFENCES)),
      atLeast('issuedFrom', day('Fines issued on this day or later'), 'issuedAt'),
      atMost('issuedTo', day('Fines issued on this day or earlier'), 'issuedAt'),
    ],
    ['issuedAt', '-issuedAt', 'amountPence', '-amountPence'],
  ),
  gets(['getFine', '/rpc/fines.get', 'Get a parking fine'], FINE),
  changes(['waiveFine', '/rpc/fines.waive', 'Waive a fine'], FINE, {
    body: { 'reason!': text('Why it need not be paid') },
    set: { status: 'waived' },
    only: ['unpaid', 'appealed'],
  }),
  changes(['recordPayment', '/rpc/fines.recordPayment', 'Record that a fine was paid in whole'], FINE, {
    body: { 'method!': oneOf('How it was paid', METHODS) },
    set: { status: 'paid' },
    only: ['unpaid'],
  }),
  searches(
    ['searchAppeals', '/rpc/appeals.search', 'Search appeals against fines'],
    ['appeals', 'Appeal'],
    [same('fineId', text('Appeals against this fine')), same('status', oneOf('Appeals in this status', APPEAL_STATES))],
  ),
  {
    ...{ id: 'decideAppeal', method: 'post', path: '/rpc/appeals.decide', summary: 'Decide an open appeal' },
    description: 'An accepted appeal waives its fine; after a rejected one the fine is unpaid again.',
    body: object({
      'appealId!': text('Appeal to decide'),
      'decision!': oneOf('Decision', ['accepted', 'rejected']),
      comment: text('Comment for the driver'),
    }),
    answer: ref('Appeal'),
    only: ['open'],
    run({ tables, body }) {
      const appeal = find(tables.appeals, body.appealId);
      if (appeal.status !== 'open') throw new Refused(409, `It is ${appeal.status}`);
      find(tables.fines, appeal.fineId).status = body.decision === 'accepted' ? 'waived' : 'unpaid';
      return Object.assign(appeal, { status: body.decision }, body.comment ? { comment: body.comment } : {});
    },
  },
];

/** The parking office of a town: zones, residents, permits, fines and appeals; RPC over POST. */
export const SERVICE = service({
  id: 'kerbside',
  name: 'Kerbside',
  description: 'Parking permits and fines of a town. Amounts are in pence. Times are UTC.',
  pathWords: {},
  schemas: SCHEMAS,
  operations,
  seed,
});
