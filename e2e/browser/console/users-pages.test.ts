// The pages of users, actions and schedules in all of their states.
import { beforeAll } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';
import { CANARY, type State, testStates } from './states.ts';

const { office, open } = withOffice();
const DAY_MS = 86_400_000;

beforeAll(async () => {
  const { api } = office();
  const [crm] = (await api.integrations.list({})).integrations;
  const { customerIntegrationId } = crm!;
  const intent = 'Which deals over 50000 does the account Northwind have, and who owns them?';
  const { runId } = await api.runs.create(aRun({ intent, userId: 'ada' }));
  await eventsOf(api, runId);
  const run = aRun({ intent: CANARY, userId: CANARY, metadata: { canary: CANARY } });
  await eventsOf(api, (await api.runs.create(run)).runId);
  for (const userId of ['ada', CANARY])
    await api.integrations.putCredentials({ customerIntegrationId, userId, apiToken: `token-of-${userId.length}` });
  await api.approvalRules.create({
    tool: `${customerIntegrationId}.createTicket`,
    userId: CANARY,
    expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
    reason: CANARY,
    argsSchema: { title: CANARY },
  });
  await api.actions.keep({ runId, key: 'large-deals' });
  await api.schedules.create({ name: `Weekly ${CANARY}`, cron: '0 9 * * 1', timeZone: 'Europe/Berlin', run });
  await api.schedules.create({ name: 'Paused', cron: '0 9 * * 1', timeZone: 'UTC', active: false, run });
});

const states: State[] = [
  { name: 'users', path: () => '/users', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'users-none',
    path: () => '/users?q=nowhere',
    reach: (page) => page.getByText('No id of a user begins with this.').waitFor(),
  },
  {
    name: 'users-connect',
    path: () => '/users',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Connect a user' }).click();
      await page.getByRole('dialog').getByLabel('User', { exact: true }).fill('ada');
    },
  },
  {
    name: 'user',
    path: () => `/users/${encodeURIComponent(CANARY)}`,
    reach: async (page) => {
      await page.getByRole('region', { name: 'Approval rules' }).getByText('applies', { exact: true }).waitFor();
      await page.getByRole('region', { name: 'Errands' }).getByRole('row').nth(1).waitFor();
    },
  },
  {
    name: 'user-rule',
    path: () => `/users/${encodeURIComponent(CANARY)}`,
    reach: async (page) => {
      await page.getByRole('button', { name: 'New rule' }).click();
      await page.getByRole('dialog').getByRole('option', { name: 'Choose a tool' }).waitFor({ state: 'attached' });
    },
  },
  {
    name: 'user-erase',
    path: () => `/users/${encodeURIComponent(CANARY)}`,
    reach: async (page) => {
      await page.getByRole('button', { name: 'Erase…' }).click();
      await page
        .getByRole('dialog')
        .getByRole('radio', { name: /^Everything/ })
        .check();
    },
  },
  {
    name: 'user-missing',
    complaint: /404/,
    path: () => '/users/nobody',
    reach: (page) => page.getByText('Errand stores nothing of a user with this id').waitFor(),
  },
  { name: 'actions', path: () => '/actions', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'action',
    path: () => '/actions/large-deals',
    reach: async (page) => {
      await page
        .getByRole('region', { name: 'Graph of the plan' })
        .or(page.getByRole('region', { name: 'Plan' }))
        .first()
        .waitFor();
      await page.getByRole('region', { name: 'Inputs' }).getByRole('row').nth(1).waitFor();
    },
  },
  {
    name: 'action-change',
    path: () => '/actions/large-deals',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await page.getByRole('dialog').getByRole('combobox').first().waitFor();
    },
  },
  {
    name: 'action-missing',
    complaint: /404/,
    path: () => '/actions/nowhere',
    reach: (page) => page.getByText('not_found').waitFor(),
  },
  { name: 'schedules', path: () => '/schedules', reach: (page) => page.getByRole('row').nth(1).waitFor() },
  {
    name: 'schedules-new',
    path: () => '/schedules',
    reach: async (page) => {
      await page.getByRole('button', { name: 'New schedule' }).click();
      await page.getByRole('dialog').getByLabel('Intent').fill('Create a summary');
    },
  },
  {
    name: 'schedules-edit',
    path: () => '/schedules',
    reach: async (page) => {
      await page.getByRole('button', { name: /^Edit Weekly/ }).click();
      await page.getByRole('dialog').getByRole('listitem').nth(4).waitFor();
    },
  },
];

testStates(open, states);
