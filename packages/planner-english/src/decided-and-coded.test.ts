// What is decided by the verb, short ids, and codes with a space in them.
import { afterAll, describe } from 'vitest';
import { closeRuns } from './testing/runs.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const PLATE = 'Plate of the boat trailer, such as AB12 CDE';
const protest = {
  id: 'string: Protest number',
  ticket_id: 'string: Ticket that it is against',
  state: 'open|accepted|rejected',
} as const;
const ticket = { id: 'string: Ticket number', plate: `string: ${PLATE}`, state: 'unpaid|paid' } as const;
const berth = { id: 'string: Berth number', plate: `string: ${PLATE}`, pier: 'string' } as const;

const tools = service('slips', 'Slips', [
  {
    call: 'GET /protests',
    name: 'listProtests',
    title: 'List protests against tickets',
    query: { ticket_id: 'string: Protests against this ticket' },
    answer: { data: [protest] },
  },
  {
    call: 'POST /protests/decide',
    name: 'decideProtest',
    title: 'Decide an open protest',
    body: {
      'protest_id!': 'string: Protest to decide',
      'decision!': 'accepted|rejected: Decision',
      comment: 'string: Comment',
    },
    answer: protest,
  },
  {
    call: 'GET /tickets',
    name: 'listTickets',
    title: 'List tickets',
    query: { plate: `string: ${PLATE}`, state: 'unpaid|paid' },
    answer: { data: [ticket] },
  },
  {
    call: 'PATCH /berths/{berth_id}',
    name: 'updateBerth',
    title: 'Change a berth',
    body: { plate: `string: ${PLATE}`, pier: 'string: Pier' },
    answer: berth,
  },
]);

describe('what is decided', () => {
  plans(tools, [
    ['accept protest PR52', ['decideProtest', { body: { protest_id: 'PR52', decision: 'accepted' } }]],
    [
      'Reject the protest against ticket TK3006 with the comment "Signs were clear"',
      ['listProtests', { query: { ticket_id: 'TK3006' } }],
      ['decideProtest', { body: { protest_id: BOUND, decision: 'rejected', comment: 'Signs were clear' } }],
    ],
  ]);
  refusals(tools, [
    ['accept ticket TK3006', 'accept'],
    ['accept the berth BE1001', ''],
  ]);
});

describe('a code with a space in it', () => {
  plans(tools, [
    ['unpaid tickets of TR12 VLR', ['listTickets', { query: { plate: 'TR12 VLR', state: 'unpaid' } }]],
    [
      'Please change the plate of berth BE1001 to RO26 NEW.',
      ['updateBerth', { path: { berth_id: 'BE1001' }, body: { plate: 'RO26 NEW' } }],
    ],
  ]);
});
