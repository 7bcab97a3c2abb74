// An administrator makes webhooks, reads what was posted and answered, and sends failed deliveries again.
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver, within } from '../../fixtures/receiver.ts';
import { faultsOf } from '../axe.ts';
import { withOffice } from './office.ts';

const CANARY = '<img src=x onerror="document.title=\'canary\'">';
let receiver: Receiver;
let sql: pg.Pool;
const { office, open } = withOffice(async () => {
  receiver = await startReceiver();
  return { seed: false, allow: [receiver.origin] };
});
beforeAll(() => {
  sql = new pg.Pool({ connectionString: office().stack.databaseUrl, max: 1 });
});
afterAll(() => Promise.all([sql.end(), receiver.close()]));

test('a webhook is made, its secret shown once, tested, paused, rotated and deleted', async () => {
  const { api } = office();
  const { page, complaints, violations } = await open('/webhooks');
  await page.getByText('There is no webhook.').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('http://10.0.0.1/hook');
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await dialog.getByRole('alert').getByText('url_not_allowed').waitFor();
  await dialog.getByLabel('Address').fill(receiver.urlOf('made'));
  await dialog.getByLabel('Description').fill(`Inbox ${CANARY}`);
  await dialog.getByRole('checkbox', { name: /an errand waits/ }).uncheck();
  await dialog.getByRole('checkbox', { name: /Errand pauses a schedule/ }).check();
  expect(await dialog.getByRole('checkbox', { name: /Send the trace id/ }).isChecked()).toBe(false);
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  const secret = (await dialog.getByText(/^whsec_/).textContent())!;
  const [created] = (await api.webhooks.list({})).webhooks;
  expect(created).toMatchObject({
    url: receiver.urlOf('made'),
    events: ['run.end', 'schedule.paused'],
    active: true,
    traceparent: false,
  });
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  expect(await page.content()).not.toContain(secret);

  await page.getByRole('button', { name: /^Test / }).click();
  const [hit] = await receiver.posts('made', 1);
  new Webhook(secret).verify(hit!.body, hit!.headers as Record<string, string>);

  await page.getByRole('button', { name: /^Pause / }).click();
  await page.getByRole('row').getByText('paused', { exact: true }).waitFor();
  expect((await api.webhooks.get({ webhookId: created!.webhookId })).active).toBe(false);
  await page.getByRole('button', { name: /^Switch on / }).click();
  await page.getByRole('row').getByText('works', { exact: true }).waitFor();

  await page.getByRole('button', { name: /^Rotate / }).click();
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  const rotated = (await dialog.getByText(/^whsec_/).textContent())!;
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByText('the old one ends').waitFor();
  await page.getByRole('button', { name: /^Test / }).click();
  const [, second] = await receiver.posts('made', 2);
  for (const each of [secret, rotated])
    new Webhook(each).verify(second!.body, second!.headers as Record<string, string>);

  await page.getByRole('button', { name: /^Delete / }).click();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('There is no webhook.').waitFor();
  expect((await api.webhooks.list({})).webhooks).toEqual([]);
  // The refusal of the first address.
  expect([complaints.filter((text) => !text.includes('400')), violations]).toEqual([[], []]);
});

test('a delivery has its body and the answer of the receiver; failed ones are sent again, one or all', async () => {
  const { api } = office();
  const { webhookId } = await api.webhooks.create({ url: receiver.urlOf('kept'), events: ['run.end'] });
  receiver.answer('kept', { status: 503, text: `Try later ${CANARY}` });
  await api.webhooks.test({ webhookId });
  const deliveries = async () => (await api.webhooks.deliveries({ webhookId })).deliveries;
  await expect.poll(async () => (await deliveries())[0]?.lastStatus, within).toBe(503);
  // As after the last attempt.
  await sql.query(`UPDATE webhook_delivery SET state = 'failed', attempts = 14, next_attempt_at = NULL`);
  await sql.query('UPDATE webhook SET rests_until = NULL');
  const { page, violations } = await open(`/webhooks/${webhookId}?state=failed`);
  await page.getByRole('button', { name: 'webhook.test' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/Try later <img/).waitFor();
  await dialog.getByText('"webhook.test"').waitFor();
  expect(await page.title()).not.toBe('canary');
  expect(await faultsOf(page)).toEqual([]);
  expect(new URL(page.url()).searchParams.get('delivery')).toBe((await deliveries())[0]!.deliveryId);
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await dialog.getByText('It accepted the event.').waitFor();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByText('No delivery has failed.').waitFor();

  await sql.query(
    `INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data, state, attempts, next_attempt_at)
     SELECT workspace_id, gen_random_uuid(), webhook_id, 'webhook.test', '{}', 'failed', 14, NULL
     FROM webhook, generate_series(1, 103) WHERE webhook_id = $1`,
    [webhookId],
  );
  await page.reload();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByRole('button', { name: 'Send failed ones again' }).click();
  await page.getByText('103 deliveries are sent again.').waitFor();
  await page.getByText('No delivery has failed.').waitFor();
  await page.getByLabel('Shown deliveries').selectOption('delivered');
  await receiver.posts('kept', 105);
  expect(violations).toEqual([]);
});

test('a webhook is changed, and a person without the right sees why the page is empty', async () => {
  const { api } = office();
  const { webhookId } = await api.webhooks.create({ url: receiver.urlOf('changed'), events: ['*'] });
  const { page } = await open(`/webhooks/${webhookId}`);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /anything happens/ }).uncheck();
  await dialog.getByText('Choose at least one event.').first().waitFor();
  await dialog.getByRole('checkbox', { name: /an errand starts/ }).check();
  await dialog.getByText('Sends the id of the errand to the receiver').waitFor();
  await dialog.getByRole('checkbox', { name: /Send the trace id/ }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Requests about an errand carry its trace id.').waitFor();
  expect(await api.webhooks.get({ webhookId })).toMatchObject({ events: ['run.started'], traceparent: true });
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await dialog.getByRole('checkbox', { name: /Send the trace id/ }).uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Requests carry no trace id.').waitFor();
  expect(await api.webhooks.get({ webhookId })).toMatchObject({ events: ['run.started'], traceparent: false });

  await page.goto(office().at('/members'));
  await page.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByLabel('Name of the person').fill('Grace');
  await dialog.getByRole('radio', { name: /decider/ }).check();
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(/\/console\/#/).textContent())!;
  const decider = await open('/webhooks', { link });
  await decider.page.getByText('Your role (decider) may not change webhooks').first().waitFor();
  const create = decider.page.getByRole('button', { name: /New webhook/ });
  expect(await create.getAttribute('aria-disabled')).toBe('true');
});
