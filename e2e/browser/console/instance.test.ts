// An operator of the instance makes, limits, suspends, resumes and deletes a workspace, disables a person, and reads the status.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { withOffice } from './office.ts';

const { office, open } = withOffice();

const instance = (page: Page, path: string) => page.goto(`${office().front.url}/console/instance/${path}`);
const statusWith = async (key: string) =>
  (await fetch(`${office().direct}/v1/session`, { headers: { 'x-api-key': key } })).status;

test('a workspace is made, limited, suspended, resumed and deleted', async () => {
  const { page } = await open('/runs');
  await page.getByRole('link', { name: 'Instance' }).click();
  await page.getByRole('button', { name: 'New workspace' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Beta <b>');
  await dialog.getByLabel('First administrator').fill('Bea');
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Create' }).click();
  const link = (await dialog.getByText(/\/console\/#/).textContent())!;
  const line = (await dialog.getByText(/^ERRAND_API_KEY=/).textContent())!;
  const key = line.replace('ERRAND_API_KEY=', '');
  expect(await statusWith(key)).toBe(200);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();

  await page.getByRole('button', { name: 'Limits: Beta <b>' }).click();
  await dialog.getByLabel('Errands that run at once').fill('7');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Errands that run at once: 7').waitFor();

  // The first administrator enters; an operator gives no access to a workspace that has one.
  const bea = await open('/runs', { link });
  await bea.page.goto(`${office().front.url}/console/`);
  await bea.page.getByRole('banner').getByText('Beta <b>').waitFor();
  await page.getByRole('button', { name: 'First access: Beta <b>' }).click();
  await dialog.getByLabel('Name of the first administrator').fill('Eve');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await dialog.getByRole('alert').getByText('workspace_has_administrator').waitFor();
  await dialog.getByRole('button', { name: 'Back' }).click();

  await page.getByRole('button', { name: 'Suspend: Beta <b>' }).click();
  await dialog.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByText('Beta <b> is suspended.').waitFor();
  await expect.poll(() => statusWith(key)).toBe(401);
  await page.getByRole('button', { name: 'Resume: Beta <b>' }).click();
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect.poll(() => statusWith(key)).toBe(200);

  await page.getByRole('button', { name: 'Suspend: Beta <b>' }).click();
  await dialog.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByRole('button', { name: 'Delete: Beta <b>' }).click();
  const remove = dialog.getByRole('button', { name: 'Delete' });
  expect(await remove.getAttribute('aria-disabled')).toBe('true');
  await dialog.getByRole('textbox').fill('Beta <b>');
  await remove.click();
  await page.getByText('being deleted since').waitFor();
});

test('a person is disabled and enabled, and the status is read', async () => {
  const admin = await open('/members');
  await admin.page.getByRole('button', { name: 'Invite' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Name of the person').fill('Grace');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(/\/console\/#/).textContent())!;
  const grace = await open('/runs', { link });
  await grace.page.getByRole('heading', { level: 1, name: /^(Start|Errands)$/ }).waitFor();
  await instance(grace.page, 'workspaces');
  await grace.page.getByText('You are not an operator of this instance.').waitFor();

  const { page } = admin;
  await instance(page, 'people');
  await page.getByRole('button', { name: 'Disable Grace' }).click();
  await page.getByText('Grace is disabled.').waitFor();
  await grace.page.goto(office().at('/runs'));
  await grace.page
    .getByText(/Sign in|sign-in/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Enable Grace' }).click();
  await page.getByText('Grace may sign in again.').waitFor();

  await instance(page, 'status');
  await page
    .getByRole('table', { name: 'Workers' })
    .or(page.getByRole('region', { name: 'Workers' }))
    .first()
    .waitFor();
  await page.getByText('alive').first().waitFor();
  await page.getByLabel('Find a setting').fill('master');
  await page
    .getByText(/^ERRAND_MASTER_KEY/)
    .first()
    .waitFor();
  expect(await page.getByText('a secret').count()).toBeGreaterThan(0);
});
