import { atLeast, atMost, contains, find, nextId, type Operation, Refused, type Row, same, service } from '../kit.ts';
import { amount, day, email, flag, moment, oneOf, text } from '../schemas.ts';
import { seed } from './data.ts';
import {
  CATEGORIES,
  COMPLAINT_STATES,
  DUE_STATES,
  MEETING_STATES,
  MEMBER_STATES,
  METHODS,
  ROLES,
  SCHEMAS,
} from './document.ts';
import { does, searches, without } from './rpc.ts';

const TODAY = '2026-11-25';

const added = (rows: Row[], row: Row): Row => {
  rows.push({ id: nextId(rows), ...row });
  return rows.at(-1)!;
};

/** Refuses a request that names something that is not there. */
const known = (rows: Row[] | undefined, id: unknown): Row => {
  const row = rows!.find((each) => each.id === id);
  if (!row) throw new Refused(422, `There is no ${id}`);
  return row;
};

function inState(row: Row, states: string[]): Row {
  if (!states.includes(String(row.status))) throw new Refused(409, `It is ${row.status}`);
  return row;
}

const members: Operation[] = [
  searches('buildings.search', 'Search buildings', {
    table: 'buildings',
    answer: 'Building',
    filters: [contains('query', text('Text that the name or address contains'), 'name', 'address')],
    orders: ['name'],
  }),
  searches('members.search', 'Search members', {
    table: 'members',
    answer: 'Member',
    filters: [
      contains('query', text('Text that the name or e-mail address contains'), 'name', 'email'),
      same('buildingId', text('Building in which they live')),
      same('status', oneOf('Whether the membership is active', MEMBER_STATES)),
      same('role', oneOf('Role in the association', ROLES)),
    ],
    orders: ['name', 'joinedOn'],
  }),
  does('members.get', 'Get a member', {
    body: { 'memberId!': text('Member id') },
    answer: 'Member',
    run: ({ tables, body }) => find(tables.members, body.memberId),
  }),
  does('members.create', 'Register a member', {
    body: {
      'name!': text('Full name'),
      'flat!': text('Number of the flat'),
      'buildingId!': text('Building in which the member lives'),
      email: email('E-mail address'),
      phone: text('Phone number'),
    },
    answer: 'Member',
    run({ tables, body }) {
      known(tables.buildings, body.buildingId);
      return added(tables.members!, { ...body, joinedOn: TODAY, status: 'active', role: 'member' });
    },
  }),
  does('members.update', 'Update a member', {
    description: 'Fields that are left out stay as they are.',
    body: {
      'memberId!': text('Member id'),
      flat: text('Number of the flat'),
      email: email('E-mail address'),
      phone: text('Phone number'),
      role: oneOf('Role in the association', ROLES),
    },
    answer: 'Member',
    run: ({ tables, body }) => Object.assign(find(tables.members, body.memberId), without(body, 'memberId')),
  }),
  does('members.end', 'End a membership', {
    body: { 'memberId!': text('Member id'), 'endedOn!': day('Last day of the membership') },
    answer: 'Member',
    run({ tables, body }) {
      const member = inState(find(tables.members, body.memberId), ['active']);
      return Object.assign(member, { endedOn: body.endedOn, status: 'ended' });
    },
  }),
];

const complaints: Operation[] = [
  searches('complaints.search', 'Search complaints', {
    table: 'complaints',
    answer: 'Complaint',
    filters: [
      contains('query', text('Text that the title contains'), 'title'),
      same('memberId', text('Member who complains')),
      same('buildingId', text('Building they are about')),
      same('category', oneOf('Category', CATEGORIES)),
      same('status', oneOf('Status', COMPLAINT_STATES)),
      same('assigneeId', text('Member who looks after them')),
      atLeast('openedFrom', day('First day on which they were made'), 'openedOn'),
      atMost('openedTo', day('Last day on which they were made'), 'openedOn'),
    ],
    orders: ['openedOn', 'title'],
  }),
  does('complaints.get', 'Get a complaint with its comments', {
    body: { 'complaintId!': text('Complaint id') },
    answer: 'ComplaintDetails',
    run({ tables, body }) {
      const complaint = find(tables.complaints, body.complaintId);
      return { complaint, comments: tables.comments!.filter(({ complaintId }) => complaintId === complaint.id) };
    },
  }),
  does('complaints.create', 'Take down a complaint', {
    body: {
      'memberId!': text('Member who complains'),
      'category!': oneOf('Category', CATEGORIES),
      'title!': text('What it is about'),
      description: text('More about it'),
    },
    answer: 'Complaint',
    run({ tables, body }) {
      const { buildingId } = known(tables.members, body.memberId);
      return added(tables.complaints!, { ...body, buildingId, status: 'open', openedOn: TODAY });
    },
  }),
  does('complaints.assign', 'Make a member look after a complaint', {
    body: { 'complaintId!': text('Complaint id'), 'assigneeId!': text('Member who is to look after it') },
    answer: 'Complaint',
    run({ tables, body }) {
      const { id } = known(tables.members, body.assigneeId);
      return Object.assign(find(tables.complaints, body.complaintId), { assigneeId: id });
    },
  }),
  does('complaints.comment', 'Add a comment to a complaint', {
    body: { 'complaintId!': text('Complaint id'), 'text!': text('Text of the comment') },
    answer: 'Comment',
    run({ tables, body }) {
      find(tables.complaints, body.complaintId);
      return added(tables.comments!, { ...body, writtenOn: TODAY });
    },
  }),
  does('complaints.resolve', 'Resolve a complaint', {
    body: { 'complaintId!': text('Complaint id'), 'resolution!': text('How it was resolved') },
    answer: 'Complaint',
    run({ tables, body }) {
      const complaint = inState(find(tables.complaints, body.complaintId), ['open', 'withLandlord']);
      return Object.assign(complaint, { resolution: body.resolution, status: 'resolved', resolvedOn: TODAY });
    },
  }),
];

