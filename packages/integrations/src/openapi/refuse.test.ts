import { describe, expect, it } from 'vitest';
import { convertedDocument } from '../testing/fixtures/converted-document.ts';

const answer = { responses: { 200: { description: 'ok' } } };
const document = (more: object = {}) => ({
  openapi: '3.0.3',
  info: { title: 'Deals', version: '1' },
  servers: [{ url: 'https://api.example.com/v1' }],
  paths: { '/deals': { get: { operationId: 'listDeals', ...answer } } },
  ...more,
});
const faultOf = (value: unknown) => {
  try {
    convertedDocument(value);
  } catch (error) {
    return error as { code: string; message: string; findings: { pointer: string }[] };
  }
  throw new Error('It was taken.');
};

const long = `https://api.example.com/${'/'.repeat(1_976)}a`;
const manyPaths = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`/p${i}/{id}`, { get: { operationId: `op${i}`, ...answer } }]),
  );

describe('documents that are refused', () => {
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`),
  ].join('\n');
  it.each([
    ['version 1.2', { swagger: '1.2', paths: {} }, 'openapi_invalid', '/openapi'],
    ['a discovery document', { kind: 'discovery#restDescription' }, 'openapi_invalid', '/kind'],
    ['no version', { paths: {} }, 'openapi_invalid', '/openapi'],
    ['version 4', document({ openapi: '4.0.0' }), 'openapi_invalid', '/openapi'],
    ['no paths', document({ paths: undefined }), 'openapi_invalid', '/paths'],
    ['no operations', document({ paths: {} }), 'openapi_invalid', '/paths'],
    ['no servers', document({ servers: [] }), 'openapi_invalid', '/servers'],
    ['a relative server without a url', document({ servers: [{ url: '/v1' }] }), 'openapi_invalid', '/servers'],
    [
      'remote $ref',
      document({ components: { schemas: { A: { $ref: 'https://evil.example/a.json' } } } }),
      'openapi_invalid',
      '/components/schemas/A/$ref',
    ],
    ['file $ref', document({ paths: { '/a': { $ref: './a.yaml' } } }), 'openapi_invalid', '/paths/~1a/$ref'],
    ['2 001 operations', document({ paths: manyPaths(2_001) }), 'openapi_too_large', undefined],
    ['deep JSON', deep, 'openapi_invalid', undefined],
    ['alias bomb', bomb, 'openapi_invalid', ''],
    ['custom tag', 'openapi: !!js/function "x"', 'openapi_invalid', ''],
    [
      'a server of 2,001 characters',
      document({ servers: [{ url: 'https://api.example.com' }, { url: long }] }),
      'openapi_invalid',
      '/servers/1/url',
    ],
    [
      'a server that becomes long by its variables',
      document({
        servers: [{ url: 'https://api.example.com/{a}{a}', variables: { a: { default: 'a'.repeat(1_000) } } }],
      }),
      'openapi_invalid',
      '/servers/0/url',
    ],
    [
      'a long server of a path',
      document({ servers: [], paths: { '/a': { servers: [{ url: long }], get: answer } } }),
      'openapi_invalid',
      '/paths/~1a/servers/0/url',
    ],
    [
      'a long server of an operation',
      document({ paths: { '/a': { get: { servers: [{ url: long }], ...answer } } } }),
      'openapi_invalid',
      '/paths/~1a/get/servers/0/url',
    ],
    ...['authorizationUrl', 'tokenUrl', 'refreshUrl'].map((key): [string, object, string, string] => [
      `a long ${key}, although another flow is used`,
      document({
        components: {
          securitySchemes: { o: { type: 'oauth2', flows: { authorizationCode: {}, implicit: { [key]: long } } } },
        },
      }),
      'openapi_invalid',
      `/components/securitySchemes/o/flows/implicit/${key}`,
    ]),
    [
      'a long openIdConnectUrl',
      document({ components: { securitySchemes: { o: { type: 'openIdConnect', openIdConnectUrl: long } } } }),
      'openapi_invalid',
      '/components/securitySchemes/o/openIdConnectUrl',
    ],
    ['no object', '[1]', 'openapi_invalid', ''],
    ['no text', '', 'openapi_invalid', ''],
    ['broken YAML', 'a: [', 'openapi_invalid', ''],
  ])('%s', (_name, value, code, pointer) => {
    const fault = faultOf(value);
    expect(fault.code).toBe(code);
    if (pointer !== undefined) expect(fault.findings[0]?.pointer).toBe(pointer);
  });
});

it('names the AWS protocols that it cannot call', () => {
  const paths = {
    '/#Action=AddPermission': { get: { operationId: 'GET_AddPermission', ...answer } },
    '/#X-Amz-Target=DynamoDB_20120810.BatchGetItem': { post: { operationId: 'BatchGetItem', ...answer } },
  };
  const { code, message, findings } = faultOf(document({ paths }));
  expect(code).toBe('openapi_invalid');
  expect(message).toContain('AWS query or JSON protocol, by `Action` or `X-Amz-Target`');
  expect(findings[0]?.pointer).toBe('/paths/~1#Action=AddPermission');
  const mixed = document({ paths: { ...paths, '/tags': { get: { operationId: 'tags', ...answer } } } });
  expect(convertedDocument(mixed).tools).toHaveLength(1);
});

it('leaves out an operation whose form is a list, which has no names for its parts', () => {
  const file = { type: 'string', format: 'binary' };
  const requestBody = { content: { 'multipart/form-data': { schema: { type: 'array', items: file } } } };
  const paths = {
    '/attachments': { post: { operationId: 'addAttachment', requestBody, ...answer } },
    '/deals': { get: { operationId: 'listDeals', ...answer } },
  };
  const { tools, warnings } = convertedDocument(document({ paths }));
  expect(tools.map(({ operation }) => operation)).toEqual(['listDeals']);
  expect(warnings.join()).toContain('a form must be an object');
  const content = { ...requestBody.content, 'application/json': { schema: { type: 'object' } } };
  const other = { '/attachments': { post: { operationId: 'addAttachment', requestBody: { content }, ...answer } } };
  expect(convertedDocument(document({ paths: other })).tools[0]?.call).toMatchObject({ body: { kind: 'json' } });
});

it('an address of 2,000 characters is taken, and the refusal of a longer one states the limit', () => {
  const { baseUrl } = convertedDocument(document({ servers: [{ url: long.slice(0, 2_000).replace(/\/$/, 'a') }] }));
  expect(baseUrl).toHaveLength(2_000);
  expect(faultOf(document({ servers: [{ url: long }] })).message).toBe('An address may have at most 2,000 characters.');
});
