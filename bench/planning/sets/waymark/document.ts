import type { Row } from '../kit.ts';
import type { Paging } from '../rest.ts';
import { day, email, flag, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PROJECT_STATES = ['planned', 'active', 'completed', 'archived'];
export const STATES = ['backlog', 'todo', 'in_progress', 'in_review', 'done', 'cancelled'];
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'];
export const ROLES = ['admin', 'member', 'guest'];

const orNull = (type: string, description: string, more: Schema = {}): Schema => ({
  type: [type, 'null'],
  description,
  ...more,
});

export const paging: Paging = {
  query: [
    { name: 'limit', schema: whole('A limit on the number of objects', { minimum: 1, maximum: 100, default: 25 }) },
    { name: 'cursor', schema: text('Value of next_cursor of the page before') },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Objects on this page'),
      'next_cursor!': orNull('string', 'Cursor of the next page; null on the last one'),
    }),
  cut(rows: Row[], args) {
    const size = Number(args.limit ?? 25);
    const from = args.cursor ? Number(Buffer.from(String(args.cursor), 'base64url').toString()) : 0;
    const next = from + size;
    return {
      data: rows.slice(from, next),
      next_cursor: next < rows.length ? Buffer.from(String(next)).toString('base64url') : null,
    };
  },
};

export const SCHEMAS: Record<string, Schema> = {
  Project: object({
    'id!': text('Project id'),
    'name!': text('Name of the project'),
    'key!': text('Prefix of the keys of its issues'),
    'status!': oneOf('Status of the project', PROJECT_STATES),
    'lead_id!': text('Member who leads the project'),
    'target_date!': day('Date on which it should be completed'),
  }),
  Issue: object({
    'id!': text('Issue key, e.g. WEB-101'),
    'project_id!': text('Project of the issue'),
    'title!': text('Title'),
    'state!': oneOf('Workflow state', STATES),
    'priority!': oneOf('Priority', PRIORITIES),
    'assignee_id!': orNull('string', 'Member that the issue is assigned to; null if it is unassigned'),
    'milestone_id!': orNull('string', 'Milestone that the issue belongs to'),
    'points!': whole('Estimate in story points'),
    'due_on!': orNull('string', 'Due date; null if there is none', { format: 'date' }),
    'labels!': list({ type: 'string' }, 'Names of the labels'),
    'created_at!': moment('When the issue was created'),
  }),
  Comment: object({
    'id!': text('Comment id'),
    'issue_id!': text('Issue key'),
    'author_id!': text('Member who wrote it'),
    'body!': text('Text of the comment'),
    'created_at!': moment('When it was written'),
  }),
  Milestone: object({
    'id!': text('Milestone id'),
    'project_id!': text('Project of the milestone'),
    'name!': text('Name'),
    'due_on!': day('Due date'),
  }),
  TimeEntry: object({
    'id!': text('Time entry id'),
    'issue_id!': text('Issue that the time was spent on'),
    'project_id!': text('Project of the issue'),
    'member_id!': text('Member who spent the time'),
    'minutes!': whole('Time in minutes'),
    'spent_on!': day('Day on which the time was spent'),
    'note!': text('What was done; may be empty'),
  }),
  Member: object({
    'id!': text('Member id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'role!': oneOf('Role in the workspace', ROLES),
    'active!': flag('Whether the member can sign in'),
  }),
  Invitation: object({
    'id!': text('Invitation id'),
    'email!': email('Address that was invited'),
    'role!': oneOf('Role that the new member gets', ROLES),
  }),
  Label: object({ 'name!': text('Name of the label') }),
};
