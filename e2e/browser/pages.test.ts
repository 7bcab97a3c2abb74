// Checks every page for people with axe: light and dark, on a phone of 320 px and on a wide screen, with everything unfolded.

import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { type CalendarStack, registerCalendar, startCalendarStack } from '../fixtures/calendar.ts';
import { ended, startWaiting, tokensOf } from '../fixtures/office.ts';
import { json, type Stub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { callablePort, openWorkspace, startCallableStub, type Workspace } from '../fixtures/workspace.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let workspace: Workspace;
let world: CalendarStack;
let stub: Stub;
let api: Api;
let crm: string;
beforeAll(async () => {
  world = await startCalendarStack({}, callablePort);
  stub = await startCallableStub({ whoAmI: { answer: (response) => json(response, { name: 'Ada' }) } });
  workspace = await openWorkspace();
  api = overRest(workspace);
  crm = (await api.integrations.list({})).integrations[0]!.customerIntegrationId;
  return async () => {
    await workspace.close();
    await Promise.all([world.close(), stub.close()]);
  };
});

/** Checks an open page. @param name for the message of a failing test */
const well = async (page: Page, name: string) => expect([name, ...(await faultsOf(page))]).toEqual([name]);

const ticket = { subject: 'Wrong amount on the invoice of October', priority: 'high' };
const pagesWith = (more: object = {}) => [
  { id: 'account', tool: `${crm}.listAccounts`, args: { query: { name: 'Northwind' } } },
  {
    id: 'ticket',
    tool: `${crm}.createTicket`,
    reason: 'They asked for it on the phone',
    args: { body: { accountId: { $: 'steps.account.output.items[0].id' }, ...ticket, ...more } },
  },
];
const planned = (steps: object[], more: object = {}) =>
  aRun({
    userId: 'ann@example.com',
    intent: 'Open a ticket for Northwind with priority high',
    approvalStrategy: 'ON_WRITE',
    user: { timeZone: 'Europe/Berlin' },
    plan: {
      goal: 'Open a ticket for Northwind',
      steps: steps as never,
      result: { ticket: { $: 'steps.ticket.output.id' } },
    },
    ...more,
  });

async function links(input: Parameters<typeof startWaiting>[1]) {
  const { runId } = await startWaiting(api, input);
  const [tokens] = await tokensOf(api, runId);
  return { runId, approve: `${workspace.url}/v1/runs/approval?token=${tokens!.approve}` };
}

test('the approval of a call: asked, refused, decided, gone', async () => {
  const { runId, approve } = await links(planned(pagesWith()));
  const { page } = await open();
  await page.goto(approve);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Northwind');
  await well(page, 'call');
  await page.getByLabel('subject').fill('y'.repeat(201));
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByText('It must not have more than 200 characters.').count()).toBe(1);
  await well(page, 'call-refused');
  await api.runs.cancel({ runId });
  await page.goto(approve);
  await well(page, 'call-gone');
});

