import {
  atLeast,
  atMost,
  contains,
  type Filter,
  find,
  kept,
  type Operation,
  Refused,
  same,
  service,
  type Tables,
} from '../kit.ts';
import { adds, changes, gets, lists, type Paging } from '../rest.ts';
import { amount, day, email, flag, list, object, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import * as doc from './document.ts';

const PAGE = 25;

/** Lists by GET come in numbered pages. */
const paging: Paging = {
  query: [{ name: 'pg', schema: whole('Page, from 1; 25 rows per page', { minimum: 1 }) }],
  answer: (item) => object({ 'rows!': list(item, 'Rows'), 'pg!': whole('Page'), 'pages!': whole('Number of pages') }),
  cut(rows, args) {
    const pg = Number(args.pg ?? 1);
    return { rows: rows.slice((pg - 1) * PAGE, pg * PAGE), pg, pages: Math.max(1, Math.ceil(rows.length / PAGE)) };
  },
};

/** A search by POST: the criteria are members of the body. */
const searches = (
  [id, path, summary]: [string, string, string],
  [table, answer]: [string, string],
  filters: Filter[],
): Operation => ({
  id,
  method: 'post',
  path,
  summary,
  description: 'All criteria are optional and are combined with AND.',
  body: object({
    ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])),
    offset: whole('Number of rows to skip, default 0', { minimum: 0 }),
    max: whole('Maximum number of rows, default 25', { minimum: 1, maximum: 100 }),
  }),
  answer: object({ 'rows!': list(ref(answer), 'Rows found'), 'total!': whole('Number of rows that match') }),
  run: ({ tables, body }) => {
    const rows = kept(tables[table]!, filters, body);
    const offset = Number(body.offset ?? 0);
    return { rows: rows.slice(offset, offset + Number(body.max ?? PAGE)), total: rows.length };
  },
});

const KEYS: [name: string, table: string][] = [
  ['custNo', 'customers'],
  ['conNo', 'consignments'],
  ['drvNo', 'drivers'],
  ['regNo', 'vehicles'],
];
/** @returns the operation, which now refuses numbers that nobody has */
const keyed = (operation: Operation): Operation => ({
  ...operation,
  run: (call) => {
    for (const [name, table] of KEYS) {
      const value = call.body[name];
      if (value !== undefined && !call.tables[table]!.some((row) => row[name] === value))
        throw new Refused(422, `Unknown ${name} ${value}`);
    }
    return operation.run(call);
  },
});
const consignment = (tables: Tables, conNo: unknown, states: string[]) => {
  const row = find(tables.consignments, conNo, 'conNo');
  if (!states.includes(String(row.st))) throw new Refused(409, `Consignment is ${row.st}`);
  return row;
};

