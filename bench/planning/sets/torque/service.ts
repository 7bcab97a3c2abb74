import { atLeast, atMost, contains, type Filter, find, type Operation, Refused, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging } from '../rest.ts';
import { amount, day, email, list, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';

const STATES = ['O', 'W', 'R', 'C'];
const STATE_WORDS = 'O = open, W = waiting for parts, R = ready for collection, C = collected';
const MECHANICS = ['Ilse', 'Bartek', 'Mo', 'Sven'];
const SIZE = 25;

/** The marker is the number of rows that were read, written so that nobody counts on it. */
const paging: Paging = {
  query: [{ name: 'marker', schema: text('nextMarker of the answer before; leave out for the first') }],
  answer: (item) =>
    object({
      'rows!': list(item),
      'nextMarker!': { type: ['string', 'null'], description: 'Marker of the rows that follow, null at the end' },
    }),
  cut(rows, args) {
    const start = args.marker === undefined ? 0 : Number.parseInt(String(args.marker).replace('m', ''), 36);
    if (Number.isNaN(start)) throw new Refused(422, 'Unknown marker');
    const end = start + SIZE;
    return { rows: rows.slice(start, end), nextMarker: end < rows.length ? `m${end.toString(36)}` : null };
  },
};

const SCHEMAS: Record<string, Schema> = {
  Cust: object({
    'cno!': text('Customer no.'),
    'nm!': text('Name'),
    'tel!': text('Phone'),
    'eml!': email('E-mail'),
    'cty!': text('Town, capitals'),
  }),
  Veh: object({
    'vid!': text('Vehicle id'),
    'reg!': text('Registration'),
    'mk!': text('Make'),
    'mdl!': text('Model'),
    'yr!': whole('Year built'),
    'odo!': whole('Mileage'),
    'mot!': day('MOT valid until'),
    'cno!': text('Customer no. of the owner'),
  }),
  Job: object({
    'jno!': text('Job no.'),
    'vid!': text('Vehicle id'),
    'dt_in!': day('Date the vehicle comes in'),
    'txt!': text('Work to do'),
    'mech!': { type: ['string', 'null'], description: 'Mechanic' },
    'est!': amount('Estimate, GBP'),
    'st!': oneOf(STATE_WORDS, STATES),
  }),
  Part: object({
    'pno!': text('Part no.'),
    'dsc!': text('Part description'),
    'qty!': whole('In stock'),
    'min!': whole('Minimum stock'),
    'prc!': amount('Price each'),
    'bin!': text('Bin'),
  }),
  Inv: object({
    'ino!': text('Invoice no.'),
    'cno!': text('Customer no.'),
    'dt!': day('Invoice date'),
    'amt!': amount('Amount, GBP'),
    'st!': oneOf('U = unpaid, P = paid', ['U', 'P']),
  }),
  Sms: object({ 'ref!': text('Ref') }),
};

const dates = (field: string, what: string): Filter[] => [
  atLeast('d1', day(`${what} from`), field),
  atMost('d2', day(`${what} to`), field),
];
const jobFilters: Filter[] = [
  same('vid', text('Vehicle id')),
  same('st', oneOf(STATE_WORDS, STATES)),
  same('mech', oneOf('Mechanic', MECHANICS)),
  ...dates('dt_in', 'Date in'),
];

const operations: Operation[] = [
  lists(['custLs', '/cust', 'List customers'], ['customers', 'Cust'], {
    paging,
    filters: [contains('nm', text('Name or part of it'), 'nm'), same('cty', text('Town, capitals'))],
  }),
  gets(['custRd', '/cust/{cno}', 'Read customer'], ['customers', 'cno', 'Cust', 'cno']),
  changes(['custUpd', '/cust/{cno}', 'Update customer'], ['customers', 'cno', 'Cust', 'cno'], {
    method: 'put',
    body: object({ tel: text('Phone'), eml: email('E-mail'), cty: text('Town, capitals') }),
  }),
  lists(['vehLs', '/veh', 'List vehicles'], ['vehicles', 'Veh'], {
    paging,
    filters: [
      same('reg', text('Registration, with the space')),
      same('cno', text('Customer no. of the owner')),
      same('mk', text('Make, capitals')),
    ],
  }),
  gets(['vehRd', '/veh/{vid}', 'Read vehicle'], ['vehicles', 'vid', 'Veh', 'vid']),
  {
    ...lists(['jobLs', '/job', 'List jobs'], ['jobs', 'Job'], { paging, filters: jobFilters }),
    description: 'Workshop jobs by job no.',
  },
  {
    id: 'jobAll',
    method: 'get',
    path: '/job_old',
    summary: 'List jobs (V3)',
    description: 'V3 programs only. Do not use.',
    deprecated: true,
    answer: object({ 'rows!': list(object({ 'jno!': text('Job no.'), 'st!': text('Old status 1-4') })) }),
    run: ({ tables }) => ({
      rows: tables.jobs!.map(({ jno, st }) => ({ jno, st: String(1 + STATES.indexOf(String(st))) })),
    }),
  },
  gets(['jobRd', '/job/{jno}', 'Read job'], ['jobs', 'jno', 'Job', 'jno']),
  adds(['jobNew', '/job', 'New job'], ['jobs', 'Job'], {
    body: object({
      'vid!': text('Vehicle id'),
      'dt_in!': day('Date the vehicle comes in'),
      'txt!': text('Work to do'),
      mech: oneOf('Mechanic', MECHANICS),
      est: amount('Estimate, GBP', { minimum: 0 }),
    }),
    set: { mech: null, est: 0, st: 'O' },
    key: 'jno',
  }),
  changes(['jobSt', '/job/{jno}/st', 'Set job status'], ['jobs', 'jno', 'Job', 'jno'], {
    body: object({ 'st!': oneOf(STATE_WORDS, STATES) }),
  }),
  {
    id: 'jobDel',
    method: 'delete',
    path: '/job/{jno}',
    summary: 'Delete job',
    run: ({ tables, path }) => {
      const rows = tables.jobs!;
      rows.splice(rows.indexOf(find(rows, path.jno, 'jno')), 1);
    },
  },
  lists(['prtLs', '/prt', 'List parts'], ['parts', 'Part'], {
    paging,
    filters: [contains('q', text('Part no. or words of the description'), 'pno', 'dsc'), same('bin', text('Bin'))],
  }),
  {
    id: 'prtAdj',
    method: 'post',
    path: '/prt/{pno}/adj',
    summary: 'Adjust stock of a part',
    body: object({ 'qty!': whole('Pieces to add; negative takes out'), 'rsn!': text('Reason') }),
    answer: ref('Part'),
    run: ({ tables, path, body }) => {
      const part = find(tables.parts, path.pno, 'pno');
      return Object.assign(part, { qty: Number(part.qty) + Number(body.qty) });
    },
  },
  lists(['invLs', '/inv', 'List invoices'], ['invoices', 'Inv'], {
    paging,
    filters: [
      same('cno', text('Customer no.')),
      same('st', oneOf('U = unpaid, P = paid', ['U', 'P'])),
      ...dates('dt', 'Invoice date'),
    ],
  }),
  {
    id: 'smsSnd',
    method: 'post',
    path: '/sms',
    summary: 'Send SMS to customer',
    body: object({ 'cno!': text('Customer no.'), 'txt!': text('Text, max 300 characters') }),
    answer: ref('Sms'),
    run: ({ tables, body }) => ({ ref: `S${find(tables.customers, body.cno, 'cno').cno}` }),
  },
];

/** Software of a garage from long ago: short names, and markers instead of pages. */
export const SERVICE = service({
  id: 'torque',
  name: 'Torque Workshop',
  description: 'TORQUE/4 HTTP gateway.',
  pathWords: { cno: 'Customer no.', vid: 'Vehicle id', jno: 'Job no.', pno: 'Part no.' },
  schemas: SCHEMAS,
  operations,
  seed,
});
