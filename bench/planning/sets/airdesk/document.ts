import { amount, day, email, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ADVERTISER_STATES = ['active', 'blocked'];
export const SECTORS = ['retail', 'food', 'cars', 'health', 'leisure', 'services'];
export const CAMPAIGN_STATES = ['draft', 'booked', 'running', 'ended', 'cancelled'];
export const CAMPAIGN_STATE_WORDS = 'draft: still an offer; booked: sold, and not on air yet; running: on air now';
export const SPOT_STATES = ['in_production', 'awaiting_approval', 'approved', 'rejected'];
export const DAYPARTS = ['breakfast', 'midday', 'drive', 'evening'];
export const DAYPART_WORDS = 'breakfast: 06:00 to 10:00; midday: 10:00 to 15:00; drive: 15:00 to 19:00; evening: later';
export const AIRING_STATES = ['planned', 'aired', 'missed', 'cancelled'];
export const INVOICE_STATES = ['open', 'overdue', 'paid'];
export const INVOICE_STATE_WORDS = 'open: not paid and not due yet; overdue: not paid and the due day has passed';

export const SCHEMAS: Record<string, Schema> = {
  Advertiser: object({
    'id!': text('Advertiser id'),
    'name!': text('Company name'),
    'sector!': oneOf('What kind of business it is', SECTORS),
    'contactName!': text('Person to talk to'),
    'email!': email('E-mail address'),
    phone: text('Phone number'),
    'repId!': text('Sales rep who looks after the advertiser'),
    'status!': oneOf('Nothing can be booked for a blocked advertiser', ADVERTISER_STATES),
  }),
  Rep: object({
    'id!': text('Rep id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
  }),
  Campaign: object({
    'id!': text('Campaign id'),
    'advertiserId!': text('Advertiser'),
    'name!': text('Name of the campaign'),
    'status!': oneOf(CAMPAIGN_STATE_WORDS, CAMPAIGN_STATES),
    'startsOn!': day('First day on air'),
    'endsOn!': day('Last day on air'),
    'budget!': amount('What the advertiser spends, in euros'),
  }),
  Spot: object({
    'id!': text('Spot id'),
    'campaignId!': text('Campaign that it belongs to'),
    'title!': text('Title of the spot'),
    'lengthSeconds!': whole('Length in seconds'),
    'status!': oneOf('Only approved spots go on air', SPOT_STATES),
    voice: text('Name of the voice, if it is recorded'),
    rejectionReason: text('Why it was rejected'),
  }),
  Airing: object({
    'id!': text('Airing id'),
    'spotId!': text('Spot that is played'),
    'airsAt!': moment('When it is played'),
    'daypart!': oneOf(DAYPART_WORDS, DAYPARTS),
    'status!': oneOf('What came of it', AIRING_STATES),
    'price!': amount('Price of this airing, in euros'),
  }),
  Invoice: object({
    'id!': text('Invoice number'),
    'advertiserId!': text('Advertiser'),
    campaignId: text('Campaign that it is for'),
    'amount!': amount('Amount, in euros'),
    'status!': oneOf(INVOICE_STATE_WORDS, INVOICE_STATES),
    'issuedOn!': day('Day on which it was issued'),
    'dueOn!': day('Last day to pay it'),
    paidOn: day('Day on which it was paid'),
  }),
};
