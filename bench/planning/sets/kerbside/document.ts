import type { Row } from '../kit.ts';
import { day, email, list, moment, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';

export const KINDS = ['resident', 'visitor', 'business'];
export const PERMIT_STATES = ['pending', 'active', 'expired', 'revoked'];
export const FINE_STATES = ['unpaid', 'paid', 'appealed', 'waived'];
export const OFFENCES = ['no_permit', 'expired_permit', 'loading_bay', 'disabled_bay'];
export const APPEAL_STATES = ['open', 'accepted', 'rejected'];
export const METHODS = ['card', 'cash', 'bank_transfer'];

/** Members of a search that choose a page. */
export const PAGE: Record<string, Schema> = {
  offset: whole('Number of rows to skip', { minimum: 0 }),
  limit: whole('Maximum number of rows, 20 if left out', { minimum: 1, maximum: 100 }),
};
export const found = (item: string): Schema =>
  object({ 'items!': list(ref(item), 'Rows found'), 'total!': whole('Number of rows without regard to pages') });
export const cut = (rows: Row[], { offset = 0, limit = 20 }: Row): Row => ({
  items: rows.slice(Number(offset), Number(offset) + Number(limit)),
  total: rows.length,
});

export const SCHEMAS: Record<string, Schema> = {
  Zone: object({
    'id!': text('Zone id'),
    'code!': text('Letter on the signs'),
    'name!': text('Name'),
    'streets!': list(text('Street'), 'Streets in the zone'),
    'bays!': whole('Number of parking bays'),
    'annualFeePence!': whole('Fee of a resident permit for a year, in pence'),
  }),
  Resident: object({
    'id!': text('Resident id'),
    'name!': text('Name of the person or business'),
    'email!': email('E-mail address'),
    phone: text('Phone number, if known'),
    'address!': text('Address'),
    'zoneId!': text('Zone of the address'),
  }),
  Permit: object({
    'id!': text('Permit number'),
    'residentId!': text('Holder'),
    'zoneId!': text('Zone in which it is valid'),
    'kind!': oneOf('Kind', KINDS),
    plate: text('Number plate of the vehicle; visitor permits have none'),
    'validFrom!': day('First day'),
    'validTo!': day('Last day'),
    'status!': oneOf('Status; pending: waits for approval', PERMIT_STATES),
  }),
  Fine: object({
    'id!': text('Fine number'),
    'plate!': text('Number plate of the vehicle'),
    'zoneId!': text('Zone'),
    'street!': text('Street'),
    'amountPence!': whole('Amount in pence'),
    'issuedAt!': moment('When it was issued'),
    'status!': oneOf('Status', FINE_STATES),
    'offence!': oneOf('What it was issued for', OFFENCES),
    reason: text('Why it was waived'),
    method: oneOf('How it was paid', METHODS),
  }),
  Appeal: object({
    'id!': text('Appeal number'),
    'fineId!': text('Fine that it is against'),
    'filedOn!': day('Day on which it was filed'),
    'grounds!': text('What the driver wrote'),
    'status!': oneOf('Status', APPEAL_STATES),
    comment: text('Comment of the office for the driver'),
  }),
};
