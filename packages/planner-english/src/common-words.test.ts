// Words that people use around what they want: none of them is a state, a sum or a part of a name.
import { afterAll, expect, it } from 'vitest';
import { closeRuns, run } from './testing/runs.ts';
import { refusals } from './testing/tables.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const office = service('office', 'Office', [
  {
    call: 'GET /visits',
    name: 'listVisits',
    title: 'List visits',
    query: { status: 'planned|done', guest: 'string: Name of the guest.' },
    answer: { visits: [{ id: 'string', guest: 'string', status: 'planned|done' }] },
  },
  {
    call: 'GET /invoices',
    name: 'listInvoices',
    title: 'List invoices',
    answer: { invoices: [{ id: 'string', amount: 'number', issuedOn: 'date' }] },
  },
  {
    call: 'POST /notices',
    name: 'sendNotice',
    title: 'Send a notice to a phone or a mailbox',
    body: { 'channel!': 'email|sms', 'to!': 'string: Number of the phone or address.', 'text!': 'string: The words.' },
    answer: { id: 'string' },
  },
]);
const answers = (operation: string) =>
  operation === 'listVisits'
    ? { visits: [{ id: 'v1', guest: 'Ada Byron', status: 'planned' }] }
    : {
        invoices: [
          { id: 'i1', amount: 120, issuedOn: '2026-01-02' },
          { id: 'i2', amount: 80.5, issuedOn: '2026-03-04' },
        ],
      };

it('"do" is not the state "done"', async () => {
  const { calls } = await run(office, 'Which visits do we have?', ({ operation }) => answers(operation));
  expect(calls).toEqual([{ operation: 'listVisits', args: {} }]);
});

it('"how much" of the latest thing is what stands on it', async () => {
  const { result } = await run(office, 'How much was the latest invoice?', ({ operation }) => answers(operation));
  expect(result).toMatchObject({ id: 'i2', amount: 80.5 });
});

it('a verb behind a name is no part of it', async () => {
  const { calls } = await run(office, 'What do the visits of the guest Ada Byron say?', ({ operation }) =>
    answers(operation),
  );
  expect(calls).toEqual([{ operation: 'listVisits', args: { query: { guest: 'Ada Byron' } } }]);
});

refusals(
  service('store', 'Store', [
    {
      call: 'GET /parts',
      name: 'listParts',
      title: 'List parts',
      query: { q: 'string: Part of a code or a name.' },
      answer: { parts: [{ id: 'string', code: 'string', stock: 'integer' }] },
    },
    {
      call: 'GET /repairs',
      name: 'listRepairs',
      title: 'List repairs',
      query: { assigneeId: 'string: Id of the member of staff who does it.', state: 'open|closed' },
      answer: { repairs: [{ id: 'string', state: 'open|closed' }] },
    },
  ]),
  [
    ['How many BP-1107 do we have in stock?', 'how many'],
    ['Which open repairs do I have?', 'do I'],
    ['List the repairs that are assigned to me', 'to me'],
  ],
);
