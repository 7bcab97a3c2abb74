// The environment of a client of the original: the service, a registered CRM and calendar, and a key. The original has no registration of
// integrations, so it is done here and not by the client.
import { randomUUID } from 'node:crypto';
import { type CalendarStack, startCalendarStack } from '../fixtures/calendar.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { callablePort, openWorkspace, type Workspace } from '../fixtures/workspace.ts';
import { type CreateRun, OriginalClient } from './client.ts';

/** The service: a workspace of the default service, or a stack. */
type ServiceAccess = Pick<Workspace, keyof Workspace & keyof Stack>;

export type World<P extends ServiceAccess = ServiceAccess> = {
  stack: P;
  calendarStack: CalendarStack;
  client: OriginalClient;
  /** A CRM with a token of the workspace. */
  crm: string;
  /** A calendar at which each user consents. */
  calendar: string;
  /** Registers an integration. @returns its customerIntegrationId */
  register(body: object): Promise<string>;
  /** Patches an integration. */
  change(customerIntegrationId: string, body: object): Promise<void>;
  close(): Promise<void>;
};

/** In a workspace of the default service. */
export async function openWorld(): Promise<World<Workspace>> {
  const calendarStack = await startCalendarStack({}, callablePort);
  return worldAt(await openWorkspace({ seed: false }), calendarStack);
}

/** With a service of its own. */
export async function startWorld(): Promise<World<Stack>> {
  const calendarStack = await startCalendarStack();
  const allow = [calendarStack.authorization.url, calendarStack.calendar.url];
  return worldAt(await startStack({ allow, seed: false }), calendarStack);
}

async function worldAt<P extends ServiceAccess>(stack: P, calendarStack: CalendarStack): Promise<World<P>> {
  const { authorization, calendar } = calendarStack;
  const client = new OriginalClient(stack.url, stack.apiKey);
  const register = async (body: object) => {
    const integration = await client.send('POST', '/v1/integrations', { enable: 'all', ...body }, 201);
    return (integration as { customerIntegrationId: string }).customerIntegrationId;
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

/** The request of the reference's own example, with the CRM and a user of its own. */
export const salesSummary = ({ crm }: Pick<World, 'crm'>, more: Partial<CreateRun> = {}): CreateRun => ({
  intent: 'Create a summary of the latest sales data',
  context: 'Focus on Q4 2023 data with regional breakdown',
  selectedCustomerIntegrationIds: [crm],
  userId: `user-${randomUUID()}`,
  ...more,
});
