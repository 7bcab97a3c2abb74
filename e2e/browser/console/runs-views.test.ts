// The list of errands: its chart, saved views, columns, and several errands run again.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun, eventsOf } from '../../fixtures/builders.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const READ = 'Which deals over 50000 does the account Northwind have, and who owns them?';

const WRITE = 'Create a ticket for Northwind: the page does not load';

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
  const row = page.getByRole('dialog').getByRole('row').last();
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

const pick = async (page: Page, index: number) => errands(page).nth(index).getByRole('checkbox').check();
const outcomes = (page: Page) =>
  page.getByRole('dialog').getByRole('region', { name: 'Outcomes' }).getByRole('listitem');

test('several ended errands run again, with what they may write again told before, and the outcome of each after', async () => {
  const { api, stack } = office();
  const userId = 'dora';
  const plan = await api.runs.create(aRun({ intent: WRITE, userId, approvalStrategy: 'NONE' }));
  await eventsOf(api, plan.runId);
  const unplanned = await api.runs.create(aRun({ intent: 'Sing a song about the sea', userId }));
  await eventsOf(api, unplanned.runId);
  const later = await api.runs.create(
    aRun({ intent: WRITE, userId, startAt: new Date(Date.now() + 3_600_000).toISOString() }),
  );
  const tickets = stack.crm.data.tickets.length;

  const { page, complaints, violations } = await open(`/runs?userId=${userId}`);
  await pick(page, 0);
  await page.getByRole('button', { name: 'Select the 3 in the list' }).click();
  await page.getByRole('button', { name: 'Rerun these' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 selected errand has not ended and is left out.').waitFor();
  await dialog.getByText('1 of the 2 may write again what they wrote before:').waitFor();
  expect(await dialog.getByRole('region', { name: 'What may be repeated' }).textContent()).toContain('Create');
  await dialog.getByRole('button', { name: 'Rerun 2 errands' }).click();
  await dialog.getByText(/1 started, 1 refused/).waitFor();
  // The refused one comes first, with the reason; the other leads to its new errand.
  expect(await outcomes(page).first().textContent()).toMatch(/Sing a song.*plan/i);
  await outcomes(page).nth(1).getByRole('link', { name: 'Open the new errand' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  const rerun = await api.runs.get({ runId: /[0-9a-f-]{36}$/.exec(page.url())![0] });
  expect(rerun.rerunOf).toBe(plan.runId);
  await eventsOf(api, rerun.runId);
  expect(stack.crm.data.tickets).toHaveLength(tickets + 1);
  expect((await api.runs.list({ userId })).runs).toHaveLength(4);
  await api.runs.cancel({ runId: later.runId });
  expect([complaints, violations]).toEqual([[], []]);
});

test('outcomes survive other pages and a reload; what was interrupted goes on, and nothing runs twice', async () => {
  const { api, front } = office();
  const userId = 'emil';
  for (let n = 0; n < 6; n++) await eventsOf(api, (await api.runs.create(aRun({ intent: READ, userId }))).runId);
  const { page } = await open(`/runs?userId=${userId}`);
  page.on('dialog', (dialog) => void dialog.accept());
  await pick(page, 0);
  await page.getByRole('button', { name: 'Select the 6 in the list' }).click();
  await page.getByRole('button', { name: 'Rerun these' }).click();
  // The first request is answered, the second one is carried out, but its answer is lost.
  let requests = 0;
  let lose = () => {};
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  await page.route('**/runs.rerunMany*', async (route) => {
    if (++requests !== 2) return route.continue();
    await route.fetch();
    lose();
  });
  await page.getByRole('dialog').getByRole('button', { name: 'Rerun 6 errands' }).click();
  await lost;
  await page.keyboard.press('Escape');
  const pane = page.getByRole('region', { name: 'Rerun 6 errands' });
  await pane.getByText('5 started, 1 to be sent').waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await pane.getByText('5 started, 1 to be sent').waitFor();
  await page.reload();
  const dialog = page.getByRole('dialog', { name: 'Rerun 6 errands' });
  await dialog.getByText('5 started, 1 without an answer').waitFor();
  await dialog.getByText('The page was loaded again.').waitFor();
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await dialog.getByText('6 started').waitFor();
  expect(requests).toBe(3);
  expect((await api.runs.list({ userId, pageSize: 100 })).runs).toHaveLength(12);
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  // Without the service it stops, and says so.
  await page.goto(office().at(`/runs?userId=${userId}`));
  await pick(page, 0);
  await page.getByRole('button', { name: 'Rerun these' }).click();
  await page.getByText('None of the plans writes.').waitFor();
  front.setAway(true);
  await page.getByRole('dialog').getByRole('button', { name: 'Rerun 1 errand' }).click();
  await page.getByRole('dialog').getByText('It stopped.').waitFor();
  front.setAway(false);
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').getByText('1 started').waitFor();
});

test('a viewer selects errands, and reads why they cannot run again', async () => {
  const admin = await open('/members');
  await admin.page.getByRole('button', { name: 'Invite' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('Name of the person').fill('Vera');
  await dialog.getByRole('radio', { name: /viewer/ }).check();
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(/\/console\/#/).textContent())!;
  const { page } = await open('/runs', { link });
  await pick(page, 0);
  const button = page.getByRole('button', { name: 'Rerun these' });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  expect(await button.getAttribute('title')).toMatch(/Your role \(viewer\) may not/);
});

test('the palette reaches every page without a parameter, saved views, and the last errands', async () => {
  const { page } = await open('/runs?userId=ben');
  await page.getByRole('button', { name: 'Save as a view' }).click();
  await page.getByLabel('Name').fill('Only Ben');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.keyboard.press('Control+k');
  const option = (name: string | RegExp) => page.getByRole('dialog').getByRole('option', { name });
  await option('View: Only Ben').waitFor();
  const { runs } = await office().api.runs.list({ pageSize: 5 });
  await expect
    .poll(() => page.getByRole('group', { name: 'Last errands' }).getByRole('option').count())
    .toBe(runs.length);
  // Each page that the router has.
  const router = await readFile(new URL('../../../apps/console/src/router.tsx', import.meta.url), 'utf8');
  const paths = [...router.matchAll(/parent(?:Route)?[\s\S]*?path: '(\/[a-z-]+)'/gi)].map(([, path]) => path!);
  const links = await readFile(new URL('../../../apps/console/src/shell/page-links.ts', import.meta.url), 'utf8');
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => path !== '/instance' && !links.includes(`${path}'`))).toEqual([]);
  // By a word that is not its name, and by the id of an errand.
  await page.getByRole('dialog').getByRole('combobox').fill('suspend');
  await option('Instance: workspaces').click();
  await page.waitForURL(/\/instance\/workspaces/);
  await page.goto(office().at('/runs'));
  await errands(page).first().waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill(ended[0]!);
  await option(READ).click();
  await page.waitForURL(new RegExp(`/runs/${ended[0]}`));
});
