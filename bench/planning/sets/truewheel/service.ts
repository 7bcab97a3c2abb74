import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  nextId,
  type Operation,
  Refused,
  same,
  service,
} from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { amount, day, email, flag, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CATEGORIES,
  euros,
  ITEM_KINDS,
  money,
  NOTIFY,
  ORDER_STATES,
  paging,
  SCHEMAS,
  STATE_WORDS,
  STATES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const TODAY = NOW.slice(0, 10);

const CUSTOMER: Thing = ['customers', 'customerId', 'Customer'];
const REPAIR: Thing = ['repairs', 'repairId', 'Repair'];

/** A filter that keeps no row in which the field is missing. */
const whereKnown = (filter: Filter, field: string): Filter => ({
  ...filter,
  keeps: (row, value) => row[field] !== undefined && filter.keeps!(row, value),
});

const customers: Operation[] = [
  lists(['listCustomers', '/customers', 'List customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      {
        name: 'search',
        schema: text('Only customers whose name, e-mail address or phone number contains this'),
        keeps: ({ firstName, lastName, email: address = '', phone = '' }, value) =>
          `${firstName} ${lastName} ${address} ${phone}`.toLowerCase().includes(String(value).toLowerCase()),
      },
      same('notifyBy', oneOf('Only customers who want to be told this way', NOTIFY)),
    ],
  }),
  adds(['createCustomer', '/customers', 'Create a customer'], ['customers', 'Customer'], {
    body: object({
      'firstName!': text('First name'),
      'lastName!': text('Last name'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      notifyBy: oneOf('How the customer wants to be told that a bike is ready; none if left out', NOTIFY),
    }),
    set: { notifyBy: 'none', customerSince: TODAY },
  }),
  gets(['getCustomer', '/customers/{customerId}', 'Get a customer'], CUSTOMER),
  changes(['updateCustomer', '/customers/{customerId}', 'Change a customer'], CUSTOMER, {
    method: 'patch',
    body: object({
      firstName: text('First name'),
      lastName: text('Last name'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      notifyBy: oneOf('How the customer wants to be told that a bike is ready', NOTIFY),
    }),
  }),
  lists(['listBikes', '/customers/{customerId}/bikes', 'List the bikes of a customer'], ['bikes', 'Bike'], {
    paging,
    within: 'customerId',
  }),
  adds(['addBike', '/customers/{customerId}/bikes', 'Add a bike to a customer'], ['bikes', 'Bike'], {
    body: object({
      'brand!': text('Brand'),
      'model!': text('Model'),
      'colour!': text('Colour'),
      frameNumber: text('Frame number'),
      electric: flag('Whether it has a motor; false if left out'),
    }),
    set: { electric: false },
    within: 'customerId',
  }),
  {
    id: 'updateBike',
    method: 'patch',
    path: '/customers/{customerId}/bikes/{bikeId}',
    summary: 'Change a bike of a customer',
    body: object({ colour: text('Colour'), frameNumber: text('Frame number') }),
    answer: ref('Bike'),
    run({ tables, path, body }) {
      const own = tables.bikes!.filter(({ customerId }) => customerId === path.customerId);
      return Object.assign(find(own, path.bikeId), body);
    },
  },
];

const repairs: Operation[] = [
  lists(['listRepairs', '/repairs', 'List repairs'], ['repairs', 'Repair'], {
    paging,
    filters: [
      same('status', oneOf('Only repairs with this status', STATES)),
      same('customerId', text('Only repairs for this customer')),
      same('mechanicId', text('Only repairs that are assigned to this mechanic')),
      same('urgent', flag('Only repairs that are (true) or are not (false) urgent')),
      atLeast('receivedFrom', day('Only repairs received on this day or later'), 'receivedOn'),
      atMost('receivedTo', day('Only repairs received on this day or earlier'), 'receivedOn'),
      whereKnown(atMost('dueTo', day('Only repairs that are due on this day or earlier'), 'dueOn'), 'dueOn'),
    ],
  }),
  {
    ...adds(['createRepair', '/repairs', 'Take in a bike for repair'], ['repairs', 'Repair'], {
      body: object({
        'customerId!': text('Customer who brings the bike'),
        'bikeId!': text('Bike of that customer'),
        'summary!': text('What is wrong or to be done'),
        urgent: flag('Whether it goes before other repairs; false if left out'),
        dueOn: day('Day on which it is promised to be ready'),
        estimate: money('What the customer was told that it will cost'),
      }),
      set: { status: 'received', urgent: false, receivedOn: TODAY },
    }),
    description: 'The repair has the status received, and nobody is assigned.',
  },
  gets(['getRepair', '/repairs/{repairId}', 'Get a repair'], REPAIR),
  {
    ...changes(['updateRepair', '/repairs/{repairId}', 'Change a repair or assign a mechanic'], REPAIR, {
      method: 'patch',
      body: object({
        summary: text('What is wrong or to be done'),
        mechanicId: text('Mechanic to assign it to'),
        urgent: flag('Whether it goes before other repairs'),
        dueOn: day('Day on which it is promised to be ready'),
        estimate: money('What the customer was told that it will cost'),
      }),
    }),
    description: 'Members that are left out stay as they are. The status is changed by setRepairStatus.',
  },
  {
    id: 'setRepairStatus',
    method: 'post',
    path: '/repairs/{repairId}/status',
    summary: 'Set the status of a repair',
    description: 'Collected and cancelled repairs cannot be opened again.',
    body: object({ 'status!': oneOf(STATE_WORDS, STATES) }),
    answer: ref('Repair'),
    only: STATES.slice(0, 4),
    run({ tables, path, body }) {
      const repair = find(tables.repairs, path.repairId);
      if (!STATES.slice(0, 4).includes(String(repair.status))) throw new Refused(409, `It is ${repair.status}`);
      return Object.assign(repair, body, body.status === 'collected' ? { collectedOn: TODAY } : {});
    },
  },
  lists(
    ['listRepairItems', '/repairs/{repairId}/items', 'List the parts and labour on the bill of a repair'],
    ['items', 'RepairItem'],
    { paging, within: 'repairId' },
  ),
  adds(
    ['addRepairItem', '/repairs/{repairId}/items', 'Put a part or labour on the bill of a repair'],
    ['items', 'RepairItem'],
    {
      body: object({
        'kind!': oneOf('Whether it is a part or work', ITEM_KINDS),
        partId: text('Part that is used, for items of kind part'),
        'description!': text('Text on the bill'),
        'quantity!': amount('Pieces of a part, or hours or jobs of labour', { minimum: 0 }),
        'unitPrice!': euros('Price of one'),
      }),
      within: 'repairId',
    },
  ),
  {
    id: 'removeRepairItem',
    method: 'delete',
    path: '/repairs/{repairId}/items/{itemId}',
    summary: 'Take an item off the bill of a repair',
    run({ tables, path }) {
      const own = tables.items!.filter(({ repairId }) => repairId === path.repairId);
      tables.items!.splice(tables.items!.indexOf(find(own, path.itemId)), 1);
    },
  },
  lists(['listRepairNotes', '/repairs/{repairId}/notes', 'List the notes on a repair'], ['notes', 'RepairNote'], {
    paging,
    within: 'repairId',
  }),
  {
    ...adds(['addRepairNote', '/repairs/{repairId}/notes', 'Add a note to a repair'], ['notes', 'RepairNote'], {
      body: object({ 'text!': text('Text of the note') }),
      set: { writtenAt: NOW },
      within: 'repairId',
    }),
    description: 'Notes are for the staff. Customers do not see them.',
  },
  lists(['listMechanics', '/mechanics', 'List mechanics'], ['mechanics', 'Mechanic'], { paging }),
];

const stock: Operation[] = [
  lists(['listParts', '/parts', 'List parts'], ['parts', 'Part'], {
    paging,
    filters: [
      contains('search', text('Only parts whose name or SKU contains this'), 'name', 'sku'),
      same('category', oneOf('Only parts of this category', CATEGORIES)),
      same('supplierId', text('Only parts that are bought from this supplier')),
    ],
  }),
  changes(['updatePart', '/parts/{partId}', 'Change a part'], ['parts', 'partId', 'Part'], {
    method: 'patch',
    body: object({
      price: euros('Selling price of one'),
      reorderLevel: whole('Order more when the stock is below this number', { minimum: 0 }),
      shelf: text('Shelf it lies on'),
    }),
  }),
  lists(['listSuppliers', '/suppliers', 'List suppliers'], ['suppliers', 'Supplier'], { paging }),
  lists(['listPartOrders', '/part-orders', 'List orders of parts from suppliers'], ['partOrders', 'PartOrder'], {
    paging,
    filters: [
      same('status', oneOf('Only part orders with this status', ORDER_STATES)),
      same('partId', text('Only orders of this part')),
      same('supplierId', text('Only orders from this supplier')),
    ],
  }),
  {
    id: 'createPartOrder',
    method: 'post',
    path: '/part-orders',
    summary: 'Draft an order of a part from its supplier',
    body: object({ 'partId!': text('Part to order'), 'quantity!': whole('Pieces to order', { minimum: 1 }) }),
    status: 201,
    answer: ref('PartOrder'),
    run({ tables, body }) {
      const part = tables.parts!.find(({ id }) => id === body.partId);
      if (!part) throw new Refused(422, `There is no part ${body.partId}`);
      const id = nextId(tables.partOrders!);
      tables.partOrders!.push({ id, partId: part.id, supplierId: part.supplierId, ...body, status: 'draft' });
      return tables.partOrders!.at(-1);
    },
  },
  {
    id: 'receivePartOrder',
    method: 'post',
    path: '/part-orders/{partOrderId}/receive',
    summary: 'Book a part order as received',
    description: 'Sets its status to received and adds the pieces to the stock of the part.',
    answer: ref('PartOrder'),
    only: ['sent'],
    run({ tables, path }) {
      const order = find(tables.partOrders, path.partOrderId);
      if (order.status !== 'sent') throw new Refused(409, `It is ${order.status}`);
      const part = find(tables.parts, order.partId);
      part.stock = Number(part.stock) + Number(order.quantity);
      return Object.assign(order, { status: 'received' });
    },
  },
];

/** A bike workshop: customers and their bikes, repairs with items and notes, parts; nested resources, PATCH and numbered pages. */
export const SERVICE = service({
  id: 'truewheel',
  name: 'Truewheel',
  description: 'The API of Truewheel, software for bike workshops. Days are days in the time zone of the workshop.',
  pathWords: {
    customerId: 'Customer id',
    bikeId: 'Bike id',
    repairId: 'Repair number, e.g. R-1201',
    itemId: 'Id of an item on the bill',
    partId: 'Part id',
    partOrderId: 'Id of a part order',
  },
  schemas: SCHEMAS,
  operations: [...customers, ...repairs, ...stock],
  seed,
});
