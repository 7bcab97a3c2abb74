// An administrator makes keys and invites people; a decider sees what the role permits, and why the rest is off.
import { expect, test } from 'vitest';
import { withOffice } from './office.ts';

const { office, open } = withOffice();

const statusWith = async (key: string) =>
  (await fetch(`${office().direct}/v1/session`, { headers: { 'x-api-key': key } })).status;

test('a key is made, shown once, renamed, rotated and revoked', async () => {
  const { page } = await open('/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('billing <b>service</b>');
  await dialog.getByRole('checkbox', { name: /decide requests/ }).check();
  await dialog.getByLabel('Valid').selectOption('90');
  await dialog.getByRole('button', { name: 'Create the key' }).click();
  await dialog.getByText('it is shown only once').waitFor();
  const line = await dialog.getByText(/^ERRAND_API_KEY=/).textContent();
  const key = line!.replace('ERRAND_API_KEY=', '');
  const session = await fetch(`${office().direct}/v1/session`, { headers: { 'x-api-key': key } });
  expect(await session.json()).toMatchObject({ scopes: ['runs:read', 'runs:write', 'approvals:decide'] });
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  expect(await page.content()).not.toContain(key);

  await page.getByRole('button', { name: 'Rename billing' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('billing');
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByText('The key is renamed.').waitFor();

  await page.getByRole('button', { name: 'Rotate billing' }).click();
  await dialog.getByLabel('The old key ends').selectOption('3600');
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  const rotated = (await dialog.getByText(/^ERRAND_API_KEY=/).textContent())!.replace('ERRAND_API_KEY=', '');
  expect([await statusWith(key), await statusWith(rotated)]).toEqual([200, 200]);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();

  const newer = page.getByRole('row').filter({ hasText: rotated.slice(-4) });
  await newer.getByRole('button', { name: 'Revoke billing' }).click();
  await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText('The key is revoked.').waitFor();
  await expect.poll(() => statusWith(rotated)).toBe(401);
  await expect.poll(() => newer.count()).toBe(0);
  await page.getByRole('button', { name: 'Show ended keys' }).click();
  await newer.getByText('revoked').waitFor();
});

test('an invited decider sees what the role permits, and why the rest is off', async () => {
  const admin = await open('/members');
  await admin.page.getByRole('button', { name: 'Invite' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Name of the person').fill('Grace');
  await dialog.getByRole('radio', { name: /decider/ }).check();
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(/\/console\/#/).textContent())!;
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();

  const decider = await open('/members', { link });
  await decider.page.getByText('You may decide requests.').waitFor();
  await decider.page.getByText('You may not manage keys, members and the audit log.').waitFor();
  const invite = decider.page.getByRole('button', { name: /Invite/ });
  expect(await invite.getAttribute('aria-disabled')).toBe('true');
  expect(await invite.getAttribute('title')).toContain('Your role (decider) may not manage keys');
  const navigation = decider.page.getByRole('navigation', { name: 'Main' });
  expect(await navigation.getByRole('link', { name: 'API keys' }).count()).toBe(0);
  await decider.page.goto(office().at('/keys'));
  await decider.page.getByText('An administrator can change it.').first().waitFor();

  await admin.page.reload();
  await admin.page.getByLabel('Role of Grace').selectOption('viewer');
  await dialog.getByRole('button', { name: 'Change the role' }).click();
  await admin.page.getByText('The role is changed.').waitFor();
  await decider.page.goto(office().at('/members'));
  await decider.page.getByText('You may not decide requests.').waitFor();

  await admin.page.getByRole('button', { name: 'Remove Grace' }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await admin.page.getByText('Grace is removed.').waitFor();
  await decider.page.reload();
  await decider.page
    .getByText(/workspace/)
    .first()
    .waitFor();
  expect(await decider.page.getByRole('link', { name: 'Members' }).count()).toBe(0);
});
