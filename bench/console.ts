import { system } from '@errand/contracts';
import { seedLargeRuns, seedRuns } from '@errand/db/testing';
import { createLoginLink } from '@errand/server/login';
import type { Browser, Page } from 'playwright-core';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { Stack } from './stack.ts';

export const consolePages: Scenario = {
  name: 'console',
  goal: {
    longestTaskMs: '<= 50 while scrolling',
    openedMs: '<= 1500 for a run of 4,000 events',
    eventRequests: '<= 8',
  },
};

const RUNS = 10_000;
const EVENTS = 4_000;
const LOADS = 10;
const CHROMIUM = new URL('../../scripts/chromium.mjs', import.meta.url);

/** Pages of the console in a Chromium: a list of 10,000 runs, a run of 4,000 events, and first loads. */
export async function measureConsole(stack: Stack): Promise<Figures> {
  await seedRuns(stack.admin, stack.workspaceId, RUNS, { whole: false });
  const calls = EVENTS - 2;
  const [runId] = await seedLargeRuns(stack.admin, stack.workspaceId, { runs: 1, calls, outputBytes: 320 });
  const { url } = await stack.main();
  const { launchChromium } = (await import(CHROMIUM.href)) as { launchChromium: () => Promise<Browser> };
  const browser = await launchChromium();
  try {
    const page = await signIn(browser, stack, url);
    const pages = `${url}/console/w/${stack.workspaceId}`;
    return {
      runs: RUNS,
      ...(await measureScrolling(page, `${pages}/runs`)),
      events: EVENTS,
      ...(await measureOpening(page, `${pages}/runs/${runId}?view=events`)),
      ...(await measureFirstPaint(page, `${pages}/runs`)),
    };
  } finally {
    await browser.close();
  }
}

async function signIn(browser: Browser, { db }: Stack, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await page.addInitScript(`window.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })`);
  const { link } = await createLoginLink(db, system, url, {});
  await page.goto(link);
  await page.getByRole('list', { name: 'Errands' }).waitFor();
  return page;
}

/** Scrolls by a screen a frame until the last run is shown. */
async function measureScrolling(page: Page, address: string): Promise<Figures> {
  await page.goto(address);
  await page.getByRole('list', { name: 'Errands' }).getByRole('listitem').first().waitFor();
  const { tasks, rows } = (await page.evaluate(`(async () => {
    // A task of this length must be seen, or the figure would say nothing.
    tasks.length = 0;
    await new Promise((resolve) => setTimeout(() => {
      const begin = performance.now();
      while (performance.now() - begin < 100);
      setTimeout(resolve, 100);
    }));
    if (tasks.length === 0) throw new Error('The browser reports no long tasks.');
    tasks.length = 0;
    let rows = 0;
    const visible = () => document.querySelectorAll('ol[aria-label=Errands] > li');
    while (!Array.from(visible()).some((row) => Number(row.ariaPosInSet) >= ${RUNS})) {
      scrollBy(0, innerHeight);
      await new Promise(requestAnimationFrame);
      rows = Math.max(rows, visible().length);
    }
    return { tasks, rows };
  })()`)) as { tasks: number[]; rows: number };
  return { longestTaskMs: round(Math.max(0, ...tasks)), longTasks: tasks.length, mostRows: rows };
}

async function measureOpening(page: Page, address: string): Promise<Figures> {
  const times: number[] = [];
  let requests = 0;
  page.on('request', (request) => {
    if (request.url().includes('/runs.events')) requests++;
  });
  for (let load = 0; load < LOADS; load++) {
    await page.goto('about:blank');
    const begin = performance.now();
    await page.goto(address);
    await page.getByText(`${EVENTS.toLocaleString('en')} events`, { exact: true }).waitFor();
    times.push(performance.now() - begin);
  }
  return { openedMs: round(quantile(times, 0.5)), eventRequests: requests / LOADS };
}

async function measureFirstPaint(page: Page, address: string): Promise<Figures> {
  const paints: number[] = [];
  const rows: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    await page.goto(address);
    await page.getByRole('list', { name: 'Errands' }).getByRole('listitem').first().waitFor();
    rows.push((await page.evaluate('performance.now()')) as number);
    paints.push((await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")) as number);
  }
  return { firstPaintMs: round(quantile(paints, 0.5)), firstRowsMs: round(quantile(rows, 0.5)) };
}
