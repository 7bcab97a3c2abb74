/** The part of Playwright's `Page` that the walkthrough uses. */
export type Page = {
  goto(url: string): Promise<unknown>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  url(): string;
};

/** A user with an account at the calendar. */
export type Visitor = { username: string; password: string };

/**
 * Opens the link of a run, continues to the authorization server, signs in, and allows or denies access.
 * @returns the headings of the visited pages
 */
export async function answerConsentPage(
  page: Page,
  link: string,
  { username, password }: Visitor,
  decision: 'allow' | 'deny',
): Promise<string[]> {
  const texts: string[] = [];
  const noteHeading = async () => texts.push(((await page.textContent('h1')) ?? '').trim());
  await page.goto(link);
  await noteHeading();
  await page.click('button[value=allow]');
  await page.waitForSelector('input[name=username]');
  await noteHeading();
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click(`button[value=${decision}]`);
  await page.waitForSelector('.notice');
  await noteHeading();
  return texts;
}