const operations: Operation[] = [
  lists(['getDepots', '/depots', 'List of depots'], ['depots', 'Depot'], { paging }),
  lists(['getCustomers', '/customers', 'List of customers'], ['customers', 'Customer'], {
    paging,
    filters: [
      contains('nm', text('Company name or part of it'), 'nm'),
      same('cty', text('City')),
      same('stop', flag('true: only stopped accounts, false: only the others'), 'stopped'),
    ],
  }),
  gets(['getCustomer', '/customers/{custNo}', 'Customer by number'], ['customers', 'custNo', 'Customer', 'custNo']),
  changes(
    ['changeCustomer', '/customers/{custNo}', 'Change data of a customer'],
    ['customers', 'custNo', 'Customer', 'custNo'],
    {
      body: object({
        contact: text('Name of the contact person'),
        em: email('Email address of the transport office'),
        tel: text('Telephone'),
        crLimit: whole('Credit limit in pounds'),
      }),
    },
  ),
  lists(['getDrivers', '/drivers', 'List of drivers'], ['drivers', 'Driver'], {
    paging,
    filters: [
      contains('nm', text('Name or part of it'), 'nm'),
      same('dp', doc.dp('Home depot')),
      same('cl', text('Licence class: C, CE or C1')),
    ],
  }),
  changes(['changeDriver', '/drivers/{drvNo}', 'Change data of a driver'], ['drivers', 'drvNo', 'Driver', 'drvNo'], {
    body: object({ mob: text('Mobile number'), dp: doc.dp('Home depot') }),
  }),
  lists(['getVehicles', '/vehicles', 'List of vehicles'], ['vehicles', 'Vehicle'], {
    paging,
    filters: [
      same('dp', doc.dp('Home depot')),
      same('ty', doc.vehType('Type')),
      same('st', doc.vehState('State')),
      atMost('motTo', day('MOT runs out on or before this date'), 'motDt'),
    ],
  }),
  keyed(
    adds(['bookWorkshop', '/workshop', 'Book a vehicle into the workshop'], ['bookings', 'Booking'], {
      key: 'bkNo',
      body: object({
        'regNo!': text('Registration number of the vehicle'),
        'dt!': day('Date of the visit'),
        'remark!': text('What is to be done'),
      }),
    }),
  ),
  searches(
    ['searchConsignments', '/consignments/search', 'Search consignments'],
    ['consignments', 'Consignment'],
    [
      same('custNo', text('Customer number of the sender')),
      same('st', doc.conState('Status')),
      same('dp', doc.dp('Depot that handles it')),
      contains('dest', text('Town of delivery'), 'dest'),
      atLeast('dtFrom', day('Booked on or after this date'), 'bookDt'),
      atMost('dtTo', day('Booked on or before this date'), 'bookDt'),
      atLeast('kgFrom', whole('At least this weight in kilograms'), 'kg'),
    ],
  ),
  gets(
    ['getConsignment', '/consignments/{conNo}', 'Consignment by number'],
    ['consignments', 'conNo', 'Consignment', 'conNo'],
  ),
  keyed(
    adds(['bookConsignment', '/consignments', 'Book a consignment'], ['consignments', 'Consignment'], {
      key: 'conNo',
      body: object({
        'custNo!': text('Customer number of the sender'),
        'dp!': doc.dp('Depot that handles it'),
        'dest!': text('Town of delivery'),
        'pcs!': whole('Number of pieces'),
        'kg!': whole('Gross weight in kilograms'),
        ref: text('Reference of the customer'),
      }),
      set: { bookDt: '2026-11-25', st: 'NEW', ref: '' },
    }),
  ),
  {
    id: 'holdConsignment',
    method: 'post',
    path: '/consignments/{conNo}/hold',
    summary: 'Put a consignment on hold',
    answer: ref('Consignment'),
    only: ['NEW', 'COL'],
    run: ({ tables, path }) => Object.assign(consignment(tables, path.conNo, ['NEW', 'COL']), { st: 'HLD' }),
  },
  {
    id: 'releaseConsignment',
    method: 'post',
    path: '/consignments/{conNo}/release',
    summary: 'Release a consignment that is on hold',
    answer: ref('Consignment'),
    only: ['HLD'],
    run: ({ tables, path }) => Object.assign(consignment(tables, path.conNo, ['HLD']), { st: 'COL' }),
  },
  searches(
    ['searchRuns', '/runs/search', 'Search runs'],
    ['runs', 'Run'],
    [
      atLeast('dtFrom', day('Run on or after this date'), 'dt'),
      atMost('dtTo', day('Run on or before this date'), 'dt'),
      same('drvNo', text('Driver number')),
      same('regNo', text('Registration number of the vehicle')),
      same('dp', doc.dp('Depot it starts from')),
      same('st', doc.runState('Status')),
    ],
  ),
  keyed(
    adds(['planRun', '/runs', 'Plan a run'], ['runs', 'Run'], {
      key: 'runNo',
      body: object({
        'dt!': day('Date of the run'),
        'drvNo!': text('Driver number'),
        'regNo!': text('Registration number of the vehicle'),
        'dp!': doc.dp('Depot it starts from'),
      }),
      set: { st: 'PLAN', conNos: [] },
    }),
  ),
  keyed({
    id: 'loadConsignment',
    method: 'post',
    path: '/runs/{runNo}/load',
    summary: 'Put a consignment on a run',
    body: object({ 'conNo!': text('Consignment number') }),
    answer: ref('Run'),
    run: ({ tables, path, body }) => {
      const run = find(tables.runs, path.runNo, 'runNo');
      (run.conNos as unknown[]).push(body.conNo);
      return run;
    },
  }),
  searches(
    ['searchCharges', '/charges/search', 'Search charges'],
    ['charges', 'Charge'],
    [
      same('custNo', text('Customer number')),
      same('conNo', text('Consignment number')),
      same('kind', doc.kind('Kind of charge')),
      same('paid', flag('true: only paid ones, false: only unpaid ones')),
      atLeast('dtFrom', day('Date of the charge, from'), 'dt'),
      atMost('dtTo', day('Date of the charge, to'), 'dt'),
      atLeast('amtFrom', amount('At least this amount in pounds'), 'amt'),
    ],
  ),
  {
    id: 'addCharge',
    method: 'post',
    path: '/charges',
    summary: 'Add a charge to a consignment',
    body: object({
      'conNo!': text('Consignment number'),
      'kind!': doc.kind('Kind of charge'),
      'amt!': amount('Amount in pounds'),
      txt: text('Text on the statement'),
    }),
    status: 201,
    answer: ref('Charge'),
    run: ({ tables, body }) => {
      const con = tables.consignments!.find(({ conNo }) => conNo === body.conNo);
      if (!con) throw new Refused(422, `Unknown conNo ${body.conNo}`);
      const last = Number(String(tables.charges!.at(-1)!.chgNo).slice(1));
      const charge = { chgNo: `C${last + 1}`, custNo: con.custNo, dt: '2026-11-25', paid: false, txt: '', ...body };
      tables.charges!.push(charge);
      return charge;
    },
  },
];

/** A haulier of the older style: short names, and searches by POST. */
export const SERVICE = service({
  id: 'freightdesk',
  name: 'FreightDesk',
  description: 'Customers, consignments, runs, drivers, vehicles and charges of a haulier.',
  pathWords: doc.PATH_WORDS,
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
