import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const ROLES = ['member', 'committee', 'treasurer', 'chair'];
export const MEMBER_STATES = ['active', 'ended'];
export const CATEGORIES = ['heating', 'damp', 'noise', 'repairs', 'rent', 'safety'];
export const COMPLAINT_STATES = ['open', 'withLandlord', 'resolved', 'withdrawn'];
export const DUE_STATES = ['unpaid', 'partlyPaid', 'paid', 'waived'];
export const METHODS = ['cash', 'bankTransfer', 'card'];
export const MEETING_STATES = ['planned', 'held', 'cancelled'];

export const SCHEMAS: Record<string, Schema> = {
  Building: object({
    'id!': text('Building id'),
    'name!': text('Name'),
    'address!': text('Street address'),
    landlord: text('Company or office that lets the flats, where there is one for the whole building'),
    'flats!': whole('Number of flats'),
  }),
  Member: object({
    'id!': text('Member id'),
    'name!': text('Full name'),
    'flat!': text('Number of the flat'),
    'buildingId!': text('Building in which the member lives'),
    email: email('E-mail address'),
    phone: text('Phone number'),
    'joinedOn!': day('Day on which the membership began'),
    endedOn: day('Day on which the membership ends'),
    'status!': oneOf('Whether the membership is active', MEMBER_STATES),
    'role!': oneOf('Role in the association', ROLES),
  }),
  Complaint: object({
    'id!': text('Complaint id'),
    'memberId!': text('Member who complains'),
    'buildingId!': text('Building it is about'),
    'category!': oneOf('Category', CATEGORIES),
    'title!': text('What it is about'),
    description: text('More about it'),
    'status!': oneOf('open: the association works on it; withLandlord: the landlord has to act', COMPLAINT_STATES),
    assigneeId: text('Member who looks after it; missing if nobody does'),
    'openedOn!': day('Day on which it was made'),
    resolvedOn: day('Day on which it was resolved'),
    resolution: text('How it was resolved'),
  }),
  ComplaintDetails: object({
    'complaint!': { $ref: '#/components/schemas/Complaint' },
    'comments!': list(
      object({
        'id!': text('Comment id'),
        'complaintId!': text('Complaint'),
        'text!': text('Text of the comment'),
        'writtenOn!': day('Day on which it was written'),
      }),
      'Its comments, oldest first',
    ),
  }),
  Comment: object({
    'id!': text('Comment id'),
    'complaintId!': text('Complaint'),
    'text!': text('Text of the comment'),
    'writtenOn!': day('Day on which it was written'),
  }),
  Due: object({
    'id!': text('Id of the due'),
    'memberId!': text('Member who has to pay'),
    'period!': text('Quarter, e.g. 2026-Q4'),
    'amount!': amount('Amount to pay, in whole units of the currency'),
    'currency!': text('Currency, ISO 4217'),
    'amountPaid!': amount('What has been paid of it'),
    'status!': oneOf('Status; waived: the member need not pay', DUE_STATES),
    'dueOn!': day('Last day on which it should be paid'),
    paidOn: day('Day of the last payment'),
    remindedOn: day('Day of the last reminder'),
  }),
  Meeting: object({
    'id!': text('Meeting id'),
    'title!': text('Title'),
    'startsAt!': moment('When it starts'),
    'place!': text('Where it is'),
    buildingId: text('Building it is about; missing if it is for all'),
    'status!': oneOf('Status', MEETING_STATES),
    membersOnly: flag('Whether only members may come'),
  }),
};
