// What arguments are for, by their names, types and descriptions.
import { expect, it } from 'vitest';
import { type Short, type Sketch, service } from '../testing/tools.ts';
import { slotsOf } from './inputs.ts';

const slots = (sketch: Omit<Sketch, 'name'>) => slotsOf(service('x', 'X', [{ name: 'op', ...sketch }])[0]!);
const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text);

it.each<[string, Short, string]>([
  ['limit', 'integer', 'limit'],
  ['pageSize', 'integer', 'limit'],
  ['max', 'integer', 'limit'],
  ['take', 'limit50', 'limit'],
  ['n', 'integer: How many results to return.', 'limit'],
  ['offset', 'integer', 'offset'],
  ['skip', 'integer', 'offset'],
  ['from_row', 'integer: Rows to skip.', 'offset'],
  ['page', 'integer', 'page'],
  ['pageNo', 'integer: Page number.', 'page'],
  ['cursor', 'string', 'plumbing'],
  ['pageToken', 'string', 'plumbing'],
  ['starting_after', 'string', 'plumbing'],
  ['orderBy', 'string', 'sort'],
  ['order', 'asc|desc', 'order'],
  ['order', 'string', 'value'],
  ['direction', 'asc|desc', 'order'],
  ['q', 'string', 'search'],
  ['keyword', 'string', 'search'],
  ['name', 'string: Part of the name.', 'search'],
  ['title', 'string', 'value'],
  ['filter', 'string', 'search'],
  ['fields', 'string', 'plumbing'],
  ['expand', 'string', 'plumbing'],
  ['lang', 'string', 'plumbing'],
  ['format', 'pdf|csv', 'plumbing'],
  ['customerId', 'string', 'id customer'],
  ['customer_id', 'integer', 'id customer'],
  ['customer', 'string: Id of the customer.', 'id customer'],
  ['ownerIds', ['string'], 'id owner'],
  ['ids', 'string: Comma separated list of order ids.', 'id orders'],
  ['ref', 'uuid', 'id orders'],
  ['status', 'open|closed', 'value'],
  ['minPrice', 'number', 'value low'],
  ['max_price', 'number', 'value high'],
  ['price_gte', 'number', 'value low'],
  ['from', 'date', 'value low'],
  ['until', 'date', 'value high'],
  ['createdAfter', 'time', 'value low'],
  ['before', 'time', 'value high'],
  ['day', 'date', 'value'],
  ['start', 'date: First day.', 'value low'],
  ['total', 'number: At least this much.', 'value low'],
  ['roomCode', 'string: Code of the room.', 'id room'],
  ['invoiceNumber', 'string: Number of the invoice.', 'id invoice'],
  ['active', 'boolean', 'value'],
  ['key', 'string', 'id orders'],
  ['x', 'number', 'value'],
])('filter %s, %s: %s', (name, short, expected) => {
  const [slot] = slots({ call: 'GET /orders', title: 'List orders', query: { [name]: short } });
  const { use, bound, noun } = slot!;
  expect([use, bound ?? [], texts(noun)].flat().join(' ')).toBe(expected);
});

it.each<[string, Short, ...string[]]>([
  ['limit', 'integer', 'body.limit limit'],
  ['sort', 'string', 'body.sort sort'],
  ['format', 'string', 'body.format value'],
  ['customerId!', 'string', 'body.customerId id required customer'],
  ['customerId', 'string', 'body.customerId id customer'],
  ['lines', [{ sku: 'string', quantity: 'integer' }], 'body.lines.0.sku value', 'body.lines.0.quantity value'],
  ['tags', ['string'], 'body.tags value many'],
  ['address', { street: 'string', 'city!': 'string' }, 'body.address.street value', 'body.address.city value'],
  ['note', 'string', 'body.note value'],
  ['name', 'string: Part of the name.', 'body.name value'],
  ['guestIds', ['string'], 'body.guestIds id many guest'],
])('sent %s, %j', (name, short, ...expected) => {
  const sent = slots({ call: 'POST /orders', title: 'Place an order', body: { [name]: short } });
  expect(sent.every((slot) => slot.sent)).toBe(true);
  const lines = sent.map(({ at, use, required, many, noun }) =>
    [at.join('.'), use, required ? 'required' : [], many ? 'many' : [], texts(noun)].flat().join(' '),
  );
  expect(lines).toEqual(expected);
});
