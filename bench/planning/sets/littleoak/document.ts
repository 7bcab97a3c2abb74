import type { Paging } from '../rest.ts';
import { amount, day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const CHILD_STATES = ['enrolled', 'waiting', 'left'];
export const CHILD_STATE_WORDS =
  'enrolled: goes to the kindergarten; waiting: on the waiting list; left: no longer here';
export const RELATIONS = ['mother', 'father', 'grandparent', 'other'];
export const ATTENDANCE_STATES = ['present', 'absent'];
export const ABSENCE_REASONS = ['sick', 'holiday', 'other'];
export const ROLES = ['head', 'teacher', 'assistant', 'cook'];
export const clock = (description: string) => text(`${description}, local time as HH:MM`);

export const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Number of the page, from 1', { minimum: 1, default: 1 }) },
    { name: 'pageSize', schema: whole('How many items a page has', { minimum: 1, maximum: 50, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'items!': list(item, 'Items on this page'),
      'page!': whole('Number of the page'),
      'totalPages!': whole('How many pages there are'),
      'totalItems!': whole('How many items there are on all pages'),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.pageSize ?? 20)];
    const items = rows.slice((page - 1) * size, page * size);
    return { items, page, totalPages: Math.ceil(rows.length / size), totalItems: rows.length };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Group: object({
    'id!': text('Group id'),
    'name!': text('Name of the group'),
    'room!': text('Room that the group uses'),
    'capacity!': whole('How many children the group can take'),
    'leadTeacherId!': text('Staff id of the teacher who leads the group'),
  }),
  Child: object({
    'id!': text('Child id'),
    'firstName!': text('First name'),
    'lastName!': text('Last name'),
    'birthDate!': day('Date of birth'),
    groupId: text('Group that the child is in; not there for children who wait'),
    'status!': oneOf(CHILD_STATE_WORDS, CHILD_STATES),
    'startDate!': day('First day in the kindergarten, planned or past'),
    endDate: day('Last day in the kindergarten, if there is one'),
    'allergies!': list(text('Allergy'), 'What the child is allergic to; empty if nothing is known'),
    'photoConsent!': flag('Whether photos of the child may be published'),
    'monthlyFee!': amount('Fee for a month, in euros'),
  }),
  Guardian: object({
    'id!': text('Guardian id'),
    'childId!': text('Child that the person looks after'),
    'name!': text('Full name'),
    'relation!': oneOf('What the person is to the child', RELATIONS),
    'phone!': text('Phone number'),
    email: email('E-mail address'),
    'mayCollect!': flag('Whether the person is allowed to collect the child'),
  }),
  Attendance: object({
    'id!': text('Attendance id'),
    'childId!': text('Child'),
    'groupId!': text('Group of the child'),
    'date!': day('Day'),
    'status!': oneOf('Whether the child is there', ATTENDANCE_STATES),
    reason: oneOf('Reason of an absence', ABSENCE_REASONS),
    arrivedAt: clock('When the child came'),
  }),
  Note: object({
    'id!': text('Note id'),
    'childId!': text('Child that it is about'),
    'text!': text('Text of the note'),
    'createdAt!': moment('When it was written'),
  }),
  Event: object({
    'id!': text('Event id'),
    'title!': text('Title of the event'),
    'date!': day('Day of the event'),
    startsAt: clock('When it starts'),
    place: text('Where it takes place'),
    groupId: text('Group that it is for; not there if it is for the whole kindergarten'),
  }),
  StaffMember: object({
    'id!': text('Staff id'),
    'name!': text('Full name'),
    'role!': oneOf('What the person does', ROLES),
    groupId: text('Group that the person works in'),
    'phone!': text('Phone number'),
  }),
};
