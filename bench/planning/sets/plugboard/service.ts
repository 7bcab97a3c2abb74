import { atLeast, atMost, contains, find, nextId, type Operation, Refused, type Row, same, service } from '../kit.ts';
import { amount, day, object, oneOf, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CATEGORIES,
  call,
  DEPARTMENTS,
  DEVICE_STATES,
  type Head,
  KINDS,
  OFFICES,
  REQUEST_KINDS,
  REQUEST_STATES,
  SCHEMAS,
  search,
  URGENCIES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);

const TAG = text('Asset tag');
const PERSON = text('Person id');
const LICENCE = text('Licence id');

const gets = (head: Head, [table, answer]: [string, string], [key, words]: [string, Schema]): Operation =>
  call(head, object({ [`${key}!`]: words }), answer, ({ tables, body }) => find(tables[table], body[key], key));

/** Decides an open request. */
const decides = (head: Head, status: string, more: Record<string, Schema> = {}): Operation =>
  call(head, object({ 'requestId!': text('Request id'), ...more }), 'Request', ({ tables, body }) => {
    const request = find(tables.requests, body.requestId, 'requestId');
    if (request.status !== 'open') throw new Refused(409, `It is ${request.status}`);
    return Object.assign(request, { status });
  });

const devices: Operation[] = [
  search(
    ['searchDevices', 'Search devices'],
    ['devices', 'Device'],
    [
      contains('text', text('Only devices whose tag or model contains this'), 'tag', 'model'),
      same('kind', oneOf('Only devices of this kind', KINDS)),
      same('status', oneOf('Only devices with this status', DEVICE_STATES)),
      same('assignedTo', text('Only devices of this person, by id')),
      same('office', oneOf('Only devices in stock in this office', OFFICES)),
      atLeast('purchasedFrom', day('Only devices bought on this day or later'), 'purchasedOn'),
      atMost('purchasedTo', day('Only devices bought on this day or earlier'), 'purchasedOn'),
    ],
    ['purchasedOn', '-purchasedOn', 'price', '-price'],
  ),
  gets(['getDevice', 'Get a device by its tag'], ['devices', 'Device'], ['tag', TAG]),
  call(
    ['assignDevice', 'Give a device that is in stock to a person'],
    object({ 'tag!': TAG, 'personId!': PERSON }),
    'Device',
    ({ tables, body }) => {
      const device = find(tables.devices, body.tag, 'tag');
      const { name } = find(tables.people, body.personId, 'personId');
      if (device.status !== 'in_stock') throw new Refused(409, `It is ${device.status}`);
      delete device.office;
      return Object.assign(device, { status: 'in_use', assignedTo: body.personId, assignedName: name });
    },
  ),
  call(
    ['returnDevice', 'Take a device back into stock'],
    object({ 'tag!': TAG, 'office!': oneOf('Office in which it lies from now on', OFFICES) }),
    'Device',
    ({ tables, body }) => {
      const device = find(tables.devices, body.tag, 'tag');
      if (device.status === 'in_stock') throw new Refused(409, 'It is in stock already');
      return Object.assign(device, { status: 'in_stock', assignedTo: null, assignedName: null, office: body.office });
    },
  ),
  call(
    ['setDeviceStatus', 'Set the status of a device', 'For devices that go to repair, come back, are lost or retired.'],
    object({ 'tag!': TAG, 'status!': oneOf('Status from now on', ['in_use', 'in_repair', 'lost', 'retired']) }),
    'Device',
    ({ tables, body }) => Object.assign(find(tables.devices, body.tag, 'tag'), { status: body.status }),
  ),
  call(
    ['addDevice', 'Add a device that was bought to the stock'],
    object({
      'tag!': text('Asset tag that it gets'),
      'kind!': oneOf('Kind of device', KINDS),
      'model!': text('Model'),
      'price!': amount('Purchase price in euros', { minimum: 0 }),
      'office!': oneOf('Office in which it lies', OFFICES),
      warrantyUntil: day('Last day of the warranty'),
    }),
    'Device',
    ({ tables, body }) => {
      if (tables.devices!.some(({ tag }) => tag === body.tag)) throw new Refused(409, `${body.tag} exists already`);
      const free = { status: 'in_stock', assignedTo: null, assignedName: null, purchasedOn: TODAY, currency: 'EUR' };
      const device: Row = { ...body, ...free };
      tables.devices!.push(device);
      return device;
    },
  ),
];

const people: Operation[] = [
  search(
    ['searchPeople', 'Search the people of the company'],
    ['people', 'Person'],
    [
      contains('text', text('Only people whose name or e-mail address contains this'), 'name', 'email'),
      same('department', oneOf('Only people of this department', DEPARTMENTS)),
      same('office', oneOf('Only people of this office', OFFICES)),
    ],
    ['name', '-name'],
  ),
  gets(['getPerson', 'Get a person'], ['people', 'Person'], ['personId', PERSON]),
];