const money: Operation[] = [
  searches('dues.search', 'Search membership dues', {
    table: 'dues',
    answer: 'Due',
    filters: [
      same('memberId', text('Member who has to pay')),
      same('period', text('Quarter, e.g. 2026-Q4')),
      same('status', oneOf('Status', DUE_STATES)),
    ],
    orders: ['dueOn', 'amount'],
  }),
  does('dues.recordPayment', 'Record a payment for a due', {
    description: 'When the whole amount is paid, the due becomes paid; before that, partlyPaid.',
    body: {
      'dueId!': text('Id of the due'),
      'amount!': amount('Amount that was paid, in the currency of the due', { minimum: 0.01 }),
      'method!': oneOf('How it was paid', METHODS),
      paidOn: day('Day of the payment; today if left out'),
    },
    answer: 'Due',
    run({ tables, body }) {
      const due = inState(find(tables.dues, body.dueId), ['unpaid', 'partlyPaid']);
      const amountPaid = Number(due.amountPaid) + Number(body.amount);
      if (amountPaid > Number(due.amount)) throw new Refused(422, 'That is more than is owed');
      const status = amountPaid === due.amount ? 'paid' : 'partlyPaid';
      return Object.assign(due, { amountPaid, status, paidOn: body.paidOn ?? TODAY });
    },
  }),
  does('dues.waive', 'Waive a due', {
    body: { 'dueId!': text('Id of the due'), 'reason!': text('Why the member need not pay') },
    answer: 'Due',
    run: ({ tables, body }) =>
      Object.assign(inState(find(tables.dues, body.dueId), ['unpaid', 'partlyPaid']), { status: 'waived' }),
  }),
  does('dues.remind', 'Remind a member of a due', {
    description: 'Sends the usual letter to the member who owes it.',
    body: { 'dueId!': text('Id of the due') },
    answer: 'Due',
    run: ({ tables, body }) =>
      Object.assign(inState(find(tables.dues, body.dueId), ['unpaid', 'partlyPaid']), { remindedOn: TODAY }),
  }),
];

const meetings: Operation[] = [
  searches('meetings.search', 'Search meetings', {
    table: 'meetings',
    answer: 'Meeting',
    filters: [
      contains('query', text('Text that the title contains'), 'title'),
      same('status', oneOf('Status', MEETING_STATES)),
      atLeast('from', day('First day of the meetings'), 'startsAt'),
      atMost('to', day('Last day of the meetings'), 'startsAt'),
    ],
    orders: ['startsAt'],
  }),
  does('meetings.create', 'Plan a meeting', {
    body: {
      'title!': text('Title'),
      'startsAt!': moment('When it starts'),
      'place!': text('Where it is'),
      buildingId: text('Building it is about; left out if it is for all'),
      membersOnly: flag('Whether only members may come; false if left out'),
    },
    answer: 'Meeting',
    run: ({ tables, body }) => {
      if (body.buildingId !== undefined) known(tables.buildings, body.buildingId);
      return added(tables.meetings!, { ...body, status: 'planned' });
    },
  }),
  does('meetings.update', 'Move a planned meeting to another time or place', {
    description: 'Fields that are left out stay as they are.',
    body: { 'meetingId!': text('Meeting id'), startsAt: moment('When it starts'), place: text('Where it is') },
    answer: 'Meeting',
    run: ({ tables, body }) =>
      Object.assign(inState(find(tables.meetings, body.meetingId), ['planned']), without(body, 'meetingId')),
  }),
  does('meetings.cancel', 'Cancel a planned meeting', {
    body: { 'meetingId!': text('Meeting id') },
    answer: 'Meeting',
    run: ({ tables, body }) =>
      Object.assign(inState(find(tables.meetings, body.meetingId), ['planned']), { status: 'cancelled' }),
  }),
];

/** A tenants' association: members, complaints, dues and meetings; all over POST, with searches. */
export const SERVICE = service({
  id: 'commonroof',
  name: 'Commonroof',
  description:
    "RPC API of Commonroof, software for tenants' associations. Every operation is a POST. Times are in UTC, amounts in the currency that stands beside them.",
  pathWords: {},
  schemas: SCHEMAS,
  operations: [...members, ...complaints, ...money, ...meetings],
  seed,
});