test('a call with many hidden and long values', async () => {
  const subject = `${'x'.repeat(180)}<b>\u202Egpj.exe`;
  const { runId, approve } = await links(planned(pagesWith({ subject })));
  const { page } = await open();
  await page.goto(approve);
  await well(page, 'call-long');
  await page.getByRole('button', { name: 'Deny' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Denied');
  await well(page, 'call-denied');
  await ended(api, runId);
});

test('the approval of a plan: asked, approved', async () => {
  const { approve } = await links(planned(pagesWith(), { approvalStrategy: 'ON_START' }));
  const { page } = await open();
  await page.goto(approve);
  await well(page, 'plan');
  await page.getByRole('button', { name: 'Approve' }).click();
  await well(page, 'plan-approved');
});

test('questions: with choices, in words, answered', async () => {
  const choices = ['Alex Kim, Contoso', 'Alex Moss, Northwind', 'y'.repeat(150)];
  const { page } = await open();
  for (const args of [
    { question: 'Which Alex do you mean?', choices },
    { question: 'What shall the message say?\nTwo lines are enough.' },
  ]) {
    const plan = { goal: 'Ask', steps: [{ id: 'ask', tool: 'errand.ask', args }] };
    const { events } = await startWaiting(api, planned([], { plan }));
    const event = events.find(({ type }) => type === 'question');
    await page.goto(event?.type === 'question' ? event.url! : '');
    const name = 'choices' in args ? 'choices' : 'words';
    await well(page, `question-${name}`);
    if ('choices' in args) await page.getByLabel('Alex Moss, Northwind').check();
    else await page.getByLabel('Your answer').fill('See you on Monday');
    await page.getByRole('button', { name: 'Send answer' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Answered');
    await well(page, `question-${name}-answered`);
  }
});

test('consents: by OAuth, by a token, refused, done', async () => {
  const calendar = await registerCalendar(api, world);
  const register = { name: 'Who', kind: 'openapi', document: stub.document, auth: { type: 'API_TOKEN' } } as const;
  const { customerIntegrationId: who } = await api.integrations.create(register);
  const linkOf = async (customerIntegrationId: string) =>
    (await api.integrations.authUrl({ customerIntegrationId, userId: 'ann@example.com' })).authorizeUrl;
  const { page } = await open();
  await page.goto(await linkOf(calendar));
  await well(page, 'consent');
  const [signsIn, service] = [world.authorization.url, world.calendar.url].map((url) => new URL(url).host);
  const goes = `You sign in at ${signsIn}. The access that you grant there goes to ${service}.`;
  expect(await page.locator('form').textContent()).toContain(goes);
  await page.getByRole('button', { name: 'Refuse' }).click();
  await well(page, 'consent-refused');
  await page.goto(await linkOf(who));
  await well(page, 'token');
  await page.getByRole('button', { name: 'Save' }).click();
  await well(page, 'token-missing');
  await page.getByLabel('Token').fill('token-of-ann-1234567890');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/status=success/);
  await well(page, 'consent-done');
});

test('values of variables: empty, refused, stored', async () => {
  const shop = {
    title: 'Shop',
    description: 'The part of its address before .example.com.',
    example: 'acme',
    from: 'user',
    pattern: '^[a-z0-9-]+$',
  } as const;
  const region = { title: 'Region', from: 'user', enum: ['', 'eu.', 'au.'], default: '' } as const;
  const key = { title: 'Store key', from: 'user', secret: true } as const;
  const { customerIntegrationId } = await api.integrations.create({
    name: 'Contoso Shop',
    kind: 'openapi',
    document: stub.document,
    auth: { type: 'API_TOKEN' },
    headers: { 'X-Shop': '{shop}', 'X-Region': '{region}', 'X-Key': '{key}' },
    variables: { shop, region: { ...region, enum: [...region.enum] }, key },
  });
  const link = async () =>
    (await api.integrations.authUrl({ customerIntegrationId, userId: 'ann@example.com' })).authorizeUrl;
  const { page } = await open();
  await page.goto(await link());
  await well(page, 'variables');
  await page.getByLabel('Shop').evaluate((input) => input.removeAttribute('required'));
  await page.getByLabel('Shop').fill('not a shop/../');
  await page.getByLabel('Region').selectOption('eu.');
  await page.getByLabel('Store key').fill('key-of-ann');
  await page.getByRole('button', { name: 'Save' }).click();
  await well(page, 'variables-refused');
  expect(await page.locator('.fault').textContent()).toContain('Shop has another form');
  await page.getByLabel('Shop').fill('acme');
  await page.getByLabel('Store key').fill('key-of-ann');
  await page.getByLabel('Token').fill('token-of-ann-1234567890');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/status=success/);
  await page.goto(await link());
  await well(page, 'variables-stored');
  expect(await page.getByLabel('Region').inputValue()).toBe('eu.');
});

test('missing pages, and routes for programs', async () => {
  const { page } = await open();
  for (const path of [
    '/v1/runs/approval?token=x',
    '/v1/runs/question?token=x',
    '/v1/connect?token=x',
    '/v1/runs',
    '/nothing',
  ]) {
    await page.goto(workspace.url + path);
    await well(page, `other-${path.replaceAll(/\W+/g, '-')}`);
  }
});
