import { since, until } from '../days.ts';
import { contains, find, nextId, type Operation, Refused, same, service, type Tables } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { amount, day, email, flag, list, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  ABSENCE_REASONS,
  ATTENDANCE_STATES,
  CHILD_STATE_WORDS,
  CHILD_STATES,
  clock,
  paging,
  RELATIONS,
  ROLES,
  SCHEMAS,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';
const CHILD: Thing = ['childs', 'childId', 'Child'];
const GROUP: Thing = ['groups', 'groupId', 'Group'];
const GUARDIANS = '/children/{childId}/guardians';

/** @returns the guardian, if it is one of that child */
function guardianOf(tables: Tables, path: Record<string, string>) {
  const guardian = find(tables.guardians, path.guardianId);
  if (guardian.childId !== path.childId) throw new Refused(404, `There is no ${path.guardianId} of this child`);
  return guardian;
}

const children: Operation[] = [
  lists(['listChildren', '/children', 'List children'], ['childs', 'Child'], {
    paging,
    filters: [
      contains('lastName', text('Only children whose last name contains this'), 'lastName'),
      contains('firstName', text('Only children whose first name contains this'), 'firstName'),
      same('groupId', text('Only children of this group')),
      same('status', oneOf('Only children with this status', CHILD_STATES)),
      since('bornFrom', day('Only children born on this day or later'), 'birthDate'),
      until('bornTo', day('Only children born on this day or earlier'), 'birthDate'),
      {
        name: 'sort',
        schema: oneOf('Order of the list; a minus turns it round', [
          'lastName',
          '-lastName',
          'birthDate',
          '-birthDate',
        ]),
      },
    ],
  }),
  gets(['getChild', '/children/{childId}', 'Get a child'], CHILD),
  {
    ...adds(['createChild', '/children', 'Put a child on the waiting list'], ['childs', 'Child'], {
      body: object({
        'firstName!': text('First name'),
        'lastName!': text('Last name'),
        'birthDate!': day('Date of birth'),
        'startDate!': day('Wished first day in the kindergarten'),
        allergies: list(text('Allergy'), 'What the child is allergic to'),
      }),
      set: { status: 'waiting', allergies: [], photoConsent: false, monthlyFee: 340 },
    }),
    description: 'New children start with the status waiting.',
  },
  {
    ...changes(['updateChild', '/children/{childId}', 'Change a child'], CHILD, {
      method: 'patch',
      body: object({
        groupId: text('Group that the child moves to'),
        status: oneOf(CHILD_STATE_WORDS, CHILD_STATES),
        startDate: day('First day in the kindergarten'),
        endDate: day('Last day in the kindergarten'),
        allergies: list(text('Allergy'), 'All that the child is allergic to; replaces the list'),
        photoConsent: flag('Whether photos of the child may be published'),
        monthlyFee: amount('Fee for a month, in euros', { minimum: 0 }),
      }),
    }),
    description: 'Only the members that are sent are changed.',
  },
  lists(['listGuardians', GUARDIANS, 'List the guardians of a child'], ['guardians', 'Guardian'], {
    paging,
    within: 'childId',
  }),
  adds(['createGuardian', GUARDIANS, 'Add a guardian to a child'], ['guardians', 'Guardian'], {
    body: object({
      'name!': text('Full name'),
      'relation!': oneOf('What the person is to the child', RELATIONS),
      'phone!': text('Phone number'),
      email: email('E-mail address'),
      mayCollect: flag('Whether the person is allowed to collect the child; true if left out'),
    }),
    within: 'childId',
    set: { mayCollect: true },
  }),
  {
    id: 'updateGuardian',
    method: 'patch',
    path: `${GUARDIANS}/{guardianId}`,
    summary: 'Change a guardian of a child',
    description: 'Only the members that are sent are changed.',
    body: object({
      phone: text('Phone number'),
      email: email('E-mail address'),
      mayCollect: flag('Whether the person is allowed to collect the child'),
    }),
    answer: ref('Guardian'),
    run: ({ tables, path, body }) => Object.assign(guardianOf(tables, path), body),
  },
  {
    id: 'deleteGuardian',
    method: 'delete',
    path: `${GUARDIANS}/{guardianId}`,
    summary: 'Remove a guardian from a child',
    run: ({ tables, path }) => {
      tables.guardians!.splice(tables.guardians!.indexOf(guardianOf(tables, path)), 1);
    },
  },
  lists(['listNotes', '/children/{childId}/notes', 'List the notes about a child'], ['notes', 'Note'], {
    paging,
    within: 'childId',
  }),
  {
    ...adds(['createNote', '/children/{childId}/notes', 'Write a note about a child'], ['notes', 'Note'], {
      body: object({ 'text!': text('Text of the note') }),
      within: 'childId',
      set: { createdAt: NOW },
    }),
    description: 'Notes are read by the staff, not by the guardians.',
  },
];

const days: Operation[] = [
  lists(['listAttendance', '/attendance', 'List who was there and who was not'], ['attendance', 'Attendance'], {
    paging,
    filters: [
      same('date', day('Only entries of this day')),
      same('status', oneOf('Only entries with this status', ATTENDANCE_STATES)),
      same('groupId', text('Only entries of this group')),
      same('childId', text('Only entries of this child')),
    ],
  }),
  {
    id: 'recordAbsence',
    method: 'post',
    path: '/children/{childId}/absences',
    summary: 'Record that a child is or will be absent',
    description: 'An entry that there is already for the first day becomes absent.',
    body: object({
      'firstDay!': day('First day of the absence'),
      lastDay: day('Last day of the absence; the same as firstDay if left out'),
      'reason!': oneOf('Reason of the absence', ABSENCE_REASONS),
    }),
    status: 201,
    answer: ref('Attendance'),
    run({ tables, path, body }) {
      const child = find(tables.childs, path.childId);
      if (body.lastDay && String(body.lastDay) < String(body.firstDay)) throw new Refused(422, 'lastDay is too early');
      const rows = tables.attendance!;
      const [date, status] = [body.firstDay, 'absent'];
      const known = rows.find((row) => row.childId === child.id && row.date === date);
      if (known) return Object.assign(known, { status, reason: body.reason });
      const entry = { childId: child.id, groupId: child.groupId, date, status, reason: body.reason };
      rows.push({ id: nextId(rows), ...entry });
      return rows.at(-1);
    },
  },
  lists(['listEvents', '/events', 'List events of the kindergarten'], ['events', 'Event'], {
    paging,
    filters: [
      since('from', day('Only events on this day or later'), 'date'),
      until('to', day('Only events on this day or earlier'), 'date'),
      same('groupId', text('Only events for this group')),
    ],
  }),
  adds(['createEvent', '/events', 'Add an event'], ['events', 'Event'], {
    body: object({
      'title!': text('Title of the event'),
      'date!': day('Day of the event'),
      startsAt: clock('When it starts'),
      place: text('Where it takes place'),
      groupId: text('Group that it is for; leave it out for the whole kindergarten'),
    }),
  }),
  changes(['updateEvent', '/events/{eventId}', 'Change an event'], ['events', 'eventId', 'Event'], {
    method: 'patch',
    body: object({
      title: text('Title of the event'),
      date: day('Day of the event'),
      startsAt: clock('When it starts'),
      place: text('Where it takes place'),
    }),
  }),
  removes(['deleteEvent', '/events/{eventId}', 'Delete an event'], ['events', 'eventId']),
];

const house: Operation[] = [
  lists(['listGroups', '/groups', 'List all groups'], ['groups', 'Group'], { paging }),
  gets(['getGroup', '/groups/{groupId}', 'Get a group'], GROUP),
  changes(['updateGroup', '/groups/{groupId}', 'Change a group'], GROUP, {
    method: 'patch',
    body: object({
      room: text('Room that the group uses'),
      capacity: whole('How many children the group can take', { minimum: 1 }),
    }),
  }),
  lists(['listStaff', '/staff', 'List the people who work here'], ['staff', 'StaffMember'], {
    paging,
    filters: [
      same('role', oneOf('Only people with this role', ROLES)),
      same('groupId', text('Only people who work in this group')),
    ],
  }),
];

/** A kindergarten: children, groups, attendance, guardians and events; nested resources, PATCH and numbered pages. */
export const SERVICE = service({
  id: 'littleoak',
  name: 'Little Oak',
  description: 'REST API of the Little Oak kindergarten software. Fees are in euros. Days are written as YYYY-MM-DD.',
  pathWords: {
    childId: 'Child id',
    groupId: 'Group id',
    guardianId: 'Guardian id',
    eventId: 'Event id',
  },
  schemas: SCHEMAS,
  operations: [...house, ...children, ...days],
  seed,
});
