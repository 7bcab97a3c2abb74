import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const STATES = ['received', 'inProgress', 'waitingForParts', 'ready', 'collected', 'cancelled'];
export const STATE_WORDS =
  'Status of a repair. received: the bike is here and nobody has started; ready: done, the customer can collect it; collected: the customer has it back';
export const NOTIFY = ['email', 'sms', 'none'];
export const CATEGORIES = ['drivetrain', 'brakes', 'tyres', 'wheels', 'lights', 'electric', 'other'];
export const ORDER_STATES = ['draft', 'sent', 'received'];
export const ITEM_KINDS = ['part', 'labour'];

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page to answer, from 1', { minimum: 1, default: 1 }) },
    { name: 'size', schema: whole('Records on a page', { minimum: 1, maximum: 100, default: 50 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Records of this page'),
      'page!': whole('This page'),
      'pages!': whole('Number of pages'),
      'total!': whole('Number of records on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.size ?? 50)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, pages: Math.ceil(rows.length / size), total: rows.length };
  },
};

export const euros = (description: string) => amount(`${description}, in euros`, { minimum: 0 });
export const money = (description: string) =>
  object(
    {
      'amount!': amount('Amount in whole units of the currency, e.g. 49.5', { minimum: 0 }),
      'currency!': oneOf('Currency, ISO 4217', ['EUR', 'GBP']),
    },
    description,
  );

export const SCHEMAS: Record<string, Schema> = {
  Customer: object({
    'id!': text('Customer id'),
    'firstName!': text('First name'),
    'lastName!': text('Last name'),
    email: email('E-mail address'),
    phone: text('Phone number'),
    'notifyBy!': oneOf('How the customer wants to be told that a bike is ready', NOTIFY),
    'customerSince!': day('Day on which the record was made'),
  }),
  Bike: object({
    'id!': text('Bike id'),
    'customerId!': text('Customer who owns it'),
    'brand!': text('Brand'),
    'model!': text('Model'),
    'colour!': text('Colour'),
    frameNumber: text('Frame number, where it is known'),
    'electric!': flag('Whether it has a motor'),
  }),
  Repair: object({
    'id!': text('Repair number, e.g. R-1201'),
    'customerId!': text('Customer who brought the bike'),
    'bikeId!': text('Bike that is repaired'),
    'summary!': text('What is wrong or to be done'),
    'status!': oneOf(STATE_WORDS, STATES),
    mechanicId: text('Mechanic it is assigned to; missing if nobody is assigned'),
    'urgent!': flag('Whether it goes before other repairs'),
    'receivedOn!': day('Day on which the bike was brought in'),
    dueOn: day('Day on which it was promised to be ready'),
    estimate: money('What the customer was told that it will cost'),
    collectedOn: day('Day on which the customer collected the bike'),
  }),
  RepairItem: object({
    'id!': text('Item id'),
    'repairId!': text('Repair number'),
    'kind!': oneOf('Whether it is a part or work', ITEM_KINDS),
    partId: text('Part that is used, for items of kind part'),
    'description!': text('Text on the bill'),
    'quantity!': amount('Pieces of a part, or hours or jobs of labour'),
    'unitPrice!': euros('Price of one'),
  }),
  RepairNote: object({
    'id!': text('Note id'),
    'repairId!': text('Repair number'),
    'text!': text('Text of the note'),
    'writtenAt!': moment('When it was written'),
  }),
  Mechanic: object({
    'id!': text('Mechanic id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'active!': flag('Whether the mechanic still works here'),
    'certifiedForElectric!': flag('Whether the mechanic may open motors and batteries'),
  }),
  Part: object({
    'id!': text('Part id'),
    'sku!': text('Stock keeping unit'),
    'name!': text('Name of the part'),
    'category!': oneOf('Category', CATEGORIES),
    'price!': euros('Selling price of one'),
    'stock!': whole('Pieces in stock'),
    'reorderLevel!': whole('Order more when the stock is below this number'),
    'supplierId!': text('Supplier it is bought from'),
    shelf: text('Shelf it lies on'),
  }),
  Supplier: object({
    'id!': text('Supplier id'),
    'name!': text('Name of the company'),
    'email!': email('Address for orders'),
    'leadTimeDays!': whole('Days between an order and its delivery'),
  }),
  PartOrder: object({
    'id!': text('Id of the part order'),
    'partId!': text('Part that is ordered'),
    'supplierId!': text('Supplier it is ordered from'),
    'quantity!': whole('Pieces ordered'),
    'status!': oneOf('draft: not sent to the supplier yet; received: the parts are here', ORDER_STATES),
    orderedOn: day('Day on which it was sent to the supplier'),
    expectedOn: day('Day on which the supplier will deliver'),
  }),
};
