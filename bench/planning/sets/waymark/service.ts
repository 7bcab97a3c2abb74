import { atLeast, atMost, find, kept, nextId, type Operation, same, service, sorted } from '../kit.ts';
import { adds, changes, gets, lists, removes, type Thing } from '../rest.ts';
import { day, email, flag, list, object, oneOf, ref, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import { PRIORITIES, PROJECT_STATES, paging, ROLES, SCHEMAS, STATES } from './document.ts';

const NOW = '2026-11-25T09:00:00Z';

const PROJECT: Thing = ['projects', 'project_id', 'Project'];
const ISSUE: Thing = ['issues', 'issue_id', 'Issue'];
const MEMBER: Thing = ['members', 'member_id', 'Member'];

const memberIssues = [
  same('state', oneOf('Return only issues in this state', STATES)),
  same('priority', oneOf('Return only issues of this priority', PRIORITIES)),
  same('project_id', text('Return only issues of this project')),
  atMost('due_by', day('Return only issues that are due on this day or earlier'), 'due_on'),
];

const operations: Operation[] = [
  lists(['listProjects', '/v2/projects', 'List projects'], ['projects', 'Project'], {
    paging,
    filters: [
      same('status', oneOf('Return only projects with this status', PROJECT_STATES)),
      same('lead_id', text('Return only projects that this member leads')),
    ],
  }),
  gets(['getProject', '/v2/projects/{project_id}', 'Get a project'], PROJECT),
  adds(['createProject', '/v2/projects', 'Create a project'], ['projects', 'Project'], {
    body: object({
      'name!': text('Name of the project'),
      'key!': text('Prefix of the keys of its issues, two to four capital letters'),
      'lead_id!': text('Member who leads the project'),
      'target_date!': day('Date on which it should be completed'),
    }),
    set: { status: 'planned' },
  }),
  changes(['updateProject', '/v2/projects/{project_id}', 'Update a project'], PROJECT, {
    method: 'patch',
    body: object({
      name: text('Name of the project'),
      status: oneOf('Status of the project', PROJECT_STATES),
      lead_id: text('Member who leads the project'),
      target_date: day('Date on which it should be completed'),
    }),
  }),
  lists(['listIssues', '/v2/projects/{project_id}/issues', 'List the issues of a project'], ['issues', 'Issue'], {
    paging,
    within: 'project_id',
    filters: [
      same('state', oneOf('Return only issues in this state', STATES)),
      same('priority', oneOf('Return only issues of this priority', PRIORITIES)),
      same('assignee_id', text('Return only issues that are assigned to this member')),
      same('milestone_id', text('Return only issues of this milestone')),
      {
        name: 'label',
        schema: text('Return only issues with this label'),
        keeps: (row, value) => (row.labels as string[]).includes(String(value)),
      },
      atMost('due_by', day('Return only issues that are due on this day or earlier'), 'due_on'),
    ],
  }),
  {
    id: 'createIssue',
    method: 'post',
    path: '/v2/projects/{project_id}/issues',
    summary: 'Create an issue in a project',
    body: object({
      'title!': text('Title'),
      priority: oneOf('Priority; medium if left out', PRIORITIES),
      assignee_id: text('Member that the issue is assigned to'),
      milestone_id: text('Milestone that the issue belongs to'),
      points: whole('Estimate in story points', { minimum: 0 }),
      due_on: day('Due date'),
      labels: list({ type: 'string' }, 'Names of the labels'),
    }),
    status: 201,
    answer: ref('Issue'),
    run({ tables, path: { project_id }, body }) {
      find(tables.projects, project_id);
      if (body.assignee_id !== undefined) find(tables.members, body.assignee_id);
      if (body.milestone_id !== undefined) find(tables.milestones, body.milestone_id);
      const own = tables.issues!.filter((issue) => issue.project_id === project_id);
      const empty = { assignee_id: null, milestone_id: null, points: 0, due_on: null, labels: [] };
      const fixed = { project_id, state: 'todo', priority: 'medium', created_at: NOW };
      tables.issues!.push({ id: nextId(own), ...empty, ...fixed, ...body });
      return tables.issues!.at(-1);
    },
  },
  gets(['getIssue', '/v2/issues/{issue_id}', 'Get an issue'], ISSUE),
  {
    id: 'updateIssue',
    method: 'patch',
    path: '/v2/issues/{issue_id}',
    summary: 'Update an issue',
    description: 'Sets the fields that are given. Fields that are left out stay as they are.',
    body: object({
      title: text('Title'),
      state: oneOf('Workflow state', STATES),
      priority: oneOf('Priority', PRIORITIES),
      assignee_id: text('Member that the issue is assigned to'),
      milestone_id: text('Milestone that the issue belongs to'),
      points: whole('Estimate in story points', { minimum: 0 }),
      due_on: day('Due date'),
    }),
    answer: ref('Issue'),
    run({ tables, path, body }) {
      const issue = find(tables.issues, path.issue_id);
      if (body.assignee_id !== undefined) find(tables.members, body.assignee_id);
      return Object.assign(issue, body);
    },
  },
  removes(['deleteIssue', '/v2/issues/{issue_id}', 'Delete an issue'], ['issues', 'issue_id']),
  lists(
    ['listComments', '/v2/issues/{issue_id}/comments', 'List the comments of an issue, oldest first'],
    ['comments', 'Comment'],
    { paging, within: 'issue_id' },
  ),
  adds(['createComment', '/v2/issues/{issue_id}/comments', 'Comment on an issue'], ['comments', 'Comment'], {
    body: object({ 'body!': text('Text of the comment') }),
    within: 'issue_id',
    set: { author_id: 'mem_11', created_at: NOW },
  }),
  {
    id: 'logTime',
    method: 'post',
    path: '/v2/issues/{issue_id}/time_entries',
    summary: 'Log time on an issue',
    description: 'The time is logged for the member who makes the request.',
    body: object({
      'minutes!': whole('Time in minutes', { minimum: 1 }),
      'spent_on!': day('Day on which the time was spent'),
      note: text('What was done'),
    }),
    status: 201,
    answer: ref('TimeEntry'),
    run({ tables, path: { issue_id }, body }) {
      const { project_id } = find(tables.issues, issue_id);
      const fixed = { issue_id, project_id, member_id: 'mem_11', note: '' };
      tables.timeEntries!.push({ id: nextId(tables.timeEntries!), ...fixed, ...body });
      return tables.timeEntries!.at(-1);
    },
  },
  lists(
    ['listTimeEntries', '/v2/projects/{project_id}/time_entries', 'List the time entries of a project'],
    ['timeEntries', 'TimeEntry'],
    {
      paging,
      within: 'project_id',
      filters: [
        same('member_id', text('Return only time of this member')),
        atLeast('from', day('Return only time spent on this day or later'), 'spent_on'),
        atMost('to', day('Return only time spent on this day or earlier'), 'spent_on'),
      ],
    },
  ),
  lists(
    ['listMilestones', '/v2/projects/{project_id}/milestones', 'List the milestones of a project'],
    ['milestones', 'Milestone'],
    { paging, within: 'project_id' },
  ),
  adds(
    ['createMilestone', '/v2/projects/{project_id}/milestones', 'Create a milestone in a project'],
    ['milestones', 'Milestone'],
    { body: object({ 'name!': text('Name'), 'due_on!': day('Due date') }), within: 'project_id' },
  ),
  lists(['listMembers', '/v2/members', 'List the members of the workspace'], ['members', 'Member'], {
    paging,
    filters: [
      same('role', oneOf('Return only members with this role', ROLES)),
      same('active', flag('Return only members who can (true) or cannot (false) sign in')),
    ],
  }),
  gets(['getMember', '/v2/members/{member_id}', 'Get a member'], MEMBER),
  {
    id: 'listMemberIssues',
    method: 'get',
    path: '/v2/members/{member_id}/issues',
    summary: 'List the issues that are assigned to a member, in all projects',
    query: [...memberIssues, ...paging.query],
    answer: paging.answer(ref('Issue')),
    run({ tables, path, args }) {
      const { id } = find(tables.members, path.member_id);
      const own = tables.issues!.filter(({ assignee_id }) => assignee_id === id);
      return paging.cut(sorted(kept(own, memberIssues, args), 'id'), args);
    },
  },
  changes(['deactivateMember', '/v2/members/{member_id}/deactivate', 'Deactivate a member'], MEMBER, {
    set: { active: false },
  }),
  adds(
    ['inviteMember', '/v2/invitations', 'Invite somebody to the workspace by e-mail'],
    ['invitations', 'Invitation'],
    {
      body: object({
        'email!': email('Address to invite'),
        'role!': oneOf('Role that the new member gets', ROLES),
      }),
    },
  ),
  lists(['listLabels', '/v2/labels', 'List the labels of the workspace'], ['labels', 'Label'], { paging }),
];

/** A project tracker: issues, milestones and time inside projects; pages by cursor. */
export const SERVICE = service({
  id: 'waymark',
  name: 'Waymark',
  description: 'REST API of the Waymark project tracker. Times are UTC.',
  pathWords: { project_id: 'Project id', issue_id: 'Issue key, e.g. WEB-101', member_id: 'Member id' },
  schemas: SCHEMAS,
  operations,
  seed,
});
