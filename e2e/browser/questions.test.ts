// The page of a question in a browser.
import { beforeAll, expect, test } from 'vitest';
import { ended, type Office, openOffice, payments, startWaiting } from '../fixtures/office.ts';
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

const alexes = {
  question: 'Which Alex do you mean?',
  choices: [
    { value: 'c1', label: 'Alex Kim, Contoso' },
    { value: 'c2', label: 'Alex Moss, Northwind' },
  ],
};

async function pending(args: object) {
  const plan = { goal: 'Ask', steps: [{ id: 'ask', tool: 'errand.ask', args: args as never }] };
  const run = await startWaiting(
    api,
    payments(office, [], { plan, intent: 'Send Alex the offer', userId: 'ann@example.com' }),
  );
  const event = run.events.find(({ type }) => type === 'question');
  return { runId: run.runId, url: event?.type === 'question' ? event.url! : '' };
}

test('a person chooses and sends; the page shows the answer', async () => {
  const { runId, url } = await pending(alexes);
  const { page, complaints } = await open();
  await page.goto(url);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(alexes.question);
  // The browser sends no form without a choice.
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect((await api.runs.get({ runId })).status).toBe('PAUSED');
  await page.getByLabel('Alex Moss, Northwind').check();
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Alex Moss, Northwind');
  expect(await page.getByRole('button').count()).toBe(0);
  expect(await ended(api, runId)).toMatchObject({ status: 'SUCCESS', result: 'c2' });
  expect(complaints).toEqual([]);
});

test('"None of these" needs no choice', async () => {
  const { runId, url } = await pending(alexes);
  const { page } = await open();
  await page.goto(url);
  await page.getByRole('button', { name: 'None of these' }).click();
  expect(await page.getByRole('status').textContent()).toContain('Closed without an answer');
  expect((await ended(api, runId)).status).toBe('NO_SUCCESS');
});

test('it works without scripts, by keyboard alone, on a small screen, with any question', async () => {
  const question = `${'x'.repeat(900)}<script>document.title='run'</script>\u202E`;
  const { runId, url } = await pending({ question });
  const { page, complaints } = await open({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  await page.goto(url);
  const box = await page.locator('main').boundingBox();
  expect(box!.width).toBeLessThanOrEqual(320);
  await page.getByLabel('Your answer').focus();
  await page.keyboard.type('On Monday');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('status').textContent()).toContain('On Monday');
  expect(await ended(api, runId)).toMatchObject({ result: 'On Monday' });
  expect(complaints).toEqual([]);
});

test('a question with several fields is one form, filled in by keyboard', async () => {
  const fields = [
    { name: 'amount', title: 'Amount in EUR', type: 'integer' },
    { name: 'to', title: 'Who gets it', choices: [{ value: 'acc_1', label: 'Ann' }, 'Bob'] },
    { name: 'on', title: 'Day', type: 'date', required: false },
  ];
  const { runId, url } = await pending({ question: 'What shall I pay?', fields });
  const { page, complaints } = await open();
  await page.goto(url);
  expect(await faultsOf(page)).toEqual([]);
  await page.getByLabel('Amount in EUR').focus();
  await page.keyboard.type('25');
  await page.getByLabel('Who gets it').selectOption('Ann');
  await page.getByRole('button', { name: 'Send answer' }).click();
  expect(await page.getByRole('status').textContent()).toContain('25');
  expect(await ended(api, runId)).toMatchObject({ status: 'SUCCESS', result: { amount: 25, to: 'acc_1' } });
  expect(complaints).toEqual([]);
});
