// A person adds integrations in steps: by the address of a document, from the catalogue, by the address of an MCP server, over OAuth, and from a file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStubMcpServer } from '@errand/integrations/testing';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { type CalendarStack, startCalendarStack } from '../../fixtures/calendar.ts';
import { json, type Stub, type StubOperation, startStub } from '../../fixtures/stub.ts';
import { type NotesServer, startNotesServer } from '../../mcp/notes-server.ts';
import { faultsOf } from '../axe.ts';
import { withOffice } from './office.ts';

const TOKEN = 'desk-token-1234567890';
const whoami: StubOperation = {
  answer: (to, { headers }) => json(to, { name: 'Ada' }, headers.authorization === `Bearer ${TOKEN}` ? 200 : 401),
};
let desk: Stub;
let shelf: Stub;
let notes: Awaited<ReturnType<typeof startStubMcpServer>>;
let secured: NotesServer;
let world: CalendarStack;
let folder: string;
const { office, open } = withOffice(async () => {
  const operations = (stub: () => Stub) => ({
    whoami,
    closeTicket: { method: 'POST' as const, answer: whoami.answer },
    document: { answer: (to) => void to.end(stub().document) } as StubOperation,
  });
  desk = await startStub(operations(() => desk));
  shelf = await startStub(operations(() => shelf));
  notes = await startStubMcpServer({
    tools: [
      {
        name: 'read_notes',
        title: 'Read the notes',
        inputSchema: { type: 'object' },
        annotations: { readOnlyHint: true },
      },
      { name: 'add_note', title: 'Add a note', inputSchema: { type: 'object' } },
    ],
  });
  secured = await startNotesServer();
  world = await startCalendarStack();
  folder = await mkdtemp(join(tmpdir(), 'errand-catalog-'));
  const entry = {
    id: 'shelf',
    version: '2026-11-29',
    name: 'Shelf',
    category: 'support',
    description: 'Tickets on a shelf.',
    sources: [{ kind: 'openapi', url: `${shelf.origin}/document` }],
    baseUrl: `${shelf.origin}/{site}`,
    variables: { site: { title: 'Site', description: 'The first part of the path.', example: 'acme' } },
    auth: [{ type: 'API_TOKEN', title: 'Token', in: 'header', name: 'Authorization', prefix: 'Bearer ' }],
    tools: { recommended: ['whoami'] },
    rules: { limits: { statuses: [403] } },
    source: {},
    checked: '2026-11-30',
  };
  await writeFile(join(folder, 'shelf.json'), JSON.stringify(entry));
  return {
    seed: false,
    allow: [
      shelf.origin,
      notes.origin,
      secured.stub.origin,
      secured.authorization.url,
      world.authorization.url,
      world.calendar.url,
    ],
    env: {
      ERRAND_CATALOG_DIR: folder,
      ERRAND_WORKSPACE_ORIGINS: 'true',
      ERRAND_WORKSPACE_LOOPBACK_PORTS: '1024-65535',
    },
  };
});
afterAll(async () => {
  await Promise.all([desk.close(), shelf.close(), notes.close(), secured.close(), world.close()]);
  await rm(folder, { recursive: true, force: true });
});

const button = (page: Page, name: string | RegExp) => page.getByRole('main').getByRole('button', { name, exact: true });
const step = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 2, name }).waitFor();
const idIn = (page: Page): string => new URL(page.url()).searchParams.get('id')!;
const traceSwitch = (page: Page) => page.getByRole('switch', { name: 'Send the trace id of the errand' });
/** Registers, and waits for the next step. @returns the integration */
async function registered(page: Page, nextStep: string) {
  await button(page, 'Register').click();
  await step(page, nextStep);
  return office().api.integrations.get({ customerIntegrationId: idIn(page) });
}
const tools = async (customerIntegrationId: string) =>
  (await office().api.integrations.tools({ customerIntegrationId })).tools
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name.slice(customerIntegrationId.length + 1));

