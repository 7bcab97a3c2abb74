// A restart, an outage and the end of a session, as a person at the console sees them.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { aRun } from '../../fixtures/builders.ts';
import { ended } from '../../fixtures/office.ts';
import { loginLink } from '../../fixtures/operator.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const OUTAGE_MS = 30_000;

const connectionOf = (page: Page) => page.getByRole('banner').getByRole('status');
const errandsOf = (page: Page) => page.getByRole('list', { name: 'Errands' }).getByRole('link').allTextContents();

test('a restart of the service is told, and afterwards the list is live and equals a reload', async () => {
  const { api, stack } = office();
  const { page } = await open('/runs');
  await connectionOf(page).filter({ hasText: 'live' }).waitFor();
  await stack.kill();
  await connectionOf(page).filter({ hasText: 'reconnecting' }).waitFor();
  await stack.restart();
  await connectionOf(page).filter({ hasText: 'live' }).waitFor();
  await api.runs.create(aRun({ intent: 'After the restart' }));
  await page.getByText('After the restart').waitFor();
  const before = await errandsOf(page);
  await page.reload();
  await page.getByText('After the restart').waitFor();
  expect(await errandsOf(page)).toEqual(before);
});

test('half a minute without a network is told, and afterwards the list equals a reload', async () => {
  const { api, front } = office();
  const { page } = await open('/runs');
  await connectionOf(page).filter({ hasText: 'live' }).waitFor();
  front.setAway(true);
  await connectionOf(page).filter({ hasText: 'reconnecting' }).waitFor();
  for (const name of ['first', 'second', 'third']) await api.runs.create(aRun({ intent: `The ${name} meanwhile` }));
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  expect(await page.getByText('The first meanwhile').count()).toBe(0);
  front.setAway(false);
  await page.getByText('The third meanwhile').waitFor();
  await connectionOf(page).filter({ hasText: 'live' }).waitFor();
  const before = await errandsOf(page);
  expect(before.slice(0, 3)).toEqual(['The third meanwhile', 'The second meanwhile', 'The first meanwhile']);
  await page.reload();
  await page.getByText('The third meanwhile').waitFor();
  expect(await errandsOf(page)).toEqual(before);
});

test('an errand that ends during an outage is told afterwards, with all of its events', async () => {
  const { api, front, at } = office();
  const intent = 'Create a ticket for Northwind: the printer burns';
  const { runId } = await api.runs.create(aRun({ intent, approvalStrategy: 'ON_WRITE' }));
  for await (const { runStatus } of api.runs.stream({ runId, progress: false })) if (runStatus === 'PAUSED') break;
  const { page } = await open(`/runs/${runId}?view=events`);
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  front.setAway(true);
  const [waits] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: waits!.approvalId!, decision: 'approve' });
  await ended(api, runId);
  front.setAway(false);
  const result = page.getByRole('region', { name: 'Result' });
  await result.waitFor();
  const { events } = await api.runs.events({ runId, limit: 100 });
  const count = page.getByText(`${events.length} events`, { exact: true });
  await count.waitFor();
  const before = await result.textContent();
  await page.goto(at(`/runs/${runId}?view=events`));
  await count.waitFor();
  expect(await result.textContent()).toBe(before);
});

test('after the end of the session a person signs in again and is back at the same page', async () => {
  const { at, operated, front } = office();
  const { page, tab } = await open('/runs?q=meanwhile');
  const other = await tab();
  await other.goto(`${front.url}/console/account`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  expect(page.url()).toBe(at('/runs?q=meanwhile'));
  await other.goto(`${front.url}/console/#${await loginLink(operated)}`);
  await page.getByRole('heading', { level: 1, name: 'Errands' }).waitFor();
  expect(page.url()).toBe(at('/runs?q=meanwhile'));
});

test('a session that is ended elsewhere is told within seconds, without any request of the page', async () => {
  const { front } = office();
  const { page } = await open('/runs');
  await connectionOf(page).filter({ hasText: 'live' }).waitFor();
  const other = await open('/runs');
  await other.page.goto(`${front.url}/console/account`);
  const buttons = other.page.getByRole('button', { name: 'End', exact: true });
  await buttons.first().waitFor();
  for (let count = await buttons.count(); count > 0; count--) {
    await buttons.first().click();
    await expect.poll(() => buttons.count()).toBe(count - 1);
  }
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
});
