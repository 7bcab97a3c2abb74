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
  type Tables,
} from '../kit.ts';
import { amount, day, object, oneOf, ref, type Schema, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CONDITIONS,
  CURRENCIES,
  DEPARTMENTS,
  LOAN_STATES,
  LOCATION_KINDS,
  limit,
  offset,
  ROLES,
  rowsOf,
  SCHEMAS,
  TREATMENT_KINDS,
  TREATMENT_STATES,
} from './document.ts';

const TODAY = '2026-11-25';

/** Id, last part of the path and summary of an operation. */
type Head = [id: string, path: string, summary: string];
/** The tables that ids in a body point to. */
const TABLES: Record<string, string> = {
  objectId: 'objects',
  locationId: 'locations',
  conservatorId: 'staff',
};

function checkIds(tables: Tables, body: Row): void {
  for (const [name, value] of Object.entries(body)) {
    const key = name === 'conservatorId' ? 'staffId' : name;
    if (TABLES[name] && !tables[TABLES[name]]!.some((row) => row[key] === value))
      throw new Refused(422, `There is no ${name} ${value}`);
  }
}

/** A search: filters, an order and a cut in the body. */
function search(
  [id, path, summary]: Head,
  [table, answer]: [string, string],
  filters: Filter[],
  orders?: string[],
): Operation {
  const orderBy = orders && oneOf('Field to sort by; a minus means descending', orders);
  const members = Object.fromEntries(filters.map(({ name, schema }) => [name, schema]));
  return {
    id,
    method: 'post',
    path: `/rpc/${path}`,
    summary,
    body: object({ ...members, ...(orderBy ? { orderBy } : {}), offset, limit }),
    answer: rowsOf(ref(answer)),
    run({ tables, body }) {
      const rows = sorted(kept(tables[table]!, filters, body), body.orderBy);
      const start = Number(body.offset ?? 0);
      return { rows: rows.slice(start, start + Number(body.limit ?? 20)), total: rows.length };
    },
  };
}

interface Action {
  body?: Record<string, Schema>;
  /** what it sets when the body does not */
  set?: Row;
  /** the states in which it is allowed */
  only?: string[];
  /** what is wrong with a change */
  check?(row: Row, given: Row): string | undefined;
}

