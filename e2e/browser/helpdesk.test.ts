// The example product in a Chromium: Ada asks, connects her account and approves, over two kills of the service; Ben sees nothing of it.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Helpdesk, startHelpdesk } from '../fixtures/helpdesk.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const EVENT = 'Create an event "Call Contoso" for tomorrow at 10:00';
const CALL = 'Log a call with Contoso for tomorrow at 10:00';

const open = withBrowser();
let desk: Helpdesk;
let api: Api;
beforeAll(async () => {
  desk = await startHelpdesk();
  api = overRest(desk.stack);
  return () => desk.close();
});

/** A browser of its own, in which this person is signed in, and everything that it sends. */
async function signedIn(name: 'Ada' | 'Ben') {
  const window = await open();
  const { page } = window;
  const sent: Promise<string>[] = [];
  page.context().on('request', (request) => {
    const text = async () =>
      `${request.url()} ${JSON.stringify(await request.allHeaders())} ${request.postData() ?? ''}`;
    // A page that closes takes its last requests with it.
    sent.push(text().catch(() => request.url()));
  });
  await page.goto(desk.origin);
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return { ...window, sent: async () => (await Promise.all(sent)).join('\n') };
}

async function ask(page: Page, intent: string): Promise<void> {
  await page.getByLabel('What shall the assistant do?').fill(intent);
  await page.getByRole('button', { name: 'Ask' }).click();
}

const itemOf = (page: Page, intent: string) => page.getByRole('article', { name: intent });
const statusOf = (page: Page, intent: string) => itemOf(page, intent).getByRole('status').textContent();
const runOf = async (intent: string, userId = 'ada') =>
  (await api.runs.list({ userId })).runs.find((run) => run.intent === intent)!;

/** Clicks "Connect your account", and returns the window that opens. */
async function connect(page: Page): Promise<Page> {
  const button = page.getByRole('button', { name: 'Connect your account' });
  const [consent] = await Promise.all([page.context().waitForEvent('page'), button.click()]);
  await consent.waitForURL(/\/v1\/connect/);
  return consent;
}

async function consentAs(page: Page, user: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(desk.world.authorization.users[user]!);
  await page.getByRole('button', { name: 'Allow' }).click();
}

/** Kills and starts the service, while a page waits for a person. */
async function restartUnder(page: Page, intent: string): Promise<void> {
  await desk.stack.kill();
  await expect.poll(() => statusOf(page, intent)).toBe('Reconnecting …');
  await desk.stack.restart();
  await expect.poll(() => statusOf(page, intent)).toBe('Waiting for a person');
}

test('a user asks, connects an account and approves, while the service is killed twice, and another user sees nothing', async () => {
  const ada = await signedIn('Ada');
  const ben = await signedIn('Ben');
  await ask(ada.page, EVENT);
  await ada.page.getByRole('button', { name: 'Connect your account' }).waitFor();
  expect(await faultsOf(ada.page)).toEqual([]);
  await restartUnder(ada.page, EVENT);

  // Another person who gets the link connects nothing, whether or not they have clicked in their own desk.
  const link = await connect(ada.page);
  const stolen = link.url();
  await link.close();
  for (const [begins, refusal] of [
    [false, 'This did not begin in your desk. Nothing was connected.'],
    [true, 'Another person sent you this link. Nothing was connected.'],
  ] as const) {
    if (begins) await ben.page.evaluate(`fetch('/consents/begin', { method: 'POST' })`);
    const tab = await ben.page.context().newPage();
    await tab.goto(stolen);
    await consentAs(tab, 'grace');
    await tab.getByText(refusal).waitFor();
    await tab.close();
  }
  expect(await statusOf(ada.page, EVENT)).toBe('Waiting for a person');

  const consent = await connect(ada.page);
  await consentAs(consent, 'ada');
  await consent.getByText('Connected. Close this window.').waitFor();
  expect(await faultsOf(consent)).toEqual([]);
  await consent.close();

  // It waits for the approval, over another kill.
  const approve = itemOf(ada.page, EVENT).getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  expect(await faultsOf(ada.page)).toEqual([]);
  await restartUnder(ada.page, EVENT);
  await seesNothingOf(ben.page, (await runOf(EVENT)).runId);
  await approve.click();
  await expect
    .poll(() => statusOf(ada.page, EVENT))
    .toMatch(/^Created an event "Call Contoso", starts at .*10:00 UTC\.$/);
  const focused = await ada.page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
  expect(focused).toBe(EVENT);

  const titles = desk.world.calendar.events('ada').map(({ title }) => title);
  expect(titles.filter((title) => title === 'Call Contoso')).toHaveLength(1);
  expect(desk.world.calendar.events('grace').map(({ title }) => title)).not.toContain('Call Contoso');
  expect(await runOf(EVENT)).toMatchObject({ status: 'SUCCESS', metadata: { ticket: 'T-1041' } });

  // The webhook arrived: the server of the product knows the result without asking Errand.
  await expect.poll(() => ada.page.getByText('Your requests in 30 days: 1. Successful: 1.').count()).toBe(1);
  await expect
    .poll(() => ada.page.evaluate(`fetch('/runs').then((answer) => answer.text())`))
    .toMatch(/Created an event/);
  await ada.page.reload();
  await itemOf(ada.page, EVENT).waitFor();
  expect(await statusOf(ada.page, EVENT)).toMatch(/^Created an event/);
  expect(await faultsOf(ada.page)).toEqual([]);
  expect(ada.violations).toEqual([]);
  await keepsTheKey(ada);
  await keepsTheKey(ben);
}, 300_000);

