// The list of errands: its chart, saved views, columns, and several errands run again.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const READ = 'Which deals over 50000 does the account Northwind have, and who owns them?';

const ended: string[] = [];
beforeAll(async () => {
  const { api } = office();
  for (const userId of ['ada', 'ada', 'ben']) {
    const { runId } = await api.runs.create(aRun({ intent: READ, userId }));
    await eventsOf(api, runId);
    ended.push(runId);
  }
});

const errands = (page: Page) => page.getByRole('list', { name: 'Errands' }).getByRole('listitem');
const chart = (page: Page) => page.getByRole('region', { name: 'Errands over time' });

test('the chart counts the errands of the filters, and a bar leads to those of its time', async () => {
  const { page, complaints, violations } = await open('/runs?userId=ada&within=1h');
  await chart(page).getByText('2 errands: 2 success').waitFor({ state: 'attached' });
  const height = (await chart(page).boundingBox())!.height;
  await chart(page).locator('a:not([data-bar="0"])').first().click();
  await page.waitForURL(/from=.*to=/);
  const { searchParams } = new URL(page.url());
  const [from, to] = [searchParams.get('from')!, searchParams.get('to')!];
  expect([Date.parse(to) - Date.parse(from), searchParams.get('within')]).toEqual([60_000, null]);
  const { pagination } = await office().api.runs.list({ userId: 'ada', createdAfter: from, createdBefore: to });
  await expect.poll(() => errands(page).count()).toBe(pagination.totalItems);
  expect((await chart(page).boundingBox())!.height).toBe(height);

  // The same by keyboard, over the table.
  await page.goBack();
  await page.waitForURL(/within=1h/);
  await chart(page).getByRole('button', { name: 'Table' }).press('Enter');
  const row = page.getByRole('dialog').getByRole('row').nth(1);
  expect(
    Number(
      await row
        .getByRole('cell')
        .first()
        .textContent()
        .then((text) => text!.replace(/\D/g, '')),
    ),
  ).toBe(pagination.totalItems);
  await row.getByRole('link').press('Enter');
  await page.waitForURL((url) => url.searchParams.get('from') !== null && url.searchParams.get('userId') === 'ada');
  expect([complaints, violations]).toEqual([[], []]);
});

test('the chart follows new errands, and says when there are none', async () => {
  const { page } = await open('/runs?userId=carol');
  await chart(page).getByText('No errand was created in this time.').waitFor();
  await office().api.runs.create(aRun({ intent: READ, userId: 'carol' }));
  await chart(page).getByText('1 errand: 1 success').waitFor({ state: 'attached' });
  await page.getByLabel('Created').selectOption('From day to day…');
  await page.getByLabel('First day').fill('2020-01-01');
  await page.getByLabel('Last day').fill('2020-01-31');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL(/from=2020-01-01.*to=2020-01-31/);
  await chart(page).getByText('No errand was created in this time.').waitFor();
});

test('a view is saved, opens first, is renamed and deleted, for one person and workspace', async () => {
  const { page, complaints, violations, tab } = await open('/runs?status=SUCCESS&userId=ben');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Calls' }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Move Calls up' }).click();
  await page.getByRole('dialog').getByRole('checkbox', { name: 'Steps' }).uncheck();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('button', { name: 'Save as a view' }).click();
  await page.getByLabel('Name').fill('Of Ben');
  await page.getByLabel('Open the list with this view').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const views = page.getByRole('navigation', { name: 'Saved views' });
  await views.getByRole('link', { name: 'Of Ben' }).and(page.locator('[aria-current=page]')).waitFor();
  expect(await page.getByRole('button', { name: 'Save as a view' }).count()).toBe(0);

  // Another tab: the bare address shows the view with its columns, and "All" shows all errands with theirs.
  const other = await tab();
  await other.goto(office().at('/runs'));
  await other.waitForURL(/userId=ben/);
  await errands(other).first().getByText('Calls: ').waitFor();
  expect(await errands(other).count()).toBe(1);
  expect(await errands(other).first().getByText('Steps: ').count()).toBe(0);
  await other.getByRole('link', { name: 'All', exact: true }).click();
  await other.waitForURL(/all=true/);
  await expect.poll(() => errands(other).count()).toBeGreaterThan(2);
  await other.getByLabel('Status').selectOption('failed');
  await other.getByLabel('Status').selectOption('Any status');
  await other.waitForURL(/all=true/);

  // Its name changes in both tabs; it is deleted, and the filters stay.
  await page.getByRole('button', { name: 'Change the view “Of Ben”' }).click();
  await page.getByLabel('Name').fill('Successes of Ben');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await other.getByRole('link', { name: 'Successes of Ben' }).waitFor();
  await other.keyboard.press('1');
  await other.waitForURL(/userId=ben/);
  expect(await other.getByLabel('User').inputValue()).toBe('ben');
  await page.getByRole('button', { name: 'Change the view' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await views.waitFor({ state: 'detached' });
  expect(page.url()).toMatch(/userId=ben/);
  await page.goto(office().at('/runs'));
  await expect.poll(() => errands(page).count()).toBeGreaterThan(2);
  expect([complaints, violations]).toEqual([[], []]);
});
