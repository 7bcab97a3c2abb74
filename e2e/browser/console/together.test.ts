// Several people and long errands: decisions of others, what a role may not do, and a log of 5,000 events.
import { seedLargeRuns } from '@errand/db/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { aRun } from '../../fixtures/builders.ts';
import { loginLink } from '../../fixtures/operator.ts';
import { aPerson } from '../../people/person.ts';
import { withOffice } from './office.ts';

const { office, open } = withOffice();
const EVENTS = 5_000;
const MAX_ROWS = 400;

async function waitingRun(subject: string): Promise<string> {
  const { api } = office();
  const intent = `Create a ticket for Northwind: ${subject}`;
  const { runId } = await api.runs.create(aRun({ intent, approvalStrategy: 'ON_WRITE' }));
  for await (const { runStatus } of api.runs.stream({ runId, progress: false }))
    if (runStatus === 'PAUSED') return runId;
  throw new Error('The run ended.');
}

test('two browsers decide the same request: one wins, the other sees by whom', async () => {
  const runId = await waitingRun('decided twice');
  const { api } = office();
  const [first, second] = [await open('/inbox'), await open('/inbox')];
  for (const { page } of [first, second]) await page.getByRole('article').getByText('decided twice').first().waitFor();
  await Promise.all(
    [first, second].map(({ page }) => page.getByRole('button', { name: 'Approve', exact: true }).click()),
  );
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('SUCCESS');
  const decisions = (await api.runs.events({ runId, limit: 100 })).events.filter(({ type }) => type === 'run_action');
  expect(decisions).toHaveLength(1);
  // Both pages settle on the same decision, and neither offers it again.
  for (const { page, violations } of [first, second]) {
    await page
      .getByText(/Decided by|Inbox is empty|Nothing waits|Approved/i)
      .first()
      .waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
    expect(violations).toEqual([]);
  }
});

test('a decision of somebody else is told on the open request', async () => {
  const runId = await waitingRun('decided elsewhere');
  const { api } = office();
  const { page } = await open('/inbox');
  await page.getByRole('article').getByText('decided elsewhere').first().waitFor();
  const [waits] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: waits!.approvalId!, decision: 'deny', reason: 'Not today' });
  await page
    .getByRole('article')
    .getByText(/Decided by/)
    .waitFor();
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
});

test('a viewer sees what the role does not permit, and why', async () => {
  const runId = await waitingRun('seen by a viewer');
  const { direct, operated, workspaceId } = office();
  const administrator = await aPerson(direct, await loginLink(operated));
  const { body } = await administrator.call(
    'members.invite',
    { name: 'Vera', role: 'viewer' },
    { mutation: true, headers: { 'x-errand-workspace': workspaceId } },
  );
  const { page } = await open(`/runs/${runId}`, { link: body.link });
  const rerun = page.getByRole('button', { name: 'Rerun' });
  await rerun.waitFor();
  expect(await rerun.getAttribute('aria-disabled')).toBe('true');
  expect(await rerun.getAttribute('title')).toMatch(/role may not/);
  await rerun.click({ force: true });
  expect(await page.getByRole('dialog').count()).toBe(0);
  const approve = page.getByRole('button', { name: /^Approve/ });
  expect(await approve.getAttribute('aria-disabled')).toBe('true');
});

test('an errand of 5,000 events is read in at most eight requests, and few rows of it are in the page', async () => {
  const { stack, workspaceId, front } = office();
  const admin = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const [runId] = await seedLargeRuns(admin, workspaceId, { runs: 1, calls: EVENTS - 2, outputBytes: 64 });
  await admin.end();
  const { page, violations } = await open('/runs');
  const before = front.requests.length;
  await page.goto(office().at(`/runs/${runId}?view=events`));
  await page.getByText('5,000 events', { exact: true }).waitFor();
  const reads = front.requests.slice(before).filter((request) => request.includes('/runs.events'));
  expect(reads.length).toBeLessThanOrEqual(8);
  expect(reads.length).toBeGreaterThan(0);
  for (const view of ['Events', 'Waterfall', 'Flow', 'Raw']) {
    await page
      .getByRole('tab', { name: view })
      .or(page.getByRole('link', { name: view, exact: true }))
      .first()
      .click();
    await page.waitForURL(new RegExp(`view=${view.toLowerCase()}`));
    expect(await page.evaluate("document.querySelectorAll('li, tr, [role=row]').length")).toBeLessThanOrEqual(MAX_ROWS);
  }
  expect(violations).toEqual([]);
});
