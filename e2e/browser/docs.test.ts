// The API reference: a third-party script, restricted by the page's policy.
import { beforeAll, expect, test } from 'vitest';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  return () => workspace.close();
});

test('the reference is rendered under its policy, from this origin only', async () => {
  const { page } = await open();
  const requestedUrls: string[] = [];
  const refused: string[] = [];
  page.on('request', (request) => requestedUrls.push(request.url()));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) refused.push(message.text());
  });
  await page.goto(`${workspace.url}/docs`);
  await page.getByText('Create a run').first().waitFor();
  await page.getByText('Decisions').first().waitFor();
  expect(refused).toEqual([]);
  const foreign = requestedUrls.filter((url) => !url.startsWith(workspace.url) && !/^(data|blob):/.test(url));
  expect(foreign).toEqual([]);
});
