// Every page and state of the console: no fault that axe finds, no violation of the policy, no complaint, and markup in texts is shown as text.
import type { Page } from 'playwright-core';
import { beforeAll } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';
import { CANARY, type State, testStates } from './states.ts';

const { office, open } = withOffice();

let ended: string;
let waiting: string;
let webhook: string;
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
  await api.runs.create(aRun({ intent: CANARY, userId: CANARY, metadata: { canary: CANARY } }));
});

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
    name: 'errands-rerun',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByRole('button', { name: /^Select the \d+ in the list/ }).click();
      await page.getByRole('button', { name: 'Rerun these' }).click();
      await page.getByText(/None of the plans writes|may write again/).waitFor();
    },
  },
  {
    name: 'errands-outcomes',
    path: () => `/runs?q=canary&status=FAILED&status=NO_SUCCESS`,
    reach: async (page) => {
      await errands(page);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.getByRole('button', { name: 'Rerun these' }).click();
      await page.getByRole('button', { name: 'Rerun 1 errand' }).click();
      await page.getByRole('dialog').getByText('1 refused').waitFor();
    },
  },
  {
    name: 'errands-view',
    path: () => '/runs?q=northwind',
    reach: async (page) => {
      await errands(page);
      await page.getByRole('button', { name: 'Save as a view' }).click();
      await page.getByLabel('Name', { exact: true }).fill(CANARY.slice(0, 60));
      await page.getByLabel('Open the list').check();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('button', { name: /^Change the view/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'errands-columns',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'Tokens' }).check();
    },
  },
  {
    name: 'errands-all-columns',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.getByRole('button', { name: 'Columns' }).click();
      for (const name of ['User', 'Integrations', 'Created by', 'Calls', 'Tokens', 'Cost', 'Ended'])
        await page.getByRole('checkbox', { name, exact: true }).check();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    },
  },
  {
    name: 'errands-chart-table',
    path: () => '/runs',
    reach: async (page) => {
      await errands(page);
      await page.getByRole('button', { name: 'Table' }).click();
      await page.getByRole('dialog').getByRole('row').nth(1).waitFor();
    },
  },
  {
    name: 'errands-none',
    path: () => '/runs?q=nowhere',
    reach: (page) => page.getByText('No errand matches').waitFor(),
  },
  { name: 'errand', path: () => `/runs/${ended}`, reach: (page) => heading(page, 'Which deals') },
  { name: 'errand-waits', path: () => `/runs/${waiting}`, reach: (page) => heading(page, 'Create a ticket') },
  {
    name: 'errand-missing',
    complaint: /404/,
    path: () => `/runs/${NONE}`,
    reach: (page) => page.getByText('not_found').waitFor(),
  },
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
  { name: 'webhooks', path: () => '/webhooks', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'webhooks-new',
    path: () => '/webhooks',
    reach: async (page) => {
      await page.getByRole('button', { name: 'New webhook' }).click();
      await page.getByRole('checkbox', { name: /Send the trace id/ }).check();
    },
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

testStates(open, states);