/** Reads or changes one record, which the body names by its id. */
function act(
  [id, path, summary]: Head,
  [table, key, answer]: [string, string, string],
  { body = {}, set = {}, only, check }: Action = {},
): Operation {
  return {
    id,
    method: 'post',
    path: `/rpc/${path}`,
    summary,
    body: object({ [`${key}!`]: text('Id of the record'), ...body }),
    answer: ref(answer),
    only,
    run({ tables, body: { [key]: own, ...given } }) {
      const row = find(tables[table], own, key);
      if (only && !only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
      checkIds(tables, given);
      const wrong = check?.(row, given);
      if (wrong) throw new Refused(422, wrong);
      return Object.assign(row, set, given);
    },
  };
}

/** Adds a record. */
function add(
  [id, path, summary]: Head,
  [table, key, answer]: [string, string, string],
  { body, set }: { body: Record<string, Schema>; set: Row },
): Operation {
  return {
    id,
    method: 'post',
    path: `/rpc/${path}`,
    summary,
    body: object(body),
    status: 201,
    answer: ref(answer),
    run({ tables, body: given }) {
      checkIds(tables, given);
      if (given.endsOn !== undefined && String(given.endsOn) < String(given.startsOn))
        throw new Refused(422, 'endsOn must not be before startsOn');
      const row = { [key]: nextId(tables[table]!, key), ...given, ...set };
      tables[table]!.push(row);
      return row;
    },
  };
}

const OBJECT: [string, string, string] = ['objects', 'objectId', 'MuseumObject'];
const LOAN: [string, string, string] = ['loans', 'loanId', 'Loan'];
const TREATMENT: [string, string, string] = ['treatments', 'treatmentId', 'Treatment'];

/** Changes which objects an exhibition shows. */
const show = ([id, path, summary]: Head, change: (shown: unknown[], one: unknown) => unknown[]): Operation => ({
  id,
  method: 'post',
  path: `/rpc/${path}`,
  summary,
  body: object({ 'exhibitionId!': text('Exhibition id'), 'objectId!': text('Object id') }),
  answer: ref('Exhibition'),
  run({ tables, body }) {
    const exhibition = find(tables.exhibitions, body.exhibitionId, 'exhibitionId');
    checkIds(tables, { objectId: body.objectId });
    return Object.assign(exhibition, { objectIds: change(exhibition.objectIds as unknown[], body.objectId) });
  },
});

const operations: Operation[] = [
  search(
    ['searchObjects', 'objects.search', 'Search the collection'],
    ['objects', 'MuseumObject'],
    [
      contains('text', text('Only objects whose title or maker contains this'), 'title', 'maker'),
      same('department', oneOf('Only objects of this department', DEPARTMENTS)),
      same('condition', oneOf('Only objects in this condition', CONDITIONS)),
      same('locationId', text('Only objects kept at this location')),
      atLeast('acquiredFrom', day('Only objects acquired on this day or later'), 'acquiredOn'),
      atMost('acquiredTo', day('Only objects acquired on this day or earlier'), 'acquiredOn'),
    ],
    ['title', 'acquiredOn', '-acquiredOn', 'insuranceValue', '-insuranceValue'],
  ),
  act(['getObject', 'objects.get', 'Get one object of the collection'], OBJECT),
  act(['updateObject', 'objects.update', 'Change the record of an object; what is left out stays'], OBJECT, {
    body: {
      title: text('Title'),
      condition: oneOf('Condition', CONDITIONS),
      insuranceValue: amount('Insurance value, in whole units of the currency', { minimum: 0 }),
      currency: oneOf('Currency of the insurance value', CURRENCIES),
    },
  }),
  act(['moveObject', 'objects.move', 'Move an object to another location in the museum'], OBJECT, {
    body: { 'locationId!': text('Location that it is moved to') },
  }),
  add(['addObjectNote', 'objects.addNote', 'Write a note on an object'], ['notes', 'noteId', 'Note'], {
    body: { 'objectId!': text('Object id'), 'text!': text('Text of the note') },
    set: { writtenOn: TODAY },
  }),
  search(
    ['searchLocations', 'locations.search', 'Search galleries, stores and studios'],
    ['locations', 'Location'],
    [
      contains('text', text('Only locations whose name contains this'), 'name'),
      same('kind', oneOf('Only locations of this kind', LOCATION_KINDS)),
    ],
  ),
  search(
    ['searchLoans', 'loans.search', 'Search loans of our objects to other museums'],
    ['loans', 'Loan'],
    [
      same('objectId', text('Only loans of this object')),
      contains('borrower', text('Only loans whose borrower contains this'), 'borrower'),
      same('status', oneOf('Only loans in this state', LOAN_STATES)),
      atLeast('endsFrom', day('Only loans that end on this day or later'), 'endsOn'),
      atMost('endsTo', day('Only loans that end on this day or earlier'), 'endsOn'),
    ],
    ['startsOn', '-startsOn', 'endsOn', '-endsOn'],
  ),
  act(['getLoan', 'loans.get', 'Get one loan'], LOAN),
  add(['requestLoan', 'loans.create', 'Enter a loan request of another museum'], LOAN, {
    body: {
      'objectId!': text('Object that is wanted'),
      'borrower!': text('Museum that wants to borrow it'),
      'startsOn!': day('First day of the loan'),
      'endsOn!': day('Day on which it must be back'),
    },
    set: { status: 'requested' },
  }),
  act(['approveLoan', 'loans.approve', 'Approve a loan request'], LOAN, {
    set: { status: 'approved' },
    only: ['requested'],
  }),
  act(['refuseLoan', 'loans.refuse', 'Refuse a loan request'], LOAN, {
    set: { status: 'refused' },
    only: ['requested'],
  }),
  act(['extendLoan', 'loans.extend', 'Set a later end for a loan'], LOAN, {
    body: { 'endsOn!': day('Day on which it must be back') },
    only: ['approved', 'out'],
    check: (loan, { endsOn }) =>
      String(endsOn) > String(loan.endsOn) ? undefined : `endsOn must be after ${loan.endsOn}`,
  }),
  act(['returnLoan', 'loans.return', 'Record that an object came back from a loan'], LOAN, {
    body: { returnedOn: day('Day on which it came back; today if left out') },
    set: { status: 'returned', returnedOn: TODAY },
    only: ['out'],
  }),
  search(
    ['searchTreatments', 'treatments.search', 'Search conservation treatments'],
    ['treatments', 'Treatment'],
    [
      same('objectId', text('Only treatments of this object')),
      same('conservatorId', text('Only treatments by this member of staff')),
      same('status', oneOf('Only treatments in this state', TREATMENT_STATES)),
    ],
    ['startsOn', '-startsOn'],
  ),
  add(['planTreatment', 'treatments.create', 'Plan a conservation treatment'], TREATMENT, {
    body: {
      'objectId!': text('Object to treat'),
      'conservatorId!': text('Staff id of the conservator who does it'),
      'kind!': oneOf('Kind of treatment', TREATMENT_KINDS),
      'startsOn!': day('Day on which the work starts'),
    },
    set: { status: 'planned' },
  }),
  act(['finishTreatment', 'treatments.finish', 'Record that a treatment is finished'], TREATMENT, {
    body: { report: text('What was done') },
    set: { status: 'finished', finishedOn: TODAY },
    only: ['running'],
  }),
  search(
    ['searchExhibitions', 'exhibitions.search', 'Search exhibitions'],
    ['exhibitions', 'Exhibition'],
    [
      contains('text', text('Only exhibitions whose title contains this'), 'title'),
      {
        name: 'openOn',
        schema: day('Only exhibitions that are open on this day'),
        keeps: (row, value) => String(row.opensOn) <= String(value) && String(row.closesOn) >= String(value),
      },
    ],
  ),
  show(['addToExhibition', 'exhibitions.addObject', 'Add an object to an exhibition'], (shown, one) =>
    shown.includes(one) ? shown : [...shown, one],
  ),
  show(['removeFromExhibition', 'exhibitions.removeObject', 'Take an object out of an exhibition'], (shown, one) =>
    shown.filter((each) => each !== one),
  ),
  search(
    ['searchStaff', 'staff.search', 'Search the staff'],
    ['staff', 'StaffMember'],
    [
      contains('text', text('Only staff whose name contains this'), 'name'),
      same('role', oneOf('Only staff with this role', ROLES)),
    ],
  ),
];

/** A museum's collection: objects, loans, conservation and exhibitions; every operation is a POST. */
export const SERVICE = service({
  id: 'vitrine',
  name: 'Vitrine',
  description: 'API of the Vitrine collection management system. Every operation is a POST to its own path.',
  pathWords: {},
  schemas: SCHEMAS,
  operations,
  seed,
});
