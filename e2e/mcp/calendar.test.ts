// The demo's calendar as an MCP server: registered by its address alone, read with a user's consent, and used with the CRM in one errand.
import { meetingToCrm } from '@errand/demo';
import { beforeAll, expect, test, vi } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { type CalendarStack, consent, startCalendarStack } from '../fixtures/calendar.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { callablePort, openWorkspace, type Workspace } from '../fixtures/workspace.ts';

let calendar: CalendarStack;
let workspace: Workspace;
let api: Api;
let calendarId: string;
let crmId: string;
beforeAll(async () => {
  calendar = await startCalendarStack({}, callablePort);
  workspace = await openWorkspace();
  api = overRest(workspace);
  crmId = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  const url = calendar.calendar.mcpUrl;
  const integration = await api.integrations.create({
    name: 'Calendar',
    kind: 'mcp',
    url,
    trustHints: true,
    enable: 'all',
  });
  calendarId = integration.customerIntegrationId;
  const { url: confirmIssuer } = calendar.authorization;
  await api.integrations.patch({ customerIntegrationId: calendarId, confirmIssuer });
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: calendarId, userId: 'owner' });
  await consent(new Browser(), authorizeUrl);
  await vi.waitFor(
    async () => expect((await api.integrations.get({ customerIntegrationId: calendarId })).toolCount).toBe(4),
    { timeout: 10_000 },
  );
  await api.integrations.setTools({ customerIntegrationId: calendarId, enabled: 'all' });
  return async () => {
    await workspace.close();
    await calendar.close();
  };
});

test('an address is enough to register it, and its reads are recognised', async () => {
  const tools = (await api.integrations.tools({ customerIntegrationId: calendarId })).tools;
  expect(Object.fromEntries(tools.map(({ name, effect }) => [name.split('.').at(-1), effect]))).toEqual({
    list_events: 'read',
    get_event: 'read',
    create_event: 'write',
    delete_event: 'write',
  });
  expect(calendar.authorization.registered()).toHaveLength(1);
});

test('one errand reads from it, once its user has consented, and writes to the CRM', async () => {
  const before = workspace.crm.data.activities.length;
  const { runId } = await api.runs.create(meetingToCrm(calendarId, crmId, 'grace'));
  for await (const event of api.runs.stream({ runId }))
    if (event.type === 'authentication' && event.auth.status === 'required')
      await consent(new Browser(), event.auth.url!);
  const run = await api.runs.get({ runId });
  const [meeting] = calendar.calendar.events('ada').filter(({ title }) => title === 'Call with Northwind');
  expect(run).toMatchObject({
    status: 'SUCCESS',
    result: { subject: 'Call with Northwind', scheduledAt: meeting!.startsAt },
  });
  const northwind = workspace.crm.data.accounts.find(({ name }) => name.startsWith('Northwind'))!;
  expect(workspace.crm.data.activities.slice(before)).toMatchObject([
    { type: 'call', accountId: northwind.id, subject: 'Call with Northwind', scheduledAt: meeting!.startsAt },
  ]);
  expect(calendar.calendar.calls.filter(({ operation }) => operation === 'list_events')).toMatchObject([
    { user: 'ada', status: 200 },
  ]);
});

test('it refuses tokens for other services', async () => {
  const { mcpUrl, url } = calendar.calendar;
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_events', arguments: {} } };
  const refused = await fetch(mcpUrl, { method: 'POST', headers, body: JSON.stringify(call) });
  const metadata = `${url}/.well-known/oauth-protected-resource/mcp`;
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    `Bearer error="invalid_token", resource_metadata="${metadata}"`,
  ]);
  expect(await (await fetch(metadata)).json()).toMatchObject({
    resource: mcpUrl,
    authorization_servers: [calendar.authorization.url],
  });
});