const licences: Operation[] = [
  search(
    ['searchLicences', 'Search software licences'],
    ['licences', 'Licence'],
    [
      contains('text', text('Only licences whose product or vendor contains this'), 'product', 'vendor'),
      same('category', oneOf('Only licences of this category', CATEGORIES)),
      atLeast('renewsFrom', day('Only licences that renew on this day or later'), 'renewsOn'),
      atMost('renewsTo', day('Only licences that renew on this day or earlier'), 'renewsOn'),
    ],
    ['renewsOn', '-renewsOn', 'seatPricePerMonth', '-seatPricePerMonth'],
  ),
  gets(['getLicence', 'Get a licence'], ['licences', 'Licence'], ['licenceId', LICENCE]),
  call(
    ['setSeatCount', 'Set how many seats of a licence are paid for'],
    object({ 'licenceId!': LICENCE, 'seats!': whole('Seats from the next month on', { minimum: 1 }) }),
    'Licence',
    ({ tables, body }) => {
      const row = find(tables.licences, body.licenceId, 'licenceId');
      if (Number(body.seats) < Number(row.seatsUsed)) throw new Refused(409, `${row.seatsUsed} seats are in use`);
      return Object.assign(row, { seats: body.seats });
    },
  ),
  search(
    ['searchSeats', 'Search who has a seat of which licence'],
    ['seats', 'Seat'],
    [same('licenceId', text('Only seats of this licence')), same('personId', text('Only seats of this person'))],
    ['since', '-since'],
  ),
  call(
    ['assignSeat', 'Give a person a seat of a licence'],
    object({ 'licenceId!': LICENCE, 'personId!': PERSON }),
    'Seat',
    ({ tables, body }) => {
      const row = find(tables.licences, body.licenceId, 'licenceId');
      const { name } = find(tables.people, body.personId, 'personId');
      if (Number(row.seatsUsed) >= Number(row.seats)) throw new Refused(409, 'No seat is left');
      const given = { licenceId: body.licenceId, product: row.product, personId: body.personId, personName: name };
      const seat: Row = { seatId: nextId(tables.seats!, 'seatId'), ...given, since: TODAY };
      tables.seats!.push(seat);
      row.seatsUsed = Number(row.seatsUsed) + 1;
      return seat;
    },
  ),
  call(
    ['revokeSeat', 'Take the seat of a licence away from a person'],
    object({ 'seatId!': text('Seat id') }),
    'Seat',
    ({ tables, body }) => {
      const seat = find(tables.seats, body.seatId, 'seatId');
      tables.seats!.splice(tables.seats!.indexOf(seat), 1);
      const row = find(tables.licences, seat.licenceId, 'licenceId');
      row.seatsUsed = Number(row.seatsUsed) - 1;
      return seat;
    },
  ),
];

const requests: Operation[] = [
  search(
    ['searchRequests', 'Search requests of people to IT'],
    ['requests', 'Request'],
    [
      same('status', oneOf('Only requests with this status', REQUEST_STATES)),
      same('kind', oneOf('Only requests of this kind', REQUEST_KINDS)),
      same('urgency', oneOf('Only requests of this urgency', URGENCIES)),
      same('personId', text('Only requests of this person')),
    ],
    ['createdAt', '-createdAt'],
  ),
  call(
    ['createRequest', 'Make a request for a person'],
    object({
      'personId!': PERSON,
      'kind!': oneOf('What is asked for', REQUEST_KINDS),
      'text!': text('Text of the request'),
      urgency: oneOf('Urgency; normal if left out', URGENCIES),
    }),
    'Request',
    ({ tables, body }) => {
      const { name } = find(tables.people, body.personId, 'personId');
      const made = { requestId: nextId(tables.requests!, 'requestId'), personName: name, urgency: 'normal' };
      const request: Row = { ...made, ...body, status: 'open', createdAt: NOW };
      tables.requests!.push(request);
      return request;
    },
  ),
  decides(['approveRequest', 'Approve an open request'], 'approved'),
  decides(['rejectRequest', 'Reject an open request'], 'rejected', {
    reason: text('Reason that the person is told'),
  }),
];

/** A company's IT equipment and software licences: devices, people, licences, seats and requests; everything is a POST. */
export const SERVICE = service({
  id: 'plugboard',
  name: 'Plugboard',
  description: 'RPC API of the Plugboard IT inventory: each operation is a POST with a JSON body. Times are UTC.',
  pathWords: {},
  schemas: SCHEMAS,
  operations: [...devices, ...people, ...licences, ...requests],
  seed,
});
