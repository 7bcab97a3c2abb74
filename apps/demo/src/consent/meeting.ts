import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@errand/client';
import { meetingToCrm } from '../calendar/errand.ts';
import { type ConsentEndpoints, carryOut, register, visit } from './carry-out.ts';
import type { Visitor } from './visitor.ts';

const TOOLS_MS = 20_000;

/**
 * Registers the calendar as an MCP server: the owner confirms its authorization server, the first user's consent loads the tools, and a run
 * reads from the calendar and writes to the CRM.
 * @returns descriptions of the faults; empty on success
 */
export async function meetingWalkthrough(endpoints: ConsentEndpoints, visitor: Visitor): Promise<string[]> {
  const { say, calendar, crm } = endpoints;
  say(`\nThe calendar again, as an MCP server, by its address (${calendar.mcp}), and the CRM beside it:`);
  const url = calendar.mcp;
  const calendarId = await register(endpoints, { name: 'Calendar by MCP', kind: 'mcp', url, trustHints: true });
  const auth = { type: 'API_TOKEN', token: crm.token } as const;
  const crmId = await register(endpoints, { name: 'CRM', kind: 'openapi', url: crm.openapi, auth });
  const { integrations } = createClient({ url: endpoints.urls[0], apiKey: endpoints.apiKey });
  const { pendingIssuer } = await integrations.get.query({ customerIntegrationId: calendarId });
  if (pendingIssuer !== undefined) {
    say(`  its users would sign in at ${pendingIssuer}: the owner confirms that`);
    await integrations.patch.mutate({ customerIntegrationId: calendarId, confirmIssuer: pendingIssuer });
  }
  const target = { customerIntegrationId: calendarId, userId: visitor.username };
  const { authorizeUrl } = await integrations.authUrl.mutate(target);
  await visit(endpoints, authorizeUrl, visitor, 'allow');
  say(`       its tools: ${(await toolsOf(endpoints, calendarId)).join(', ')}`);
  const { status, result } = await carryOut(endpoints, meetingToCrm(calendarId, crmId, visitor.username));
  say(`  result ${JSON.stringify(result)}`);
  return status === 'SUCCESS' ? [] : [`The run over the calendar and the CRM ended ${status}.`];
}

/** Waits for the tools and enables them. @returns their names */
async function toolsOf({ urls: [url], apiKey }: ConsentEndpoints, customerIntegrationId: string): Promise<string[]> {
  const { integrations } = createClient({ url, apiKey });
  for (const until = Date.now() + TOOLS_MS; Date.now() < until; await sleep(200)) {
    const tools = await integrations.setTools.mutate({ customerIntegrationId, enabled: 'all' });
    if (tools.length > 0) return tools.map(({ name }) => name);
  }
  throw new Error('The tools of the calendar were not read.');
}
