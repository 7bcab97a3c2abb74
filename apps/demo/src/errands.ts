// The errands of the walkthroughs and the tests.
import type { CreateRunInput } from '@errand/contracts';

export type Errand = (typeof CreateRunInput)['_zod']['input'];

/** Inputs of `POST /v1/runs`. */
export const errands = {
  salesSummary: {
    intent: 'Create a summary of the latest sales data',
    context: 'Focus on Q4 2023 data with regional breakdown',
    userId: 'user-123',
    approvalStrategy: 'NONE',
    selectedCustomerIntegrationIds: ['*'],
    outputSchema: {
      type: 'object',
      properties: {
        quarter: { type: 'string' },
        total: { type: 'number' },
        regions: {
          type: 'array',
          items: {
            type: 'object',
            properties: { region: { type: 'string' }, total: { type: 'number' } },
            required: ['region', 'total'],
            additionalProperties: false,
          },
        },
      },
      required: ['quarter', 'total', 'regions'],
      additionalProperties: false,
    },
  },
  largeDeals: {
    intent: 'Which deals over 50000 does the account Northwind have, and who owns them?',
    context: '',
    userId: 'user-123',
    approvalStrategy: 'NONE',
    selectedCustomerIntegrationIds: ['*'],
  },
  logCall: {
    intent: 'Log a call with Contoso for tomorrow at 10:00',
    context: '',
    userId: 'user-123',
    approvalStrategy: 'NONE',
    selectedCustomerIntegrationIds: ['*'],
  },
} satisfies Record<string, Errand>;

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
