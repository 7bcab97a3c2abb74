// The integrations of a workspace: seen on cards, and changed tool by tool, user by user, as people do it. Each effect is checked by the API.
import type { Page } from 'playwright-core';
import { afterAll, expect, test, vi } from 'vitest';
import { aRun } from '../../fixtures/builders.ts';
import { ended } from '../../fixtures/office.ts';
import { loginLink } from '../../fixtures/operator.ts';
import { json, type Stub, startStub } from '../../fixtures/stub.ts';
import { aPerson } from '../../people/person.ts';
import { withOffice } from './office.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let stub: Stub;
const { office, open } = withOffice(async () => {
  stub = await startStub({
    look: { answer: (to) => json(to, { word: 'seen' }) },
    fail: { answer: (to) => json(to, { error: 'no' }, 422) },
    whoAmI: { answer: (to) => json(to, { name: 'Ada' }) },
    search: { method: 'POST', answer: (to) => json(to, []) },
    logo: { answer: (to) => void to.end(PNG) },
  });
  return { seed: false, allow: [stub.origin] };
});
afterAll(() => stub.close());

type StubDocument = { info: object; paths: Record<string, Record<string, object>> };
const documentWith = (change: (document: StubDocument) => void) => {
  const document = JSON.parse(stub.document) as StubDocument;
  document.info = { ...document.info, 'x-logo': { url: `${stub.origin}/logo` } };
  change(document);
  return document;
};

let count = 0;
/** Registers a service of its own for a test. */
async function register(more: object = {}): Promise<{ id: string; name: string }> {
  const name = `Office ${++count}`;
  const auth = { type: 'API_TOKEN', in: 'header', name: 'x-key', token: 'first-secret' } as const;
  const document = documentWith(() => {});
  const input = { name, document, enable: ['look', 'fail'], auth, ...more };
  const { customerIntegrationId: id } = await office().api.integrations.create(input);
  return { id, name };
}
const at = (id: string, tab = '') => `/integrations/${id}${tab && `?tab=${tab}`}`;
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
const toolsOf = async (id: string) => {
  const { tools } = await office().api.integrations.tools({ customerIntegrationId: id });
  return new Map(tools.map((tool) => [tool.name.slice(id.length + 1), tool]));
};
const call = async (id: string, operation: string) => {
  const plan = { goal: 'Look', steps: [{ id: 'a', tool: `${id}.${operation}`, args: {} }] };
  return ended(office().api, (await office().api.runs.create(aRun({ plan }))).runId);
};

test('a card shows the logo, the tools, and the calls and errors since yesterday', async () => {
  const { id, name } = await register();
  for (const operation of ['look', 'fail', 'look', 'look']) await call(id, operation);
  await vi.waitFor(
    async () => expect(await office().api.integrations.get({ customerIntegrationId: id })).toHaveProperty('logoPath'),
    { timeout: 20_000 },
  );
  const { page, complaints, violations } = await open('/integrations');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
  await card.getByText('75 % of 4 calls succeeded since yesterday').waitFor();
  expect(await card.textContent()).toContain('2 of 5 tools on');
  expect(await card.textContent()).toContain('1 error');
  const logo = card.locator('img');
  await vi.waitFor(async () =>
    expect(await logo.evaluate((img: unknown) => (img as { naturalWidth: number }).naturalWidth)).toBe(1),
  );
  await card.getByRole('link', { name }).click();
  await heading(page, name);
  expect([complaints, violations]).toEqual([[], []]);
});

test('a tool is turned off and gets another effect; the change of another person stays', async () => {
  const { id } = await register();
  await call(id, 'fail');
  const { page } = await open(at(id));
  await row(page, 'look').getByRole('switch').waitFor();
  expect(await row(page, 'fail').getByRole('cell').allTextContents()).toEqual(
    expect.arrayContaining([expect.stringMatching(/1$/)]),
  );
  // Another person turns a tool on, which this page does not know yet.
  await office().api.integrations.setTools({ customerIntegrationId: id, enabled: ['look', 'fail', 'whoAmI'] });
  await row(page, 'look').getByRole('switch', { checked: true }).click();
  await row(page, 'look').getByRole('switch', { checked: false }).waitFor();
  await row(page, 'search').getByRole('combobox').selectOption('read');
  await page.getByText('It counts as a read.').waitFor();
  const tools = await toolsOf(id);
  const on = [...tools].filter(([, { enabled }]) => enabled).map(([name]) => name);
  expect([on.sort(), tools.get('search')!.effect]).toEqual([['fail', 'whoAmI'], 'read']);
});

