import { amount, day, email, flag, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ACCESSION_STATES = ['quarantine', 'stored', 'depleted', 'withdrawn'];
export const TEST_STATES = ['running', 'finished', 'failed'];
export const REQUEST_STATES = ['submitted', 'approved', 'declined', 'shipped'];
export const PURPOSES = ['research', 'restoration', 'education', 'breeding'];
export const THREATS = ['least_concern', 'vulnerable', 'endangered'];

/** The members that say which thing a request is about. */
export const WHICH = {
  accession: text('Number of the accession, e.g. SB-2014'),
  taxon: text('Id of the taxon, e.g. tx-104'),
  test: text('Id of the germination test, e.g. gt-012'),
  request: text('Id of the seed request, e.g. rq-0031'),
  institution: text('Id of the institution, e.g. ins-07'),
  collector: text('Id of the collector, e.g. col-3'),
  vault: text('Id of the vault: V1, V2 or V3'),
};

export const SCHEMAS: Record<string, Schema> = {
  Taxon: object({
    'id!': WHICH.taxon,
    'scientificName!': text('Latin name'),
    'commonName!': text('English name'),
    'family!': text('Plant family'),
    'threat!': oneOf('How threatened it is', THREATS),
  }),
  Accession: object({
    'number!': WHICH.accession,
    'taxonId!': WHICH.taxon,
    'collectorId!': WHICH.collector,
    'collectedOn!': day('Day of collection'),
    'country!': text('Country of origin, two letters'),
    'seedCount!': whole('Seeds left'),
    'weightGrams!': amount('Weight of the lot in grams'),
    'viabilityPercent!': whole('Share of seeds that are alive, in percent'),
    'vaultId!': WHICH.vault,
    'status!': oneOf('State of the lot', ACCESSION_STATES),
    'remarks!': text('Remarks'),
  }),
  Test: object({
    'id!': WHICH.test,
    'accession!': WHICH.accession,
    'startedOn!': day('Day of sowing'),
    'status!': oneOf('State of the test', TEST_STATES),
    'temperatureC!': amount('Temperature in degrees Celsius'),
    'sown!': whole('Seeds sown'),
    'germinated!': { type: ['integer', 'null'], description: 'Seeds that germinated, once it is finished' },
  }),
  Request: object({
    'id!': WHICH.request,
    'institutionId!': WHICH.institution,
    'accession!': WHICH.accession,
    'seeds!': whole('Seeds asked for'),
    'status!': oneOf('State of the request', REQUEST_STATES),
    'submittedOn!': day('Day it was submitted'),
    'purpose!': oneOf('What the seeds are for', PURPOSES),
    'shippedOn!': { type: ['string', 'null'], format: 'date', description: 'Day it was shipped' },
  }),
  Institution: object({
    'id!': WHICH.institution,
    'name!': text('Name of the institution'),
    'country!': text('Country, two letters'),
    'contactName!': text('Person to write to'),
    'contactEmail!': email('Email address of that person'),
  }),
  Collector: object({
    'id!': WHICH.collector,
    'name!': text('Full name'),
    'email!': email('Email address'),
    'active!': flag('Whether they still collect for us'),
  }),
  Vault: object({
    'id!': WHICH.vault,
    'name!': text('Name of the vault'),
    'temperatureC!': amount('Temperature in degrees Celsius'),
    'capacityBoxes!': whole('Boxes that fit in'),
  }),
};
