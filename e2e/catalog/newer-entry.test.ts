// An integration keeps its copy of an entry until its owner refreshes it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { json, type Stub, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

let folder: string;
let stub: Stub;
let stack: Stack;
let api: Api;

const entry = (version: string, more: object) => ({
  id: 'desk',
  version,
  name: 'Desk',
  category: 'support',
  description: 'Tickets.',
  sources: [{ kind: 'openapi', url: `${stub.origin}/document` }],
  baseUrl: stub.origin,
  auth: [{ type: 'NONE' }],
  source: {},
  checked: '2026-11-30',
  ...more,
});
const put = (value: object) => writeFile(join(folder, 'desk.json'), JSON.stringify(value));
const facts = (n: number) => ({
  headers: { 'Desk-Version': `${n}` },
  query: { format: `f${n}` },
  rules: { limits: { perSeconds: n } },
  tools: { recommended: ['listTickets', 'closeTickets'], effects: { closeTickets: 'read' } },
});
let isDown = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-catalog-'));
  stub = await startStub({
    document: {
      answer: (response) => void (isDown ? response.writeHead(503).end() : response.writeHead(200).end(stub.document)),
    },
    closeTickets: { answer: (response) => json(response, {}) },
    listTickets: { answer: (response) => json(response, { tickets: [] }) },
  });
  await put(entry('2026-11-29', facts(1)));
  stack = await startStack({ seed: false, allow: [stub.origin], env: { ERRAND_CATALOG_DIR: folder } });
  api = overRest(stack);
});
afterAll(async () => {
  await stack?.close();
  await stub?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a newer entry is named, and a refresh applies it to the fields that the owner has not changed', async () => {
  const create = { catalog: 'desk', enable: undefined, query: { format: 'mine' } };
  const { customerIntegrationId } = await api.integrations.create(create);
  const get = () => api.integrations.get({ customerIntegrationId });
  expect(await get()).toMatchObject({
    catalog: { id: 'desk', version: '2026-11-29' },
    needsReview: false,
    headers: { 'Desk-Version': '1' },
    enabledToolCount: 2,
  });

  await put(entry('2026-12-24', facts(2)));
  await stack.restart();
  const newer = { catalog: { id: 'desk', version: '2026-11-29', newer: '2026-12-24' }, needsReview: true };
  expect(await get()).toMatchObject({ ...newer, headers: { 'Desk-Version': '1' } });
  expect((await api.integrations.list({})).integrations[0]).toMatchObject(newer);

  isDown = true;
  await expect(api.integrations.refresh({ customerIntegrationId })).rejects.toThrow();
  expect(await get()).toMatchObject({
    ...newer,
    headers: { 'Desk-Version': '1' },
    rules: { limits: { perSeconds: 1 } },
  });
  isDown = false;
  // It leaves the other rules to the entry.
  await api.integrations.patch({ customerIntegrationId, rules: { limits: { perSeconds: 1 }, traceparent: true } });
  await api.integrations.refresh({ customerIntegrationId });
  const refreshed = await get();
  expect(refreshed).toMatchObject({
    catalog: { id: 'desk', version: '2026-12-24' },
    headers: { 'Desk-Version': '2' },
    query: { format: 'mine' },
    rules: { limits: { perSeconds: 2 }, traceparent: true },
  });
  expect(refreshed.catalog).not.toHaveProperty('newer');
});

test('effects of an entry for operations that the owner does not pick have no meaning', async () => {
  const pick = { operations: ['listTickets'] };
  const { customerIntegrationId } = await api.integrations.create({ catalog: 'desk', enable: undefined, pick });
  const { tools } = await api.integrations.tools({ customerIntegrationId });
  expect(tools.map(({ name }) => name)).toEqual([`${customerIntegrationId}.listTickets`]);
});
