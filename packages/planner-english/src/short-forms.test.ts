// Values that an intent tells in a short form, and a number that is a field or a count.
import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const invoice = { id: 'string', number: 'string', state: 'open|paid', issuedOn: 'date' } as const;
const billing = service('billing', 'Billing', [
  {
    call: 'GET /invoices',
    name: 'listInvoices',
    title: 'List invoices',
    query: { state: 'open|paid' },
    answer: { invoices: [invoice] },
  },
]);
const invoices = () => ({
  invoices: [
    { id: 'i1', number: 'A-7', state: 'open', issuedOn: '2026-01-02' },
    { id: 'i2', number: 'A-9', state: 'open', issuedOn: '2026-03-04' },
  ],
});

describe('the number of', () => {
  it.each(['What is the number of the latest invoice?', 'Tell me the number of the latest open invoice'])(
    'one thing is a field: %s',
    async (intent) => {
      const { result } = await run(billing, intent, invoices);
      expect(result).toMatchObject({ number: 'A-9' });
    },
  );

  it.each(['What is the number of open invoices?', 'Tell me the number of all the open invoices'])(
    'several things is a count: %s',
    async (intent) => {
      const { result } = await run(billing, intent, invoices);
      expect(result).toEqual({ count: 2 });
    },
  );

  it('a thing that has none is refused', async () => {
    const plain = service('desk', 'Desk', [
      {
        call: 'GET /tickets',
        name: 'listTickets',
        title: 'List tickets',
        answer: [{ subject: 'string', madeOn: 'date' }],
      },
    ]);
    expect(await planOf(plain, 'What is the number of the latest ticket?')).toMatchObject({ kind: 'none' });
  });
});

const forge = service('forge', 'Forge', [
  {
    call: 'GET /repos/{owner}/{repo}/issues',
    name: 'listIssues',
    title: 'List the issues of a repository',
    query: { state: 'open|closed', severity: 'integer: How bad it is.' },
    answer: [{ id: 'string', title: 'string', state: 'open|closed' }],
  },
  {
    call: 'POST /messages',
    name: 'sendMessage',
    title: 'Send a message',
    body: { 'channel!': 'string: Name of the channel.', 'text!': 'string: Text of the message.' },
    answer: { id: 'string' },
  },
]);

describe('what is told in a short form', () => {
  it('owner/name fills two arguments', async () => {
    const { calls } = await run(forge, 'List the open issues of acme/rocket-api', () => []);
    expect(calls[0]!.args).toMatchObject({ path: { owner: 'acme', repo: 'rocket-api' }, query: { state: 'open' } });
  });

  it('key=value fills the argument of that name', async () => {
    const { calls } = await run(forge, 'List the issues of acme/api with severity=2', () => []);
    expect(calls[0]!.args).toMatchObject({ path: { owner: 'acme', repo: 'api' }, query: { severity: 2 } });
    const named = await run(forge, 'List the issues with owner=acme and repo="rocket api"', () => []);
    expect(named.calls[0]!.args).toMatchObject({ path: { owner: 'acme', repo: 'rocket api' } });
  });

  it('#channel is a channel', async () => {
    const { calls } = await run(forge, 'Send a message to #general saying "Lunch is ready"', () => ({ id: 'm1' }));
    expect(calls[0]!.args).toEqual({ body: { channel: 'general', text: 'Lunch is ready' } });
  });

  it.each([
    ['List the issues of acme/api with colour=red', /colour/],
    ['List the open/closed issues of acme/api', /./],
    ['Show the issues of #general', /./],
  ])('%s: what has no place is refused', async (intent, reason) => {
    expect(await planOf(forge, intent)).toMatchObject({ kind: 'none', reason: expect.stringMatching(reason) });
  });
});

it.each([
  ['Only invoices issued on or before this day.', '2026-11-26'],
  ['Only invoices issued before this day.', '2026-11-27'],
])('a last day is sent as the document means it: %s', async (text, last) => {
  const tools = service('billing', 'Billing', [
    {
      call: 'GET /invoices',
      name: 'listInvoices',
      title: 'List invoices',
      query: { from: 'date: Only invoices issued on or after this day.', to: `date: ${text}` },
      answer: { invoices: [invoice] },
    },
  ]);
  const { calls } = await run(tools, 'List the invoices issued tomorrow', invoices);
  expect(calls[0]!.args.query).toMatchObject({ from: '2026-11-26', to: last });
});
