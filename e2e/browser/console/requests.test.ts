// Every kind of request is decided in the inbox, and each decision has its effect. Every form is looked at by axe.
import { startStubMcpServer } from '@errand/integrations/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRun } from '../../fixtures/builders.ts';
import { ended } from '../../fixtures/office.ts';
import { json, type Stub, startStub } from '../../fixtures/stub.ts';
import { booked, form, type Params } from '../../mcp/tables.ts';
import { faultsOf } from '../axe.ts';
import { withOffice } from './office.ts';
import { picture } from './states.ts';

const body = (properties: object) => ({
  requestBody: { content: { 'application/json': { schema: { type: 'object', properties, required: ['amount'] } } } },
});
let stub: Stub;
let tables: Awaited<ReturnType<typeof startStubMcpServer>>;
const { office, open: openPage } = withOffice(async () => {
  const lost = new Set<string>();
  stub = await startStub({
    pay: { method: 'POST', more: body({ amount: { type: 'integer' } }), answer: (to) => json(to, { id: 'paid' }) },
    look: { answer: (to) => json(to, { word: 'seen' }) },
    vanish: {
      method: 'POST',
      more: body({ amount: { type: 'integer' } }),
      answer: (to, { body: sent }) => {
        if (lost.has(sent)) return json(to, { id: 'again' });
        lost.add(sent);
        to.destroy();
      },
    },
  });
  tables = await startStubMcpServer({
    modern: true,
    tools: [{ name: 'book', title: 'Book a table', inputSchema: { type: 'object' } }],
    call: ({ params }: { params?: unknown }) => {
      const { inputResponses } = params as Params;
      if (inputResponses) return booked(inputResponses.it!.content ?? inputResponses.it!.action);
      return { resultType: 'input_required', inputRequests: { it: form() }, requestState: 's' };
    },
  });
  return { seed: false, allow: [stub.origin, tables.origin] };
});
afterAll(() => Promise.all([stub.close(), tables.close()]));

let id: string;
let book: string;
beforeAll(async () => {
  const { api } = office();
  const register = { name: 'Office', kind: 'openapi', document: stub.document, enable: 'all' } as const;
  id = (await api.integrations.create({ ...register, auth: { type: 'NONE' } })).customerIntegrationId;
  const mcp = await api.integrations.create({ name: 'Trattoria', kind: 'mcp', url: tables.url, enable: 'all' });
  book = `${mcp.customerIntegrationId}.book`;
});

type RunInput = Parameters<typeof aRun>[0] & object;

/** Creates a run that asks for something, and opens its request. */
async function asked(input: RunInput): Promise<{ runId: string; page: Page; check: () => Promise<void> }> {
  const { api } = office();
  const { runId } = await api.runs.create(aRun(input));
  const isWaiting = ['PAUSED', 'AUTH_REQUIRED'];
  for await (const { runStatus } of api.runs.stream({ runId, progress: false }))
    if (isWaiting.includes(runStatus)) break;
  const { waitingOn } = await api.runs.get({ runId });
  const { approvalId, effectId, consentId, requestId } = waitingOn[0]!;
  const { page, complaints, violations } = await openPage(
    `/decide/${approvalId ?? effectId ?? consentId ?? requestId}`,
  );
  await page.getByRole('article').getByRole('heading').first().waitFor();
  const check = async () => {
    expect(await faultsOf(page)).toEqual([]);
    expect([complaints, violations]).toEqual([[], []]);
  };
  return { runId, page, check };
}

const pay = (amount: number, more: RunInput = {}): RunInput => ({
  intent: `Pay ${amount}`,
  approvalStrategy: 'ON_WRITE',
  plan: { goal: 'Pay', steps: [{ id: 'pay', tool: `${id}.pay`, args: { body: { amount } } }] },
  ...more,
});

const button = (page: Page, name: string | RegExp) => page.getByRole('article').getByRole('button', { name });

test('a plan', async () => {
  const { runId, page, check } = await asked(pay(1, { approvalStrategy: 'ON_START' }));
  await check();
  await button(page, 'Approve').click();
  expect((await ended(office().api, runId)).status).toBe('SUCCESS');
});

test('a call is denied with a reason', async () => {
  const { runId, page, check } = await asked(pay(2));
  await button(page, /^Deny/).click();
  await page.getByLabel('Why?').fill('Too expensive');
  await check();
  await button(page, 'Deny').click();
  const run = await ended(office().api, runId);
  expect([run.status, run.events.find(({ type }) => type === 'run_action')]).toMatchObject([
    'CANCELED',
    { action: 'deny', reason: 'Too expensive', decidedBy: expect.stringContaining('Administrator') },
  ]);
});

test('a call with arguments as JSON', async () => {
  const { runId, page, check } = await asked(pay(3));
  await page.getByRole('article').getByRole('button', { name: 'JSON', exact: true }).click();
  const editor = page.getByRole('article').getByRole('textbox');
  await editor.fill('{"body": {"amount": 3,}}');
  await check();
  await editor.fill('{"body": {"amount": 33}}');
  await button(page, 'Approve with changes').click();
  await ended(office().api, runId);
  expect(JSON.parse(stub.hits.at(-1)!.body)).toEqual({ amount: 33 });
});