/** Asks Errand and the server of the product in a page of Ben, with his token and his session. */
async function seesNothingOf(page: Page, runId: string): Promise<void> {
  const { waitingOn } = await api.runs.get({ runId });
  const { approvalId } = waitingOn[0]!;
  const answers = await page.evaluate<Record<string, [number, string]>>(`(async () => {
    const json = { 'content-type': 'application/json' };
    const post = (body) => ({ method: 'POST', headers: json, body: JSON.stringify(body) });
    const { token } = await (await fetch('/errand/token', post({ ticket: 'T-1041' }))).json();
    const authorization = 'Bearer ' + token;
    const answers = {};
    const note = async (name, answer) => { answers[name] = [answer.status, await answer.text()]; };
    const errand = async (path, options = {}) =>
      note(path, await fetch('${desk.stack.url}/v1' + path, { ...options, headers: { ...options.headers, authorization } }));
    await errand('/runs');
    await errand('/pending');
    await errand('/runs/${runId}');
    await errand('/runs/${runId}/events');
    await errand('/runs/${runId}/sse');
    await errand('/approvals/${approvalId}', post({ decision: 'approve' }));
    await note('own runs', await fetch('/runs'));
    await note('reviews', await fetch('/reviews'));
    await note('review', await fetch('/reviews/${approvalId}', post({ decision: 'approve' })));
    return answers;
  })()`);
  const { '/runs': runs, '/pending': pending, 'own runs': own, reviews, review, ...guesses } = answers;
  expect(JSON.parse(runs![1]).runs).toEqual([]);
  expect(JSON.parse(pending![1]).pending).toEqual([]);
  expect([own, reviews]).toEqual([
    [200, '[]'],
    [200, '[]'],
  ]);
  expect(review![0]).toBe(403);
  expect(Object.values(guesses).map(([status]) => status)).toEqual([404, 404, 404, 404]);
  expect(await page.getByRole('article').count()).toBe(0);
  expect((await api.runs.get({ runId })).status).toBe('PAUSED');
}

/** The API key is in no request, page or storage of a browser; the user token is in headers alone. */
async function keepsTheKey({ page, sent }: Awaited<ReturnType<typeof signedIn>>): Promise<void> {
  const { cookies, origins } = await page.context().storageState({ indexedDB: true });
  const stored = JSON.stringify([cookies, origins, await page.evaluate('JSON.stringify({ ...sessionStorage })')]);
  const requests = await sent();
  const everything = [requests, stored, await page.content()].join('\n');
  for (const key of [desk.apiKey, desk.stack.apiKey, 'er_live_']) expect(everything.includes(key)).toBe(false);
  expect(requests).toContain('Bearer er_user_');
  for (const line of requests.split('\n')) expect(line.split(' ')[0]).not.toContain('er_user_');
  expect(stored).not.toContain('er_user_');
}

test('the team lead approves what an agent asks for, in their own desk', async () => {
  const [ada, ben] = [await signedIn('Ada'), await signedIn('Ben')];
  await ada.page.getByLabel('Ben Okafor approves it').check();
  await ask(ada.page, CALL);
  await itemOf(ada.page, CALL).getByText('Your team lead decides about this.').waitFor();
  expect(await itemOf(ada.page, CALL).getByRole('button', { name: 'Approve' }).count()).toBe(0);
  const reviews = ben.page.getByRole('region', { name: 'Waiting for you' });
  await reviews.getByText(/Create an activity "Call with Contoso"/).waitFor();
  expect(await faultsOf(ben.page)).toEqual([]);
  await reviews.getByRole('button', { name: 'Approve' }).click();
  await reviews.getByText('Nothing waits for your approval.').waitFor();
  await expect.poll(() => statusOf(ada.page, CALL)).toMatch(/^Created an activity "Call with Contoso"/);
  expect(desk.stack.crm.requests.filter(({ operation }) => operation === 'createActivity')).toHaveLength(1);
});

test('a request that cannot be met says so in words, and shows markup as text', async () => {
  const { page, violations } = await signedIn('Ada');
  const intent = 'Paint <img src=x onerror="document.title=1"> the moon';
  await ask(page, intent);
  const status = itemOf(page, intent).getByRole('status');
  await expect.poll(() => status.textContent()).toMatch(/I found nothing|could not|cannot/);
  expect(await page.locator('article img').count()).toBe(0);
  expect([await page.title(), violations]).toEqual(['Deskline', []]);
});

test('a refusal is shown in the words for people, without the advice for developers', async () => {
  const run = { intent: CALL, userId: 'ben', approvalStrategy: 'ON_WRITE' } as const;
  for (let n = 0; n < 5; n++) await api.runs.create({ ...run, selectedCustomerIntegrationIds: ['*'] });
  const { page } = await signedIn('Ben');
  await ask(page, CALL);
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toBe('The user has 5 open runs, the maximum for this token.');
  expect(await page.getByLabel('What shall the assistant do?').inputValue()).toBe(CALL);
});
