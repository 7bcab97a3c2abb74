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
const convert = convertedDocument;

describe('tools', () => {
  const schemaOf = (body: object, more: object = {}) =>
    convert(
      document({
        paths: {
          '/d': {
            post: { requestBody: { required: true, content: { 'application/json': { schema: body } } }, ...answer },
          },
        },
        ...more,
      }),
    ).tools[0]?.inputSchema as { properties: { body: object }; $defs?: Record<string, object> };

  it('have stable names of their own', () => {
    const paths = {
      '/a/{id}': { get: { ...answer }, put: { operationId: 'x y/z', ...answer } },
      '/b': {
        get: { operationId: 'same', ...answer },
        post: { operationId: 'same', ...answer },
        patch: { operationId: '__proto__', ...answer },
      },
      '/c': { get: { operationId: 'l'.repeat(80), ...answer } },
    };
    const names = convert(document({ paths })).tools.map(({ operation }) => operation);
    expect(names.slice(0, 3)).toEqual(['get_a_by_id', 'x_y_z', 'same']);
    expect(names[3]).toMatch(/^same_[0-9a-f]{6}$/);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(convert(document({ paths })).tools.map(({ operation }) => operation)).toEqual(names);
  });

  it('read by GET and write otherwise; a document alone cannot make a write a read', () => {
    const response = { 'x-errand-effect': 'read', ...answer };
    const paths = {
      '/a': {
        get: { 'x-errand-effect': 'write', ...answer },
        post: response,
        put: answer,
        patch: { 'x-errand-idempotent': true, ...answer },
      },
    };
    const effects = convert(document({ paths })).tools.map(
      ({ method, effect, idempotent }) => `${method} ${effect} ${idempotent}`,
    );
    expect(effects).toEqual(['GET write true', 'PUT write true', 'POST write false', 'PATCH write true']);
  });

  it('write by their words, and a POST that queries is proposed as a read', () => {
    const response = { 'x-errand-effect': 'read', ...answer };
    const paths = {
      '/keys.revoke': {
        get: { operationId: 'keys_revoke', ...response },
        post: { operationId: 'keys.revoke', ...answer },
      },
      '/users': { get: { operationId: 'getUsers', summary: 'Deletes all users', ...answer } },
      '/orders_qry': { post: { operationId: 'orders_qry', ...response } },
      '/stock': { post: { operationId: 'lookupStock', 'x-errand-effect': 'write', ...answer } },
    };
    const effects = convert(document({ paths })).tools.map((tool) => [
      tool.operation,
      tool.effect,
      tool.statedEffect,
      tool.proposedEffect,
    ]);
    expect(effects).toEqual([
      ['keys_revoke', 'write', 'read', undefined],
      [expect.stringMatching(/^keys_revoke_/), 'write', undefined, undefined],
      ['getUsers', 'write', 'read', undefined],
      ['orders_qry', 'write', undefined, 'read'],
      ['lookupStock', 'write', undefined, undefined],
    ]);
    expect(convert(document({ paths })).warnings).toEqual(
      expect.arrayContaining([
        '/paths/~1keys.revoke/get/x-errand-effect: Only the owner can declare a write as a read, not the document.',
        '/paths/~1users/get: It counts as a write, because its name or description says that it changes something.',
      ]),
    );
  });

  it('take 3.0 schemas as draft-07, closed, without readOnly members', () => {
    const schema = {
      type: 'object',
      required: ['id', 'name'],
      properties: {
        id: { type: 'string', readOnly: true },
        name: { type: 'string', nullable: true, example: 'A', enum: ['A', 'B'] },
        size: { type: 'integer', minimum: 0, exclusiveMinimum: true },
        bad: { type: 'strnig', pattern: '(?=x)', required: true },
      },
      discriminator: { propertyName: 'name' },
    };
    expect(schemaOf(schema).properties.body).toEqual({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: ['string', 'null'], examples: ['A'], enum: ['A', 'B', null] },
        size: { type: 'integer', exclusiveMinimum: 0 },
        bad: {},
      },
      additionalProperties: false,
    });
  });

  it('take 3.1 schemas as draft-07', () => {
    const schema = { type: ['array', 'null'], prefixItems: [{ const: 1 }], items: false, $comment: 'x' };
    expect(schemaOf(schema, { openapi: '3.1.0' }).properties.body).toEqual({
      type: ['array', 'null'],
      items: [{ const: 1 }],
      additionalItems: false,
    });
  });

  it('keep circles as references, with what is reachable only', () => {
    const schemas = {
      Node: {
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Node' } } },
      },
      Other: { type: 'object' },
    };
    const schema = schemaOf({ $ref: '#/components/schemas/Node' }, { components: { schemas } });
    expect(schema.properties.body).toEqual({ $ref: '#/$defs/Node' });
    expect(Object.keys(schema.$defs ?? {})).toEqual(['Node']);
    expect(schema.$defs?.Node).toMatchObject({
      additionalProperties: false,
      properties: { children: { items: { $ref: '#/$defs/Node' } } },
    });
  });

  it('merge an allOf of plain objects, and leave other parts of one open', () => {
    const schemas = { Base: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } };
    const part = { type: 'object', properties: { b: { type: 'string' } } };
    const merged = schemaOf({ allOf: [{ $ref: '#/components/schemas/Base' }, part] }, { components: { schemas } });
    expect(merged.properties.body).toMatchObject({
      properties: { a: {}, b: {} },
      required: ['a'],
      additionalProperties: false,
    });
    const open = schemaOf(
      { allOf: [{ $ref: '#/components/schemas/Base' }, { ...part, minProperties: 1 }] },
      { components: { schemas } },
    );
    expect(JSON.stringify(open.properties.body)).not.toContain('additionalProperties');
    expect(open.$defs?.Base).not.toHaveProperty('additionalProperties');
  });

  it('stay within the bounds of a schema however many definitions there are', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [
        `S${i}`,
        {
          type: 'object',
          properties: {
            a: { $ref: `#/components/schemas/S${(i * 2 + 1) % 3_000}` },
            b: { $ref: `#/components/schemas/S${(i * 2 + 2) % 3_000}` },
            text: { type: 'string', description: 'd'.repeat(60) },
          },
        },
      ]),
    );
    const schema = schemaOf({ $ref: '#/components/schemas/S0' }, { components: { schemas } });
    const text = JSON.stringify(schema);
    expect(text.length).toBeLessThan(64 * 1024);
    for (const [, name] of text.matchAll(/#\/\$defs\/(\w+)/g)) expect(schema.$defs).toHaveProperty(name as string);
  });

  it('never take the credential or a cookie as an argument', () => {
    const parameters = ['X-Key', 'Authorization', 'Accept', 'Host', 'X-Fine'].map((name) => ({
      name,
      in: 'header',
      schema: { type: 'string' },
    }));
    const imported = convert(
      document({
        components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
        paths: { '/a': { get: { parameters: [...parameters, { name: 'sid', in: 'cookie', schema: {} }], ...answer } } },
      }),
    );
    expect(imported.auth).toEqual({ type: 'API_TOKEN', in: 'header', name: 'X-Key', prefix: '' });
    expect(imported.tools[0]?.inputSchema).toMatchObject({ properties: { header: { properties: { 'X-Fine': {} } } } });
    expect(JSON.stringify(imported.tools[0]?.inputSchema).match(/X-Key|Authorization|Accept|Host|sid/)).toBeNull();
    expect(imported.warnings.join()).toContain('sid');
  });

  it('are not offered where the credential would have to leave the origin', () => {
    const imported = convert(
      document({
        components: { securitySchemes: { b: { type: 'http', scheme: 'bearer' } } },
        paths: { '/a': { get: answer }, '/b': { servers: [{ url: 'https://evil.example.net' }], get: answer } },
      }),
    );
    expect(imported.tools.map(({ path }) => path)).toEqual(['/a']);
    expect(imported.warnings.join()).toContain('another origin');
  });

  it('survive members that are called like those of every object', () => {
    const text = JSON.stringify(document()).replace('"info"', '"__proto__":{"polluted":true},"constructor":1,"info"');
    const { tools, warnings } = convert(text);
    expect(tools).toHaveLength(1);
    expect(warnings.join()).toContain('__proto__');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('come from YAML too, servers with variables, and merge keys do nothing', () => {
    const yaml = `
openapi: 3.1.0
info: {title: Y, version: "1"}
x-base: &base {get: {operationId: stolen}}
servers:
  - url: http://plain.example.com
  - url: https://{region}.example.com/{v}/
    variables: {region: {default: eu, enum: [eu, us]}, v: {default: v2}}
paths:
  /a:
    <<: *base
    get: {operationId: real, responses: {"200": {description: ok}}}
`;
    const imported = convert(yaml);
    expect(imported.baseUrl).toBe('https://eu.example.com/v2');
    expect(imported.tools.map(({ operation }) => operation)).toEqual(['real']);
  });

  it('of a thousand operations are read in less than a second of processor time', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [
        `S${i}`,
        {
          type: 'object',
          properties: { id: { type: 'string' }, next: { $ref: `#/components/schemas/S${(i + 1) % 400}` } },
        },
      ]),
    );
    const paths = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [
        `/r${i}/{id}`,
        {
          post: {
            operationId: `op${i}`,
            summary: 'Do',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            requestBody: {
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { a: { $ref: '#/components/schemas/S398' } } },
                },
              },
            },
            responses: {
              200: {
                content: {
                  'application/json': {
                    schema: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
                  },
                },
              },
            },
          },
        },
      ]),
    );
    const small = Object.fromEntries(
      Object.entries(schemas).map(([name]) => [name, { type: 'object', properties: { id: { type: 'string' } } }]),
    );
    const text = JSON.stringify(document({ paths, components: { schemas: small } }));
    const before = process.cpuUsage();
    expect(convert(text).tools).toHaveLength(1_000);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});
