// The page on which a user answers a service, in a browser.
import { startStubMcpServer } from '@errand/integrations/testing';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { ended, startWaiting } from '../fixtures/office.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { callablePort, openWorkspace, type Workspace } from '../fixtures/workspace.ts';
import { booked, form, inputIn, type Params } from '../mcp/tables.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let workspace: Workspace;
let api: Api;
let tool: string;
let request: object = form();
beforeAll(async () => {
  const behaviour = {
    modern: true,
    tools: [{ name: 'book', title: 'Book a table', inputSchema: { type: 'object' } }],
    call: ({ params }: { params?: unknown }) => {
      const { inputResponses } = params as Params;
      if (inputResponses) return booked(inputResponses.it!.content ?? inputResponses.it!.action);
      return { resultType: 'input_required', inputRequests: { it: request }, requestState: 's' };
    },
  };
  const stub = await startStubMcpServer(behaviour, await callablePort());
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  const integration = await api.integrations.create({ name: 'Trattoria', kind: 'mcp', url: stub.url, enable: 'all' });
  tool = `${integration.customerIntegrationId}.book`;
  return async () => {
    await workspace.close();
    await stub.close();
  };
});

async function pending(params: object) {
  request = form(params);
  const plan = { goal: 'Book', steps: [{ id: 'only', tool }], result: { $: 'steps.only.output.booked' } };
  const run = await startWaiting(api, aRun({ intent: 'Book a table for tonight', userId: 'ann@example.com', plan }));
  return { runId: run.runId, url: inputIn(run).url! };
}

const everyField = {
  type: 'object',
  properties: {
    name: { type: 'string', title: 'In whose name', maxLength: 60 },
    seats: { type: 'integer', title: 'How many seats', minimum: 1, maximum: 8, description: 'Children count.' },
    budget: { type: 'number', title: 'At most, in EUR', default: 49.5 },
    where: {
      type: 'string',
      title: 'Where',
      enum: ['in', 'out'],
      enumNames: ['Inside', 'On the terrace'],
      default: 'out',
    },
    dishes: { type: 'array', title: 'What nobody eats', items: { type: 'string', enum: ['fish', 'nuts', 'pork'] } },
    window: { type: 'boolean', title: 'By the window' },
    mail: { type: 'string', format: 'email', title: 'Mail for the confirmation' },
    day: { type: 'string', format: 'date', title: 'Day' },
    wishes: { type: 'string', maxLength: 2000, title: 'Wishes' },
  },
  required: ['name', 'seats'],
};

test('a person fills in every kind of field and sends it; a fault is shown at its field', async () => {
  const { runId, url } = await pending({ message: 'For whom, and how many?', requestedSchema: everyField });
  const { page, complaints } = await open();
  await page.goto(url);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Trattoria asks: For whom, and how many?');
  expect(await page.getByLabel('At most, in EUR').inputValue()).toBe('49.5');
  expect(await page.getByLabel('Where').inputValue()).toBe('out');
  // The browser sends no form without its required fields.
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect((await api.runs.get({ runId })).status).toBe('PAUSED');
  await page.getByLabel('In whose name').fill('Ann');
  await page.getByLabel('How many seats').fill('3');
  await page.getByLabel('nuts').check();
  await page.getByLabel('pork').check();
  await page.getByLabel('By the window').selectOption('yes');
  await page.getByLabel('Mail for the confirmation').fill('ann@x');
  await page.getByLabel('Day').fill('2026-12-24');
  await page.getByLabel('Wishes').fill('Quiet,\nplease');
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('a value is not valid');
  expect(await page.getByLabel('Mail for the confirmation').getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByLabel('In whose name').inputValue()).toBe('Ann');
  expect(await page.getByLabel('pork').isChecked()).toBe(true);
  await page.getByLabel('Mail for the confirmation').fill('ann@example.com');
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Answered.');
  expect(await page.getByRole('button').count()).toBe(0);
  expect(await ended(api, runId)).toMatchObject({
    status: 'SUCCESS',
    result: {
      name: 'Ann',
      seats: 3,
      budget: 49.5,
      where: 'out',
      dishes: ['nuts', 'pork'],
      window: true,
      mail: 'ann@example.com',
      day: '2026-12-24',
      wishes: 'Quiet,\nplease',
    },
  });
  // A page with an invalid answer has the status 400.
  expect(complaints.filter((complaint) => !complaint.includes('status of 400'))).toEqual([]);
});

test('declining needs no input', async () => {
  const { runId, url } = await pending({ requestedSchema: everyField });
  const { page } = await open();
  await page.goto(url);
  await page.getByRole('button', { name: 'Do not answer' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Closed without an answer');
  expect(await ended(api, runId)).toMatchObject({ result: 'decline' });
});

test('a page of the service is named by its host, and opens only by a click', async () => {
  const address = `https://pay.example.com/confirm/4711?next=${'x'.repeat(300)}`;
  const { runId, url } = await pending({ mode: 'url', message: 'Confirm the deposit', url: address });
  const { page, complaints } = await open();
  const visited: string[] = [];
  page.on('request', (sent) => visited.push(new URL(sent.url()).host));
  await page.goto(url);
  expect(await page.getByRole('link', { name: 'Open pay.example.com' }).getAttribute('href')).toBe(address);
  await page.getByRole('button', { name: 'I have done this' }).click();
  expect(await ended(api, runId)).toMatchObject({ result: 'accept' });
  expect(visited.filter((host) => host !== new URL(workspace.url).host)).toEqual([]);
  expect(complaints).toEqual([]);
});

test('it is readable in light and dark, wide and narrow, with any content', async () => {
  const long = `${'x'.repeat(200)}<script>document.title='run'</script>\u202E`;
  const hostile = {
    type: 'object',
    properties: {
      ...everyField.properties,
      [`"><img src=x onerror=alert(1)>${'n'.repeat(60)}`]: {
        type: 'string',
        title: long,
        description: long,
        default: long,
      },
    },
  };
  const { page, complaints } = await open();
  for (const question of [
    { message: 'For whom, and how many?', requestedSchema: everyField },
    { message: long, requestedSchema: hostile },
    { mode: 'url', message: 'Confirm the deposit', url: `https://pay.example.com/${'x'.repeat(300)}` },
  ]) {
    const { url } = await pending(question);
    await page.goto(url);
    expect(await page.title()).toBe('A service asks you');
    expect(await faultsOf(page)).toEqual([]);
  }
  expect(complaints).toEqual([]);
});
