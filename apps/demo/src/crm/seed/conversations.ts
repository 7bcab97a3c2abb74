import { ACTIVITY_STATUSES, ACTIVITY_TYPES, type CrmData, insert, PRIORITIES, TICKET_STATUSES } from '../data.ts';
import { names } from './names.ts';
import type { Random } from './random.ts';

export function addConversations(data: CrmData, next: Random): void {
  for (let count = 0; count < 90; count++) {
    const { id, ownerId } = next.of(data.accounts);
    const [type, subject, status] = [next.of(ACTIVITY_TYPES), next.of(names.subjects), next.of(ACTIVITY_STATUSES)];
    const scheduledAt = moment(next, 2023);
    insert(data, 'activities', {
      type,
      accountId: id,
      ownerId,
      subject,
      scheduledAt,
      notes: '',
      status,
      createdAt: scheduledAt,
    });
  }
  for (let count = 0; count < 45; count++) {
    const [subject, priority, status] = [next.of(names.complaints), next.of(PRIORITIES), next.of(TICKET_STATUSES)];
    insert(data, 'tickets', {
      accountId: next.of(data.accounts).id,
      subject,
      priority,
      status,
      createdAt: moment(next, 2023),
    });
  }
}

/** A random time in the office hours of a year. */
export const moment = (next: Random, year: number) =>
  new Date(
    Date.UTC(year, next.below(12), next.between(1, 28), next.between(8, 17), next.of([0, 15, 30, 45])),
  ).toISOString();
