// Texts with markup and scripts, in every field that the pages of sign-in and approval show, are shown as texts and run nothing.
import { startStubMcpServer } from '@errand/integrations/testing';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { ended, tokensOf } from '../fixtures/office.ts';
import { loginLink, newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { overRest } from '../fixtures/transports.ts';
import { aMember, type Member } from '../people/members.ts';
import { signIn } from '../people/person.ts';
import { type Window, withBrowser } from './window.ts';

/** Text that would run in markup, in an attribute, in a script and as a URL. It names its field. */
const hostile = (field: string) => `${field}"'><img src=x onerror=ran()><a href=javascript:ran()></script>`;

/** So long a hostile text has to run after the page is shown. */
const SETTLED_MS = 500;

const open = withBrowser();
let stack: Stack;
let member: Member;
let workspaceId: string;
let tool: string;
beforeAll(async () => {
  const inputSchema = { type: 'object', properties: { fileName: { type: 'string' } } };
  const mcp = await startStubMcpServer({ tools: [{ name: 'send', title: hostile('Title'), inputSchema }] });
  stack = await startStack({ seed: false, allow: [mcp.origin] });
  const api = overRest(stack);
  const register = { name: hostile('Integration'), kind: 'mcp', url: mcp.url, enable: 'all' } as const;
  tool = `${(await api.integrations.create(register)).customerIntegrationId}.send`;
  member = await aMember(stack, hostile('Person'), 'admin');
  workspaceId = (await member.call('session.get')).body.workspaces[0].workspaceId;
  const platform = { url: stack.url, apiKey: await newPlatformKey(stack) };
  const body = { name: hostile('Workspace') };
  expect((await request(platform, `/v1/workspaces/${workspaceId}`, { method: 'PATCH', body })).status).toBe(200);
  return async () => {
    await stack.close();
    await mcp.close();
  };
});

/** Waits for what a hostile text could still start. */
async function checkHarmless(page: Page, { complaints, violations }: Window, shown: readonly string[]) {
  // Sentences replace double quotes.
  const inSingleQuotes = (text: string | null) => text?.replaceAll('"', "'");
  const textOf = async () => inSingleQuotes(await page.locator('body').textContent());
  // Names arrive after the rows that show them.
  for (const field of shown) await expect.poll(textOf).toContain(inSingleQuotes(hostile(field)));
  const injected = page.locator('[onerror], [onload], [src="x"], [href^="javascript:" i]');
  expect(await injected.count()).toBe(0);
  // Pages of the console keep streams open, so their network is never idle.
  await page.waitForTimeout(SETTLED_MS);
  expect([complaints, violations]).toEqual([[], []]);
}

async function openWatched(): Promise<Window> {
  const window = await open();
  await window.page.addInitScript('globalThis.ran = () => console.error("a hostile text ran")');
  return window;
}

test('the page of sign-in shows names of people and workspaces and browsers as texts', async () => {
  const inAnotherBrowser = await signIn(stack.url, await loginLink(stack, { person: member.personId }), {
    'user-agent': hostile('Browser'),
  });
  expect(inAnotherBrowser.status).toBe(200);
  const window = await openWatched();
  const { page } = window;
  await page.goto(`${stack.url}/console/#${await loginLink(stack, { person: member.personId })}`);
  await page.getByRole('heading', { level: 1, name: /^(Start|Errands)$/ }).waitFor();
  await page.getByRole('banner').getByRole('link').click();
  await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Signed in as' }).waitFor();
  await page.getByText('Browser"').waitFor();
  await checkHarmless(page, window, ['Person', 'Workspace', 'Browser']);
});

/** A run that waits for the approval of its call. */
async function waitingRun(): Promise<string> {
  const { body: run } = await member.ask(
    'runs.create',
    aRun({
      intent: hostile('Intent'),
      userId: hostile('User'),
      approvalStrategy: 'ON_WRITE',
      selectedCustomerIntegrationIds: ['*'],
      plan: {
        goal: hostile('Goal'),
        steps: [{ id: 'send', tool, reason: hostile('Reason'), args: { fileName: hostile('File') } }],
      },
    }),
  );
  await expect.poll(async () => (await overRest(stack).runs.get({ runId: run.runId })).status).toBe('PAUSED');
  return run.runId;
}

test('the console shows errands and requests as texts', async () => {
  const runId = await waitingRun();
  const window = await openWatched();
  const { page } = window;
  await page.goto(`${stack.url}/console/#${await loginLink(stack, { person: member.personId })}`);
  await page.getByRole('list', { name: 'Errands' }).getByRole('link').waitFor();
  await checkHarmless(page, window, ['Person', 'Workspace', 'Integration', 'Intent', 'User']);
  const at = `${stack.url}/console/w/${workspaceId}`;
  await page.goto(`${at}/runs/${runId}`);
  await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await page.locator('summary', { hasText: 'Look at the arguments' }).click();
  await page.getByLabel('fileName', { exact: true }).waitFor();
  expect(await page.getByLabel('fileName', { exact: true }).inputValue()).toBe(hostile('File'));
  await checkHarmless(page, window, [
    'Title',
    'Integration',
    'Person',
    'Workspace',
    'Intent',
    'User',
    'Reason',
    'File',
  ]);
  for (const view of ['waterfall', 'events', 'raw']) {
    await page.goto(`${at}/runs/${runId}?view=${view}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    await checkHarmless(page, window, ['Person', 'Workspace', 'Intent', 'User']);
  }
  await page.goto(`${at}/inbox`);
  await page.getByRole('article').getByRole('button', { name: 'Approve', exact: true }).waitFor();
  await checkHarmless(page, window, ['Title', 'Integration', 'Person', 'Workspace', 'Intent', 'User']);
  await overRest(stack).runs.cancel({ runId });
});

test('the pages of approvals show the request as text, before and after the decision', async () => {
  const runId = await waitingRun();
  const api = overRest(stack);
  const [tokens] = await tokensOf(api, runId);
  const window = await openWatched();
  const { page } = window;
  const address = `${stack.url}/v1/runs/approval?token=${tokens!.deny}`;
  await page.goto(address);
  const fields = ['Title', 'Integration', 'Person', 'Workspace', 'Intent', 'User', 'Reason', 'File'];
  await checkHarmless(page, window, fields);
  await page.getByLabel('Reason (optional)').fill(hostile('Decision'));
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByRole('status').filter({ hasText: 'Denied' }).waitFor();
  await page.goto(address);
  await checkHarmless(page, window, ['Title', 'Integration', 'Workspace', 'Intent', 'Decision']);
  await ended(api, runId);
});
