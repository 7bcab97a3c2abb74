// Two things to do are two calls, what is said is no title of what is there, and a question is answered by what it asks for.
import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { plans, refusals } from './testing/tables.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const order = {
  orderId: 'string: Id of the order.',
  title: 'string: What it is called.',
  state: 'fresh|packed|gone: How it stands.',
  orderedOn: 'date: Day of the order.',
  payBy: 'date: Day by which it is to be paid.',
  buyerName: 'string: Name of the buyer.',
  total: 'number: Price in pounds.',
} as const;
const days = { memberId: 'string: Id of the member.', course: 'yoga|rowing' } as const;

const mailroom = service('mailroom', 'Mailroom', [
  { call: 'GET /orders/{orderId}', name: 'getOrder', title: 'Get an order', answer: order },
  {
    call: 'GET /orders',
    name: 'listOrders',
    title: 'List orders',
    query: {
      state: 'fresh|packed|gone: Only orders that stand so.',
      payBefore: 'date: To be paid on this day or earlier.',
    },
    answer: [order],
  },
  {
    call: 'PATCH /orders/{orderId}',
    name: 'updateOrder',
    title: 'Update an order',
    body: { title: 'string: What it is called.', state: 'fresh|packed|gone: How it stands.' },
    answer: order,
  },
  {
    call: 'POST /orders/{orderId}/comments',
    name: 'addComment',
    title: 'Comment on an order',
    body: {
      'text!': 'string: What is said.',
      public: 'boolean: true: sent to the buyer; false: a note for the staff.',
    },
    answer: { id: 'string' },
  },
  {
    call: 'POST /orders/{orderId}/tags',
    name: 'addTag',
    title: 'Add a tag to an order',
    body: { 'tag!': 'string: Tag.' },
    answer: order,
  },
  {
    call: 'PUT /alarms/{alarmId}/acknowledge',
    name: 'acknowledgeAlarm',
    title: 'Acknowledge an alarm',
    body: { remark: 'string: Remark.' },
    answer: { id: 'string' },
  },
  {
    call: 'GET /shipments',
    name: 'listShipments',
    title: 'List shipments',
    query: { orderId: 'string: Only shipments of this order.' },
    answer: [
      { shipmentId: 'string: Id.', orderId: 'string', shippedOn: 'date: Day.', way: 'string: How it was shipped.' },
    ],
  },
  {
    call: 'GET /members/{memberId}/course-bookings',
    name: 'listCourseBookings',
    title: 'List the course bookings of a member',
    answer: [{ ...days, id: 'string', bookedDays: 'number: Days of the course.' }],
  },
  {
    call: 'GET /members/{memberId}/course-passes',
    name: 'listCoursePasses',
    title: 'List the course passes of a member',
    answer: [{ ...days, boughtDays: 'number: Days paid.', remainingDays: 'number: Days that can be booked.' }],
  },
]);

const said = { path: { orderId: 'OR-12' }, body: { text: 'It can be sent again. Sorry.' } };
const gone = { path: { orderId: 'OR-12' }, body: { state: 'gone' } };

describe('what is done', () => {
  plans(mailroom, [
    [
      'Comment on order OR-12: "It can be sent again. Sorry." Then set it to gone.',
      ['addComment', said],
      ['updateOrder', gone],
    ],
    [
      'Comment on order OR-12 "It can be sent again. Sorry." and then set it to gone',
      ['addComment', said],
      ['updateOrder', gone],
    ],
    [
      'Comment on order OR-12: "It can be sent again. Sorry.". After that, set it to gone.',
      ['addComment', said],
      ['updateOrder', gone],
    ],
    [
      'Comment on order OR-12: It can be sent again. Sorry. Then set it to gone.',
      ['addComment', said],
      ['updateOrder', gone],
    ],
    [
      'Set order OR-12 to gone. Comment on it: "It can be sent again. Sorry."',
      ['updateOrder', gone],
      ['addComment', said],
    ],
    [
      'Change the title of order OR-12: "Boxes for Ada"',
      ['updateOrder', { path: { orderId: 'OR-12' }, body: { title: 'Boxes for Ada' } }],
    ],
  ]);
  refusals(mailroom, [
    ['Put on order OR-12: "It can be sent."', '"It can be sent."'],
    ['Update order OR-12: "It can be sent.", state gone', '"It can be sent."'],
    ['Answer order OR-12: "It can be sent." and set it to gone', 'order id'],
    ['Set order OR-12 to gone and reply "It can be sent"', 'It can be sent'],
    ['Note on order OR-12: "It can be sent."', 'note'],
    ['Update alarm AL-3: "It is done."', 'not what was asked for'],
    ['Tell order OR-12: "It is done."', '"It is done."'],
  ]);
  it('nothing that is there is made once more for a text about it', async () => {
    const tools = mailroom.filter(({ operation }) => operation !== 'addComment');
    for (const verb of ['Reply to', 'Comment on', 'Note on', 'Message', 'Answer', 'Write to', 'Tell'])
      expect(await planOf(tools, `${verb} order OR-12: "It is done."`)).toMatchObject({ kind: 'none' });
  });
});

describe('what is asked', () => {
  plans(mailroom, [
    ['When was order OR-12 ordered?', ['getOrder', { path: { orderId: 'OR-12' } }]],
    ['How many days of yoga does member M-7 have left?', ['listCoursePasses', { path: { memberId: 'M-7' } }]],
    ['How many days of yoga has member M-7 booked?', ['listCourseBookings', { path: { memberId: 'M-7' } }]],
    ['Which orders are packed? Title and buyer of each.', ['listOrders', { query: { state: 'packed' } }]],
  ]);
  refusals(mailroom, [
    ['When was order OR-12 paid?', 'When was order OR-12 paid'],
    ['When was order OR-12 ordered, and how?', 'how'],
    ['How was order OR-12 paid?', 'How was order OR-12 paid'],
    ['How many days of courses does member M-7 have?', 'how many days'],
    ['Which orders are purple? Show all shipments.', 'purple'],
    ['Show all shipments. Only the packed ones.', 'not what was asked for'],
  ]);
  it('adds up the figure that is asked for', async () => {
    const rows = [
      { memberId: 'M-7', course: 'yoga', boughtDays: 9, remainingDays: 4 },
      { memberId: 'M-7', course: 'rowing', boughtDays: 5, remainingDays: 2 },
    ];
    const { result } = await run(mailroom, 'How many days of yoga does member M-7 have left?', () => rows);
    expect(result).toEqual({ total: 4, count: 1 });
  });
  it('brings rows where something is due by the end of a month', async () => {
    const row = { orderId: 'OR-1', title: 'A', state: 'packed', payBy: '2026-11-28', buyerName: 'Ada', total: 5 };
    const intent = 'Which packed orders are to be paid by the end of November? Title and buyer of each.';
    const { result, calls } = await run(mailroom, intent, () => [row]);
    expect(calls).toEqual([{ operation: 'listOrders', args: { query: { state: 'packed', payBefore: '2026-11-30' } } }]);
    expect(result).toEqual([row]);
  });
});
