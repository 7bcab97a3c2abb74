// The three errands of the walkthrough and the tests.
import type { CreateRunInput } from '@errand/contracts';

type Errand = (typeof CreateRunInput)['_zod']['input'];

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
