import { type Filter, kept, type Operation, type Row, sorted } from '../kit.ts';
import { amount, day, email, list, moment, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';

export const KINDS = ['laptop', 'monitor', 'phone', 'tablet', 'dock'];
export const DEVICE_STATES = ['in_use', 'in_stock', 'in_repair', 'lost', 'retired'];
export const DEPARTMENTS = ['Finance', 'Sales', 'Engineering', 'Marketing', 'HR', 'Operations', 'Design'];
export const OFFICES = ['Rotterdam', 'Antwerp'];
export const CATEGORIES = ['design', 'communication', 'development', 'finance', 'sales', 'security'];
export const REQUEST_KINDS = ['new_device', 'licence', 'repair', 'access'];
export const REQUEST_STATES = ['open', 'approved', 'rejected', 'done'];
export const URGENCIES = ['low', 'normal', 'high'];

/** Id, summary and description of an operation. */
export type Head = [id: string, summary: string, description?: string];

/** @returns an operation that is called by a POST to its own name */
export const call = ([id, summary, description]: Head, body: Schema, answer: string, run: Operation['run']) => ({
  ...{ id, method: 'post', path: `/rpc/${id}`, summary, description, body, answer: ref(answer), run },
});

/** @returns a search: its filters, order and offset are members of the body */
export function search(head: Head, [table, answer]: [string, string], filters: Filter[], orders: string[]): Operation {
  const body = object({
    ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])),
    orderBy: oneOf('Field to sort by; a minus sorts in descending order', orders),
    offset: whole('Number of records to leave out at the beginning', { minimum: 0, default: 0 }),
    limit: whole('Most records to answer with', { minimum: 1, maximum: 100, default: 20 }),
  });
  const run: Operation['run'] = ({ tables, args }) => {
    const rows = sorted(kept(tables[table]!, filters, args), args.orderBy);
    const [from, most] = [Number(args.offset ?? 0), Number(args.limit ?? 20)];
    return { items: rows.slice(from, from + most), total: rows.length } satisfies Row;
  };
  const found = object({
    'items!': list(ref(answer), 'Records found'),
    'total!': whole('Number of all records found'),
  });
  return { ...call(head, body, answer, run), answer: found };
}

const nullable = (description: string): Schema => ({ type: ['string', 'null'], description });
const currency = text('Currency, ISO 4217');

export const SCHEMAS: Record<string, Schema> = {
  Person: object({
    'personId!': text('Person id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'department!': oneOf('Department', DEPARTMENTS),
    'office!': oneOf('Office', OFFICES),
    lastDay: day('Last day at the company; missing for who stays'),
  }),
  Device: object({
    'tag!': text('Asset tag, e.g. LT-1001'),
    'kind!': oneOf('Kind of device', KINDS),
    'model!': text('Model'),
    'status!': oneOf('Status of the device', DEVICE_STATES),
    'assignedTo!': nullable('Person who has it; null if nobody'),
    'assignedName!': nullable('Name of the person who has it'),
    'purchasedOn!': day('Day of the purchase'),
    'price!': amount('Purchase price'),
    'currency!': currency,
    warrantyUntil: day('Last day of the warranty, if there is one'),
    office: oneOf('Office in which a device in stock lies', OFFICES),
  }),
  Licence: object({
    'licenceId!': text('Licence id'),
    'product!': text('Product'),
    'vendor!': text('Vendor'),
    'category!': oneOf('What the software is for', CATEGORIES),
    'seats!': whole('Seats that are paid for'),
    'seatsUsed!': whole('Seats that people have'),
    'seatPricePerMonth!': amount('Price of a seat for a month'),
    'currency!': currency,
    'renewsOn!': day('Day on which it renews'),
    ownerName: text('Name of the person in charge of it'),
  }),
  Seat: object({
    'seatId!': text('Seat id'),
    'licenceId!': text('Licence'),
    'product!': text('Product'),
    'personId!': text('Person who has the seat'),
    'personName!': text('Name of that person'),
    'since!': day('Day on which it was given'),
  }),
  Request: object({
    'requestId!': text('Request id'),
    'personId!': text('Person who asks'),
    'personName!': text('Name of that person'),
    'kind!': oneOf('What is asked for', REQUEST_KINDS),
    'status!': oneOf('Status of the request', REQUEST_STATES),
    'urgency!': oneOf('Urgency', URGENCIES),
    'text!': text('Text of the request'),
    'createdAt!': moment('When it was made'),
  }),
};
