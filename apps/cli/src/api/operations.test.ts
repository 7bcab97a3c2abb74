// `errand api` reaches every operation of the contract that answers a key.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@errand/client';
import { contract } from '@errand/contracts';
import { operations } from '@errand/trpc-openapi/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOperation, streamOperation } from './call.ts';
import { findOperation, inputSchemaOf, keyOperations } from './operations.ts';

const paths: string[] = [];
const server = createServer((request, response) => {
  paths.push(new URL(request.url!, 'http://localhost').pathname);
  if (request.headers.accept === 'text/event-stream') {
    response.setHeader('content-type', 'text/event-stream');
    response.end('id: 1\ndata: {"type":"end"}\n\n');
  } else response.setHeader('content-type', 'application/json').end('{"result":{"data":{"ok":true}}}');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each(operations(contract))('$name', async ({ name, op }) => {
  if (op.callers === 'people' || op.callers === 'operators') {
    expect(() => findOperation(name)).toThrow(/signed in to the console/);
    return;
  }
  const operation = findOperation(name);
  expect(findOperation(name.replaceAll('.', ''))).toEqual(operation);
  expect(inputSchemaOf(operation)).toMatchObject({ $schema: expect.any(String) });
  const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'k' });
  if (op.kind === 'subscription') {
    const items: unknown[] = [];
    const { signal } = new AbortController();
    await streamOperation(client, operation, { input: {}, onItem: (item) => items.push(item), signal });
    expect(items).toEqual([{ type: 'end' }]);
  } else expect(await callOperation(client, operation, {})).toEqual({ ok: true });
  expect(paths.at(-1)).toBe(`/trpc/${name}`);
});

test('the list has every operation but those of the console', () => {
  expect(keyOperations.length).toBeGreaterThan(90);
  expect(() => findOperation('runs.lits')).toThrow(/There is no operation "runs.lits"/);
});
