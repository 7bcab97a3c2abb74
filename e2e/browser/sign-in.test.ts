// The sign-in link that `pnpm start` prints, in a browser.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { aFolder, startProgram } from '../fixtures/program.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

// A start builds what has changed.
vi.setConfig({ testTimeout: 300_000 });

test('the link of the start signs in once, leaves the address, and a reload stays signed in', async () => {
  const started = startProgram(join(aFolder(), 'data'), [script], { env: { PORT: '0' } });
  await started.printed(/Ctrl-C stops everything/);
  const link = /^Sign in +(\S+)$/m.exec(started.output())![1]!;
  const { origin, hash } = new URL(link);
  const secret = hash.slice(1);
  expect(secret).toMatch(/^[\w-]{43}$/);

  const { page, complaints, violations } = await open();
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url(), request.headers().referer ?? ''));
  await page.goto(link);
  const heading = page.getByRole('heading', { level: 1 });
  await heading.filter({ hasText: 'Start' }).waitFor();
  const address = page.url();
  expect(address).toMatch(/\/console\/w\/[0-9a-f-]{36}\/start$/);
  await page.getByRole('link', { name: 'Administrator' }).click();
  await heading.filter({ hasText: 'Signed in as Administrator' }).waitFor();
  await page.getByText('This browser').waitFor();
  expect(await page.getByRole('region', { name: 'Workspaces' }).textContent()).toMatch(/default.*administrator/s);
  expect(page.url()).toBe(`${origin}/console/account`);
  expect(requested.join(' ')).not.toContain(secret);
  expect(await faultsOf(page)).toEqual([]);

  await page.goto(address);
  await heading.filter({ hasText: 'Start' }).waitFor();
  await page.reload();
  await heading.filter({ hasText: 'Start' }).waitFor();
  expect(page.url()).toBe(address);
  expect([complaints, violations]).toEqual([[], []]);

  const second = await open();
  await second.page.goto(link);
  await second.page.getByText('The link was used already.').waitFor();
  expect(await faultsOf(second.page)).toEqual([]);
  expect(second.page.url()).toBe(`${origin}/console/`);
  expect(await second.page.context().cookies()).toEqual([]);
  expect(second.violations).toEqual([]);
  expect(started.output().split(secret)).toHaveLength(2);
});
