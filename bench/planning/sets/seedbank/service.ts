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
  same,
  service,
  sorted,
} from '../kit.ts';
import { amount, day, flag, list, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { dayAt, seed } from './data.ts';
import * as doc from './document.ts';

const { WHICH } = doc;
const TODAY = dayAt(0);

/** Method name, which is the path too, and summary. */
type Head = [name: string, summary: string];

const head = ([name, summary]: Head) => ({
  id: name.replace(/\.(\w)/, (_, letter: string) => letter.toUpperCase()),
  method: 'post',
  path: `/${name}`,
  summary,
});

const lists = (
  named: Head,
  [table, answer]: [string, string],
  filters: Filter[],
  orders: string[] = [],
): Operation => ({
  ...head(named),
  body: object({
    ...Object.fromEntries(filters.map(({ name, schema }) => [name, schema])),
    ...(orders.length ? { orderBy: oneOf('Order; a minus turns it round', orders) } : {}),
    limit: whole('Items to answer, at most', { minimum: 1, maximum: 100, default: 20 }),
    offset: whole('Items to skip', { minimum: 0, default: 0 }),
  }),
  answer: object({ 'items!': list(ref(answer), 'The items'), 'total!': whole('Items in all') }),
  run: ({ tables, args }) => {
    const rows = sorted(kept(tables[table]!, filters, args), args.orderBy);
    const offset = Number(args.offset ?? 0);
    return { items: rows.slice(offset, offset + Number(args.limit ?? 20)), total: rows.length };
  },
});

/** Table, key in the body, key in the table, and schema of one thing. */
type Thing = [table: string, key: string, field: string, answer: string];
const ACCESSION: Thing = ['accessions', 'accession', 'number', 'Accession'];
const TAXON: Thing = ['taxa', 'taxonId', 'id', 'Taxon'];
const TEST: Thing = ['tests', 'testId', 'id', 'Test'];
const REQUEST: Thing = ['requests', 'requestId', 'id', 'Request'];
const INSTITUTION: Thing = ['institutions', 'institutionId', 'id', 'Institution'];
const COLLECTOR: Thing = ['collectors', 'collectorId', 'id', 'Collector'];
const OTHERS: Thing[] = [ACCESSION, TAXON, INSTITUTION, COLLECTOR, ['vaults', 'vaultId', 'id', 'Vault']];

const gets = (named: Head, [table, key, field, answer]: Thing): Operation => ({
  ...head(named),
  body: object({ [`${key}!`]: WHICH[key.replace('Id', '') as keyof typeof WHICH] }),
  answer: ref(answer),
  run: ({ tables, body }) => find(tables[table], body[key], field),
});

interface Change {
  members?: Record<string, Schema>;
  set?: Record<string, unknown>;
  only?: string[];
}

const changes = (
  named: Head,
  [table, key, field, answer]: Thing,
  { members = {}, set = {}, only }: Change,
): Operation => ({
  ...head(named),
  body: object({ [`${key}!`]: WHICH[key.replace('Id', '') as keyof typeof WHICH], ...members }),
  answer: ref(answer),
  only,
  run: ({ tables, body }) => {
    const { [key]: id, ...given } = body;
    const row = find(tables[table], id, field);
    if (only && !only.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
    for (const [others, name, othersField] of OTHERS) if (given[name]) find(tables[others], given[name], othersField);
    return Object.assign(row, given, set);
  },
});

const adds = (
  named: Head,
  [table, answer, key = 'id']: [string, string, string?],
  members: Record<string, Schema>,
  set: Record<string, unknown>,
): Operation => ({
  ...head(named),
  body: object(members),
  status: 201,
  answer: ref(answer),
  run: ({ tables, body }) => {
    for (const [others, name, othersField] of OTHERS) if (body[name]) find(tables[others], body[name], othersField);
    const row = { [key]: nextId(tables[table]!, key), ...set, ...body };
    tables[table]!.push(row);
    return row;
  },
});

const operations: Operation[] = [
  lists(
    ['taxa.list', 'List taxa'],
    ['taxa', 'Taxon'],
    [
      contains('name', text('Words of the Latin or the English name'), 'scientificName', 'commonName'),
      same('family', text('Plant family, e.g. Poaceae')),
      same('threat', oneOf('How threatened', doc.THREATS)),
    ],
  ),
  gets(['taxa.get', 'Get a taxon'], TAXON),
  lists(
    ['accessions.search', 'Search accessions: lots of seed in the vaults'],
    ['accessions', 'Accession'],
    [
      same('taxonId', WHICH.taxon),
      same('collectorId', WHICH.collector),
      same('vaultId', WHICH.vault),
      same('country', text('Country of origin, two letters')),
      same('status', oneOf('State of the lot', doc.ACCESSION_STATES)),
      atMost('maxSeedCount', whole('At most so many seeds left'), 'seedCount'),
      atMost('maxViability', whole('Viability of at most so many percent'), 'viabilityPercent'),
      atLeast('collectedAfter', day('Collected on this day or later'), 'collectedOn'),
    ],
    ['collectedOn', '-collectedOn', 'seedCount', '-seedCount'],
  ),
  gets(['accessions.get', 'Get an accession by its number'], ACCESSION),
  adds(
    ['accessions.register', 'Register a new accession'],
    ['accessions', 'Accession', 'number'],
    {
      'taxonId!': WHICH.taxon,
      'collectorId!': WHICH.collector,
      'country!': text('Country of origin, two letters'),
      'seedCount!': whole('Number of seeds'),
      weightGrams: amount('Weight of the lot in grams'),
      remarks: text('Remarks'),
    },
    { collectedOn: TODAY, weightGrams: 0, viabilityPercent: 0, vaultId: 'V3', status: 'quarantine', remarks: '' },
  ),
  changes(['accessions.update', 'Change the details of an accession'], ACCESSION, {
    members: {
      seedCount: whole('Seeds left'),
      weightGrams: amount('Weight of the lot in grams'),
      viabilityPercent: whole('Viability in percent'),
      remarks: text('Remarks'),
    },
  }),
  changes(['accessions.move', 'Move an accession to another vault'], ACCESSION, {
    members: { 'vaultId!': WHICH.vault },
  }),
  changes(['accessions.release', 'Release an accession from quarantine'], ACCESSION, {
    set: { status: 'stored' },
    only: ['quarantine'],
  }),
  changes(['accessions.withdraw', 'Withdraw an accession from the collection'], ACCESSION, {
    members: { 'grounds!': text('Why it is withdrawn') },
    set: { status: 'withdrawn' },
  }),
  lists(
    ['tests.list', 'List germination tests'],
    ['tests', 'Test'],
    [
      same('accession', WHICH.accession),
      same('status', oneOf('State of the test', doc.TEST_STATES)),
      atLeast('startedAfter', day('Started on this day or later'), 'startedOn'),
      atMost('startedBefore', day('Started on this day or earlier'), 'startedOn'),
    ],
    ['startedOn', '-startedOn'],
  ),
  gets(['tests.get', 'Get a germination test'], TEST),
  adds(
    ['tests.start', 'Start a germination test'],
    ['tests', 'Test'],
    {
      'accession!': WHICH.accession,
      'sown!': whole('Seeds sown'),
      'temperatureC!': amount('Temperature in degrees Celsius'),
    },
    { startedOn: TODAY, status: 'running', germinated: null },
  ),
  changes(['tests.finish', 'Enter the result of a germination test'], TEST, {
    members: { 'germinated!': whole('Seeds that germinated') },
    set: { status: 'finished' },
    only: ['running'],
  }),
  lists(
    ['requests.list', 'List seed requests of institutions'],
    ['requests', 'Request'],
    [
      same('institutionId', WHICH.institution),
      same('accession', WHICH.accession),
      same('status', oneOf('State of the request', doc.REQUEST_STATES)),
      same('purpose', oneOf('What the seeds are for', doc.PURPOSES)),
      atLeast('submittedAfter', day('Submitted on this day or later'), 'submittedOn'),
    ],
    ['submittedOn', '-submittedOn'],
  ),
  gets(['requests.get', 'Get a seed request'], REQUEST),
  adds(
    ['requests.create', 'Enter a seed request for an institution'],
    ['requests', 'Request'],
    {
      'institutionId!': WHICH.institution,
      'accession!': WHICH.accession,
      'seeds!': whole('Seeds asked for'),
      'purpose!': oneOf('What the seeds are for', doc.PURPOSES),
    },
    { status: 'submitted', submittedOn: TODAY, shippedOn: null },
  ),
  changes(['requests.approve', 'Approve a seed request'], REQUEST, {
    set: { status: 'approved' },
    only: ['submitted'],
  }),
  changes(['requests.decline', 'Decline a seed request'], REQUEST, {
    members: { 'message!': text('Words to the institution') },
    set: { status: 'declined' },
    only: ['submitted', 'approved'],
  }),
  changes(['requests.ship', 'Mark an approved seed request as shipped'], REQUEST, {
    members: { trackingCode: text('Code of the parcel') },
    set: { status: 'shipped', shippedOn: TODAY },
    only: ['approved'],
  }),
  lists(
    ['institutions.list', 'List institutions that ask for seed'],
    ['institutions', 'Institution'],
    [contains('name', text('Words of the name'), 'name'), same('country', text('Country, two letters'))],
  ),
  gets(['institutions.get', 'Get an institution'], INSTITUTION),
  changes(['institutions.update', 'Change an institution'], INSTITUTION, {
    members: {
      contactName: text('Person to write to'),
      contactEmail: text('Email address of that person', { format: 'email' }),
    },
  }),
  lists(
    ['collectors.list', 'List collectors'],
    ['collectors', 'Collector'],
    [
      contains('name', text('Words of the name'), 'name'),
      same('active', flag('Only those who still collect, or who do not')),
    ],
  ),
  gets(['collectors.get', 'Get a collector'], COLLECTOR),
  lists(['vaults.list', 'List the vaults'], ['vaults', 'Vault'], []),
];

/** A seed bank: every operation is a POST, reads too. */
export const SERVICE = service({
  id: 'seedbank',
  name: 'Alpine Seed Bank',
  description:
    'Accessions of seed, germination tests, and seed requests. All methods are called with POST and a JSON body.',
  pathWords: {},
  schemas: doc.SCHEMAS,
  operations,
  seed,
});
