// The pages of integrations, and the steps that add one, in all of their states.
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { withOffice } from './office.ts';
import { CANARY, type State, testStates } from './states.ts';

const { office, open } = withOffice();

/** An integration whose texts have markup, and its changed tools. */
let strange: string;
let added: string;
beforeAll(async () => {
  const document = JSON.stringify(unregistered);
  ({ customerIntegrationId: added } = await office().api.integrations.create({
    name: CANARY,
    kind: 'openapi',
    document,
  }));
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
    rules: { traceparent: true },
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

const states: State[] = [
  {
    name: 'add',
    path: () => '/integrations/new',
    reach: (page) => page.getByRole('list', { name: 'Services' }).getByRole('button').first().waitFor(),
  },
  {
    name: 'add-refused',
    complaint: /400/,
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
    reach: (page) => page.getByRole('switch', { name: /Send the trace id/, checked: true }).waitFor(),
  },
  {
    name: 'integration-missing',
    complaint: /404/,
    path: () => '/integrations/none_1a2b3c4d',
    reach: (page) => page.getByText('not_found').waitFor(),
  },
];

testStates(open, states);
