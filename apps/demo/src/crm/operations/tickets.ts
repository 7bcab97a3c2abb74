import { insert, type Ticket } from '../data.ts';
import { operation } from '../operation.ts';
import { PROPERTIES } from '../properties.ts';
import { checkReferences, find, type Paging, page, paging, timestamp, where } from '../rows.ts';

const TAG = 'Tickets';
const { accountId, priority, status } = PROPERTIES.Ticket;

export const tickets = [
  operation<Paging & Partial<Pick<Ticket, 'accountId' | 'priority' | 'status'>>>({
    id: 'listTickets',
    method: 'GET',
    path: '/tickets',
    tag: TAG,
    summary: 'List tickets',
    description: 'Finds tickets by account, priority or status.',
    query: { accountId, priority: { ...priority, default: undefined }, status, ...paging },
    answer: 'TicketPage',
    handle: (data, { query: { limit, offset, ...equal } }) => page(where(data.tickets, equal), { limit, offset }),
  }),
  operation({
    id: 'getTicket',
    method: 'GET',
    path: '/tickets/{ticketId}',
    tag: TAG,
    summary: 'Get a ticket',
    description: 'Returns one ticket by its id.',
    answer: 'Ticket',
    errors: [404],
    handle: (data, { id }) => find(data, 'tickets', id),
  }),
  operation<unknown, Pick<Ticket, 'accountId' | 'subject'> & Partial<Ticket>>({
    id: 'createTicket',
    method: 'POST',
    path: '/tickets',
    tag: TAG,
    summary: 'Create a ticket',
    description: 'Opens a ticket for an account.',
    body: 'TicketCreate',
    status: 201,
    answer: 'Ticket',
    handle: (data, { body }) => {
      checkReferences(data, body);
      return insert(data, 'tickets', { priority: 'normal', ...body, status: 'open', createdAt: timestamp() });
    },
  }),
];
