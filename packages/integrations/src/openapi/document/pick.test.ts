import { expect, test } from 'vitest';
import { convertDocument } from '../convert.ts';
import { DocumentFault, type Node } from './document.ts';
import { pickOperations } from './pick.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const answering = (schema: object) => ({ 200: { description: 'ok', content: { 'application/json': { schema } } } });
const aDocument = (): Node => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: 'https://api.shop.io' }],
  security: [{ key: [] }],
  tags: [{ name: 'orders' }],
  webhooks: { paid: {} },
  paths: {
    '/orders': {
      parameters: [{ $ref: '#/components/parameters/page' }],
      get: { operationId: 'listOrders', tags: ['orders'], responses: answering(ref('Order')) },
      post: { operationId: 'createOrder', tags: ['orders'], responses: answering(ref('Order')) },
    },
    '/orders/{id}': {
      get: { operationId: 'getOrder', responses: { 200: { $ref: '#/paths/~1orders/get/responses/200' } } },
    },
    '/orders-archive': { get: { operationId: 'archive', responses: {} } },
    '/users': { $ref: '#/components/pathItems/users' },
  },
  components: {
    securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-key' } },
    parameters: { page: { name: 'page', in: 'query', schema: ref('Page') }, other: {} },
    pathItems: { users: { get: { operationId: 'listUsers', responses: {} }, post: { operationId: 'addUser' } } },
    schemas: {
      Order: { type: 'object', properties: { next: ref('Order'), total: ref('Money') } },
      Money: { type: 'number' },
      Page: { type: 'integer' },
      Unused: { type: 'string' },
    },
  },
});

function pick(picked: Parameters<typeof pickOperations>[1], root = aDocument()) {
  const warnings: string[] = [];
  const document = pickOperations(root, picked, (pointer, message) => void warnings.push(`${pointer}: ${message}`));
  const { tools } = convertDocument({ root: document, customerIntegrationId: 'x_12345678' });
  return { document, warnings, names: tools.map(({ operation }) => operation), tools };
}
const keys = (value: unknown) => Object.keys(value as object);

test('picked operations keep what they refer to, and nothing else', () => {
  const { document, names, warnings } = pick({ operations: ['listOrders'] });
  expect(names).toEqual(['listOrders']);
  expect(warnings).toEqual([]);
  expect(keys(document)).toEqual(['openapi', 'info', 'servers', 'security', 'paths', 'components']);
  const components = document.components as Node;
  expect(keys(components.schemas).sort()).toEqual(['Money', 'Order', 'Page']);
  expect(keys(components.parameters)).toEqual(['page']);
  expect(keys(components.securitySchemes)).toEqual(['key']);
});

test.each([
  [{ operations: ['GET /orders', 'post /orders'] }, ['listOrders', 'createOrder']],
  [{ tags: ['orders'] }, ['listOrders', 'createOrder']],
  [{ paths: ['/orders'] }, ['listOrders', 'createOrder', 'getOrder']],
  [{ operations: ['addUser'], paths: ['/orders/{id}'] }, ['getOrder', 'addUser']],
])('%j picks %j', (picked, expected) => {
  const { names, warnings } = pick(picked);
  expect(names).toEqual(expected);
  expect(warnings).toEqual([]);
});

test('the tools of picked operations are those of the whole document', () => {
  const all = convertDocument({ root: aDocument(), customerIntegrationId: 'x_12345678' }).tools;
  const { tools } = pick({ paths: ['/orders'], operations: ['listUsers'] });
  for (const tool of tools) expect(tool).toEqual(all.find(({ operation }) => operation === tool.operation));
});

test('a reference into an operation that is not picked does not bring that operation', () => {
  const { names, document, tools } = pick({ operations: ['getOrder'] });
  expect(names).toEqual(['getOrder']);
  expect(keys(document.paths)).toEqual(['/orders/{id}']);
  expect(tools[0]?.outputSchema).toMatchObject({ $ref: '#/$defs/Order' });
});

test('each entry that matches nothing is named', () => {
  const { warnings } = pick({ operations: ['listOrders', 'listOrdres'], tags: ['refunds'], paths: ['/x'] });
  expect(warnings).toEqual([
    '/pick/operations/1: No operation is called listOrdres.',
    '/pick/tags/0: No operation has the tag refunds.',
    '/pick/paths/0: No operation has a path that begins with /x.',
  ]);
});

test('a document without picked operations is refused', () => {
  const refused = () => pick({ operations: ['nothing'] });
  expect(refused).toThrow(DocumentFault);
  expect(refused).toThrow('none of the picked operations');
});

test('members named __proto__ and references in circles do no harm', () => {
  const hostile = JSON.parse(
    JSON.stringify(aDocument()).replace('"Unused"', '"__proto__"').replace('"/orders-archive"', '"__proto__"'),
  ) as Node;
  const schemas = (hostile.components as { schemas: Record<string, unknown> }).schemas;
  schemas.Money = { allOf: [{ $ref: '#/components/schemas/__proto__' }, { $ref: '#' }, { $ref: '#/%E0%A4%A' }] };
  const { document } = pick({ operations: ['listOrders', 'archive', 'getOrder'] }, hostile);
  expect(Object.getPrototypeOf(document.paths)).toBe(Object.prototype);
  expect(Object.getPrototypeOf((document.components as Node).schemas)).toBe(Object.prototype);
});

test('definitions of Swagger 2.0 are picked too', () => {
  const swagger: Node = {
    swagger: '2.0',
    info: { title: 'Old', version: '1' },
    host: 'api.old.io',
    paths: {
      '/a': { get: { operationId: 'a', responses: { 200: { schema: { $ref: '#/definitions/A' } } } } },
      '/b': { get: { operationId: 'b', responses: {} } },
    },
    definitions: { A: { type: 'string' }, B: { type: 'string' } },
  };
  const picked = pickOperations(swagger, { operations: ['a'] }, () => {});
  expect(picked).toMatchObject({ swagger: '2.0', host: 'api.old.io', definitions: { A: { type: 'string' } } });
  expect(picked.definitions).not.toHaveProperty('B');
  expect(keys(picked.paths)).toEqual(['/a']);
});
