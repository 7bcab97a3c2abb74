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
