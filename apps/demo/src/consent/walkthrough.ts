// A run that needs a consent, from the request to the decision, and many runs at once after its access token expired.

import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@errand/client';
import { meetingToCrm } from '../errands.ts';
import { type ConsentEndpoints, carryOut, register, type Visitor, visit } from './carry-out.ts';

/** Runs that need the token at the same time. */
const AT_ONCE = 30;

/** @returns descriptions of the faults; empty on success */
export async function consentWalkthrough(endpoints: ConsentEndpoints): Promise<string[]> {
  const { say } = endpoints;
  const faults: string[] = [];
  const expect = (fine: boolean, fault: string) => {
    if (!fine) faults.push(fault);
  };
  const { clientId, clientSecret } = endpoints.authorization;
  const auth = { type: 'OAUTH2', clientId, clientSecret } as const;
  const calendarId = await register(endpoints, {
    name: 'Calendar',
    kind: 'openapi',
    url: endpoints.calendar.openapi,
    auth,
  });
  const ofCalendar = (userId: string) => ({
    intent: 'List the events of my calendar',
    userId,
    selectedCustomerIntegrationIds: [calendarId],
  });
  const ada = { username: 'ada', password: endpoints.authorization.users.ada ?? '' };
  const grace = { username: 'grace', password: endpoints.authorization.users.grace ?? '' };

  say('A run on behalf of Ada, who has not connected her calendar:');
  const first = await carryOut(endpoints, ofCalendar('ada'), (link) => visit(endpoints, link, ada, 'allow'));
  say(`  result ${JSON.stringify(first.result).slice(0, 160)}`);
  const at = (type: string) => Date.parse(first.events.findLast((event) => event.type === type)?.timestamp ?? '');
  say(`  its call was made and reported ${at('step') - at('authentication')} ms after she had said yes`);
  expect(first.status === 'SUCCESS', `The run of Ada ended ${first.status}.`);

  say(`\nAll access tokens run out, and ${AT_ONCE} runs need Ada's at once, over ${endpoints.urls.length} processes:`);
  const before = await counters(endpoints);
  await fetch(`${endpoints.authorization.issuer}/operator/expire-access-tokens`, { method: 'POST' });
  const runs = Array.from({ length: AT_ONCE }, (_, i) => {
    const url = endpoints.urls[i % endpoints.urls.length] ?? endpoints.urls[0];
    return carryOut({ ...endpoints, urls: [url], say: () => {} }, ofCalendar('ada'));
  });
  const ended = await Promise.all(runs);
  const succeeded = ended.filter(({ status }) => status === 'SUCCESS').length;
  const after = await counters(endpoints);
  const refreshes = after.tokenCalls.refresh_token - before.tokenCalls.refresh_token;
  const reuses = after.reuses - before.reuses;
  say(`  ${succeeded} of ${AT_ONCE} runs SUCCESS, refresh calls ${refreshes}, reuses of a refresh token ${reuses}`);
  expect(succeeded === AT_ONCE, `${AT_ONCE - succeeded} of ${AT_ONCE} runs did not succeed.`);
  expect(refreshes === 1 && reuses === 0, `There were ${refreshes} refresh calls and ${reuses} reuses, not 1 and 0.`);

  say('\nA run on behalf of Grace, who says no:');
  const denied = await carryOut(endpoints, ofCalendar('grace'), (link) => visit(endpoints, link, grace, 'deny'));
  const statuses = denied.events.flatMap((event) => (event.type === 'authentication' ? [event.auth.status] : []));
  say(`  authentication ${statuses.join(', ')}; the run ended ${denied.status}`);
  expect(statuses.join() === 'required,denied', `The events report her denial as ${statuses.join()}.`);
  expect(denied.status !== 'SUCCESS', 'A run without her calendar was a success.');
  return [...faults, ...(await meetingWalkthrough(endpoints, ada))];
}

type Counters = { reuses: number; tokenCalls: { refresh_token: number } };
const counters = async ({ authorization }: ConsentEndpoints): Promise<Counters> =>
  (await (await fetch(`${authorization.issuer}/operator/counters`)).json()) as Counters;

const TOOLS_MS = 20_000;

/**
 * Registers the calendar as an MCP server: the owner confirms its authorization server, the first user's consent loads the tools, and a run
 * reads from the calendar and writes to the CRM.
 * @returns descriptions of the faults; empty on success
 */
async function meetingWalkthrough(endpoints: ConsentEndpoints, visitor: Visitor): Promise<string[]> {
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
    const { tools } = await integrations.setTools.mutate({ customerIntegrationId, enabled: 'all' });
    if (tools.length > 0) return tools.map(({ name }) => name);
  }
  throw new Error('The tools of the calendar were not read.');
}