test('a call, and always from now on: the rule is shown before it is made', async () => {
  const { api } = office();
  const { runId, page, check } = await asked(pay(4));
  await button(page, /^Always for this tool/).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await check();
  await dialog.getByRole('button', { name: /rule/i }).last().click();
  await ended(api, runId);
  const { approvalRules } = await api.approvalRules.list({});
  expect(approvalRules).toMatchObject([{ tool: `${id}.pay` }]);
  await api.approvalRules.revoke({ approvalRuleId: approvalRules[0]!.approvalRuleId });
});

test('a consent names the user and offers the link', async () => {
  const { api } = office();
  const document = stub.document;
  const own = await api.integrations.create({ name: 'Vault', document, enable: 'all', auth: { type: 'API_TOKEN' } });
  const tool = `${own.customerIntegrationId}.look`;
  const { runId, page, check } = await asked({
    intent: 'Look',
    userId: 'ada@example.com',
    plan: { goal: 'Look', steps: [{ id: 'look', tool }] },
  });
  await page.getByRole('article').getByText('ada@example.com').first().waitFor();
  await check();
  expect(await page.getByRole('article').getByRole('link').count()).toBeGreaterThan(0);
  await api.runs.cancel({ runId });
});

test('an uncertain effect that happened', async () => {
  const { runId, page, check } = await asked({
    intent: 'Vanish',
    plan: { goal: 'Vanish', steps: [{ id: 'v', tool: `${id}.vanish`, args: { body: { amount: 5 } } }] },
  });
  await page.getByRole('article').getByText('Idempotency-Key').first().waitFor();
  await button(page, /^It happened/).click();
  await check();
  await page
    .getByRole('article')
    .getByRole('button', { name: /happened/i })
    .last()
    .click();
  expect((await ended(office().api, runId)).events.find(({ type }) => type === 'effect')).toMatchObject({
    decision: 'happened',
  });
});

test('all uncertain effects, after their number is typed; those that are asked later stay open', async () => {
  const { api } = office();
  const vanish = (amount: number) =>
    api.runs.create(
      aRun({
        intent: `Vanish ${amount}`,
        plan: { goal: 'Vanish', steps: [{ id: 'v', tool: `${id}.vanish`, args: { body: { amount } } }] },
      }),
    );
  const open = async () => (await api.pending.list({ kind: ['effect'] })).pending.length;
  await Promise.all([11, 12, 13].map(vanish));
  await expect.poll(open, { timeout: 60_000 }).toBe(3);
  const { page, complaints, violations } = await openPage('/inbox?kind=effect');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(office().at('/inbox?kind=effect'));
  await page.getByRole('button', { name: 'Decide all uncertain effects' }).click();
  const dialog = page.getByRole('dialog');
  const decide = dialog.getByRole('button', { name: 'Decide 3' });
  await dialog.getByLabel('Type 3 to confirm').fill('4');
  await dialog.getByLabel(/Skip the calls/).check();
  await picture(page, 'inbox-decide-all');
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByLabel('Type 3 to confirm').press('Enter');
  expect([await decide.getAttribute('title'), await open()]).toEqual(['The typed text differs.', 3]);
  await vanish(14);
  await expect.poll(open, { timeout: 60_000 }).toBe(4);
  await dialog.getByLabel('Type 3 to confirm').fill('3');
  await decide.click();
  await dialog.getByText('3 decided.').waitFor();
  await picture(page, 'inbox-decided-all');
  expect(await faultsOf(page)).toEqual([]);
  expect(await open()).toBe(1);
  expect([complaints, violations]).toEqual([[], []]);
});

test('a question with choices', async () => {
  const choices = [
    { value: 'c1', label: 'Alex Kim, Contoso' },
    { value: 'c2', label: 'Alex Moss, Northwind' },
  ];
  const args = { question: 'Which Alex do you mean?', choices } as never;
  const { runId, page, check } = await asked({
    intent: 'Ask',
    plan: { goal: 'Ask', steps: [{ id: 'ask', tool: 'errand.ask', args }] },
  });
  await check();
  await page.getByRole('article').getByLabel('Alex Moss, Northwind').check();
  await button(page, 'Send answer').click();
  expect((await ended(office().api, runId)).result).toBe('c2');
});

test('a request of a service', async () => {
  const { runId, page, check } = await asked({
    intent: 'Book a table',
    plan: { goal: 'Book', steps: [{ id: 'only', tool: book }], result: { $: 'steps.only.output.booked' } },
  });
  await button(page, 'Send answer').click();
  await check();
  await page.getByRole('article').getByLabel('How many seats').fill('4');
  await button(page, 'Send answer').click();
  expect((await ended(office().api, runId)).result).toMatchObject({ seats: 4 });
});

test('several calls of one tool together', async () => {
  const { api } = office();
  const runIds = await Promise.all([6, 7, 8].map(async (amount) => (await api.runs.create(aRun(pay(amount)))).runId));
  const { page } = await openPage('/inbox');
  const boxes = page.getByRole('list', { name: 'Requests' }).getByRole('checkbox');
  await expect.poll(() => boxes.count()).toBe(3);
  for (const at of [0, 1, 2]) await boxes.nth(at).check();
  await page.getByRole('button', { name: /^Approve 3/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^Approve/ }).click();
  await dialog.getByText('Approved.').nth(2).waitFor();
  for (const runId of runIds) expect((await ended(api, runId)).status).toBe('SUCCESS');
  await page.goto(office().at('/inbox?state=decided'));
  await page.getByRole('list', { name: 'Requests' }).getByText('approved').first().waitFor();
});
