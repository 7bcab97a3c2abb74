// Every page and state of the console: no fault that axe finds, no violation of the policy, no complaint, and markup in texts is shown as text.
// `pnpm screenshots` also writes a picture of each, on a desktop and a phone, light and dark.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { faultsOf } from '../axe.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const CANARY = '<img src=x onerror="document.title=\'canary\'"><b>canary</b>';
const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const folder = process.env.ERRAND_SCREENSHOTS;

/** An integration with strange words everywhere, and its changed tools. */
let strange: string;
let ended: string;
let waiting: string;
let webhook: string;
let added: string;
beforeAll(async () => {
  const { api } = office();
  const intent = 'Which deals over 50000 does the account Northwind have, and who owns them?';
  ({ runId: ended } = await api.runs.create(aRun({ intent, userId: CANARY })));
  await eventsOf(api, ended);
  await api.apiKeys.create({ name: CANARY, scopes: ['runs:read'] });
  ({ runId: waiting } = await api.runs.create(
    aRun({ intent: `Create a ticket for Northwind: ${CANARY} does not load`, approvalStrategy: 'ON_WRITE' }),
  ));
  for await (const { runStatus } of api.runs.stream({ runId: waiting, progress: false }))
    if (runStatus === 'PAUSED') break;
  const url = `${office().stack.crm.url}/nowhere?${encodeURIComponent(CANARY)}`;
  ({ webhookId: webhook } = await api.webhooks.create({ url, description: CANARY, events: ['run.end'] }));
  await api.webhooks.test({ webhookId: webhook });
  const document = JSON.stringify(unregistered);
  ({ customerIntegrationId: added } = await api.integrations.create({ name: CANARY, kind: 'openapi', document }));
  await api.runs.create(aRun({ intent: CANARY, userId: CANARY, metadata: { canary: CANARY } }));
  strange = await aStrangeIntegration();
});

/** The document of a service whose texts have markup. @param changes of its second version */
const strangeDocument = (changes: { parameter: string; more: object }) => {
  const operation = (operationId: string, parameter: string) => ({
    operationId,
    summary: `${operationId} ${CANARY}`,
    description: `Lists what ${CANARY} has.`,
    parameters: [{ name: parameter, in: 'query', description: CANARY, schema: { type: 'string', default: CANARY } }],
    responses: { 200: { description: CANARY } },
  });
  return {
    openapi: '3.1.0',
    info: { title: CANARY, version: '1', description: `A shop of ${CANARY}` },
    servers: [{ url: 'https://shop.example.com' }],
    paths: {
      '/orders': { get: operation('listOrders', changes.parameter) },
      '/customers': { get: operation('listCustomers', 'q'), post: operation('createCustomer', 'q') },
      ...Object.fromEntries(
        Object.entries(changes.more).map(([path, parameter]) => [
          path,
          { get: operation('listMore', String(parameter)) },
        ]),
      ),
    },
  };
};

async function aStrangeIntegration(): Promise<string> {
  const { api } = office();
  const { customerIntegrationId } = await api.integrations.create({
    name: `Shop ${CANARY}`,
    document: strangeDocument({ parameter: 'q', more: {} }),
    auth: { type: 'API_TOKEN', in: 'header', name: 'x-shop-key' },
    instructions: `Amounts are in ${CANARY}.`,
    headers: { 'Shop-Version': '2026-01' },
    enable: 'reads',
  });
  for (const userId of ['ada', CANARY])
    await api.integrations.putCredentials({ customerIntegrationId, userId, apiToken: `token-of-${userId.length}` });
  await api.integrations.refresh({
    customerIntegrationId,
    document: strangeDocument({ parameter: 'filter', more: { '/more': 'q' } }),
  });
  return customerIntegrationId;
}

