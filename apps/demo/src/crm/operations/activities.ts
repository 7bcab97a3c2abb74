import type { Activity } from '../data.ts';
import { formatted, PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { find, where } from '../rows.ts';

const { accountId, ownerId, type, status } = PROPERTIES.Activity;
type Create = Pick<Activity, 'type' | 'accountId' | 'subject' | 'scheduledAt'> & Partial<Activity>;
type Filter = Partial<Pick<Activity, 'accountId' | 'ownerId' | 'type' | 'status'>> & { from?: string; to?: string };
const time = (description: string) => formatted('date-time', description, '2024-01-15T00:00:00Z');
const rows = rowOperations('activities');

export const activities = [
  rows.list<Filter>({
    description: 'Finds calls, emails, meetings and tasks by account, owner, type, status or time.',
    query: {
      accountId,
      ownerId,
      type,
      status: { ...status, default: undefined },
      from: time('Only activities that take place at this time or later.'),
      to: time('Only activities that take place before this time.'),
    },
    rows: (data, { from, to, ...equal }) => {
      const [first, last] = [from ? Date.parse(from) : 0, to ? Date.parse(to) : Number.POSITIVE_INFINITY];
      const inTime = ({ scheduledAt }: Activity) => Date.parse(scheduledAt) >= first && Date.parse(scheduledAt) < last;
      return where(data.activities, equal).filter(inTime);
    },
  }),
  rows.get(),
  rows.create<Create>({
    description:
      'Logs or schedules a call, an email, a meeting or a task with an account. By default the owner of the account is the owner of the activity.',
    row: (body, data) => {
      const { ownerId } = find(data, 'accounts', body.accountId);
      return { ownerId, notes: '', status: 'planned', ...body };
    },
  }),
  rows.update('Changes some fields of an activity, for example to complete, move or cancel it.'),
];
