import { expect, test } from 'vitest';
import { convertDocument } from '../convert.ts';
import type { Node } from './document.ts';
import { upgradeSwagger } from './swagger.ts';

const aDocument = (more: Node = {}): Node => ({
  swagger: '2.0',
  info: { title: 'Old', version: '1' },
  host: 'api.old.io',
  basePath: '/v1',
  securityDefinitions: { key: { type: 'apiKey', in: 'header', name: 'x-key' } },
  security: [{ key: [] }],
  definitions: { Deal: { type: 'object', properties: { name: { type: 'string' } } } },
  paths: {
    '/deals': {
      post: {
        operationId: 'createDeal',
        consumes: ['application/json'],
        parameters: [
          { name: 'dry', in: 'query', type: 'boolean' },
          { name: 'deal', in: 'body', required: true, schema: { $ref: '#/definitions/Deal' } },
        ],
        responses: { 201: { description: 'ok', schema: { $ref: '#/definitions/Deal' } } },
      },
    },
    '/files': {
      post: {
        operationId: 'upload',
        consumes: ['multipart/form-data'],
        parameters: [{ name: 'file', in: 'formData', type: 'file', required: true }],
        responses: { 204: { description: 'ok' } },
      },
    },
  },
  ...more,
});

async function convert(root: Node, documentUrl?: string) {
  const warnings: string[] = [];
  const upgraded = await upgradeSwagger(
    root,
    documentUrl,
    (pointer, text) => void warnings.push(`${pointer}: ${text}`),
  );
  const converted = convertDocument({ root: upgraded, customerIntegrationId: 'x_12345678', documentUrl });
  return { ...converted, warnings: [...warnings, ...converted.warnings] };
}

test('a document of Swagger 2.0 becomes tools, and a warning says that it was converted', async () => {
  const { baseUrl, auth, tools, warnings } = await convert(aDocument());
  expect(baseUrl).toBe('https://api.old.io/v1');
  expect(auth).toMatchObject({ type: 'API_TOKEN', in: 'header', name: 'x-key' });
  expect(warnings).toContain('/swagger: The document is Swagger 2.0; it was converted to OpenAPI 3.');
  const [create, upload] = tools;
  expect(create?.inputSchema).toMatchObject({
    properties: { query: { properties: { dry: { type: 'boolean' } } }, body: { $ref: '#/$defs/Deal' } },
    $defs: { Deal: { properties: { name: { type: 'string' } } } },
  });
  expect(create?.outputSchema).toMatchObject({ $ref: '#/$defs/Deal' });
  expect(upload?.call).toMatchObject({ body: { kind: 'multipart', parts: { file: { file: true } } } });
});

test('without schemes it is called as its document was loaded, and otherwise by https', async () => {
  expect((await convert(aDocument(), 'http://127.0.0.1:8080/swagger.json')).baseUrl).toBe('http://api.old.io/v1');
  expect((await convert(aDocument({ schemes: ['http', 'https'] }))).baseUrl).toBe('https://api.old.io/v1');
  expect((await convert(aDocument({ host: undefined }), 'https://old.io/swagger.json')).baseUrl).toBe(
    'https://old.io/v1',
  );
});

test('documents of other versions stay as they are', async () => {
  const root = { openapi: '3.0.0', paths: {} };
  expect(await upgradeSwagger(root, undefined, () => {})).toBe(root);
});

test.each([{ paths: { '/a': { get: null } } }, { paths: { '/a': { parameters: 4 } } }])(
  '%j cannot be converted, and the refusal is a fault of the document',
  async (more) => {
    await expect(convert(aDocument(more as Node))).rejects.toMatchObject({ code: 'openapi_invalid' });
  },
);

test.each(['host', 'basePath'])('a %s of 2,001 characters is refused by its own name', async (key) => {
  const call = convert(aDocument({ [key]: '/'.repeat(2_001) }));
  await expect(call).rejects.toMatchObject({ findings: [{ pointer: `/${key}` }] });
});
