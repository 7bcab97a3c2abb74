// The pages of one-time links in a browser.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { ended, type Office, openOffice, payments, startWaiting, tokensOf } from '../fixtures/office.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overRest(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

async function pending(amount: number, more: Parameters<typeof payments>[2] = {}) {
  const { runId } = await startWaiting(api, payments(office, [amount], { userId: 'ann@example.com', ...more }));
  const [tokens] = await tokensOf(api, runId);
  const at = (token: string) => `${office.stack.url}/v1/runs/approval?token=${token}`;
  return { runId, approve: at(tokens!.approve), deny: at(tokens!.deny) };
}

test('the page shows the call; Approve resumes the run; a second click reports the decision', async () => {
  const { runId, approve, deny } = await pending(42);
  const { page, complaints } = await open();
  const second = await page.context().newPage();
  await page.goto(approve);
  await second.goto(deny);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Pay at Office with amount 42?');
  const text = await page.locator('body').textContent();
  for (const part of [`${office.id}.pay`, 'Pay the bills', 'ann@example.com', 'amount', '42', 'first key (er_live_…']) {
    expect(text).toContain(part);
  }
  expect(await page.title()).toBe('Pay at Office with amount 42?');
  await page.getByLabel('Reason (optional)').fill('It is due.');
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Approved by a link.');
  expect(await page.getByRole('button').count()).toBe(0);
  const run = await ended(api, runId);
  expect([run.status, office.stub.hits.length]).toEqual(['SUCCESS', 1]);
  expect(run.events.find(({ type }) => type === 'run_action')).toMatchObject({ reason: 'It is due.' });

  await second.getByRole('button', { name: 'Approve' }).click();
  expect(await second.getByRole('status').textContent()).toContain('Approved by a link.');
  await second.goBack();
  await second.reload();
  expect(await second.getByRole('heading', { level: 1 }).textContent()).toBe('This call is approved');
  expect(office.stub.hits).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test('Deny, from the other link, ends the run without the call', async () => {
  const { runId, deny } = await pending(43);
  const { page, complaints } = await open();
  await page.goto(deny);
  await page.getByRole('button', { name: 'Deny' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Denied by a link.');
  expect((await ended(api, runId)).status).toBe('CANCELED');
  expect(office.stub.hits).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a contrary second decision is refused on the page', async () => {
  const { runId, approve } = await pending(44);
  const { page } = await open();
  await page.goto(approve);
  const [waits] = (await api.runs.get({ runId })).waitingOn;
  await api.approvals.decide({ approvalId: waits!.approvalId!, decision: 'deny' });
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('It was decided already');
  expect(office.stub.hits).toEqual([]);
});

test('scanners that open a link before the person change nothing', async () => {
  const { runId, approve, deny } = await pending(45);
  const before = await api.runs.get({ runId, includeEvents: true });
  for (const url of [approve, deny]) {
    for (const method of ['GET', 'HEAD']) {
      const headers = { accept: '*/*', 'user-agent': 'scanner', purpose: 'prefetch', 'sec-purpose': 'prefetch' };
      expect((await fetch(url, { method, headers })).status).toBe(200);
    }
  }
  expect(await api.runs.get({ runId, includeEvents: true })).toEqual(before);
  const { page } = await open();
  await page.goto(approve);
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Approved');
  expect((await ended(api, runId)).status).toBe('SUCCESS');
});

test('it works without scripts, by keyboard alone, on a small screen', async () => {
  const { runId, approve } = await pending(46);
  const { page } = await open({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  await page.goto(approve);
  const field = page.getByLabel('Reason (optional)');
  await field.focus();
  await page.keyboard.type('By hand');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('status').textContent()).toContain('Approved by a link.');
  expect((await ended(api, runId)).status).toBe('SUCCESS');
});

test('with any arguments, a page runs no script, loads nothing and fits its screen', async () => {
  const to = `${'x'.repeat(3000)}<script>document.title='run'</script><img src="http://127.0.0.1:9/x">\u202Egpj.exe`;
  const steps = [{ id: 'p', tool: `${office.id}.pay`, args: { body: { to } } }];
  const { runId, approve } = await pending(47, { plan: { goal: 'Pay', steps } });
  const { page, complaints } = await open({ viewport: { width: 320, height: 640 } });
  const requestedUrls: string[] = [];
  page.on('request', (request) => requestedUrls.push(request.url()));
  await page.goto(approve);
  expect(await page.title()).toBe('Pay at Office with to?');
  expect(requestedUrls.filter((url) => !url.startsWith('data:'))).toEqual([approve]);
  expect(complaints).toEqual([]);
  expect(await page.locator('dd .hidden').first().textContent()).toBe('\\u{202E}');
  const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(wide).toBe(0);
  await api.runs.cancel({ runId });
});

test('no other site can frame it or send its form', async () => {
  const { runId, approve } = await pending(48);
  const { page } = await open();
  const token = new URL(approve).searchParams.get('token')!;
  const form = `<form id="f" method="post" action="${office.stack.url}/v1/runs/approval"><input name="token" value="${token}"><input name="csrf" value="x"><input name="argsSha256" value="x"></form>`;
  const evil = 'http://evil.test/';
  await page.route(`${evil}**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: `${form}<iframe src="${approve}"></iframe>` }),
  );
  await page.goto(evil);
  expect(await page.frames()[1]!.locator('form').count()).toBe(0);
  await Promise.all([page.waitForNavigation(), page.evaluate('document.getElementById("f").submit()')]);
  expect(await page.getByRole('alert').textContent()).toContain('page of another site');
  expect((await api.runs.get({ runId })).status).toBe('PAUSED');
  await api.runs.cancel({ runId });
});

test('many calls of a step have one page, which lists each of them', async () => {
  const step = {
    id: 'each',
    tool: `${office.id}.pay`,
    forEach: { $: '[1..60]' },
    args: { body: { amount: { $: 'item' } } },
  };
  const { runId } = await startWaiting(
    api,
    payments(office, [], { plan: { goal: 'Pay the bills', steps: [step] }, userId: 'ann@example.com' }),
  );
  const [tokens, ...others] = await tokensOf(api, runId);
  expect(others).toEqual([]);
  const { page, complaints } = await open();
  await page.goto(`${office.stack.url}/v1/runs/approval?token=${tokens!.approve}`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Pay at Office, 60 times?');
  expect(await page.locator('ol > li').count()).toBe(60);
  expect(await page.locator('ol > li').last().textContent()).toContain('60');
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Approve' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Approved by a link.');
  expect((await ended(api, runId)).status).toBe('SUCCESS');
  expect(office.stub.hits).toHaveLength(60);
  expect(complaints).toEqual([]);
});