test('by the address of a document: mistakes are explained, and nothing is registered before the person says so', async () => {
  const { api } = office();
  const { page, violations } = await open('/integrations/new');
  await button(page, 'Address of a document').click();
  const address = page.getByLabel('Address of the OpenAPI document');
  await address.fill(`${desk.origin}/documen`);
  await button(page, 'Look at it').click();
  await page.getByRole('alert').getByText('url_not_allowed').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Allow this origin').click();
  // The origin is allowed now, and the address is still wrong.
  await page.getByRole('alert').getByText('The URL answered with status 404.').waitFor();
  expect((await api.workspace.origins({})).origins).toMatchObject([{ origin: desk.origin }]);
  expect(await address.inputValue()).toBe(`${desk.origin}/documen`);
  await address.fill(`${desk.origin}/document`);
  await button(page, 'Look at it').click();

  await step(page, 'Stub');
  await page.getByText('3: 2 read, 1 write').waitFor();
  await page.getByRole('row').filter({ hasText: 'closeTicket' }).getByText('writes').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect((await api.integrations.list({})).integrations).toEqual([]);
  await button(page, 'Go on').click();

  await page.getByLabel('Name', { exact: true }).fill('Desk');
  expect(await page.getByLabel('Credential').inputValue()).toBe('API_TOKEN');
  await page.getByLabel('Token', { exact: true }).fill('wrong');
  await page.goBack();
  await step(page, 'Stub');
  await button(page, 'Go on').click();
  expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe('wrong');
  await page.getByLabel('Token', { exact: true }).fill(TOKEN);
  await page.getByTitle('Register the integration from code').click();
  const program = page.getByRole('dialog').locator('pre');
  await program.getByText('<token>').waitFor();
  expect(await program.textContent()).not.toContain(TOKEN);
  await page.keyboard.press('Escape');
  expect(await faultsOf(page)).toEqual([]);
  const { rules: rulesByDefault } = await registered(page, 'Tools of Desk');
  expect(rulesByDefault).toBeUndefined();
  expect(await page.content()).not.toContain(TOKEN);
  await button(page, 'Try it').click();
  await page.getByText('The service accepted the credential.').waitFor();
  const customerIntegrationId = idIn(page);
  const boxes = page.getByRole('list', { name: 'Tools' }).getByRole('checkbox');
  expect(await boxes.count()).toBe(3);
  await page.getByText('2 of 3 are on').waitFor();
  await button(page, 'None').click();
  await page.getByLabel('Search the tools').fill('who');
  await boxes.check();
  await page.getByLabel('Search the tools').fill('close');
  await boxes.check();
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Turn 2 tools on').click();

  await step(page, 'Desk is ready');
  expect((await tools(customerIntegrationId)).sort()).toEqual(['closeTicket', 'whoami']);
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('main').getByRole('link', { name: 'Try it' }).click();
  await page.getByRole('heading', { level: 1, name: 'New errand' }).waitFor();
  expect(await page.getByLabel('Intent').inputValue()).toBe('whoami');
  expect(violations).toEqual([]);
});

test('from the catalogue: its facts, a variable, and the recommended tools', async () => {
  const { page } = await open('/integrations/new');
  await page.getByLabel('Search the catalogue').fill('shelf');
  const services = page.getByRole('list', { name: 'Services' }).getByRole('button');
  await expect.poll(() => services.count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('q')).toBe('shelf');
  expect(await faultsOf(page)).toEqual([]);
  await services.click();
  await step(page, 'Shelf');
  await page.getByText(`${shelf.origin}/{site}`).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Go on').click();
  await page.getByLabel('Token', { exact: true }).fill(TOKEN);
  await page.getByLabel('Site').fill('not/possible');
  await button(page, 'Register').click();
  await page.getByRole('alert').getByText('validation_failed').waitFor();
  expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe(TOKEN);
  await page.getByLabel('Site').fill('whoami');
  await traceSwitch(page).click();
  await page.getByText('Sends the id of the errand to the service with every call, in the header').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  // The rules of the catalogue stay.
  expect(await registered(page, 'Tools of Shelf')).toMatchObject({
    rules: { limits: { statuses: [403] }, traceparent: true },
  });
  await page.getByText('1 of 3 are on').waitFor();
  const customerIntegrationId = idIn(page);
  expect(await tools(customerIntegrationId)).toEqual(['whoami']);
  const integration = await office().api.integrations.get({ customerIntegrationId });
  expect(integration).toMatchObject({ catalog: { id: 'shelf' }, baseUrl: `${shelf.origin}/whoami` });
});

test('an MCP server by its address, whose hints are trusted', async () => {
  const { page } = await open('/integrations/new?from=mcp');
  await page.getByLabel('Address of the MCP server').fill(notes.url);
  await page.getByLabel(/Trust the server/).check();
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Look at it').click();
  await page.getByText('2: 1 read, 1 write').waitFor();
  await button(page, 'Go on').click();
  await page.getByLabel('Name', { exact: true }).fill('Notes');
  await page.getByText('If on, sends the id of the errand to the service with every call, in the metadata').waitFor();
  expect(await traceSwitch(page).getAttribute('aria-checked')).toBe('false');
  await traceSwitch(page).click();
  expect(await registered(page, 'Tools of Notes')).toMatchObject({ kind: 'mcp', rules: { traceparent: true } });
  await page.getByText('1 of 2 are on').waitFor();
  const customerIntegrationId = idIn(page);
  await button(page, 'All').click();
  await button(page, 'Turn 2 tools on').click();
  await step(page, 'Notes is ready');
  await page.getByText('Read the notes').waitFor();
  expect((await tools(customerIntegrationId)).sort()).toEqual(['add_note', 'read_notes']);
});

/** The user's part of a consent, in the window that the page opens. */
async function consentIn(window: Page): Promise<void> {
  await window.getByRole('button', { name: 'Continue' }).click();
  await window.getByLabel('User name').fill('ada');
  await window.getByLabel('Password').fill('analytical-engine');
  await window.getByRole('button', { name: 'Allow' }).click();
  await window.getByText('Connected').first().waitFor();
}

