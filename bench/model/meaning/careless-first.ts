// Plans that pass for right in their form, and are not.
import type { ModelPlan } from './model-plan.ts';

export const CARELESS_FIRST: ModelPlan[] = [
  {
    slip: 'count of the first page',
    intent: 'How many confirmed bookings are there?',
    plan: {
      goal: 'Count bookings',
      steps: [{ id: 'b', tool: 'hire.listBookings', args: { query: { state: 'confirmed' } } }],
      result: { count: { $: '$count(steps.b.output.bookings)' } },
    },
  },
  {
    slip: 'sum of the first page',
    intent: 'What are all bookings of cus_31 worth together?',
    plan: {
      goal: 'Sum',
      steps: [{ id: 'b', tool: 'hire.listBookings', args: { query: { customerId: 'cus_31', limit: 50 } } }],
      result: { total: { $: '$sum(steps.b.output.bookings.totalCents)' } },
    },
  },
  {
    slip: 'own filter over the first page',
    intent: 'Which items are not insured?',
    plan: {
      goal: 'Items without insurance',
      steps: [{ id: 'i', tool: 'hire.listItems', args: {} }],
      result: { $: '[steps.i.output.data[insured = false].name]' },
    },
  },
  {
    slip: 'loop of writes over the first page',
    intent: 'Cancel every booking that is only requested.',
    plan: {
      goal: 'Cancel requests',
      steps: [
        { id: 'b', tool: 'hire.listBookings', args: { query: { limit: 50 } } },
        {
          id: 'c',
          tool: 'hire.updateBooking',
          forEach: { $: 'steps.b.output.bookings' },
          args: { path: { bookingId: { $: 'item.id' } }, body: { state: 'cancelled' } },
        },
      ],
    },
  },
  {
    slip: 'write to the first of several of one name',
    intent: 'Note for Berg: owes us a lens cap.',
    plan: {
      goal: 'Note for Berg',
      steps: [
        { id: 'who', tool: 'hire.listCustomers', args: { query: { name: 'Berg' } } },
        {
          id: 'n',
          tool: 'hire.addNote',
          args: { path: { customerId: { $: 'steps.who.output.items[0].id' } }, body: { text: 'Owes us a lens cap.' } },
        },
      ],
    },
  },
  {
    slip: 'id made up',
    intent: 'Put the Leica into repair.',
    plan: {
      goal: 'Leica to repair',
      steps: [{ id: 's', tool: 'hire.setState', args: { path: { itemId: 'itm_12' }, body: { state: 'in_repair' } } }],
    },
  },
  {
    slip: 'address made up',
    intent: 'Write to Mona Lie that the light is back.',
    plan: {
      goal: 'Tell Mona',
      steps: [
        {
          id: 's',
          tool: 'post.sendMessage',
          args: {
            body: { to: 'mona.lie@example.com', subject: 'The light is back', text: 'Hello Mona, the light is back.' },
          },
        },
      ],
    },
  },
  {
    slip: 'relative day written out',
    intent: 'Remind me tomorrow at 9am to call cus_8.',
    plan: {
      goal: 'Reminder',
      steps: [
        {
          id: 'n',
          tool: 'hire.addNote',
          args: { path: { customerId: 'cus_8' }, body: { text: 'Call', remindAt: '2026-11-30T09:00:00Z' } },
        },
      ],
    },
  },
  {
    slip: 'choice in another spelling',
    intent: 'Which items are in repair? All pages please.',
    plan: {
      goal: 'Items in repair',
      steps: [
        {
          id: 'i',
          tool: 'hire.listItems',
          args: {},
          pages: {
            items: { $: 'page.data' },
            next: { $: 'page.meta.page < page.meta.total_pages ? pageCount + 1' },
            into: 'query.page',
            complete: true,
          },
        },
      ],
      result: { $: "[steps.i.output[state = 'In repair'].name]" },
    },
  },
  {
    slip: 'a question as the result',
    intent: 'Cancel the booking of Berg.',
    plan: {
      goal: 'Find Berg',
      steps: [{ id: 'who', tool: 'hire.listCustomers', args: { query: { name: 'Berg' } } }],
      result: { $text: 'Which of these do you mean: {{steps.who.output.items[0].name}} or another one?' },
    },
  },
];
