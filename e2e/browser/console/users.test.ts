// The users of a workspace: connected, disconnected, given a rule, and erased, as a person does it. Each effect is checked by the API.
import pg from 'pg';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, eventsOf } from '../../fixtures/builders.ts';
import { type CalendarStack, registerCalendar, startCalendarStack } from '../../fixtures/calendar.ts';
import { loginLink } from '../../fixtures/operator.ts';
import { beginTask } from '../../fixtures/periodic-task.ts';
import { aPerson } from '../../people/person.ts';
import { withOffice } from './office.ts';

let world: CalendarStack;
const { office, open } = withOffice(async () => {
  world = await startCalendarStack();
  return { allow: [world.authorization.url, world.calendar.url] };
});
afterAll(() => world.close());

let calendar: string;
let crm: string;
beforeAll(async () => {
  const { api } = office();
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  calendar = await registerCalendar(api, world);
});

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
const pauses = async (runId: string) => {
  for await (const { runStatus } of office().api.runs.stream({ runId, progress: false }))
    if (runStatus === 'PAUSED') return;
};

test('a user is connected by a link over OAuth, and the credentials are deleted', async () => {
  const { api } = office();
  const { page, tab } = await open('/users');
  await page.getByText('There is no user yet.').waitFor();
  await page.getByRole('button', { name: 'Connect a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User', { exact: true }).fill('ada');
  await dialog.getByLabel('Integration').selectOption({ label: 'Calendar' });
  await dialog.getByLabel('Name of the user').fill('Ada Lovelace');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('The link for ada').inputValue();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  const consent = await tab();
  await consent.goto(link);
  await consent.getByText('Ada Lovelace').first().waitFor();
  await consent.click('button[value=allow]');
  await consent.fill('input[name=username]', 'ada');
  await consent.fill('input[name=password]', 'analytical-engine');
  await consent.click('button[value=allow]');
  await expect
    .poll(async () => (await api.integrations.getUser({ customerIntegrationId: calendar, userId: 'ada' })).active)
    .toBe(true);

  await page.reload();
  await row(page, 'ada').getByText('Calendar').waitFor();
  await page.getByRole('searchbox').fill('bea');
  await page.getByText('No id of a user begins with this.').waitFor();
  await page.getByRole('searchbox').fill('ad');
  await page.waitForURL(/\?q=ad$/);
  await page.getByRole('link', { name: 'ada' }).click();
  await heading(page, 'ada');
  const connection = row(page, 'Calendar');
  await connection.getByText('connected', { exact: true }).waitFor();
  await connection.getByText('calendar.read').waitFor();
  await connection.getByRole('button', { name: 'Delete the credentials at Calendar' }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await connection.getByText('not connected').waitFor();
  expect(await api.integrations.getUser({ customerIntegrationId: calendar, userId: 'ada' })).toMatchObject({
    active: false,
  });
});

test('a token that the service refuses must be renewed, and the page says why', async () => {
  const { api, stack } = office();
  const userId = 'bea';
  await api.integrations.putCredentials({ customerIntegrationId: crm, userId, apiToken: 'wrong-token-1234' });
  const plan = aPlan(`${crm}.listUsers`);
  const { runId } = await api.runs.create(aRun({ userId, plan, intent: 'List the <b>users</b>' }));
  for await (const { runStatus } of api.runs.stream({ runId, progress: false }))
    if (runStatus === 'AUTH_REQUIRED') break;
  const { page } = await open(`/users/${userId}`);
  const connection = row(page, 'CRM');
  await connection.getByText('must reconnect').waitFor();
  await connection.getByText('the service refused it').waitFor();
  await page.getByRole('region', { name: 'Errands' }).getByRole('link', { name: 'List the <b>users</b>' }).waitFor();
  await connection.getByRole('button', { name: 'Details of CRM' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('ends with 1234').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await connection.getByRole('button', { name: 'Connect CRM' }).click();
  await dialog.getByRole('radio', { name: /you: enter the token/ }).check();
  await dialog.getByLabel('Token', { exact: true }).fill(stack.crm.token);
  await dialog.getByRole('button', { name: 'Store it' }).click();
  await connection.getByText('connected', { exact: true }).waitFor();
  expect((await eventsOf(api, runId)).at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  expect(await page.content()).not.toContain(stack.crm.token);
});

test('a rule of a user is made and revoked, and the code of a user token mints one', async () => {
  const { api, stack, direct } = office();
  const userId = 'cleo';
  await eventsOf(api, (await api.runs.create(aRun({ userId, plan: aPlan(`${crm}.listUsers`) }))).runId);
  const { page } = await open(`/users/${userId}`);
  const rules = page.getByRole('region', { name: 'Approval rules' });
  const dialog = page.getByRole('dialog');
  await rules.getByText('No rule is for this user alone.').waitFor();
  await rules.getByRole('button', { name: 'New rule' }).click();
  await dialog.getByLabel('Integration').selectOption({ label: 'CRM' });
  await dialog.getByLabel('Tool').selectOption(`${crm}.createTicket`);
  await dialog.getByLabel('Ends').selectOption('7');
  await dialog.getByLabel('Why?').fill('Tickets are harmless.');
  await dialog.getByRole('button', { name: 'Make the rule' }).click();
  await rules.getByText('applies', { exact: true }).waitFor();
  const { approvalRules } = await api.approvalRules.list({ userId, active: true });
  expect(approvalRules).toMatchObject([{ tool: `${crm}.createTicket`, reason: 'Tickets are harmless.' }]);
  await rules.getByRole('button', { name: /Revoke the rule/ }).click();
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  await rules.getByText('No rule is for this user alone.').waitFor();
  expect((await api.approvalRules.list({ userId, active: true })).approvalRules).toEqual([]);

  const tokens = page.getByRole('region', { name: 'User tokens' });
  await tokens.getByRole('checkbox', { name: /decide requests/ }).check();
  await tokens.getByRole('button', { name: 'Mint a token' }).click();
  const body = /'(\{.*\})'/s.exec((await dialog.locator('pre').textContent())!)![1]!;
  const minted = await fetch(`${direct}/v1/user-tokens`, {
    method: 'POST',
    headers: { 'x-api-key': stack.apiKey, 'content-type': 'application/json' },
    body,
  });
  expect([minted.status, await minted.json()]).toMatchObject([201, { userId, can: ['watch', 'decide'] }]);
});

test('everything of a user is erased after the id is typed, and the page tells when it has ended', async () => {
  const { api, stack } = office();
  const userId = 'dora@example.com';
  const args = { body: { accountId: 'acc_000001', subject: 'Help' } };
  const plan = { goal: 'Ask', steps: [{ id: 'only', tool: `${crm}.createTicket`, args }] };
  const { runId } = await api.runs.create(aRun({ userId, plan, approvalStrategy: 'ON_WRITE' }));
  await pauses(runId);
  await api.integrations.putCredentials({ customerIntegrationId: crm, userId, apiToken: 'token-of-dora' });
  const { page } = await open(`/users/${encodeURIComponent(userId)}`);
  await page.getByRole('button', { name: 'Erase…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^Everything/ }).check();
  const erase = dialog.getByRole('button', { name: /^Erase everything/ });
  await dialog.getByLabel(`Type ${userId} to confirm`).fill('dora');
  expect(await erase.getAttribute('aria-disabled')).toBe('true');
  await dialog.getByLabel(`Type ${userId} to confirm`).fill(userId);
  await erase.click();
  const note = page.getByRole('status', { name: 'Erasure' });
  await note.getByText('Everything of this user is being erased').waitFor();
  await note.getByText('Removed from CRM. Cancelled errands: 1.').waitFor();
  expect(await api.users.get({ userId })).toMatchObject({ erasingAt: expect.any(String), connections: [] });

  const sql = new pg.Client({ connectionString: stack.databaseUrl });
  await sql.connect();
  await sql.query(`UPDATE user_erasure SET requested_at = now() - interval '5 minutes'`);
  await sql.end();
  await beginTask(stack.databaseUrl, 'erasures');
  await note.getByText('Everything of this user is erased.').waitFor();
  await page.getByText('Errand stores nothing of a user with this id').waitFor();
  await expect(api.users.get({ userId })).rejects.toMatchObject({ problem: { code: 'not_found' } });
});

test('a viewer sees users, and why the buttons are off', async () => {
  const { api, operated, direct, workspaceId } = office();
  await eventsOf(api, (await api.runs.create(aRun({ userId: 'eve', plan: aPlan(`${crm}.listUsers`) }))).runId);
  const administrator = await aPerson(direct, await loginLink(operated));
  const { body } = await administrator.call(
    'members.invite',
    { name: 'Vera', role: 'viewer' },
    { mutation: true, headers: { 'x-errand-workspace': workspaceId } },
  );
  const { page } = await open('/users/eve', { link: body.link });
  await heading(page, 'eve');
  for (const name of ['Connect', 'Erase…', 'New rule'])
    await page.getByRole('button', { name: new RegExp(`^${name} ?\\(Your role`) }).waitFor();
  await page.getByText('Your role (viewer) may not decide requests.').first().waitFor();
});