/** Pictures of the page in all sizes and themes, where the caller asked for them. */
async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  for (const [screen, size] of Object.entries(SCREENS))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${screen}-${colorScheme}.png`) });
    }
}

/** A service whose document has markup in every text. */
const unregistered = {
  openapi: '3.1.0',
  info: { title: CANARY, version: '1', description: CANARY },
  servers: [{ url: 'https://example.com/v1' }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-key' } } },
  security: [{ key: [] }],
  paths: {
    '/deals': {
      get: { operationId: 'listDeals', summary: `List ${CANARY}`, responses: { 200: { description: 'Done' } } },
      post: {
        operationId: 'makeDeal',
        summary: CANARY,
        description: CANARY,
        responses: { 200: { description: 'Done' } },
      },
    },
  },
};

/** Brings the page for a new integration to one of its steps, with a service from a file. */
const addStrange = (until: 'found' | 'access') => async (page: Page) => {
  const buffer = Buffer.from(JSON.stringify(unregistered));
  await page
    .getByLabel('OpenAPI document')
    .setInputFiles({ name: `${CANARY}.json`, mimeType: 'application/json', buffer });
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('2: 1 read, 1 write').waitFor();
  if (until === 'found') return;
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Register' }).waitFor();
};

type State = {
  name: string;
  path: () => string /** Brings the page into the state. */;
  reach: (page: Page) => Promise<unknown>;
};
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1 }).filter({ hasText: name }).waitFor();
const errands = (page: Page) => page.getByRole('list', { name: 'Errands' }).getByRole('listitem').first().waitFor();
const NONE = '00000000-0000-7000-8000-000000000000';

const states: State[] = [
  { name: 'errands', path: () => '/runs', reach: errands },
  {
    name: 'errands-peek',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('j');
      await page.keyboard.press('Space');
      await page.getByRole('complementary').getByText('canary').first().waitFor();
    },
  },
  {
    name: 'errands-cancel',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByRole('button', { name: 'Cancel all that match' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'errands-none',
    path: () => '/runs?q=nowhere',
    reach: (page) => page.getByText('No errand matches').waitFor(),
  },
  { name: 'errand', path: () => `/runs/${ended}`, reach: (page) => heading(page, 'Which deals') },
  { name: 'errand-waits', path: () => `/runs/${waiting}`, reach: (page) => heading(page, 'Create a ticket') },
  { name: 'errand-missing', path: () => `/runs/${NONE}`, reach: (page) => page.getByText('not_found').waitFor() },
  ...(['flow', 'waterfall', 'events', 'raw'] as const).map((view) => ({
    name: `errand-${view}`,
    path: () => `/runs/${ended}?view=${view}`,
    reach: (page: Page) => heading(page, 'Which deals'),
  })),
  ...(['Rerun', 'Keep as an action', 'Create it again and again', 'Code'] as const).map((name) => ({
    name: `errand-${name.split(' ')[0]!.toLowerCase()}-dialog`,
    path: () => `/runs/${ended}`,
    reach: async (page: Page) => {
      await page
        .getByRole('main')
        .getByRole('button', { name })
        .or(page.getByTitle(name, { exact: true }))
        .first()
        .click();
      await page.getByRole('dialog').getByRole('button').nth(1).waitFor();
      if (name === 'Rerun') await page.getByRole('dialog').getByRole('radio', { name: 'From a step' }).check();
    },
  })),
  {
    name: 'errand-cancel-dialog',
    path: () => `/runs/${waiting}`,
    reach: async (page) => {
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'errand-arguments',
    path: () => `/runs/${waiting}`,
    reach: async (page) => {
      await page.locator('summary', { hasText: 'Look at the arguments' }).click();
      await page.getByRole('button', { name: 'JSON', exact: true }).click();
      await page.getByRole('textbox', { name: /as JSON/ }).fill('{"body": }');
    },
  },
  {
    name: 'new',
    path: () => '/new?intent=Create%20a%20ticket%20for%20Northwind&userId=ada',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Preview', exact: true }).click();
      await page.getByRole('button', { name: 'Run this plan' }).waitFor();
    },
  },
  {
    name: 'new-errors',
    path: () => '/new',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Preview', exact: true }).click();
      await page.getByText('Write what should be done.').waitFor();
    },
  },
  {
    name: 'new-schedule',
    path: () => '/new?intent=Create%20a%20summary&userId=ada',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Schedule…' }).click();
      await page.getByRole('dialog').getByRole('listitem').nth(4).waitFor();
    },
  },
  { name: 'inbox', path: () => '/inbox', reach: (page) => heading(page, 'Inbox') },
  { name: 'inbox-decided', path: () => '/inbox?state=decided', reach: (page) => heading(page, 'Inbox') },
  { name: 'start', path: () => '/start', reach: (page) => page.getByText('Errand gets things done').waitFor() },
  { name: 'keys', path: () => '/keys', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'keys-new',
    path: () => '/keys',
    reach: async (page) => {
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByRole('dialog').getByRole('checkbox', { name: /admin/ }).check();
    },
  },
  {
    name: 'keys-rotate',
    path: () => '/keys',
    reach: (page) =>
      page
        .getByRole('button', { name: /Rotate/ })
        .first()
        .click(),
  },
  { name: 'members', path: () => '/members', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'members-invite',
    path: () => '/members',
    reach: (page) => page.getByRole('button', { name: 'Invite' }).click(),
  },
  {
    name: 'settings',
    path: () => '/settings',
    reach: (page) => page.getByRole('region', { name: 'Status' }).getByText('Four eyes').waitFor(),
  },
  {
    name: 'settings-origin',
    path: () => '/settings',
    reach: (page) => page.getByRole('button', { name: 'Allow an origin' }).click(),
  },
  {
    name: 'add',
    path: () => '/integrations/new',
    reach: (page) => page.getByRole('list', { name: 'Services' }).getByRole('button').first().waitFor(),
  },
  {
    name: 'add-refused',
    path: () => '/integrations/new?from=url',
    reach: async (page) => {
      await page.getByLabel('Address of the OpenAPI document').fill('http://10.0.0.9/openapi.json');
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByRole('button', { name: 'Allow this origin' }).waitFor();
    },
  },
  {
    name: 'add-mcp',
    path: () => '/integrations/new?from=mcp',
    reach: (page) => page.getByLabel('Address of the MCP server').waitFor(),
  },
  {
    name: 'add-service',
    path: () => '/integrations/new?q=zendesk',
    reach: async (page) => {
      await page.getByRole('list', { name: 'Services' }).getByRole('button').first().click();
      await page.getByText('Recommended tools').waitFor();
    },
  },
  {
    name: 'add-service-access',
    path: () => '/integrations/new?q=zendesk',
    reach: async (page) => {
      await page.getByRole('list', { name: 'Services' }).getByRole('button').first().click();
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText('Redirect URI of the client').waitFor();
    },
  },
  { name: 'add-found', path: () => '/integrations/new?from=file', reach: addStrange('found') },
  { name: 'add-access', path: () => '/integrations/new?from=file', reach: addStrange('access') },
  {
    name: 'add-tools',
    path: () => `/integrations/new?step=tools&id=${added}`,
    reach: (page) => page.getByRole('list', { name: 'Tools' }).waitFor(),
  },
  {
    name: 'add-done',
    path: () => `/integrations/new?step=done&id=${added}`,
    reach: (page) => page.getByText('A first errand to try').waitFor(),
  },
  { name: 'webhooks', path: () => '/webhooks', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'webhooks-new',
    path: () => '/webhooks',
    reach: (page) => page.getByRole('button', { name: 'New webhook' }).click(),
  },
  { name: 'webhook', path: () => `/webhooks/${webhook}`, reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'webhook-delivery',
    path: () => `/webhooks/${webhook}`,
    reach: async (page) => {
      await page.getByRole('button', { name: 'webhook.test' }).click();
      await page.getByRole('dialog').getByText('"webhook.test"').waitFor();
    },
  },
  ...(['workspaces', 'people', 'status'] as const).map((name) => ({
    name: `instance-${name}`,
    path: () => '/runs',
    reach: async (page: Page) => {
      await page.goto(`${office().front.url}/console/instance/${name}`);
      await page.getByRole('row').nth(1).waitFor();
    },
  })),
  {
    name: 'audit',
    path: () => '/audit',
    reach: async (page) => {
      await page.getByRole('region', { name: 'Entries' }).getByRole('row').nth(1).waitFor();
      await page.getByRole('button', { name: 'Verify the seal' }).click();
      await page.getByText('No entry was changed').waitFor();
    },
  },
  {
    name: 'audit-entry',
    path: () => '/audit?actions=approval.asked',
    reach: async (page) => {
      await page.getByRole('link', { name: 'approval asked' }).first().click();
      await page.getByRole('dialog').getByText('runId').waitFor();
    },
  },
  {
    name: 'audit-actions',
    path: () => '/audit',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Any action' }).click();
      await page.getByRole('dialog').getByText('credential').first().waitFor();
    },
  },
  {
    name: 'audit-none',
    path: () => '/audit?target=nowhere',
    reach: (page) => page.getByText('No entry fits').waitFor(),
  },
  ...(['day', 'status', 'integration', 'tool', 'user', 'requester', 'request'] as const).map((by) => ({
    name: `usage-${by}`,
    path: () => `/usage?by=${by}`,
    reach: async (page: Page) => {
      await page.getByLabel('Totals').waitFor();
      await (by === 'request'
        ? page.getByText('No errand that ended asked')
        : page.getByRole('region', { name: `Usage by ${by}` })
      ).waitFor();
    },
  })),
  {
    name: 'usage-of-user',
    path: () => `/usage?userId=${encodeURIComponent(CANARY)}`,
    reach: async (page) => {
      await page.getByLabel('Totals').waitFor();
      await page.getByRole('link', { name: 'Show the errands' }).waitFor();
    },
  },
  {
    name: 'integrations',
    path: () => '/integrations',
    reach: (page) => page.getByText('tools changed').waitFor(),
  },
  {
    name: 'integrations-none',
    path: () => '/integrations?q=nowhere',
    reach: (page) => page.getByText('No integration matches').waitFor(),
  },
  {
    name: 'integration-tools',
    path: () => `/integrations/${strange}`,
    reach: (page) => page.getByRole('switch').first().waitFor(),
  },
  {
    name: 'integration-tool',
    path: () => `/integrations/${strange}?tool=${strange}.listCustomers`,
    reach: (page) => page.getByRole('dialog').getByText('Arguments').waitFor(),
  },
  {
    name: 'integration-changes',
    path: () => `/integrations/${strange}?tab=changes`,
    reach: (page) => page.getByRole('article').getByText('"filter"').waitFor(),
  },
  {
    name: 'integration-users',
    path: () => `/integrations/${strange}?tab=users`,
    reach: (page) => page.getByRole('rowheader', { name: 'ada' }).waitFor(),
  },
  {
    name: 'integration-revoke',
    path: () => `/integrations/${strange}?tab=users`,
    reach: async (page) => {
      await page.getByRole('button', { name: 'Revoke…' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'integration-auth',
    path: () => `/integrations/${strange}?tab=auth`,
    reach: (page) => page.getByRole('button', { name: 'Try', exact: true }).waitFor(),
  },
  {
    name: 'integration-health',
    path: () => `/integrations/${strange}?tab=health`,
    reach: (page) => page.getByText('Review the changes').waitFor(),
  },
  {
    name: 'integration-settings',
    path: () => `/integrations/${strange}?tab=settings`,
    reach: (page) => page.getByText('Values of every call').waitFor(),
  },
  {
    name: 'integration-missing',
    path: () => '/integrations/none_1a2b3c4d',
    reach: (page) => page.getByText('not_found').waitFor(),
  },
  {
    name: 'palette',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('northwind');
      await page.getByRole('option').filter({ hasText: 'Northwind' }).first().waitFor();
    },
  },
  {
    name: 'shortcuts',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByText('Search the errands').waitFor();
    },
  },
];

/** What a browser says of refused requests that are part of a state. */
const EXPECTED_COMPLAINTS: Readonly<Record<string, RegExp>> = {
  'errand-missing': /404/,
  'integration-missing': /404/,
  'add-refused': /400/,
};

test.each(states.map((state) => [state.name, state] as const))('%s', async (name, { path, reach }) => {
  const { page, complaints, violations } = await open(path());
  await reach(page);
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(await page.title()).not.toBe('canary');
  await picture(page, name);
  expect(await faultsOf(page)).toEqual([]);
  const expected = EXPECTED_COMPLAINTS[name] ?? /^$/;
  expect([complaints.filter((text) => !expected.test(text)), violations]).toEqual([[], []]);
});
