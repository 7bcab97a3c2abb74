// Deliveries of a real service, verified by the client; the receiver is the example of its README.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { verifyWebhook } from '@errand/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { ended, type Office, payments, startOffice } from '../fixtures/office.ts';
import { idOf, type Receiver, startReceiver, within } from '../fixtures/receiver.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

const README = new URL('../../packages/client/README.md', import.meta.url);
let receiver: Receiver;
let port: number;
let office: Office<Stack>;
let api: Api;
let folder: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  [receiver, port] = await Promise.all([startReceiver(), freePort()]);
  office = await startOffice({ allow: [receiver.origin, `http://127.0.0.1:${port}`] });
  api = overRest(office.stack);
  // A place where node finds the packages of this workspace.
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  folder = mkdtempSync(join(cache, 'receiver-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  await office.close();
  await receiver.close();
});

test('a delivery verifies, also with both secrets of a rotation', async () => {
  const url = receiver.urlOf('rotated');
  const { secret: former, webhookId } = await api.webhooks.create({ url, events: ['run.end'] });
  const { secret } = await api.webhooks.rotate({ webhookId });
  const { runId } = await api.runs.create(payments(office, [1], { approvalStrategy: 'NONE' }));
  const [hit] = await receiver.posts('rotated', 1);
  for (const accepted of [former, secret, [secret, former]]) {
    const event = verifyWebhook({ ...hit!, secret: accepted });
    expect(event).toMatchObject({ id: idOf(hit!), type: 'run.end', data: { run: { runId, status: 'SUCCESS' } } });
  }
  expect(() => verifyWebhook({ ...hit!, body: hit!.body.replace(runId, webhookId), secret })).toThrow(/signature/);
});

test('the receiver of the README takes deliveries, and refuses requests of others', async () => {
  const [, code] = /<!-- serves -->\n```ts\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8'))!;
  const file = join(folder, 'receiver.mjs');
  writeFileSync(file, `${code}server.on('listening', () => console.log('listening'));\n`);
  const url = `http://127.0.0.1:${port}`;
  const { secret, webhookId } = await api.webhooks.create({ url, events: ['run.end'] });
  const env = { ...process.env, ERRAND_WEBHOOK_SECRET: secret, PORT: String(port) };
  child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  await once(child.stdout!, 'data');
  const { runId } = await api.runs.create(payments(office, [2], { approvalStrategy: 'NONE' }));
  await ended(api, runId);
  await api.webhooks.test({ webhookId });
  await expect.poll(() => output, within).toContain(`${runId} SUCCESS\n`);
  await expect.poll(() => output, within).toContain('webhook.test\n');
  const delivered = async () => (await api.webhooks.deliveries({ webhookId })).deliveries.map(({ state }) => state);
  await expect.poll(delivered, within).toEqual(['delivered', 'delivered']);
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{', () => socket.destroy());
  await once(socket, 'close');
  const stranger = await fetch(url, { method: 'POST', body: '{"type":"run.end"}' });
  expect(stranger.status).toBe(400);
  await expect.poll(() => output, within).toContain('missing_header\n');
  const large = await fetch(url, { method: 'POST', body: 'x'.repeat(300_000) });
  expect(large.status).toBe(413);
});
