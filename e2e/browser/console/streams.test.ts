// Many tabs of one browser: a few connections carry the streams of all of them.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { aRun } from '../../fixtures/builders.ts';
import { loginLink } from '../../fixtures/operator.ts';
import { overRest } from '../../fixtures/transports.ts';
import { aPerson } from '../../people/person.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const MAX_STREAMS = 3;

const listIn = (page: Page) => page.getByRole('list', { name: 'Errands' });

test('eight tabs stay live over HTTP/1.1 with at most three streams, and each can navigate', async () => {
  const { api, front, at } = office();
  const { page, tab, complaints, violations } = await open('/runs');
  const pages = [page, ...(await Promise.all(Array.from({ length: 7 }, tab)))];
  await Promise.all(pages.slice(1).map((each) => each.goto(at('/runs'))));
  await api.runs.create(aRun({ intent: 'Create a summary of the latest sales data' }));
  for (const each of pages) await listIn(each).getByText('Create a summary of the latest sales data').first().waitFor();
  for (const each of pages) {
    await each.getByRole('link', { name: 'Inbox' }).click();
    await each.getByRole('heading', { level: 1 }).filter({ hasText: 'Inbox' }).waitFor();
  }
  expect(front.streams.most).toBeLessThanOrEqual(MAX_STREAMS);
  expect(front.streams.open).toBeGreaterThan(0);
  expect([complaints, violations]).toEqual([[], []]);
});

test('a burst of 500 errands costs an open list few requests, and all of them are there afterwards', async () => {
  const { api, front, stack } = office();
  const { page } = await open('/runs');
  await listIn(page).waitFor();
  await expect.poll(() => front.streams.open).toBeGreaterThan(0);
  const before = front.requests.length;
  for (let at = 0; at < 500; at += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => api.runs.create(aRun({ intent: `Sing song ${at + index + 1}` }))),
    );
  await listIn(page).getByText('Sing song 500', { exact: true }).waitFor();
  expect(front.requests.length - before).toBeLessThanOrEqual(60);
  await page.getByText('501', { exact: true }).waitFor();
  expect(stack.log()).not.toContain('"level":50');
});

test('with two workspaces open, both are live with at most three streams', async () => {
  const { front, direct, api, at } = office();
  const { page, tab } = await open('/runs');
  const operator = await aPerson(direct, await loginLink(office().operated));
  const { body } = await operator.call(
    'workspaces.create',
    { name: 'Second', administrator: 'Ada', withKey: true },
    { mutation: true },
  );
  const other = await tab();
  await other.goto(body.invitation);
  await other.getByRole('heading', { level: 1, name: 'Start' }).waitFor();
  expect(other.url()).toContain(body.workspaceId);
  await other.getByRole('link', { name: 'Errands' }).click();
  await other.getByRole('heading', { level: 1, name: 'Errands' }).waitFor();
  const pages = [page, other, ...(await Promise.all([tab(), tab(), tab()]))];
  for (const [index, each] of pages.slice(2).entries())
    await each.goto(index % 2 ? at('/inbox') : `${front.url}/console/w/${body.workspaceId}/inbox`);
  front.streams.most = front.streams.open;
  await api.runs.create(aRun({ intent: 'Errand of the first workspace' }));
  await overRest({ url: direct, apiKey: body.key }).runs.create(aRun({ intent: 'Errand of the second' }));
  await listIn(page).getByText('Errand of the first workspace').waitFor();
  await listIn(other).getByText('Errand of the second').waitFor();
  expect(await listIn(other).getByText('Errand of the first workspace').count()).toBe(0);
  expect(front.streams.most).toBeLessThanOrEqual(MAX_STREAMS);
});
