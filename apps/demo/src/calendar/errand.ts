import type { CreateRunInput } from '@errand/contracts';

type Errand = (typeof CreateRunInput)['_zod']['input'];

/** Reads a meeting from the calendar, an MCP server, and logs it with its account in the CRM, an OpenAPI service. */
export const meetingToCrm = (calendarId: string, crmId: string, userId: string): Errand => ({
  intent: 'Log the call with Northwind that is in my calendar in the CRM',
  userId,
  selectedCustomerIntegrationIds: [calendarId, crmId],
  plan: {
    goal: 'Log the call with Northwind in the CRM',
    steps: [
      { id: 'call', tool: `${calendarId}.list_events`, args: { title: 'Northwind' } },
      { id: 'account', tool: `${crmId}.listAccounts`, args: { query: { name: 'Northwind' } } },
      {
        id: 'logged',
        tool: `${crmId}.createActivity`,
        args: {
          body: {
            type: 'call',
            accountId: { $: 'steps.account.output.items[0].id' },
            subject: { $: 'steps.call.output.items[0].title' },
            scheduledAt: { $: 'steps.call.output.items[0].startsAt' },
          },
        },
      },
    ],
    result: { subject: { $: 'steps.logged.output.subject' }, scheduledAt: { $: 'steps.logged.output.scheduledAt' } },
  },
});
