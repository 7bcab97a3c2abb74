import { amount, day, list, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const DEPARTMENTS = ['Painting', 'Photography', 'Textiles', 'Ceramics', 'Silver', 'Furniture'];
export const CONDITIONS = ['good', 'fair', 'poor'];
export const CURRENCIES = ['EUR', 'GBP', 'USD'];
export const LOCATION_KINDS = ['gallery', 'store', 'studio'];
export const LOAN_STATES = ['requested', 'approved', 'out', 'returned', 'refused'];
export const TREATMENT_KINDS = ['cleaning', 'repair', 'examination'];
export const TREATMENT_STATES = ['planned', 'running', 'finished'];
export const ROLES = ['conservator', 'curator', 'registrar', 'technician'];

/** What a search answers. */
export const rowsOf = (item: Schema) =>
  object({ 'rows!': list(item, 'The records that were found'), 'total!': whole('Number of records without the cut') });

export const offset = whole('Number of records to skip', { minimum: 0, default: 0 });
export const limit = whole('Most records to answer', { minimum: 1, maximum: 100, default: 20 });

export const SCHEMAS: Record<string, Schema> = {
  MuseumObject: object({
    'objectId!': text('Object id'),
    'accessionNumber!': text('Accession number'),
    'title!': text('Title'),
    maker: text('Artist or workshop; missing when unknown'),
    'department!': oneOf('Department', DEPARTMENTS),
    dated: text('When it was made'),
    'heightCm!': amount('Height in centimetres'),
    'widthCm!': amount('Width in centimetres'),
    'condition!': oneOf('Condition', CONDITIONS),
    'locationId!': text('Location where it is kept; an object on loan keeps the location that it comes back to'),
    'insuranceValue!': amount('Insurance value, in whole units of the currency'),
    'currency!': oneOf('Currency of the insurance value', CURRENCIES),
    'acquiredOn!': day('Day of acquisition'),
  }),
  Location: object({
    'locationId!': text('Location id'),
    'name!': text('Name'),
    'kind!': oneOf('Kind of location', LOCATION_KINDS),
    'floor!': whole('Floor; 0 is the ground floor'),
  }),
  Loan: object({
    'loanId!': text('Loan number'),
    'objectId!': text('Object that is lent'),
    'borrower!': text('Museum that borrows it'),
    'startsOn!': day('First day of the loan'),
    'endsOn!': day('Day on which it must be back'),
    'status!': oneOf(
      'State; requested: the borrower waits for our answer; approved: agreed but still here; out: with the borrower',
      LOAN_STATES,
    ),
    returnedOn: day('Day on which it came back'),
  }),
  Treatment: object({
    'treatmentId!': text('Treatment id'),
    'objectId!': text('Object that is treated'),
    'conservatorId!': text('Member of staff who does it'),
    'kind!': oneOf('Kind of treatment', TREATMENT_KINDS),
    'status!': oneOf('State', TREATMENT_STATES),
    'startsOn!': day('Day on which the work starts'),
    finishedOn: day('Day on which it was finished'),
    report: text('What was done'),
  }),
  Exhibition: object({
    'exhibitionId!': text('Exhibition id'),
    'title!': text('Title'),
    'curatorId!': text('Member of staff who curates it'),
    'opensOn!': day('First day'),
    'closesOn!': day('Last day'),
    'objectIds!': list(text('Object id'), 'Objects that are shown'),
  }),
  StaffMember: object({
    'staffId!': text('Id of the member of staff'),
    'name!': text('Full name'),
    'role!': oneOf('Role', ROLES),
    'extension!': text('Telephone extension'),
  }),
  Note: object({
    'noteId!': text('Note id'),
    'objectId!': text('Object'),
    'text!': text('Text of the note'),
    'writtenOn!': day('Day on which it was written'),
  }),
};
