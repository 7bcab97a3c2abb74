import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Levels A and AA of WCAG 2.0 to 2.2, and the best practices of axe. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SCREENS = [
  { name: 'small', width: 320, height: 640 },
  { name: 'wide', width: 1280, height: 900 },
];
/** Only these rules depend on colours, so dark pages are checked by them alone. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const SCHEMES = [
  { colorScheme: 'light', runOnly: TAGS },
  { colorScheme: 'dark', runOnly: COLOUR_RULES },
] as const;

type Violation = { id: string; help: string; nodes: { target: unknown; html: string; failureSummary?: string }[] };

/**
 * The faults of a page with everything unfolded: those that axe finds, and content wider than the screen.
 * @returns one line each; empty if there are none
 */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults = new Set<string>();
  // The pages' policy allows no script; this one is injected from outside the page.
  await page.evaluate(axe.source);
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
  for (const { name, ...viewport } of SCREENS) {
    await page.setViewportSize(viewport);
    for (const { colorScheme, runOnly } of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const { violations } = (await page.evaluate(
        `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })})`,
      )) as { violations: Violation[] };
      for (const { id, help, nodes } of violations)
        for (const { target, failureSummary = '' } of nodes)
          faults.add(
            `${name} ${colorScheme}: ${id} (${help}) at ${String(target)}: ${failureSummary.replace(/\s+/g, ' ')}`,
          );
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (overflow !== 0) faults.add(`${name}: ${overflow} px wider than the screen`);
    }
  }
  return [...faults];
}
