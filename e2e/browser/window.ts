import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { launchChromium } from '../../scripts/chromium.mjs';

/** Messages of a page's console, and errors of its scripts. */
export type Window = { page: Page; complaints: string[] };

/** A Chromium for the tests of a file. Each call opens a window with its own cookies, which its test closes. */
export function withBrowser(): (options?: BrowserContextOptions) => Promise<Window> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  return async (options) => {
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };
}
