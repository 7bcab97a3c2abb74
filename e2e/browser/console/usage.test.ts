// The usage page shows the figures of the API, and its bars and rows lead to the errands that they count.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const READ = 'Which deals over 50000 does the account Northwind have, and who owns them?';
const WRITE = 'Create a ticket for Northwind: the page does not load';

beforeAll(async () => {
  const { api } = office();
  for (const userId of ['ada', 'ada', 'ben']) {
    const { runId } = await api.runs.create(aRun({ intent: READ, userId }));
    await eventsOf(api, runId);
    await api.feedback.put({ runId, rating: userId === 'ada' ? 'positive' : 'negative' });
  }
  const { runId } = await api.runs.create(aRun({ intent: WRITE, userId: 'ben', approvalStrategy: 'ON_WRITE' }));
  for await (const { runStatus } of api.runs.stream({ runId, progress: false })) if (runStatus === 'PAUSED') break;
  const { waitingOn } = await api.runs.get({ runId });
  await api.approvals.decide({ approvalId: waitingOn[0]!.approvalId!, decision: 'approve' });
  await eventsOf(api, runId);
});

const row = (page: Page, by: string, key: string | RegExp) =>
  page.getByRole('region', { name: `Usage by ${by}` }).getByRole('row', { name: key });
const errands = (page: Page) => page.getByRole('list', { name: 'Errands' }).getByRole('listitem');

test('the totals are those of the API, and the bar of a day leads to its errands', async () => {
  const { page, complaints, violations } = await open('/usage');
  const totals = page.getByLabel('Totals');
  await totals.getByText('67% positive').or(totals.getByText('66.7%')).first().waitFor();
  const { total } = await office().api.usage.get({});
  expect(total).toMatchObject({ runs: 4, succeeded: 4 });
  expect(await totals.textContent()).toContain(`Calls${total!.calls.toLocaleString('en')}`);
  const bar = page.getByRole('list', { name: 'Errands by day' }).getByRole('link', { name: /: 4 errands, 4 success/ });
  await bar.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/runs\?from=/);
  await expect.poll(() => errands(page).count()).toBe(4);
  await page.getByRole('button', { name: /Created/ }).click();
  await page.waitForURL(/\/runs$/);
  expect([complaints, violations]).toEqual([[], []]);
});

test('tools, users and requesters lead to their errands, and to their days', async () => {
  const { page } = await open('/usage?by=tool');
  await page.getByRole('region', { name: 'Usage by tool' }).waitFor();
  const { rows } = await office().api.usage.get({ by: 'tool' });
  const tool = rows.find(({ key }) => key.endsWith('createTicket'))!;
  await row(page, 'tool', /createTicket/)
    .getByRole('link', { name: /createTicket/ })
    .first()
    .click();
  await page.waitForURL((url) => url.searchParams.get('tool') === tool.key);
  await expect.poll(() => errands(page).count()).toBe(tool.runs);
  await page.goto(office().at('/usage'));
  await page.getByRole('navigation', { name: 'Grouped by' }).getByRole('link', { name: 'Users' }).click();
  await row(page, 'user', /ada/).getByRole('link', { name: 'by day: ada' }).click();
  await page.waitForURL(/userId=ada/);
  await page
    .getByRole('list', { name: 'Errands by day' })
    .getByRole('link', { name: /: 2 errands/ })
    .waitFor();
  await page.getByRole('link', { name: 'Show the errands' }).click();
  await expect.poll(() => errands(page).count()).toBe(2);
  await page.goto(office().at('/usage?by=requester'));
  await page
    .getByRole('region', { name: 'Usage by requester' })
    .getByRole('row')
    .nth(1)
    .getByRole('link')
    .first()
    .click();
  await page.waitForURL(/requestedBy=api_key/);
  await expect.poll(() => errands(page).count()).toBe(4);
});

test('the time that people took to decide, by the kind of the request', async () => {
  const { page } = await open('/usage?by=request');
  const { rows } = await office().api.usage.get({ by: 'request' });
  expect(rows).toMatchObject([{ key: 'call', runs: 1, decided: 1, timeToDecide: { p50Ms: expect.any(Number) } }]);
  await row(page, 'request', /^call/).getByRole('link', { name: 'call' }).click();
  await page.waitForURL(/inbox\?.*kind=call/);
});

test('the CSV has the rows of the table, and an empty range says so', async () => {
  const { page } = await open('/usage?by=user');
  await row(page, 'user', /ben/).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const [header, ...lines] = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  expect(header).toMatch(/^user,name,runs,/);
  expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual([
    ['ada', 'ada', '2'],
    ['ben', 'ben', '2'],
  ]);
  await page.getByLabel('To', { exact: true }).fill('2020-01-31');
  await page.waitForURL(/to=2020-01-31/);
  await page.getByText('No errand ended in these days.').first().waitFor();
});
