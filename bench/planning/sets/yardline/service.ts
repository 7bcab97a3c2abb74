import { atLeast, atMost, contains, type Filter, find, nextId, Refused, type Row, same, service } from '../kit.ts';
import { amount, day, email, flag, object, oneOf, type Schema, text } from '../schemas.ts';
import { seed } from './data.ts';
import { CATEGORIES, FUELS, HIRE_STATES, INVOICE_STATES, MACHINE_STATES, RESULTS, SCHEMAS } from './document.ts';
import { changes, gets, searches, type Thing, writes } from './rpc.ts';

const TODAY = '2026-11-25';

const MACHINE: Thing = ['machines', 'machineId', 'Machine', 'machine'];
const CUSTOMER: Thing = ['customers', 'customerId', 'Customer', 'customer'];
const HIRE: Thing = ['hires', 'hireId', 'Hire', 'hire'];
const INVOICE: Thing = ['invoices', 'invoiceId', 'Invoice', 'invoice'];
const INSPECTION: Thing = ['inspections', 'inspectionId', 'Inspection', 'inspection'];

/** Like `atLeast`; rows without the member are left out. */
const highEnough = (name: string, schema: Schema, field: string): Filter => ({
  name,
  schema,
  keeps: (row, value) => row[field] !== undefined && Number(row[field]) >= Number(value),
});

function allow(row: Row, states: string[]): void {
  if (!states.includes(String(row.state))) throw new Refused(409, `It is ${row.state}`);
}

/** Answers 409 when the machine is hired to somebody on one of the days. */
function checkFree(hires: Row[], { id, machineId, startsOn, endsOn }: Row): void {
  if (String(endsOn) < String(startsOn)) throw new Refused(422, 'endsOn is before startsOn');
  const other = hires.find(
    (hire) =>
      hire.id !== id &&
      hire.machineId === machineId &&
      ['booked', 'on_hire'].includes(String(hire.state)) &&
      String(hire.startsOn) <= String(endsOn) &&
      String(hire.endsOn) >= String(startsOn),
  );
  if (other) throw new Refused(409, `The machine is hired by ${other.id}`);
}

const machines = [
  searches(['listDepots', 'depots.list', 'List the depots'], ['depots', 'Depot'], []),
  searches(
    ['searchMachines', 'machines.search', 'Search the machines of the fleet'],
    ['machines', 'Machine'],
    [
      contains('text', text('Machines whose name contains this'), 'name'),
      same('category', oneOf('Machines of this category', CATEGORIES)),
      same('depotId', text('Machines of this depot')),
      same('state', oneOf('Machines in this state', MACHINE_STATES)),
      same('fuel', oneOf('Machines that run on this', FUELS)),
      highEnough('minWorkingHeightM', amount('Machines of at least this working height, in metres'), 'workingHeightM'),
      atMost('maxWeightKg', amount('Machines of at most this weight, in kilograms'), 'weightKg'),
    ],
    ['name', 'dayRate', '-dayRate', 'weightKg', '-weightKg'],
  ),
  gets(['getMachine', 'machines.get', 'Get a machine'], MACHINE, 'Machine number'),
  changes(
    ['updateMachine', 'machines.update', 'Change the price, the depot or the next service of a machine'],
    MACHINE,
    object({
      'machineId!': text('Machine number'),
      dayRate: amount('Price of a day in euros', { minimum: 1 }),
      depotId: text('Depot where it is kept'),
      nextServiceOn: day('Day of the next service'),
    }),
    (_, given, { depots }) => {
      if (given.depotId) find(depots, given.depotId);
      return given;
    },
  ),
  changes(
    ['takeOutOfService', 'machines.takeOutOfService', 'Take a machine out of service'],
    MACHINE,
    object({ 'machineId!': text('Machine number'), 'reason!': text('Why it is taken out of service') }),
    (row, { reason }) => {
      allow(row, ['available']);
      return { state: 'out_of_service', outOfServiceReason: reason };
    },
  ),
  changes(
    ['returnToService', 'machines.returnToService', 'Put a machine back into service'],
    MACHINE,
    object({ 'machineId!': text('Machine number') }),
    (row) => {
      allow(row, ['out_of_service']);
      delete row.outOfServiceReason;
      return { state: 'available' };
    },
  ),
  searches(
    ['searchInspections', 'inspections.search', 'Search safety inspections'],
    ['inspections', 'Inspection'],
    [
      same('machineId', text('Inspections of this machine')),
      same('result', oneOf('Inspections with this result', RESULTS)),
    ],
  ),
  writes(
    ['recordInspection', 'inspections.record', 'Record a safety inspection'],
    INSPECTION,
    object({
      'machineId!': text('Machine that was inspected'),
      'result!': oneOf('Result', RESULTS),
      'inspector!': text('Name of the inspector'),
      inspectedOn: day('Day of the inspection; today if left out'),
      remarks: text('What was found'),
    }),
    ({ machines: fleet, inspections }, given) => {
      find(fleet, given.machineId);
      inspections!.push({ id: nextId(inspections!), inspectedOn: TODAY, ...given });
      return inspections!.at(-1)!;
    },
  ),
];

