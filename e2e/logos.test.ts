// The logos of integrations: read from their services, stored, and shown by this service alone.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
let stub: Stub;
let stack: Stack;
let api: Api;
/** The answer to the requests of logos that wait. */
let release: () => void;
let isLate = true;
beforeAll(async () => {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  stub = await startStub({
    look: { answer: (response) => void response.end('{}') },
    logo: { answer: (response) => void response.end(PNG) },
    svg: { answer: (response) => void response.setHeader('content-type', 'image/png').end('<svg><script/></svg>') },
    metadata: { answer: (response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end() },
    late: { answer: (response) => void response.writeHead(isLate ? 404 : 200).end(PNG) },
    silent: {
      answer: async (response) => {
        await released;
        response.end(PNG);
      },
    },
  });
  stack = await startStack({ seed: false, allow: [stub.origin] });
  api = overRest(stack);
});
afterAll(async () => {
  release();
  await stack.close();
  await stub.close();
});

const documentWith = (logo: string) => {
  const { info, ...rest } = JSON.parse(stub.document) as { info: object };
  return { ...rest, info: { ...info, 'x-logo': { url: stub.origin + logo } } };
};
const register = (logo: string, to: Api = api) =>
  to.integrations.create({ name: 'Logos', document: documentWith(logo), auth: { type: 'NONE' } });
const SOON = { timeout: 30_000, interval: 100 };
const asked = (logo: string) => vi.waitFor(() => expect(stub.hits.map(({ url }) => url)).toContain(logo), SOON);
const logoPathOf = (customerIntegrationId: string, of: Api = api) =>
  vi.waitFor(async () => {
    const { logoPath } = await of.integrations.get({ customerIntegrationId });
    expect(logoPath).toBeDefined();
    return logoPath!;
  }, SOON);

test('the logo is stored, listed, and shown without a key and without a chance to run anything', async () => {
  const { customerIntegrationId } = await register('/logo');
  const path = await logoPathOf(customerIntegrationId);
  const listed = (await api.integrations.list({})).integrations;
  expect(listed.find((each) => each.customerIntegrationId === customerIntegrationId)).toMatchObject({ logoPath: path });
  const response = await fetch(new URL(path, stack.url));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=31536000, immutable',
  });
  expect(Buffer.from(await response.arrayBuffer())).toEqual(PNG);
  const { origin, url } = { origin: stub.hits.at(-1)!.headers, url: stub.hits.at(-1)!.url };
  expect([url, origin.authorization, origin.cookie]).toEqual(['/logo', undefined, undefined]);
});

test.each(['/svg', '/metadata'])('%s is not stored, and the registration succeeds', async (logo) => {
  const { customerIntegrationId, toolCount } = await register(logo);
  expect(toolCount).toBeGreaterThan(0);
  await asked(logo);
  // A later one is stored only after the first one was dropped.
  const { customerIntegrationId: second } = await register('/logo');
  await logoPathOf(second);
  expect(await api.integrations.get({ customerIntegrationId })).not.toHaveProperty('logoPath');
});

test('a registration does not wait for the logo', async () => {
  const { customerIntegrationId } = await register('/silent');
  await asked('/silent');
  expect(await api.integrations.get({ customerIntegrationId })).not.toHaveProperty('logoPath');
  release();
  await logoPathOf(customerIntegrationId);
});

test('a refresh reads a logo that was missing', async () => {
  const { customerIntegrationId } = await register('/late');
  await asked('/late');
  isLate = false;
  await api.integrations.refresh({ customerIntegrationId, document: documentWith('/late') });
  await logoPathOf(customerIntegrationId);
});

test('a logo is one of its workspace, and gone with its integration', async () => {
  const other = await anotherWorkspace(stack);
  const theirs = overRest(other);
  const { customerIntegrationId } = await register('/logo', theirs);
  const path = await logoPathOf(customerIntegrationId, theirs);
  await theirs.integrations.delete({ customerIntegrationId });
  expect((await fetch(new URL(path, stack.url))).status).toBe(404);
  const mine = path.replace(/[0-9a-f-]{36}/, '00000000-0000-7000-8000-000000000000');
  expect((await fetch(new URL(mine, stack.url))).status).toBe(404);
});
