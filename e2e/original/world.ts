// What stands around a client of the original: the service, a CRM and a calendar that it knows, and a key. Registering integrations
// is no part of the original, so that it is done here and not by the client.
import { randomUUID } from 'node:crypto';
import { type CalendarStack, startCalendarStack } from '../fixtures/calendar.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type CreateRun, OriginalClient } from './client.ts';

/** A product that uses the service. */
export const APP = 'https://app.example.com';

export type World = {
  stack: Stack;
  calendarStack: CalendarStack;
  client: OriginalClient;
  /** A CRM with a token of the workspace. */
  crm: string;
  /** A calendar at which each user consents. */
  calendar: string;
  /** Registers an integration. @returns its customerIntegrationId */
  register(body: object): Promise<string>;
  /** Changes one. */
  change(customerIntegrationId: string, body: object): Promise<void>;
  close(): Promise<void>;
};

export async function startWorld(): Promise<World> {
  const calendarStack = await startCalendarStack();
  const { authorization, calendar } = calendarStack;
  const stack = await startStack({
    allow: [authorization.url, calendar.url],
    seed: false,
    env: { ERRAND_REDIRECT_ORIGINS: APP },
  });
  const client = new OriginalClient(stack.url, stack.apiKey);
  const register = async (body: object) => {
    const made = await client.send('POST', '/v1/integrations', { enable: 'all', ...body }, 201);
    return (made as { customerIntegrationId: string }).customerIntegrationId;
  };
  const { documentUrl, token } = stack.crm;
  const { clientId, clientSecret } = authorization;
  return {
    stack,
    calendarStack,
    client,
    crm: await register({ name: 'CRM', kind: 'openapi', url: documentUrl, auth: { type: 'API_TOKEN', token } }),
    calendar: await register({
      name: 'Calendar',
      kind: 'openapi',
      url: calendar.documentUrl,
      auth: { type: 'OAUTH2', clientId, clientSecret },
    }),
    register,
    change: async (id, body) => void (await client.send('PATCH', `/v1/integrations/${id}`, body)),
    async close() {
      await stack.close();
      await calendarStack.close();
    },
  };
}

/** The request of the reference's own example, over the CRM and for a user of its own. */
export const salesSummary = ({ crm }: Pick<World, 'crm'>, more: Partial<CreateRun> = {}): CreateRun => ({
  intent: 'Create a summary of the latest sales data',
  context: 'Focus on Q4 2023 data with regional breakdown',
  selectedCustomerIntegrationIds: [crm],
  userId: `user-${randomUUID()}`,
  ...more,
});
