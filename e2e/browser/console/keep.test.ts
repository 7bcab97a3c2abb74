// Errands that are kept: as actions, which run with other values, and as schedules. Each effect is checked by the API.
import { beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();

const INTENT = 'Which deals over 50000 does the account Northwind have, and who owns them?';
let runId: string;
beforeAll(async () => {
  const { api } = office();
  ({ runId } = await api.runs.create(aRun({ intent: INTENT, userId: 'ada' })));
  await eventsOf(api, runId);
});

test('an errand becomes an action, which runs with other values, is changed and deleted', async () => {
  const { api } = office();
  const { page } = await open(`/runs/${runId}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('main').getByTitle('Keep as an action').click();
  await dialog.getByLabel('Name of the action').fill('large-deals');
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await dialog.getByRole('link', { name: 'Open the action' }).click();
  await page.getByRole('heading', { level: 1, name: 'large-deals' }).waitFor();

  const form = page.getByRole('region', { name: 'Run it' });
  await form.getByLabel('User', { exact: true }).fill('bea');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('Required.').first().waitFor();
  const { values } = await api.actions.get({ key: 'large-deals' });
  const titleOf = (value: unknown) => values.find((each) => each.value === value)!.title;
  await form.getByLabel(titleOf('Northwind'), { exact: true }).fill('Contoso');
  await form.getByLabel(titleOf(50_000), { exact: true }).fill('20000');
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  await form.getByText('The action has succeeded.').waitFor();
  const { runs } = await api.runs.list({ actionKey: 'large-deals' });
  expect(runs).toMatchObject([{ userId: 'bea', status: 'SUCCESS', intent: expect.stringContaining('Contoso') }]);
  await page
    .getByRole('region', { name: 'Errands' })
    .getByRole('link', { name: /Contoso/ })
    .waitFor();
  await page
    .getByRole('region', { name: 'Plan' })
    .getByText(/list deals/i)
    .first()
    .waitFor();

  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await dialog.getByLabel(`${titleOf(50_000)} is`).selectOption('fixed');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The action is changed.').waitFor();
  const changed = await api.actions.get({ key: 'large-deals' });
  expect(changed.useDefaultMapping).toBe(false);
  expect(Object.keys(changed.inputSchema?.properties as object)).toHaveLength(values.length - 1);

  await page.getByRole('link', { name: 'All errands of this action' }).click();
  await page.getByRole('list', { name: 'Errands' }).getByRole('listitem').first().waitFor();
  await page.getByRole('button', { name: /Action large-deals/ }).waitFor();
  expect(await page.getByRole('list', { name: 'Errands' }).getByRole('listitem').count()).toBe(1);

  await page.goto(office().at('/actions'));
  await page.getByRole('link', { name: 'large-deals' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('There is no action.').waitFor();
  expect((await api.actions.list({})).actions).toEqual([]);
});

test('an errand becomes a schedule, which is run, paused, changed, resumed and deleted', async () => {
  const { api } = office();
  const { page } = await open(`/runs/${runId}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('main').getByTitle('Create it again and again').click();
  await dialog.getByLabel('Name').fill('Deals of the week');
  await dialog.getByLabel('Time zone').fill('Europe/Berlin');
  await dialog.getByRole('button', { name: 'Save the schedule' }).click();
  await page.getByText('The schedule is saved.').waitFor();

  await page.goto(office().at('/schedules'));
  const schedule = page.getByRole('row').filter({ hasText: 'Deals of the week' });
  await schedule.getByText('active', { exact: true }).waitFor();
  await schedule.getByText('Europe/Berlin').waitFor();
  await schedule.getByRole('button', { name: /^Pause/ }).click();
  await schedule.getByText('paused', { exact: true }).waitFor();
  const { schedules } = await api.schedules.list({});
  const { scheduleId } = schedules[0]!;
  expect(schedules).toMatchObject([{ active: false, cron: '0 9 * * 1', run: { intent: INTENT, userId: 'ada' } }]);

  await schedule.getByRole('button', { name: /^Edit/ }).click();
  await dialog.getByLabel('Name').fill('Deals of the day');
  await dialog.getByLabel('Times').fill('61 9 * * *');
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Times').fill('30 9 * * *');
  await dialog.getByRole('listitem').nth(4).waitFor();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  const renamed = page.getByRole('row').filter({ hasText: 'Deals of the day' });
  await renamed.getByRole('button', { name: /^Resume/ }).click();
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
  await renamed.getByText('active', { exact: true }).waitFor();
  expect(await api.schedules.get({ scheduleId })).toMatchObject({
    active: true,
    name: 'Deals of the day',
    cron: '30 9 * * *',
  });

  await renamed.getByRole('button', { name: /^Run/ }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const { runs } = await api.runs.list({ scheduleId });
  expect(runs.map(({ runId: created }) => created)).toEqual([page.url().slice(-36)]);

  await page.goto(office().at('/schedules'));
  await renamed.getByRole('link', { name: 'Errands of Deals of the day' }).click();
  await page.getByRole('button', { name: /^Schedule/ }).waitFor();
  await expect.poll(() => page.getByRole('list', { name: 'Errands' }).getByRole('listitem').count()).toBe(1);
  await page.goBack();
  await renamed.getByRole('button', { name: /^Delete/ }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('There is no schedule.').waitFor();
  expect((await api.schedules.list({})).schedules).toEqual([]);

  await page.getByRole('button', { name: 'New schedule' }).click();
  await dialog.getByLabel('Intent').fill('List all users');
  await dialog.getByLabel('User', { exact: true }).fill('bea');
  await dialog.getByRole('button', { name: 'Choose the times' }).click();
  await dialog.getByLabel('Times').fill('0 6 * * *');
  await dialog.getByRole('button', { name: 'Save the schedule' }).click();
  await page.getByRole('row').filter({ hasText: 'List all users' }).getByText('active', { exact: true }).waitFor();
  const run = { intent: 'List all users', userId: 'bea', approvalStrategy: 'ON_WRITE' };
  expect((await api.schedules.list({})).schedules).toMatchObject([{ cron: '0 6 * * *', run }]);
});

test('an errand that has ended is deleted after a confirmation', async () => {
  const { api } = office();
  const { runId } = await api.runs.create(aRun({ intent: INTENT, userId: 'dan' }));
  await eventsOf(api, runId);
  const { page } = await open(`/runs/${runId}`);
  await page.getByRole('main').getByTitle('Delete', { exact: true }).click();
  await page.getByRole('dialog').getByText('This cannot be undone.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('The errand is deleted.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Errands' }).waitFor();
  await expect(api.runs.get({ runId })).rejects.toMatchObject({ problem: { code: 'not_found' } });
});
