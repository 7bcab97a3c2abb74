// Plans that are right, as models write them.
import type { ModelPlan } from './model-plan.ts';

const CUSTOMER_PAGES = {
  items: { $: 'page.items' },
  next: { $: 'page.next_cursor' },
  into: 'query.cursor',
  max: 20,
  complete: true,
};
const BOOKING_PAGES = {
  items: { $: 'page.bookings' },
  next: { $: 'itemCount < page.total ? itemCount' },
  into: 'query.offset',
  max: 20,
  complete: true,
};
const TOMORROW_AT = (hours: number) => ({
  $: `now ~> $startOf('day', timeZone) ~> $dateAdd(1, 'day', timeZone) ~> $dateAdd(${hours}, 'hour')`,
});

export const GOOD_FIRST: ModelPlan[] = [
  {
    intent: 'How many customers do we have in Bergen?',
    plan: {
      goal: 'Count the customers in Bergen',
      steps: [{ id: 'found', tool: 'hire.listCustomers', args: { query: { city: 'Bergen', limit: 1 } } }],
      result: { count: { $: 'steps.found.output.total' } },
    },
  },
  {
    intent: 'What is the total value of all confirmed bookings?',
    plan: {
      goal: 'Sum up confirmed bookings',
      steps: [
        {
          id: 'all',
          tool: 'hire.listBookings',
          args: { query: { state: 'confirmed', limit: 100 } },
          pages: BOOKING_PAGES,
        },
      ],
      result: { totalCents: { $: '$sum(steps.all.output.totalCents)' }, bookings: { $: '$count(steps.all.output)' } },
    },
  },
  {
    intent: 'Add a note to Ada Byron: she prefers the blue tripod.',
    plan: {
      goal: 'Note the preference of Ada Byron',
      steps: [
        { id: 'who', tool: 'hire.listCustomers', args: { query: { name: 'Ada Byron' } } },
        {
          id: 'note',
          tool: 'hire.addNote',
          unless: { $: '$count(steps.who.output.items) != 1' },
          say: 'There is not exactly one customer named Ada Byron.',
          args: {
            path: { customerId: { $: 'steps.who.output.items[0].id' } },
            body: { text: 'Prefers the blue tripod.' },
          },
        },
      ],
      result: { noteId: { $: 'steps.note.output.id' } },
    },
  },
  {
    intent: 'Send ruth@lindqvist.example a mail that her lens is ready to be picked up.',
    plan: {
      goal: 'Tell Ruth that her lens is ready',
      steps: [
        {
          id: 'send',
          tool: 'post.sendMessage',
          args: {
            body: {
              to: 'ruth@lindqvist.example',
              subject: 'Your lens is ready',
              text: 'Hello Ruth,\n\nyour lens is ready to be picked up at the shop.\n\nKind regards',
            },
          },
        },
      ],
      result: { sent: { $: '$exists(steps.send.output.id)' } },
    },
  },
  {
    intent: 'Book the item itm_204 for customer cus_31 from tomorrow 9:00 for two days.',
    context: 'locale=en',
    plan: {
      goal: 'Book itm_204',
      steps: [
        {
          id: 'book',
          tool: 'hire.createBooking',
          args: {
            body: {
              customerId: 'cus_31',
              itemId: 'itm_204',
              startsAt: TOMORROW_AT(9),
              endsAt: { $: "now ~> $startOf('day', timeZone) ~> $dateAdd(3, 'day', timeZone) ~> $dateAdd(9, 'hour')" },
            },
          },
        },
      ],
      result: { id: { $: 'steps.book.output.id' } },
    },
  },
  {
    intent: 'List the five most expensive bookings with their price.',
    plan: {
      goal: 'The five most expensive bookings',
      steps: [{ id: 'top', tool: 'hire.listBookings', args: { query: { sort: '-totalCents', limit: 5 } } }],
      result: { $: "[steps.top.output.bookings.{'id': id, 'totalCents': totalCents}]" },
    },
  },
  {
    intent: 'Set the day rate of the Hasselblad 907X to 180 euros.',
    plan: {
      goal: 'Change the rate of the Hasselblad 907X',
      steps: [
        { id: 'find', tool: 'hire.listItems', args: { query: { name: 'Hasselblad 907X' } } },
        {
          id: 'set',
          tool: 'hire.setRate',
          args: {
            path: {
              itemId: {
                $: "$count(steps.find.output.data) = 1 ? steps.find.output.data[0].id : $refuse('There is not exactly one Hasselblad 907X.')",
              },
            },
            body: { dayRateCents: 18000 },
          },
        },
      ],
      result: { rate: { $: 'steps.set.output.dayRateCents' } },
    },
  },
  {
    intent: 'Cancel all bookings that are still requested and began before today.',
    plan: {
      goal: 'Cancel stale requests',
      steps: [
        {
          id: 'stale',
          tool: 'hire.listBookings',
          args: { query: { state: 'requested', startsBefore: { $: "$startOf(now, 'day', timeZone)" }, limit: 100 } },
          pages: BOOKING_PAGES,
        },
        {
          id: 'cancel',
          tool: 'hire.updateBooking',
          forEach: { $: '[steps.stale.output]' },
          args: { path: { bookingId: { $: 'item.id' } }, body: { state: 'cancelled' } },
        },
      ],
      result: { cancelled: { $: '[steps.cancel.output.id]' } },
    },
  },
  {
    intent: 'Which lenses are in repair at the moment?',
    plan: {
      goal: 'Lenses in repair',
      steps: [
        {
          id: 'lenses',
          tool: 'hire.listItems',
          args: { query: { category: 'lens', state: 'in_repair' } },
          pages: {
            items: { $: 'page.data' },
            next: { $: 'page.meta.page < page.meta.total_pages ? pageCount + 1' },
            into: 'query.page',
            max: 20,
          },
        },
      ],
      result: { $: "[steps.lenses.output.{'name': name, 'id': id}]" },
    },
  },
  {
    intent: 'Create a customer: Jonas Weber, jonas@weber.example, phone +49 170 5550134, Hamburg.',
    plan: {
      goal: 'Create the customer Jonas Weber',
      steps: [
        {
          id: 'make',
          tool: 'hire.createCustomer',
          args: {
            body: { name: 'Jonas Weber', email: 'jonas@weber.example', phone: '+491705550134', city: 'Hamburg' },
          },
        },
      ],
      result: { id: { $: 'steps.make.output.id' } },
    },
  },
  {
    intent: 'Put a meeting "Stocktaking" into my calendar next Monday at 14:00 for 90 minutes.',
    plan: {
      goal: 'Plan the stocktaking',
      steps: [
        {
          id: 'event',
          tool: 'post.createEvent',
          args: {
            path: { calendarId: 'primary' },
            body: {
              title: 'Stocktaking',
              startsAt: {
                $: "now ~> $startOf('week', timeZone) ~> $dateAdd(1, 'week', timeZone) ~> $dateAdd(14, 'hour')",
              },
              durationMinutes: 90,
            },
          },
        },
      ],
      result: { id: { $: 'steps.event.output.id' } },
    },
  },
  {
    intent: 'Reply to the newest message from Ole Berg that we will call him back today.',
    plan: {
      goal: 'Answer Ole Berg',
      steps: [
        { id: 'mail', tool: 'post.searchMessages', args: { query: { from: 'Ole Berg', folder: 'inbox', limit: 1 } } },
        {
          id: 'reply',
          tool: 'post.sendMessage',
          when: { $: '$count(steps.mail.output.messages) > 0' },
          args: {
            body: {
              to: { $: 'steps.mail.output.messages[0].from' },
              subject: { $text: 'Re: {{steps.mail.output.messages[0].subject}}' },
              text: 'Hello Ole,\nwe will call you back today.',
              replyTo: { $: 'steps.mail.output.messages[0].id' },
            },
          },
        },
      ],
      result: { replied: { $: '$count(steps.mail.output.messages) > 0' } },
    },
  },
  {
    intent: 'Which of our people work at the desk, and how many hours in all?',
    plan: {
      goal: 'Desk staff and their hours',
      steps: [
        {
          id: 'staff',
          tool: 'hire.listStaff',
          args: { query: { role: 'desk' } },
          pages: { items: { $: 'page' }, next: { $: 'link.page' }, into: 'query.page', max: 10, complete: true },
        },
      ],
      result: { names: { $: '[steps.staff.output.name]' }, hours: { $: '$sum(steps.staff.output.hours)' } },
    },
  },
  {
    intent: 'Extend booking bkg-2207 by one week.',
    plan: {
      goal: 'Extend bkg-2207',
      steps: [
        { id: 'old', tool: 'hire.listBookings', args: { query: { limit: 50 } }, pages: BOOKING_PAGES },
        {
          id: 'extend',
          tool: 'hire.updateBooking',
          args: {
            path: { bookingId: 'bkg-2207' },
            body: { endsAt: { $: "$dateAdd(steps.old.output[id = 'bkg-2207'].endsAt, 1, 'week', timeZone)" } },
          },
        },
      ],
      result: { endsAt: { $: 'steps.extend.output.endsAt' } },
    },
  },
  {
    intent: 'Is there a customer with the address lena@holm.example? Tell me the name and the city.',
    plan: {
      goal: 'Look up lena@holm.example',
      steps: [{ id: 'c', tool: 'hire.listCustomers', args: { query: { email: 'lena@holm.example' } } }],
      result: {
        found: { $: '$count(steps.c.output.items) > 0' },
        name: { $: 'steps.c.output.items[0].name' },
        city: { $: 'steps.c.output.items[0].city' },
      },
    },
  },
  {
    intent: 'Change the city of the customer with the address lena@holm.example to Odense.',
    plan: {
      goal: 'Move lena@holm.example to Odense',
      steps: [
        { id: 'c', tool: 'hire.listCustomers', args: { query: { email: 'lena@holm.example', limit: 1 } } },
        {
          id: 'set',
          tool: 'hire.updateCustomer',
          args: { path: { customerId: { $: 'steps.c.output.items[0].id' } }, body: { city: 'Odense' } },
        },
      ],
      result: { city: { $: 'steps.set.output.city' } },
    },
  },
  {
    intent: 'Remind me in two weeks to check the deposit of cus_8.',
    plan: {
      goal: 'Reminder about the deposit of cus_8',
      steps: [
        {
          id: 'note',
          tool: 'hire.addNote',
          args: {
            path: { customerId: 'cus_8' },
            body: {
              text: 'Check the deposit',
              remindAt: { $: "$dateAdd(now, 2, 'week', timeZone)" },
              priority: 'normal',
            },
          },
        },
      ],
      result: { id: { $: 'steps.note.output.id' } },
    },
  },
  {
    intent:
      'Which customers with a late booking have not been written to? Just give me the names of those who booked late.',
    plan: {
      goal: 'Customers with late bookings',
      steps: [
        {
          id: 'b',
          tool: 'hire.listBookings',
          args: { query: { state: 'confirmed', limit: 100 } },
          pages: BOOKING_PAGES,
        },
        {
          id: 'c',
          tool: 'hire.getCustomer',
          forEach: { $: '[$distinct(steps.b.output[late = true].customerId)]' },
          args: { path: { customerId: { $: 'item' } } },
        },
      ],
      result: { names: { $: '[steps.c.output.name]' } },
    },
  },
  {
    intent: 'Mail the names of all customers in Aarhus to boss@shop.example.',
    plan: {
      goal: 'Send the customers of Aarhus to the boss',
      steps: [
        { id: 'c', tool: 'hire.listCustomers', args: { query: { city: 'Aarhus', limit: 100 } }, pages: CUSTOMER_PAGES },
        {
          id: 'send',
          tool: 'post.sendMessage',
          args: {
            body: {
              to: 'boss@shop.example',
              subject: 'Customers in Aarhus',
              text: { $text: "These are our customers in Aarhus:\n{{$join([steps.c.output.name], '\n')}}" },
            },
          },
        },
      ],
      result: { customers: { $: '$count(steps.c.output)' } },
    },
  },
  {
    intent: 'Tag customer cus_77 as VIP, keep the other tags.',
    plan: {
      goal: 'Tag cus_77 as VIP',
      steps: [
        { id: 'c', tool: 'hire.getCustomer', args: { path: { customerId: 'cus_77' } } },
        {
          id: 'set',
          tool: 'hire.updateCustomer',
          args: {
            path: { customerId: 'cus_77' },
            body: { tags: { $: "$distinct($append(steps.c.output.tags, 'VIP'))" } },
          },
        },
      ],
      result: { tags: { $: '[steps.set.output.tags]' } },
    },
  },
];
