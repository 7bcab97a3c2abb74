// Pages with a brand, in both languages: as axe sees them, with an ugly color and a hostile name.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type CalendarStack, registerCalendar, startCalendarStack } from '../fixtures/calendar.ts';
import { startWaiting, tokensOf } from '../fixtures/office.ts';
import { json, type Stub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { callablePort, openWorkspace, startCallableStub, type Workspace } from '../fixtures/workspace.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const NAME = `"'><img src=x onerror=ran()></script>`;

const open = withBrowser();
let workspace: Workspace;
let world: CalendarStack;
let stub: Stub;
let api: Api;
let crm: string;
let who: string;
let calendar: string;
beforeAll(async () => {
  world = await startCalendarStack({}, callablePort);
  stub = await startCallableStub({ whoAmI: { answer: (response) => json(response, { name: 'Ada' }) } });
  workspace = await openWorkspace();
  api = overRest(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  calendar = await registerCalendar(api, world);
  const register = { name: 'Who', kind: 'openapi', document: stub.document, auth: { type: 'API_TOKEN' } } as const;
  who = (await api.integrations.create(register)).customerIntegrationId;
  return async () => {
    await workspace.close();
    await Promise.all([world.close(), stub.close()]);
  };
});

const well = async (page: Page, name: string) => expect([name, ...(await faultsOf(page))]).toEqual([name]);

const planned = (steps: object[], more: object = {}) =>
  aRun({
    userId: 'acme:ann',
    user: { name: 'Ann Example', timeZone: 'Europe/Berlin' },
    intent: 'Open a ticket for Northwind with priority high',
    approvalStrategy: 'ON_WRITE',
    plan: { goal: 'Open a ticket for Northwind', steps: steps as never },
    ...more,
  });
const steps = () => [
  { id: 'account', tool: `${crm}.listAccounts`, args: { query: { name: 'Northwind' } } },
  {
    id: 'ticket',
    tool: `${crm}.createTicket`,
    args: { body: { accountId: { $: 'steps.account.output.items[0].id' }, subject: 'Wrong amount', priority: 'high' } },
  },
];
async function approvalLink(more: object = {}): Promise<string> {
  const { runId } = await startWaiting(api, planned(steps(), more));
  const [tokens] = await tokensOf(api, runId);
  return `${workspace.url}/v1/runs/approval?token=${tokens!.approve}`;
}
async function questionLink(args: object): Promise<string> {
  const plan = { goal: 'Ask', steps: [{ id: 'ask', tool: 'errand.ask', args }] };
  const { events } = await startWaiting(api, planned([], { plan }));
  const event = events.find(({ type }) => type === 'question');
  return event?.type === 'question' ? event.url! : '';
}
const consentLink = async (customerIntegrationId: string) =>
  (await api.integrations.authUrl({ customerIntegrationId, userId: 'acme:ann', user: { name: 'Ann Example' } }))
    .authorizeUrl;

test.each([
  ['de-AT', { name: NAME, color: '#ffff00', logo: PNG }],
  ['en', { name: NAME, color: '#ffff00', logo: PNG }],
  ['de', { name: 'Acme Helpdesk', color: '#1a0033', logo: null }],
])('in %s with a brand, every page is as axe wants it', async (locale, brand) => {
  await api.workspace.setBrand(brand);
  const isGerman = locale.startsWith('de');
  const word = (german: string, english: string) => (isGerman ? german : english);
  const { page, complaints, violations } = await open({ locale });
  await page.addInitScript('globalThis.ran = () => console.error("a hostile name ran")');
  const check = async (name: string) => {
    expect(await page.locator('header').textContent()).toBe(brand.name);
    expect(await page.locator('html').getAttribute('lang')).toBe(word('de', 'en'));
    expect(await page.locator('[onerror], [src="x"]').count()).toBe(0);
    await well(page, `${locale} ${name}`);
  };
  await page.goto(await approvalLink());
  await check('call');
  if (brand.logo) {
    const isShown = (image: unknown) => (image as { naturalWidth: number }).naturalWidth > 0;
    expect(await page.locator('header img').evaluate(isShown)).toBe(true);
  }
  await page.getByLabel('subject').fill('y'.repeat(201));
  await page.getByRole('button', { name: word('Freigeben', 'Approve') }).click();
  expect(await page.getByRole('alert').count()).toBe(1);
  await check('call refused');
  await page.getByRole('button', { name: word('Ablehnen', 'Deny') }).click();
  await check('call denied');
  await page.goto(await approvalLink({ approvalStrategy: 'ON_START' }));
  await check('plan');
  await page.goto(await questionLink({ question: 'Which Alex?', choices: ['Alex Kim', 'Alex Moss'] }));
  await check('choices');
  await page.goto(await questionLink({ question: 'What shall it say?' }));
  await page.getByLabel(word('Ihre Antwort', 'Your answer')).fill('See you');
  await page.getByRole('button', { name: word('Antwort senden', 'Send answer') }).click();
  await check('answered');
  await page.goto(await consentLink(calendar));
  await check('consent');
  await page.goto(await consentLink(who));
  await page.getByRole('button', { name: word('Speichern', 'Save') }).click();
  await check('token missing');
  await page.getByLabel('Token').fill('token-of-ann-1234567890');
  await page.getByRole('button', { name: word('Speichern', 'Save') }).click();
  await page.waitForURL(/status=success/);
  await check('done');
  // The browser writes each answer of 400 to the console.
  expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([]);
  // axe is the only script.
  expect(violations).toEqual([]);
});
