// The walk of a person: from an empty workspace to a result, feedback, and a rerun. With a mouse, and by keyboard alone.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { beginTask } from '../../fixtures/periodic-task.ts';
import { type Hands, keyboard, mouse } from './hands.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice({ seed: false });

const statusOf = (page: Page) =>
  page
    .getByRole('main')
    .getByText(/^(running|waits for a decision|success)$/)
    .first();

test.each([
  ['a mouse', (_: Page) => mouse],
  ['the keyboard alone', keyboard],
])('with %s', async (way, handsOf: (page: Page) => Hands) => {
  const { api, stack } = office();
  const { crm } = stack;
  const subject = `Edited with ${way.split(' ').at(-1)}`;
  const { page, complaints, violations } = await open('/runs');
  const hands = handsOf(page);
  const auth = { type: 'API_TOKEN', token: crm.token } as const;
  const { integrations } = await api.integrations.list({});
  for (const { customerIntegrationId } of integrations) await api.integrations.delete({ customerIntegrationId });
  await api.integrations.create({ name: 'CRM', url: crm.documentUrl, auth, enable: 'all' });

  // A new errand, with its preview.
  await hands.key('n', page.getByRole('main').getByRole('link', { name: 'New errand' }).first());
  await hands.write(
    page.getByLabel('Intent', { exact: true }),
    'Create a ticket for Northwind: the dashboard does not load',
  );
  await hands.write(page.getByLabel('User', { exact: true }), 'ada');
  await hands.press(page.getByRole('button', { name: 'Preview', exact: true }));
  await page.getByRole('heading', { name: 'of which 1 may change something' }).waitFor();
  const tickets = crm.data.tickets.length;
  await hands.press(page.getByRole('button', { name: 'Run this plan' }));

  // It is watched live, and its write is approved with a changed argument.
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  const runId = /[0-9a-f-]{36}$/.exec(page.url().split('?')[0]!)![0];
  await statusOf(page).filter({ hasText: 'waits for a decision' }).waitFor();
  expect(crm.data.tickets).toHaveLength(tickets);
  await hands.press(page.locator('summary', { hasText: 'Look at the arguments' }));
  await hands.write(page.getByLabel('subject', { exact: true }), subject);
  await hands.press(page.getByRole('button', { name: 'Approve with changes' }));
  await statusOf(page).filter({ hasText: 'success' }).waitFor();
  expect(crm.data.tickets.at(-1)!.subject).toBe(subject);
  expect(crm.data.tickets).toHaveLength(tickets + 1);

  // The result, and feedback on it.
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByText(subject).first().waitFor();
  await hands.press(result.getByRole('button', { name: 'Yes' }));
  await expect.poll(async () => (await api.feedback.get({ runId }))?.rating).toBe('positive');

  // Found again by a word of its result.
  await beginTask(stack.databaseUrl, 'result_words');
  await hands.key('g', page.getByRole('navigation').getByRole('link', { name: 'Errands' }));
  if (way !== 'a mouse') await page.keyboard.press('r');
  await page.getByRole('heading', { level: 1, name: 'Errands' }).waitFor();
  const found = page.getByRole('list', { name: 'Errands' }).getByRole('link');
  await expect
    .poll(
      async () => {
        await hands.write(page.getByRole('searchbox'), '');
        await hands.write(page.getByRole('searchbox'), subject);
        return found.count();
      },
      { interval: 1000 },
    )
    .toBe(1);
  await hands.press(found);

  // Rerun from the step that wrote: the step before it keeps its output.
  await page.getByRole('region', { name: 'Result' }).waitFor();
  if (way !== 'a mouse') await page.keyboard.press('Tab');
  await hands.key('r', page.getByRole('button', { name: 'Rerun', exact: true }));
  const dialog = page.getByRole('dialog');
  await hands.press(dialog.getByRole('radio', { name: 'From a step' }));
  const steps = await dialog.getByLabel('First step that runs again').locator('option').allTextContents();
  expect(steps).toHaveLength(2);
  await dialog.getByLabel('First step that runs again').focus();
  await page.keyboard.press('End');
  await dialog.getByText('1 step writes again.').waitFor();
  await dialog.getByText('keeps its output').waitFor();
  await hands.press(dialog.getByRole('button', { name: 'Rerun', exact: true }));
  await page.waitForURL((url) => /\/runs\/[0-9a-f-]{36}/.test(url.href) && !url.href.includes(runId));
  await statusOf(page).filter({ hasText: 'waits for a decision' }).waitFor();
  await hands.key('a', page.getByRole('button', { name: 'Approve', exact: true }));
  await statusOf(page).filter({ hasText: 'success' }).waitFor();
  expect(crm.data.tickets).toHaveLength(tickets + 2);
  expect([complaints, violations]).toEqual([[], []]);
});
