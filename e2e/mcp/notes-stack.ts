import type { CreateRunInput } from '@errand/contracts';
import pg from 'pg';
import { expect } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { consent } from '../fixtures/calendar.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { startNotesServer } from './notes-server.ts';

export type NotesStack = Awaited<ReturnType<typeof startNotesStack>>;
type RunInput = (typeof CreateRunInput)['_zod']['input'];

let users = 0;

/** The service, and an MCP server at which its users consent. */
export async function startNotesStack() {
  const notes = await startNotesServer();
  const MASTER_KEYS = `k1:${Buffer.alloc(32, 9).toString('base64')}`;
  const env = {
    ERRAND_MASTER_KEYS: MASTER_KEYS,
    ERRAND_EGRESS_ALLOW: [notes.stub.origin, notes.authorization.url, notes.another.url].join(','),
  };
  const stack: Stack = await startStack({ seed: false, env });
  const api: Api = overRest(stack);
  const pool = new pg.Pool({ connectionString: stack.databaseUrl });
  const newUser = () => `user-${++users}`;
  /** Registers the server by its address, and confirms its authorization server. */
  const register = async (caller = api) => {
    const integration = await caller.integrations.create({ name: 'Notes', kind: 'mcp', url: notes.stub.url });
    const { customerIntegrationId } = integration;
    await caller.integrations.patch({ customerIntegrationId, confirmIssuer: notes.authorization.url });
    return customerIntegrationId;
  };
  const linkFor = async (customerIntegrationId: string, userId: string) =>
    (await api.integrations.authUrl({ customerIntegrationId, userId })).authorizeUrl;
  const connect = async (id: string, userId: string) => {
    const end = await consent(new Browser(), await linkFor(id, userId));
    expect(end.url.search).toBe('?status=success');
  };
  const toolsRead = (customerIntegrationId: string) =>
    expect
      .poll(async () => (await api.integrations.get({ customerIntegrationId })).toolCount, { timeout: 60_000 })
      .toBe(2);
  return {
    notes,
    stack,
    api,
    pool,
    env,
    newUser,
    register,
    linkFor,
    connect,
    toolsRead,
    /** An integration with enabled tools. */
    async ready(): Promise<string> {
      const customerIntegrationId = await register();
      await connect(customerIntegrationId, newUser());
      await toolsRead(customerIntegrationId);
      await api.integrations.setTools({ customerIntegrationId, enabled: 'all' });
      return customerIntegrationId;
    },
    /** Creates a run that adds a note. */
    call: async (id: string, userId: string, more: Partial<RunInput> = {}): Promise<string> =>
      (await api.runs.create(addsNote(id, userId, more))).runId,
    /** The page of a run's consent request. */
    async linkOf(runId: string): Promise<string> {
      const { events } = await api.runs.events({ runId, after: 0 });
      const urls = events.flatMap((event) =>
        event.type === 'authentication' && event.auth.status === 'required' ? [event.auth.url] : [],
      );
      return urls.at(-1) ?? '';
    },
    pending: async (runId: string) => (await api.runs.get({ runId })).waitingOn,
    reaches: (runId: string, status: string) =>
      expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000, interval: 50 }).toBe(status),
    async close() {
      await pool.end();
      await stack.close();
      await notes.close();
    },
  };
}

function addsNote(id: string, userId: string, more: Partial<RunInput>): RunInput {
  const tool = `${id}.add_note`;
  const steps = [{ id: 'only', tool, args: { text: 'Milk' } }];
  const plan = aPlan(tool, { steps, result: { $: 'steps.only.output' } });
  return aRun({ userId, selectedCustomerIntegrationIds: [id], plan, ...more });
}
