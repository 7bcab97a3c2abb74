// Imports of several documents, and of streams.
import { RecentUse } from '@errand/basics/recent-use';
import { expect, test, vi } from 'vitest';
import { createEgress } from '../egress/egress.ts';
import { limits } from './document/limits.ts';
import { type ImportOpenApiInput, importOpenApi } from './import-openapi.ts';
import { ImportQueue } from './import-queue.ts';

vi.setConfig({ testTimeout: 120_000 });

const egress = createEgress({ resolver: async () => [{ address: '93.184.216.34', family: 4 }] });
const get = (operationId: string) => ({ get: { operationId, responses: {} } });
const aDocument = (title: string, paths: object, more: object = {}) => ({
  openapi: '3.1.0',
  info: { title, version: '1' },
  servers: [{ url: 'https://api.vendor.com' }],
  paths,
  ...more,
});
const read = (input: Partial<ImportOpenApiInput>) =>
  importOpenApi({ egress, customerIntegrationId: 'x_12345678', ...input });
const toolsOf = ({ tools }: Awaited<ReturnType<typeof read>>) =>
  tools.flatMap((piece) => JSON.parse(piece.toString()) as { operation: string; call: Record<string, unknown> }[]);
const key = { type: 'apiKey', in: 'header', name: 'x-key' };
const secured = { components: { securitySchemes: { key } }, security: [{ key: [] }] };

test('several documents become one service: unique names, title of the first, warnings by document', async () => {
  const imported = await read({
    documents: [
      { document: aDocument('Mail', { '/list': get('list') }, secured) },
      {
        document: aDocument('Contacts', { '/list': get('list'), '/x': get('a b') }, secured),
        pick: { paths: ['/list', '/x', '/y'] },
      },
      { document: aDocument('Stats', { '/list': get('list') }, secured) },
    ],
  });
  expect(imported).toMatchObject({ title: 'Mail', baseUrl: 'https://api.vendor.com', auth: { name: 'x-key' } });
  const names = toolsOf(imported).map(({ operation }) => operation);
  expect(names[0]).toBe('list');
  expect(new Set(names).size).toBe(4);
  expect(imported.warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\/documents\/1\/paths\/~1list\/get: Another operation is called list/),
      '/documents/1/pick/paths/2: No operation has a path that begins with /y.',
    ]),
  );
  expect(imported.documents.map(({ bytes }) => Object.keys(JSON.parse(Buffer.concat(bytes).toString()).paths))).toEqual(
    [['/list'], ['/list', '/x'], ['/list']],
  );
  expect(
    await read({ documents: imported.documents.map(({ bytes }) => ({ document: Buffer.concat(bytes).toString() })) })
      .then(toolsOf)
      .then((tools) => tools.map(({ operation }) => operation)),
  ).toEqual(names);
});

test('a further document is called at its own path, and elsewhere only without a credential', async () => {
  const servers = (url: string) => ({ servers: [{ url }] });
  const open = await read({
    documents: [
      { document: aDocument('A', { '/a': get('a') }, servers('https://api.vendor.com/a')) },
      { document: aDocument('B', { '/b': get('b') }, servers('https://api.vendor.com/b')) },
      { document: aDocument('C', { '/c': get('c') }, servers('https://other.vendor.com')) },
    ],
  });
  expect(toolsOf(open).map(({ call }) => [call.basePath, call.server])).toEqual([
    [undefined, undefined],
    ['/b', undefined],
    [undefined, 'https://other.vendor.com'],
  ]);
  const elsewhere = { ...secured, ...servers('https://other.vendor.com') };
  await expect(
    read({
      documents: [
        { document: aDocument('A', { '/a': get('a') }, secured) },
        { document: aDocument('C', { '/c': get('c') }, elsewhere) },
      ],
    }),
  ).rejects.toMatchObject({ code: 'openapi_invalid', detail: expect.stringContaining('Document 1') });
});

test('a fault names its document', async () => {
  await expect(
    read({ documents: [{ document: aDocument('A', { '/a': get('a') }) }, { document: aDocument('B', {}) }] }),
  ).rejects.toMatchObject({ code: 'openapi_invalid', options: { errors: [{ pointer: '/documents/1/paths' }] } });
});

test('all documents together have a limit of operations', async () => {
  const many = (prefix: string) =>
    Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`/${prefix}${n}`, get(`${prefix}${n}`)]));
  await expect(
    read({ documents: [{ document: aDocument('A', many('a')) }, { document: aDocument('B', many('b')) }] }),
  ).rejects.toMatchObject({ code: 'openapi_too_large', options: { remedy: expect.stringContaining('`pick`') } });
});

/** A stream that counts the pieces that were read of it. */
function aStream(pieces: readonly Buffer[]) {
  let read = 0;
  async function* stream() {
    for (const piece of pieces) {
      read++;
      yield piece;
    }
  }
  return { document: stream(), read: () => read };
}

test('a stream is read to its end, or to the limit', async () => {
  const bytes = Buffer.from(JSON.stringify(aDocument('Streamed', { '/a': get('a') })));
  const { document } = aStream([bytes.subarray(0, 10), bytes.subarray(10)]);
  expect(await read({ document })).toMatchObject({ title: 'Streamed' });
  const endless = aStream(Array.from({ length: 100 }, () => Buffer.alloc(limits.documentBytes / 4)));
  await expect(read({ document: endless.document })).rejects.toMatchObject({ code: 'openapi_too_large' });
  expect(endless.read()).toBe(5);
});

test('with a base URL of the owner, a placeholder is no fault, and another URL is checked', async () => {
  const document = aDocument('Jira', { '/a': get('a') }, { servers: [{ url: 'https://your-domain.atlassian.net' }] });
  await expect(read({ document })).rejects.toMatchObject({ options: { errors: [{ pointer: '/baseUrl' }] } });
  expect(await read({ document, baseUrl: 'https://acme.atlassian.net/' })).toMatchObject({
    baseUrl: 'https://acme.atlassian.net',
    host: 'acme.atlassian.net',
  });
  expect(await read({ document, baseUrl: 'https://{site}.atlassian.net' })).toMatchObject({
    baseUrl: 'https://{site}.atlassian.net',
    host: '{site}.atlassian.net',
  });
  await expect(read({ document, baseUrl: 'http://169.254.169.254' })).rejects.toMatchObject({
    code: 'url_not_allowed',
    options: { errors: [{ pointer: '/baseUrl' }] },
  });
});

test('a reading counts its processor time, and leaves its process to a workspace that used less', async () => {
  const recentUse = new RecentUse();
  const queue = new ImportQueue(limits, recentUse);
  const leaving = new AbortController();
  const readInQueue = (workspaceId: string, input: Partial<ImportOpenApiInput>) =>
    queue.run(workspaceId, input.signal, (slot) => read({ ...input, slot }));
  recentUse.add('heavy', 10_000);
  const endless = { document: `openapi: 3.1.0\nlines:\n${'- [a, b, c]\n'.repeat(400_000)}`, signal: leaving.signal };
  let ended = 0;
  const heavy = [1, 2].map(() =>
    readInQueue('heavy', endless)
      .catch((error: Error) => error.name)
      .finally(() => ended++),
  );
  expect(toolsOf(await readInQueue('light', { document: aDocument('A', { '/a': get('a') }) }))).toHaveLength(1);
  expect(ended).toBe(0);
  expect(recentUse.of('light')).toBeGreaterThan(10);
  leaving.abort();
  expect(await Promise.all(heavy)).toEqual(['AbortError', 'AbortError']);
});
