import { type Activity, insert } from '../data.ts';
import { operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { checkReferences, find, type Paging, page, paging, timestamp, where } from '../rows.ts';

const TAG = 'Activities';
const { accountId, ownerId, type, status } = PROPERTIES.Activity;
type Create = Pick<Activity, 'type' | 'accountId' | 'subject' | 'scheduledAt'> & Partial<Activity>;
type Filter = Paging &
  Partial<Pick<Activity, 'accountId' | 'ownerId' | 'type' | 'status'>> & { from?: string; to?: string };
const instant = (description: string) =>
  ({ type: 'string', format: 'date-time', description, example: '2024-01-15T00:00:00Z' }) as const;

export const activities = [
  operation<Filter>({
    id: 'listActivities',
    method: 'GET',
    path: '/activities',
    tag: TAG,
    summary: 'List activities',
    description: 'Finds calls, emails, meetings and tasks by account, owner, type, status or time.',
    query: {
      accountId,
      ownerId,
      type,
      status: { ...status, default: undefined },
      from: instant('Only activities that take place at this time or later.'),
      to: instant('Only activities that take place before this time.'),
      ...paging,
    },
    answer: 'ActivityPage',
    handle: (data, { query: { from, to, limit, offset, ...equal } }) => {
      const [first, last] = [from ? Date.parse(from) : 0, to ? Date.parse(to) : Number.POSITIVE_INFINITY];
      const inTime = ({ scheduledAt }: Activity) => Date.parse(scheduledAt) >= first && Date.parse(scheduledAt) < last;
      return page(where(data.activities, equal).filter(inTime), { limit, offset });
    },
  }),
  operation({
    id: 'getActivity',
    method: 'GET',
    path: '/activities/{activityId}',
    tag: TAG,
    summary: 'Get an activity',
    description: 'Returns one activity by its id.',
    answer: 'Activity',
    errors: [404],
    handle: (data, { id }) => find(data, 'activities', id),
  }),
  operation<unknown, Create>({
    id: 'createActivity',
    method: 'POST',
    path: '/activities',
    tag: TAG,
    summary: 'Create an activity',
    description:
      'Logs or schedules a call, an email, a meeting or a task with an account. By default the owner of the account is the owner of the activity.',
    body: 'ActivityCreate',
    status: 201,
    answer: 'Activity',
    handle: (data, { body }) => {
      checkReferences(data, body);
      const { ownerId } = find(data, 'accounts', body.accountId);
      return insert(data, 'activities', { ownerId, notes: '', status: 'planned', ...body, createdAt: timestamp() });
    },
  }),
  operation<unknown, Partial<Activity>>({
    id: 'updateActivity',
    method: 'PATCH',
    path: '/activities/{activityId}',
    tag: TAG,
    summary: 'Update an activity',
    description: 'Changes some fields of an activity, for example to complete, move or cancel it.',
    body: 'ActivityUpdate',
    answer: 'Activity',
    errors: [404],
    handle: (data, { id, body }) => {
      const activity = find(data, 'activities', id);
      checkReferences(data, body);
      return Object.assign(activity, body);
    },
  }),
];
