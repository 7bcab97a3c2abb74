// Ten thousand errands: all can be reached by scrolling, and few of them are in the page.
import { seedRuns } from '@errand/db/testing';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { withOffice } from './office.ts';

const RUNS = 10_000;
const MAX_ROWS = 400;
const { office, open } = withOffice();

beforeAll(async () => {
  const { stack, workspaceId } = office();
  const admin = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  await seedRuns(admin, workspaceId, RUNS, { whole: false });
  await admin.end();
}, 120_000);

const rowsIn = (page: Page) => page.getByRole('list', { name: 'Errands' }).getByRole('listitem');

test('a list of 10,000 errands scrolls to its end with at most 400 rows in the page', async () => {
  const { front } = office();
  const { page } = await open('/runs');
  await rowsIn(page).first().waitFor();
  const before = front.requests.length;
  let most = 0;
  await expect
    .poll(
      async () => {
        most = Math.max(most, await rowsIn(page).count());
        await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
        return rowsIn(page).last().getAttribute('aria-posinset');
      },
      { interval: 20, timeout: 170_000 },
    )
    .toBe(String(RUNS));
  expect(most).toBeLessThanOrEqual(MAX_ROWS);
  expect(most).toBeGreaterThan(5);
  expect(front.requests.length - before).toBeLessThanOrEqual(RUNS / 100 + 10);
});

test('filters stand in the address, and Back returns to the same place of the same list', async () => {
  const { page } = await open('/runs');
  await rowsIn(page).first().waitFor();
  await page.getByLabel('Status').selectOption('failed');
  await page.waitForURL(/status=/);
  await expect
    .poll(async () => new Set(await rowsIn(page).locator('span.text-bad').allTextContents()))
    .toEqual(new Set(['failed']));
  await page.evaluate('window.scrollTo(0, 1500)');
  await expect.poll(() => page.evaluate('window.scrollY')).toBe(1500);
  await page.waitForTimeout(300);
  const visible = page.locator('[data-run]').nth(12);
  const [address, name] = [page.url(), await visible.getAttribute('data-run')];
  await visible.click();
  await page.waitForURL(new RegExp(`/runs/${name}`));
  await page.goBack();
  await expect.poll(() => page.url()).toBe(address);
  await expect.poll(() => page.evaluate('window.scrollY')).toBe(1500);
  await page.locator(`[data-run="${name}"]`).waitFor();
});