test('an MCP server whose users consent lists its tools after the first one', async () => {
  const { page } = await open('/integrations/new?from=mcp');
  await page.getByLabel('Address of the MCP server').fill(secured.stub.url);
  await button(page, 'Look at it').click();
  await page.getByText('It lists no operations yet.').waitFor();
  await button(page, 'Go on').click();
  await page.getByLabel('Name', { exact: true }).fill('Secured');
  await button(page, 'Register').click();
  await page.getByText(secured.authorization.url).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Confirm').click();
  await page.getByLabel('User', { exact: true }).fill('ada');
  const opened = page.context().waitForEvent('page');
  await button(page, 'Connect an account').click();
  await consentIn(await opened);
  await page.getByText('0 of 2 are on').waitFor();
  await button(page, 'All').click();
  await button(page, 'Turn 2 tools on').click();
  await step(page, 'Secured is ready');
});

test('a service with OAuth: the redirect URI to copy, and an account that is connected in another window', async () => {
  const { api, front } = office();
  const { page } = await open('/integrations/new?from=url');
  await page.getByLabel('Address of the OpenAPI document').fill(world.calendar.documentUrl);
  await button(page, 'Look at it').click();
  await page.getByText('A consent of each user (OAuth 2)').waitFor();
  await button(page, 'Go on').click();
  await page.getByText(`${front.url}/v1/oauth/callback`).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Calendar');
  await page.getByLabel('Client id').fill(world.authorization.clientId);
  await page.getByLabel('Client secret').fill(world.authorization.clientSecret);
  await button(page, 'Register').click();
  await step(page, 'Tools of Calendar');
  const customerIntegrationId = idIn(page);
  await page.getByLabel('User', { exact: true }).fill('ada');
  const opened = page.context().waitForEvent('page');
  await button(page, 'Connect an account').click();
  await page.getByText('is not connected yet.').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await consentIn(await opened);
  await page.getByText('is connected.').waitFor();
  expect(await api.integrations.getUser({ customerIntegrationId, userId: 'ada' })).toMatchObject({ active: true });
});

test('a document from a file, after a file that is none; each user brings a token', async () => {
  const { page } = await open('/integrations/new?from=file');
  const file = (name: string, text: string) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  const input = page.getByLabel('OpenAPI document');
  await input.setInputFiles(file('wrong.json', '{"openapi": "1.0"}'));
  await button(page, 'Look at it').click();
  await page.getByRole('alert').getByText('openapi_invalid').waitFor();
  await input.setInputFiles(file('large.json', 'x'.repeat(5 * 1024 * 1024 + 1)));
  await page.getByText('The file has more than 5 MiB.').first().waitFor();
  await input.setInputFiles(file('shelf.json', shelf.document));
  expect(await faultsOf(page)).toEqual([]);
  await button(page, 'Look at it').click();
  await step(page, 'Stub');
  await button(page, 'Go on').click();
  await page.getByLabel('Name', { exact: true }).fill('Filed');
  await page.getByRole('radio', { name: /Each user's own/ }).check();
  expect(await page.getByLabel('Token', { exact: true }).count()).toBe(0);
  await button(page, 'Register').click();
  await step(page, 'Tools of Filed');
  await page.getByLabel('User', { exact: true }).fill('bob');
  const opened = page.context().waitForEvent('page');
  await button(page, 'Connect an account').click();
  const connect = await opened;
  await connect.getByLabel('Token').fill(TOKEN);
  await connect.getByRole('button', { name: 'Save' }).click();
  await page.getByText('is connected.').waitFor();
  await button(page, 'Try it').click();
  await page.getByText('The service accepted the credential.').waitFor();
});

test('an operator sees why an origin is not allowed, and a viewer why nothing can be added', async () => {
  const admin = await open('/members');
  const linkFor = async (role: string) => {
    await admin.page.goto(office().at('/members'));
    await admin.page.getByRole('button', { name: 'Invite' }).click();
    const dialog = admin.page.getByRole('dialog');
    await dialog.getByLabel('Name of the person').fill(role);
    await dialog.getByRole('radio', { name: new RegExp(`^${role}`) }).check();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    return (await dialog.getByText(/\/console\/#/).textContent())!;
  };
  const operator = await open('/integrations/new?from=url', { link: await linkFor('operator') });
  await operator.page.getByLabel('Address of the OpenAPI document').fill('http://10.0.0.9/openapi.json');
  await button(operator.page, 'Look at it').click();
  const allow = operator.page.getByRole('button', { name: /Allow this origin/ });
  expect(await allow.getAttribute('aria-disabled')).toBe('true');
  expect(await allow.getAttribute('title')).toContain('Your role (operator)');

  const viewer = await open('/integrations/new?from=url', { link: await linkFor('viewer') });
  const look = viewer.page.getByRole('button', { name: /Look at it/ });
  expect(await look.getAttribute('title')).toContain('Your role (viewer) may not change integrations');
});