const customers = [
  searches(
    ['searchCustomers', 'customers.search', 'Search customers'],
    ['customers', 'Customer'],
    [
      contains('text', text('Customers whose company or contact contains this'), 'companyName', 'contactName'),
      same('onStop', flag('Customers who are (true) or are not (false) on stop')),
    ],
  ),
  gets(['getCustomer', 'customers.get', 'Get a customer'], CUSTOMER, 'Customer number'),
  changes(
    ['updateCustomer', 'customers.update', 'Change a customer'],
    CUSTOMER,
    object({
      'customerId!': text('Customer number'),
      contactName: text('Person to talk to'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      onStop: flag('Whether nothing may be hired to the customer'),
    }),
    (_, given) => given,
  ),
];

const hires = [
  searches(
    ['searchHires', 'hires.search', 'Search hires'],
    ['hires', 'Hire'],
    [
      same('customerId', text('Hires of this customer')),
      same('machineId', text('Hires of this machine')),
      same('state', oneOf('Hires in this state', HIRE_STATES)),
      atLeast('startsFrom', day('Hires that start on this day or later'), 'startsOn'),
      atMost('startsTo', day('Hires that start on this day or earlier'), 'startsOn'),
    ],
    ['startsOn', '-startsOn', 'endsOn', '-endsOn'],
  ),
  gets(['getHire', 'hires.get', 'Get a hire'], HIRE, 'Hire number'),
  writes(
    ['bookHire', 'hires.book', 'Book a machine for a customer'],
    HIRE,
    object({
      'customerId!': text('Customer who hires'),
      'machineId!': text('Machine that is hired'),
      'startsOn!': day('First day'),
      'endsOn!': day('Last day'),
      site: text('Place where the machine is used, e.g. a city'),
      purchaseOrder: text('Purchase order number of the customer'),
    }),
    (tables, given) => {
      const customer = find(tables.customers, given.customerId);
      const machine = find(tables.machines, given.machineId);
      if (customer.onStop) throw new Refused(409, `${customer.companyName} is on stop`);
      if (machine.state === 'out_of_service') throw new Refused(409, 'The machine is out of service');
      checkFree(tables.hires!, given);
      tables.hires!.push({ id: nextId(tables.hires!), ...given, state: 'booked', dayRate: machine.dayRate });
      return tables.hires!.at(-1)!;
    },
  ),
  changes(
    ['extendHire', 'hires.extend', 'Extend a hire'],
    HIRE,
    object({ 'hireId!': text('Hire number'), 'endsOn!': day('New last day') }),
    (row, { endsOn }, tables) => {
      allow(row, ['booked', 'on_hire']);
      checkFree(tables.hires!, { ...row, endsOn });
      return { endsOn };
    },
  ),
  changes(
    ['cancelHire', 'hires.cancel', 'Cancel a hire that has not started'],
    HIRE,
    object({ 'hireId!': text('Hire number'), reason: text('Why it is cancelled') }),
    (row, { reason }) => {
      allow(row, ['quote', 'booked']);
      return { state: 'cancelled', ...(reason !== undefined && { cancelReason: reason }) };
    },
  ),
];

const invoices = [
  searches(
    ['searchInvoices', 'invoices.search', 'Search invoices'],
    ['invoices', 'Invoice'],
    [
      same('customerId', text('Invoices of this customer')),
      same('state', oneOf('Invoices in this state', INVOICE_STATES)),
      atLeast('dueFrom', day('Invoices due on this day or later'), 'dueOn'),
      atMost('dueTo', day('Invoices due on this day or earlier'), 'dueOn'),
    ],
    ['dueOn', '-dueOn', 'total', '-total'],
  ),
  gets(['getInvoice', 'invoices.get', 'Get an invoice'], INVOICE, 'Invoice number'),
  changes(
    ['markInvoicePaid', 'invoices.markPaid', 'Mark an invoice as paid'],
    INVOICE,
    object({ 'invoiceId!': text('Invoice number'), 'paidOn!': day('Day on which it was paid') }),
    (row, given) => {
      allow(row, ['open']);
      return { ...given, state: 'paid' };
    },
  ),
];

/** Hire of construction machines: fleet, customers, hires, invoices and inspections; every operation is a POST. */
export const SERVICE = service({
  id: 'yardline',
  name: 'Yardline',
  description: 'RPC over POST of the Yardline hire desk. Days are written YYYY-MM-DD, prices are in euros.',
  pathWords: {},
  schemas: SCHEMAS,
  operations: [...machines, ...customers, ...hires, ...invoices],
  seed,
});
