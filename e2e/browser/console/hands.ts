// Two ways to use a page: with a mouse, and by keyboard alone.
import type { Locator, Page } from 'playwright-core';

export type Hands = {
  /** Presses a button, a link, a tab or a radio button. */
  press(target: Locator): Promise<void>;
  /** Replaces the text of a field. */
  write(field: Locator, text: string): Promise<void>;
  /** A key that stands for a button; the mouse presses the button. */
  key(key: string, button: Locator): Promise<void>;
};

export const mouse: Hands = {
  press: (target) => target.click(),
  write: (field, text) => field.fill(text),
  key: (_, button) => button.click(),
};

/** More elements than any page has in its order of focus. */
const MAX_TABS = 150;
const SETTLED_MS = 700;

/** Moves the focus by Tab until it is on the element. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const element = await target.elementHandle();
  for (let step = 0; step < MAX_TABS; step++) {
    if (await element!.evaluate((each) => each === each.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${target}.`);
}

export const keyboard = (page: Page): Hands => ({
  press: async (target) => {
    // Of radio buttons with one name, Tab reaches the chosen one; the arrows choose another.
    if ((await target.getAttribute('type')) === 'radio') return arrowTo(page, target);
    await tabTo(page, target);
    await page.keyboard.press('Enter');
  },
  write: async (field, text) => {
    await tabTo(page, field);
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  },
  key: async (key, button) => {
    await button.waitFor();
    // A request must be shown for half a second before a key decides about it.
    await page.waitForTimeout(SETTLED_MS);
    await page.keyboard.press(key);
  },
});

async function arrowTo(page: Page, target: Locator): Promise<void> {
  const name = await target.getAttribute('name');
  await tabTo(page, page.locator(`input[name="${name}"]:checked`));
  for (let step = 0; step < 10 && !(await target.isChecked()); step++) await page.keyboard.press('ArrowDown');
  if (!(await target.isChecked())) throw new Error(`The arrows do not reach ${target}.`);
}
