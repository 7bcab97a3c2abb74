// Reading processes, as the system sees them.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { limits } from '../document/limits.ts';
import { readInChild } from './read-in-child.ts';

// Starts of processes take seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const aDocument = (more: object = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://api.shop.io' }],
  paths: { '/orders': { get: { operationId: 'listOrders', responses: {} } } },
  ...more,
});
const bytesOf = (document: unknown) => [
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)),
];
const request = { customerIntegrationId: 'shop_12345678' };

/** A document that takes long: YAML, of which each line is a node. */
const SLOW = `openapi: 3.1.0\nlines:\n${'- [a, b, c]\n'.repeat(400_000)}`;

/** The reading processes of this process, by files that only Linux has. */
const readers = () =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')[1];
        return (
          Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('openapi/reader')
        );
      } catch {
        return false;
      }
    });

test('a document arrives in pieces, and its tools leave as bytes', async () => {
  const text = JSON.stringify(aDocument({ info: { title: 'Shöp', version: 'x'.repeat(3 * limits.pieceBytes) } }));
  const bytes = Buffer.from(text);
  const cut = text.indexOf('ö') + 1;
  const { tools, title, operations, sha256, picked } = await readInChild(
    [bytes.subarray(0, cut), bytes.subarray(cut)],
    request,
  );
  expect(title).toBe('Shöp');
  expect(operations).toEqual(['listOrders']);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(Buffer.concat(tools).toString())).toMatchObject([{ operation: 'listOrders', path: '/orders' }]);
  expect(picked).toBeUndefined();
  expect(readers()).toEqual([]);
});

test('with a pick the picked document comes back', async () => {
  const more = { paths: { ...aDocument().paths, '/users': { get: { operationId: 'listUsers', responses: {} } } } };
  const pick = { operations: ['listUsers'] };
  const { picked, operations } = await readInChild(bytesOf(aDocument(more)), { ...request, pick });
  expect(operations).toEqual(['listUsers']);
  expect(Object.keys(JSON.parse(picked!.toString()).paths)).toEqual(['/users']);
});

test('a fault of the document keeps its pointers', async () => {
  await expect(readInChild(bytesOf(aDocument({ paths: {} })), request)).rejects.toMatchObject({
    code: 'openapi_invalid',
    options: { errors: [{ pointer: '/paths' }] },
  });
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  await expect(readInChild(bytesOf(deep), request)).rejects.toMatchObject({ code: 'openapi_invalid' });
});

test('a document that takes too much processor time is refused, with the advice to pick', async () => {
  const bounds = { processorMs: 300, elapsedMs: 100_000, heapMb: 512 };
  await expect(readInChild(bytesOf(SLOW), request, { limits: bounds })).rejects.toMatchObject({
    code: 'openapi_too_large',
    detail: 'Reading the document takes more than 0.3 s of processor time.',
    options: { remedy: expect.stringContaining('`pick`') },
  });
  expect(readers()).toEqual([]);
});

test('a busy machine is told apart from a document that is too large', async () => {
  const bounds = { processorMs: 100_000, elapsedMs: 500, heapMb: 512 };
  await expect(readInChild(bytesOf(SLOW), request, { limits: bounds })).rejects.toMatchObject({
    code: 'too_many_imports',
    detail: expect.stringContaining('The server is busy'),
    options: { headers: { 'retry-after': expect.any(String) } },
  });
});

test('a document that takes too much memory ends its own process alone', async () => {
  const bounds = { processorMs: 100_000, elapsedMs: 100_000, heapMb: 40 };
  await expect(readInChild(bytesOf(SLOW), request, { limits: bounds })).rejects.toMatchObject({
    code: 'openapi_too_large',
    detail: 'Reading the document takes more than 40 MiB of memory.',
  });
});

test('a process that is killed is an error that says to try again', async () => {
  const reading = readInChild(bytesOf(SLOW), request);
  const outcome = expect(reading).rejects.toMatchObject({ code: 'too_many_imports' });
  await expect.poll(readers, { timeout: 60_000 }).toHaveLength(1);
  process.kill(Number(readers()[0]), 'SIGKILL');
  await outcome;
});

test('a caller that leaves ends the process', async () => {
  const leaving = new AbortController();
  const reading = readInChild(bytesOf(SLOW), request, { signal: leaving.signal });
  const outcome = expect(reading).rejects.toThrow('left');
  await expect.poll(readers, { timeout: 60_000 }).toHaveLength(1);
  leaving.abort(new Error('left'));
  await outcome;
  expect(readers()).toEqual([]);
});
