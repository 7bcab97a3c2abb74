import type { Ticket } from '../data.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { where } from '../rows.ts';

const { accountId, priority, status } = PROPERTIES.Ticket;
const rows = rowOperations('tickets');

export const tickets = [
  rows.list<Partial<Pick<Ticket, 'accountId' | 'priority' | 'status'>>>({
    description: 'Finds tickets by account, priority or status.',
    query: { accountId, priority: { ...priority, default: undefined }, status },
    rows: (data, equal) => where(data.tickets, equal),
  }),
  rows.get(),
  rows.create<Pick<Ticket, 'accountId' | 'subject'> & Partial<Ticket>>({
    description: 'Opens a ticket for an account.',
    row: (body) => ({ priority: 'normal', ...body, status: 'open' }),
  }),
];
