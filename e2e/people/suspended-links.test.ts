// Links to decisions of a suspended workspace: they open nothing and decide nothing, in any process.
import { beforeAll, expect, test } from 'vitest';
import { HTML, linksOf, PATH } from '../fixtures/links.ts';
import { type Office, startOffice } from '../fixtures/office.ts';
import { newPlatformKey } from '../fixtures/operator.ts';
import { request } from '../fixtures/request.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { overRest } from '../fixtures/transports.ts';

let office: Office;
let second: Server;
let platformKey: string;
beforeAll(async () => {
  office = await startOffice();
  const { databaseUrl, dataDir } = office.stack;
  second = await startServer({ databaseUrl, dataDir, env: { ERRAND_ROLE: 'http' } });
  platformKey = await newPlatformKey(office.stack);
  return async () => {
    await second.stop();
    await office.close();
  };
});

const platform = (path: string) =>
  request({ url: office.stack.url, apiKey: platformKey }, `/v1/workspaces${path}`, path ? { method: 'POST' } : {});

test('approval and consent links of a suspended workspace are refused until it is resumed', async () => {
  const links = linksOf(office);
  const { runId, approve } = await links.pending(70);
  const [{ workspaceId }] = JSON.parse((await platform('')).text).workspaces;
  const api = overRest(office.stack);
  const { customerIntegrationId } = await api.integrations.create({
    name: 'Of users',
    kind: 'openapi',
    document: office.stub.document,
    auth: { type: 'API_TOKEN' },
  });
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId: 'ada' });
  const consent = new URL(authorizeUrl);
  const paths = [`${PATH}?token=${approve}`, consent.pathname + consent.search];
  const statuses = (url: string) =>
    Promise.all(paths.map(async (path) => (await request({ url, apiKey: '' }, path)).status));
  const servers = [office.stack.url, second.url];
  for (const url of servers) expect(await statuses(url)).toEqual([200, 200]);

  expect((await platform(`/${workspaceId}/suspend`)).status).toBe(200);
  for (const url of servers)
    await expect.poll(() => statuses(url), { timeout: 30_000, interval: 250 }).toEqual([403, 403]);
  const page = await links.open(approve);
  expect([page.status, page.text]).toEqual([403, expect.stringContaining('workspace of this link is suspended')]);
  const form = new URLSearchParams({ token: approve, argsSha256: 'a'.repeat(64), csrf: 'x'.repeat(40) }).toString();
  for (const url of servers) {
    expect((await request({ url, apiKey: '' }, PATH, { body: { token: approve } })).problem.code).toBe(
      'workspace_suspended',
    );
    const posted = await request({ url, apiKey: '' }, PATH, {
      body: form,
      headers: { accept: HTML, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(posted.status).toBe(403);
  }

  expect((await platform(`/${workspaceId}/resume`)).status).toBe(200);
  for (const url of servers)
    await expect.poll(() => statuses(url), { timeout: 30_000, interval: 250 }).toEqual([200, 200]);
  await expect
    .poll(async () => (await links.state(runId).catch(() => []))[0], { timeout: 35_000, interval: 500 })
    .toBe('PAUSED');
  expect((await links.send({ token: approve })).status).toBe(200);
});
