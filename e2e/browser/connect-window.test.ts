// The window in which a page connects an account: closed by its user, or cut off from the page by the authorization server.
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type CalendarStack, registerCalendar, startCalendarStack } from '../fixtures/calendar.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { type Product, startProduct } from './product/start-product.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let product: Product;
let world: CalendarStack;
let stack: Stack;
let crm: string;
let calendar: string;
beforeAll(async () => {
  [product, world] = await Promise.all([
    startProduct(),
    startCalendarStack({ headers: { 'cross-origin-opener-policy': 'same-origin' } }),
  ]);
  stack = await startStack({
    seed: false,
    allow: [world.authorization.url, world.calendar.url],
    env: { ERRAND_CORS_ORIGINS: product.origin },
  });
  const api = overRest(stack);
  const service = { name: 'CRM', kind: 'openapi', url: stack.crm.documentUrl, auth: { type: 'API_TOKEN' } } as const;
  crm = (await api.integrations.create({ ...service, enable: 'all' })).customerIntegrationId;
  calendar = await registerCalendar(api, world);
  await api.workspace.setBrowserOrigins({ origins: [product.origin] });
  const scopes = ['runs:read', 'runs:write', 'approvals:decide', 'connections:write'] as const;
  const { key } = await api.apiKeys.create({ name: 'product', scopes: [...scopes] });
  product.errand = { url: stack.url, apiKey: key };
  return async () => {
    await stack.close();
    await Promise.all([product.close(), world.close()]);
  };
});

/** A page with a button that connects the account, and the outcome as its status. */
async function openPage(customerIntegrationId: string): Promise<Page> {
  const { page } = await open();
  await page.goto(`${product.origin}/client.html`);
  await page.evaluate(`(async () => {
    const { createBrowserClient } = await import('/errand-client.js');
    const { errandUrl } = await (await fetch('/config')).json();
    const getToken = async () => (await fetch('/session', { method: 'POST' })).json();
    const errand = createBrowserClient({ url: errandUrl, getToken });
    const { open } = window;
    window.open = (...args) => (window.opened = open.apply(window, args));
    const state = document.getElementById('state');
    const button = document.createElement('button');
    button.textContent = 'Connect';
    button.onclick = () => {
      state.textContent = 'waiting';
      errand.connect('${customerIntegrationId}').then(
        () => (state.textContent = 'connected'),
        (error) => (state.textContent = error.name + ' ' + error.reason),
      );
    };
    document.body.append(button);
  })()`);
  await withRealFocus(page);
  return page;
}

/** Playwright pretends that each page has the focus. */
async function withRealFocus(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
}

async function clickConnect(page: Page): Promise<Page> {
  await page.bringToFront();
  const [consent] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Connect' }).click(),
  ]);
  await withRealFocus(consent);
  await consent.bringToFront();
  return consent;
}

/** The rule about the window is one of time: this waits in the time of the page. */
const passMs = (page: Page, ms: number) => page.evaluate(`new Promise((resolve) => setTimeout(resolve, ${ms}))`);
const stateOf = (page: Page) => page.getByRole('status').textContent();
const isClosed = (page: Page) => page.evaluate<boolean>('opened.closed');

test('connect ends when the user closes the window, and a second one connects', async () => {
  const page = await openPage(crm);
  const consent = await clickConnect(page);
  await consent.getByLabel('Token').waitFor();
  await consent.close();
  await page.getByText('ConnectFailed closed').waitFor({ timeout: 15_000 });

  const second = await clickConnect(page);
  await second.getByLabel('Token').fill(stack.crm.token);
  await second.getByRole('button', { name: 'Save' }).click();
  await second.waitForURL(/\/v1\/connect\/done\?status=success/);
  await second.close();
  await page.getByText('connected', { exact: true }).waitFor({ timeout: 15_000 });
});

test('connect goes on while the authorization server isolates its window, wherever the user looks', async () => {
  const page = await openPage(calendar);
  const consent = await clickConnect(page);
  await consent.getByRole('button', { name: 'Continue' }).click();
  await consent.getByLabel('User name').waitFor();
  await expect.poll(() => isClosed(page)).toBe(true);
  expect(consent.isClosed()).toBe(false);
  await passMs(page, 3000);
  await page.bringToFront();
  await passMs(page, 7000);
  expect(await stateOf(page)).toBe('waiting');

  await consent.bringToFront();
  await consent.getByLabel('User name').fill('ada');
  await consent.getByLabel('Password').fill('analytical-engine');
  await consent.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('connected', { exact: true }).waitFor({ timeout: 15_000 });
});
