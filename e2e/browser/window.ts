import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { launchChromium } from '../../scripts/chromium.mjs';

export type Window = {
  page: Page;
  /** Messages of the page's console, and errors of its scripts. */
  complaints: string[];
  /** Directives of the content security policy that the page, or content in it, violated. */
  violations: string[];
};

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
    const violations: string[] = [];
    await page.exposeBinding('reportViolation', (_, directive: string) => void violations.push(directive));
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', (event) => reportViolation(event.violatedDirective), true)`,
    );
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints, violations };
  };
}