test('the list of tools is searched, filtered, and opened by its address', async () => {
  const { id } = await register();
  const { page } = await open(at(id));
  await page.getByRole('searchbox', { name: 'Search the tools' }).fill('whoami');
  await page.getByText('1 tool', { exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Search the tools' }).fill('');
  await page.getByRole('combobox', { name: 'Shown tools' }).selectOption('off');
  await page.getByText('3 tools').waitFor();
  await page.getByRole('link', { name: 'whoAmI' }).click();
  await page.getByRole('dialog').getByText(`${id}.whoAmI`).waitFor();
  await page.reload();
  await page.getByRole('dialog').getByText(`${id}.whoAmI`).waitFor();
  expect(new URL(page.url()).searchParams.get('show')).toBe('off');
});

test('a change is shown as a difference, and accepted for the version that is shown alone', async () => {
  const { id } = await register();
  const withParameter = (name: string) =>
    documentWith(({ paths }) => {
      paths['/look']!.get = { ...paths['/look']!.get, parameters: [{ name, in: 'query', schema: { type: 'string' } }] };
      delete paths['/fail'];
    });
  const { api } = office();
  await api.integrations.refresh({ customerIntegrationId: id, document: withParameter('first') });
  const { page } = await open(at(id, 'changes'));
  const look = page.getByRole('article', { name: 'look' });
  await look.getByText('"first"').waitFor();
  // The service changes again while the person reads.
  await api.integrations.refresh({ customerIntegrationId: id, document: withParameter('second') });
  await look.getByRole('button', { name: 'Accept and turn on' }).click();
  await page.getByText('has changed since').waitFor();
  await look.getByText('"second"').waitFor();
  expect((await toolsOf(id)).get('look')).toMatchObject({ enabled: false, change: 'changed' });
  await look.getByRole('button', { name: 'Accept and turn on' }).click();
  await look.waitFor({ state: 'detached' });
  await page.getByRole('article', { name: 'fail' }).getByRole('button', { name: 'Remove it' }).click();
  await page.getByText('Nothing waits for a review.').waitFor();
  const tools = await toolsOf(id);
  expect(tools.get('look')).toMatchObject({ enabled: true });
  expect([tools.get('look')!.change, tools.has('fail')]).toEqual([undefined, false]);
});

test('the credential of a user is revoked, and a link to a consent is made', async () => {
  const { id } = await register({ auth: { type: 'API_TOKEN' } });
  const { api } = office();
  for (const userId of ['ada', 'bob'])
    await api.integrations.putCredentials({ customerIntegrationId: id, userId, apiToken: `token-of-${userId}` });
  const { page } = await open(at(id, 'users'));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await row(page, 'ada').getByRole('button', { name: 'Revoke…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The credential is erased.').waitFor();
  await page.getByRole('combobox', { name: 'Shown users' }).selectOption('connected');
  await row(page, 'ada').waitFor({ state: 'detached' });
  await row(page, 'bob').waitFor();
  expect(await api.integrations.getUser({ customerIntegrationId: id, userId: 'ada' })).toMatchObject({ active: false });
  await row(page, 'bob').getByRole('button', { name: 'Link…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
  const link = await page.getByRole('dialog').getByRole('textbox', { name: 'Link' }).inputValue();
  expect((await fetch(link)).status).toBe(200);
});

test('a secret is replaced, and tried by a harmless read', async () => {
  const { id } = await register({ enable: ['whoAmI'] });
  const { page } = await open(at(id, 'auth'));
  await page.getByRole('button', { name: 'Replace the secret…' }).click();
  await page.getByRole('dialog').getByLabel('Token').fill('second-secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Replace', exact: true }).click();
  await page.getByText('The new secret is in use').waitFor();
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText('The service accepted the credential.').waitFor();
  expect(stub.hits.at(-1)!.headers['x-key']).toBe('second-secret');
});

test('a name that another person changed meanwhile is not overwritten', async () => {
  const { id, name } = await register();
  const { api } = office();
  const { page } = await open(at(id, 'settings'));
  await page.getByRole('button', { name: 'Change: Name' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Mine');
  await api.integrations.patch({ customerIntegrationId: id, name: 'Theirs' });
  await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText('Another person has changed it').waitFor();
  expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({ name: 'Theirs' });
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Change: Name' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
  await heading(page, name);
});

test('a switch makes calls carry the trace id of their errand, and leaves the other rules', async () => {
  const { id } = await register();
  const { api } = office();
  const rules = async () => (await api.integrations.get({ customerIntegrationId: id })).rules;
  const { page } = await open(at(id, 'settings'));
  const trace = page.getByRole('switch', { name: 'Send the trace id of the errand' });
  await page.getByText('If on, sends the id of the errand to the service').waitFor();
  expect(await trace.getAttribute('aria-checked')).toBe('false');
  // Another person changes the rules while the page is open.
  await api.integrations.patch({ customerIntegrationId: id, rules: { limits: { statuses: [403] } } });
  await trace.click();
  await page.getByText('Calls carry the trace id of their errand.').waitFor();
  expect(await rules()).toEqual({ limits: { statuses: [403] }, traceparent: true });
  await page.reload();
  await page.locator('[role=switch][aria-checked=true]').click();
  await page.getByText('Calls carry no trace id any more.').waitFor();
  expect(await rules()).toEqual({ limits: { statuses: [403] } });

  await api.integrations.patch({ customerIntegrationId: id, rules: { traceparent: true } });
  await page.reload();
  await page.locator('[role=switch][aria-checked=true]').click();
  await expect.poll(rules).toBeUndefined();
});

test('an integration is deleted after its name is typed', async () => {
  const { id, name } = await register();
  const { page } = await open(at(id, 'settings'));
  await page.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
  expect(await confirm.getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('dialog').getByRole('textbox').fill(name);
  await confirm.click();
  await page.getByRole('heading', { level: 1, name: 'Integrations' }).waitFor();
  await expect(office().api.integrations.get({ customerIntegrationId: id })).rejects.toMatchObject({ status: 404 });
});

test('a viewer sees everything, and reads why the buttons are off', async () => {
  const { id, name } = await register();
  const { direct, operated, workspaceId } = office();
  const administrator = await aPerson(direct, await loginLink(operated));
  const { body } = await administrator.call(
    'members.invite',
    { name: 'Vera', role: 'viewer' },
    { mutation: true, headers: { 'x-errand-workspace': workspaceId } },
  );
  const { page } = await open(at(id), { link: body.link });
  await heading(page, name);
  const toggle = row(page, 'look').getByRole('switch');
  expect(await toggle.getAttribute('title')).toMatch(/role .* may not/);
  await toggle.click({ force: true });
  expect((await toolsOf(id)).get('look')!.enabled).toBe(true);
  await page.getByRole('link', { name: 'Settings', exact: true }).last().click();
  expect(await page.getByRole('button', { name: /Delete/ }).getAttribute('aria-disabled')).toBe('true');
});
