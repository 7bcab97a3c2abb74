import { atLeast, atMost, contains, find, nextId, type Operation, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Paging } from '../rest.ts';
import { day, email, flag, list, moment, object, oneOf, ref, type Schema, text, whole } from '../schemas.ts';
import { seed } from './data.ts';

const STATES = ['open', 'pending', 'on_hold', 'solved', 'closed'];
const STATE_WORDS =
  'open: with the agent; pending: waiting for the requester; on_hold: waiting for somebody else; solved; closed: solved for good';
const PRIORITIES = ['low', 'normal', 'high', 'urgent'];
const CHANNELS = ['email', 'chat', 'phone', 'web'];
const SCORES = ['good', 'bad'];
const ARTICLE_STATES = ['draft', 'published'];
const NOW = '2026-11-25T09:00:00Z';

const paging: Paging = {
  query: [
    { name: 'page', schema: whole('Page number, starting at 1', { minimum: 1, default: 1 }) },
    { name: 'per_page', schema: whole('Records per page', { minimum: 1, maximum: 100, default: 20 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records on this page'),
      'meta!': object({
        'page!': whole('This page'),
        'per_page!': whole('Records per page'),
        'total!': whole('Records'),
      }),
    }),
  cut(rows, args) {
    const [page, size] = [Number(args.page ?? 1), Number(args.per_page ?? 20)];
    return { data: rows.slice((page - 1) * size, page * size), meta: { page, per_page: size, total: rows.length } };
  },
};

const SCHEMAS: Record<string, Schema> = {
  Ticket: object({
    'id!': text('Ticket number'),
    'subject!': text('Subject line'),
    'requester_id!': text('Contact who asked'),
    'priority!': oneOf('Priority', PRIORITIES),
    'status!': oneOf(STATE_WORDS, STATES),
    'assignee_id!': { type: ['string', 'null'], description: 'Agent who works on it; null if nobody does yet' },
    'group_id!': text('Group of agents that it belongs to'),
    'channel!': oneOf('How it came in', CHANNELS),
    'tags!': list({ type: 'string' }, 'Tags'),
    'created_at!': moment('When it came in'),
  }),
  Reply: object({
    'id!': text('Reply id'),
    'ticket_id!': text('Ticket number'),
    'author_name!': text('Name of the agent or contact who wrote it'),
    'public!': flag('false for an internal note, which only agents see'),
    'body!': text('Text'),
    'created_at!': moment('When it was written'),
  }),
  Agent: object({
    'id!': text('Agent id'),
    'name!': text('Full name'),
    'email!': email('Work e-mail address'),
    'group_id!': text('Group that the agent belongs to'),
    'available!': flag('Whether new tickets are routed to the agent'),
  }),
  Contact: object({
    'id!': text('Contact id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    'phone!': text('Phone number'),
    'company!': text('Company that the contact works for'),
  }),
  Group: object({ 'id!': text('Group id'), 'name!': text('Name of the group') }),
  Rating: object({
    'id!': text('Rating id'),
    'ticket_id!': text('Ticket that was rated'),
    'agent_id!': text('Agent who solved it'),
    'score!': oneOf('Score', SCORES),
    'comment!': text('What the customer wrote; may be empty'),
    'rated_on!': day('Day of the rating'),
  }),
  Article: object({
    'id!': text('Article id'),
    'title!': text('Title'),
    'section!': text('Section of the help center'),
    'status!': oneOf('Only published articles are visible to customers', ARTICLE_STATES),
  }),
};

const TICKET: [string, string, string] = ['tickets', 'ticket_id', 'Ticket'];
const CONTACT: [string, string, string] = ['contacts', 'contact_id', 'Contact'];

const operations: Operation[] = [
  lists(['list_tickets', '/api/v2/tickets', 'List tickets'], ['tickets', 'Ticket'], {
    paging,
    filters: [
      contains('q', text('Words of the subject'), 'subject'),
      same('status', oneOf(STATE_WORDS, STATES)),
      same('priority', oneOf('Only tickets with this priority', PRIORITIES)),
      same('assignee_id', text('Only tickets of this agent')),
      same('requester_id', text('Only tickets from this contact')),
      same('group_id', text('Only tickets of this group')),
      {
        name: 'tag',
        schema: text('Only tickets with this tag'),
        keeps: (row, value) => (row.tags as string[]).includes(String(value)),
      },
      atLeast('created_from', day('Created on this day or later'), 'created_at'),
      atMost('created_to', day('Created on this day or earlier'), 'created_at'),
      {
        name: 'sort',
        schema: oneOf('Sort order; a leading minus sorts newest first. Default: created_at', [
          'created_at',
          '-created_at',
        ]),
      },
    ],
  }),
  gets(['get_ticket', '/api/v2/tickets/{ticket_id}', 'Retrieve a ticket'], TICKET),
  {
    id: 'create_ticket',
    method: 'post',
    path: '/api/v2/tickets',
    summary: 'Create a ticket',
    description: 'Opens a ticket on behalf of a contact. The description becomes the first message.',
    body: object({
      'subject!': text('Subject line'),
      'description!': text('What the contact needs'),
      'requester_id!': text('Contact who asks'),
      priority: oneOf('Priority; normal if left out', PRIORITIES),
      group_id: text('Group of agents'),
      assignee_id: text('Agent who is to work on it'),
    }),
    status: 201,
    answer: ref('Ticket'),
    run({ tables, body: { description: _, ...given } }) {
      find(tables.contacts, given.requester_id);
      const fixed = { status: 'open', channel: 'web', tags: [], created_at: NOW };
      const row = { id: nextId(tables.tickets!), priority: 'normal', assignee_id: null, group_id: 'grp_2' };
      tables.tickets!.push({ ...row, ...fixed, ...given });
      return tables.tickets!.at(-1);
    },
  },
  changes(['update_ticket', '/api/v2/tickets/{ticket_id}', 'Update a ticket'], TICKET, {
    method: 'patch',
    body: object({
      subject: text('Subject line'),
      status: oneOf(STATE_WORDS, STATES),
      priority: oneOf('Priority', PRIORITIES),
      assignee_id: text('Agent who is to work on it'),
      group_id: text('Group of agents'),
    }),
  }),
  lists(
    ['list_replies', '/api/v2/tickets/{ticket_id}/replies', 'List replies of a ticket, oldest first'],
    ['replies', 'Reply'],
    { within: 'ticket_id' },
  ),
  adds(['add_reply', '/api/v2/tickets/{ticket_id}/replies', 'Reply to a ticket'], ['replies', 'Reply'], {
    body: object({
      'body!': text('Text of the reply, plain'),
      public: {
        type: 'boolean',
        default: true,
        description: 'true: sent to the requester; false: internal note, which only agents see',
      },
    }),
    within: 'ticket_id',
    set: { author_name: 'Dana Whitfield', public: true, created_at: NOW },
  }),
  {
    id: 'add_tag',
    method: 'post',
    path: '/api/v2/tickets/{ticket_id}/tags',
    summary: 'Add a tag to a ticket',
    body: object({ 'tag!': text('Tag, lower case, no spaces') }),
    answer: ref('Ticket'),
    run({ tables, path, body }) {
      const ticket = find(tables.tickets, path.ticket_id);
      return Object.assign(ticket, { tags: [...(ticket.tags as string[]), body.tag] });
    },
  },
  {
    id: 'merge_ticket',
    method: 'post',
    path: '/api/v2/tickets/{ticket_id}/merge',
    summary: 'Merge a ticket into another',
    description: 'The ticket in the path is closed, and its replies are moved to the other one. Cannot be undone.',
    body: object({ 'into_ticket_id!': text('Ticket that stays') }),
    answer: ref('Ticket'),
    run({ tables, path, body }) {
      find(tables.tickets, body.into_ticket_id);
      return Object.assign(find(tables.tickets, path.ticket_id), { status: 'closed' });
    },
  },
  lists(['list_agents', '/api/v2/agents', 'List agents'], ['agents', 'Agent'], {
    paging,
    filters: [
      same('group_id', text('Only agents of this group')),
      same('available', flag('Only agents who take (true) or do not take (false) new tickets')),
    ],
  }),
  gets(['get_agent', '/api/v2/agents/{agent_id}', 'Retrieve an agent'], ['agents', 'agent_id', 'Agent']),
  changes(
    ['set_agent_availability', '/api/v2/agents/{agent_id}/availability', 'Set whether an agent takes new tickets'],
    ['agents', 'agent_id', 'Agent'],
    { method: 'put', body: object({ 'available!': flag('Whether new tickets are routed to the agent') }) },
  ),
  lists(['list_contacts', '/api/v2/contacts', 'List contacts'], ['contacts', 'Contact'], {
    paging,
    filters: [
      contains('q', text('Part of the name or of the e-mail address'), 'name', 'email'),
      same('company', text('Only contacts of this company, full name')),
    ],
  }),
  gets(['get_contact', '/api/v2/contacts/{contact_id}', 'Retrieve a contact'], CONTACT),
  adds(['create_contact', '/api/v2/contacts', 'Create a contact'], ['contacts', 'Contact'], {
    body: object({
      'name!': text('Full name'),
      'email!': email('E-mail address'),
      phone: text('Phone number'),
      company: text('Company that the contact works for'),
    }),
    set: { phone: '', company: '' },
  }),
  changes(['update_contact', '/api/v2/contacts/{contact_id}', 'Update a contact'], CONTACT, {
    method: 'patch',
    body: object({ email: email('E-mail address'), phone: text('Phone number'), company: text('Company') }),
  }),
  lists(['list_groups', '/api/v2/groups', 'List groups of agents'], ['groups', 'Group']),
  lists(['list_ratings', '/api/v2/satisfaction_ratings', 'List satisfaction ratings'], ['ratings', 'Rating'], {
    paging,
    filters: [
      same('score', oneOf('Only this score', SCORES)),
      same('agent_id', text('Only ratings of this agent')),
      atLeast('rated_from', day('Rated on this day or later'), 'rated_on'),
      atMost('rated_to', day('Rated on this day or earlier'), 'rated_on'),
    ],
  }),
  lists(['list_articles', '/api/v2/articles', 'List help center articles'], ['articles', 'Article'], {
    paging,
    filters: [
      contains('q', text('Words of the title'), 'title'),
      same('status', oneOf('Only articles with this status', ARTICLE_STATES)),
    ],
  }),
  changes(
    ['publish_article', '/api/v2/articles/{article_id}/publish', 'Publish a help center article'],
    ['articles', 'article_id', 'Article'],
    { set: { status: 'published' }, only: ['draft'] },
  ),
];

/** A help desk: tickets with replies, agents in groups, contacts, ratings and help articles; plain REST with filters and pages. */
export const SERVICE = service({
  id: 'deskwise',
  name: 'Deskwise',
  description: 'REST API of the Deskwise help desk. Times are UTC.',
  pathWords: {
    ticket_id: 'Ticket number',
    agent_id: 'Agent id',
    contact_id: 'Contact id',
    article_id: 'Article id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
