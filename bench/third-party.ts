// The service that Errand calls, as a process of its own, so that its work does not count as Errand's.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const heldAnswers = new Map<string, ServerResponse>();
/** When the latest order arrived, in ns of the clock that all processes of a machine share. */
let ordered = 0n;
const json = { 'content-type': 'application/json' };

const server = createServer((request, response) => {
  const [, action, id = ''] = (request.url ?? '').split('/');
  if (action === 'openapi.json') response.writeHead(200, json).end(JSON.stringify(document(address())));
  else if (action === 'items') response.writeHead(200, json).end(item(Number(id)));
  else if (action === 'texts') response.writeHead(200, json).end(longItem(Number(id)));
  else if (action === 'ordered') response.end(String(ordered));
  else if (action === 'orders') {
    ordered = process.hrtime.bigint();
    request.resume().on('end', () => response.writeHead(201, json).end('{"id":1}'));
  } else if (action === 'hook') request.resume().on('end', () => response.writeHead(204).end());
  else if (action === 'held') heldAnswers.set(id, response);
  else if (action === 'release') {
    heldAnswers.get(id)?.writeHead(200, json).end('{"id":1,"next":1,"name":"released"}');
    response.writeHead(heldAnswers.delete(id) ? 204 : 404).end();
  } else response.writeHead(404).end();
});

const item = (id: number): string =>
  JSON.stringify({ id, next: id + 1, name: `Item ${id}`, price: 12.5, stock: [1, 2] });
/** An answer of 100 KB. */
const longItem = (id: number): string =>
  JSON.stringify({ id, next: id + 1, name: 'Lorem ipsum dolor sit amet. '.repeat(3572) });
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const answer = {
  description: 'An item',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          next: { type: 'integer' },
          name: { type: 'string' },
          price: { type: 'number' },
          stock: { type: 'array', items: { type: 'integer' } },
        },
      },
    },
  },
};
const byId = [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }];
const order = { type: 'object', properties: { item: { type: 'integer' } }, required: ['item'] };

const document = (url: string) => ({
  openapi: '3.1.0',
  info: { title: 'Warehouse', version: '1' },
  servers: [{ url }],
  paths: {
    '/items/{id}': {
      get: { operationId: 'getItem', summary: 'Get an item', parameters: byId, responses: { 200: answer } },
    },
    '/texts/{id}': {
      get: { operationId: 'getText', summary: 'Get a long item', parameters: byId, responses: { 200: answer } },
    },
    '/held/{id}': {
      get: { operationId: 'waitForItem', summary: 'Wait for an item', parameters: byId, responses: { 200: answer } },
    },
    '/orders': {
      post: {
        operationId: 'createOrder',
        summary: 'Order an item',
        requestBody: { required: true, content: { 'application/json': { schema: order } } },
        responses: { 201: answer },
      },
    },
  },
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ url: address() }));
process.on('disconnect', () => process.exit(0)).on('SIGTERM', () => process.exit(0));
