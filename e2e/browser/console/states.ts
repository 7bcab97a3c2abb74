// States of pages of the console: each without a fault that axe finds, a violation of the policy or a complaint, and with markup shown as text.
// `pnpm screenshots` also writes a picture of each, on a desktop and a phone, light and dark.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faultsOf } from '../axe.ts';
import type { SignedIn } from './office.ts';

/** A text that a page must show as it is. */
export const CANARY = '<img src=x onerror="document.title=\'canary\'"><b>canary</b>';

export type State = {
  name: string;
  path: () => string;
  /** Brings the page into the state. */
  reach: (page: Page) => Promise<unknown>;
  /** Text that the browser writes to its console for a refused request of this state. */
  complaint?: RegExp;
};

const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const folder = process.env.ERRAND_SCREENSHOTS;

/** Pictures of the page in all sizes and themes, where the caller asked for them. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  for (const [screen, size] of Object.entries(SCREENS))
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${screen}-${colorScheme}.png`) });
    }
}

/** Declares a test for each state. @param open opens a browser at a page */
export function testStates(open: (path: string) => Promise<SignedIn>, states: readonly State[]): void {
  test.each(states.map((state) => [state.name, state] as const))(
    '%s',
    async (name, { path, reach, complaint = /^$/ }) => {
      const { page, complaints, violations } = await open(path());
      await reach(page);
      expect(await page.locator('img[src=x]').count()).toBe(0);
      expect(await page.title()).not.toBe('canary');
      await picture(page, name);
      expect(await faultsOf(page)).toEqual([]);
      expect([complaints.filter((text) => !complaint.test(text)), violations]).toEqual([[], []]);
    },
  );
}
