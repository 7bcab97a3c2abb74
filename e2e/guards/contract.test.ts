// The guard that compares the contract with that of the last release.
import { describe, expect, test } from 'vitest';
import { RELEASED_CONTRACT, releasedText, unexplainedChanges } from '../../scripts/guards/contract.mjs';

type Schema = Record<string, unknown>;

const text = { type: 'string' };
const object = (properties: Record<string, Schema>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const json = (schema: Schema, more: Schema = {}) => ({ content: { 'application/json': { schema } }, ...more });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** A document as the last release had it. */
const released = () => ({
  paths: {
    '/v1/things': {
      get: {
        parameters: [{ in: 'query', name: 'kind', schema: { enum: ['small', 'big'] } }] as Schema[],
        responses: { 200: json({ type: 'array', items: ref('Thing') }), 404: json(text) } as Record<string, Schema>,
      },
      post: {
        'x-required-scope': 'things:write',
        requestBody: json(ref('NewThing'), { required: false }) as Schema,
        responses: { 201: json({ oneOf: [ref('Thing'), ref('Gone')] }) } as Record<string, Schema>,
      },
    } as Record<string, Schema>,
    '/v1/nested': {
      get: { responses: { 200: json(ref('Nested')) } },
      put: { responses: { 200: json(ref('Nested')) } },
    },
  } as Record<string, Record<string, Schema>>,
  components: {
    schemas: {
      Thing: object(
        { id: text, size: { type: ['number', 'null'] }, state: { enum: ['on', 'off'] }, parts: ref('Parts') },
        ['id', 'size'],
      ),
      Parts: { type: 'array', items: { allOf: [ref('Thing'), { description: 'A part.' }] } },
      Mixed: { oneOf: [object({ sort: { const: 'a' }, left: text }), object({ sort: { const: 'b' }, right: text })] },
      Nested: {
        type: ['object', 'null'],
        properties: { mixed: ref('Mixed'), inner: { allOf: [ref('Nested'), object({ more: text })] } },
      },
      Gone: object({ state: { const: 'gone' }, at: text }),
      NewThing: object({ name: { ...text, maxLength: 100 }, url: { ...text, format: 'uri' }, notes: text }, ['name']),
    } as Record<string, Schema>,
  },
});
type Document = ReturnType<typeof released>;
type Change = (document: Document) => unknown;

const RELEASE = releasedText(released(), '1.2.3');
function faultsAfter(change: Change, page = ''): string[] {
  const document = released();
  change(document);
  return unexplainedChanges([
    { path: RELEASED_CONTRACT, text: RELEASE },
    { path: 'openapi.json', text: JSON.stringify(document) },
    { path: 'docs/upgrading.md', text: page },
  ]);
}
const change =
  (name: string, properties: Record<string, Schema | undefined>): Change =>
  ({ components: { schemas } }) =>
    Object.assign(schemas[name]!.properties as object, properties);
const schema =
  (name: string, more: Schema): Change =>
  ({ components: { schemas } }) =>
    Object.assign(schemas[name]!, more);
const operation =
  (method: 'get' | 'post', more: Schema): Change =>
  ({ paths }) =>
    Object.assign(paths['/v1/things']![method]!, more);

const breaking: [string, string, Change][] = [
  ['a path is gone', 'GET /v1/things: the operation is gone', ({ paths }) => delete paths['/v1/things']!.get],
  [
    'a list becomes an object',
    'GET /v1/things 200: array became object',
    operation('get', { responses: { 200: json(object({ things: ref('Parts') })) } }),
  ],
  [
    'the status changes',
    'POST /v1/things 201: it is gone',
    operation('post', { responses: { 202: json(ref('Thing')) } }),
  ],
  [
    'an answer has no body any more',
    'GET /v1/things 200: array became nothing',
    operation('get', { responses: { 200: {} } }),
  ],
  ['a query parameter is gone', 'GET /v1/things query kind: it is gone', operation('get', { parameters: [] })],
  [
    'a query value is gone',
    'GET /v1/things query kind: values are gone: big',
    operation('get', { parameters: [{ in: 'query', name: 'kind', schema: { enum: ['small'] } }] }),
  ],
  [
    'a parameter is new and required',
    'GET /v1/things header x-a: it is required',
    operation('get', {
      parameters: [
        ...(released().paths['/v1/things']!.get!.parameters as Schema[]),
        { in: 'header', name: 'x-a', required: true, schema: text },
      ],
    }),
  ],
  [
    'the body becomes required',
    'POST /v1/things body: it is required',
    operation('post', { requestBody: json(ref('NewThing'), { required: true }) }),
  ],
  [
    'another scope is needed',
    'POST /v1/things scope: values are gone: things:write',
    operation('post', { 'x-required-scope': 'admin' }),
  ],
  ['a field of answers is gone', 'Thing.id: it is gone', change('Thing', { id: undefined })],
  [
    'a field of answers changes its type',
    'Thing.id: string became number',
    change('Thing', { id: { type: 'number' } }),
  ],
  [
    'a field of answers may be null',
    'Thing.id: string became string or null',
    change('Thing', { id: { type: ['string', 'null'] } }),
  ],
  ['a field of answers may be absent', 'Thing.id: it may be absent', schema('Thing', { required: ['size'] })],
  [
    'a value of answers is renamed',
    'Thing.state: values are gone: off',
    change('Thing', { state: { enum: ['on', 'idle'] } }),
  ],
  [
    'an alternative of answers is gone',
    'POST /v1/things 201: object gone became object',
    operation('post', { responses: { 201: json(ref('Thing')) } }),
  ],
  ['a field of an alternative is gone', 'Gone.at: it is gone', change('Gone', { at: undefined })],
  ['a field of requests is gone', 'NewThing.notes: it is gone', change('NewThing', { notes: undefined })],
  [
    'a field of requests becomes required',
    'NewThing.notes: it is required',
    schema('NewThing', { required: ['name', 'notes'] }),
  ],
  [
    'a new field of requests is required',
    'NewThing.extra: it is required',
    (document) => {
      change('NewThing', { extra: text })(document);
      schema('NewThing', { required: ['name', 'extra'] })(document);
    },
  ],
  [
    'a field of requests takes fewer types',
    'NewThing.notes: string became number',
    change('NewThing', { notes: { type: 'number' } }),
  ],
  [
    'a field of requests takes listed values alone',
    'NewThing.notes: values are gone: others',
    change('NewThing', { notes: { enum: ['a'] } }),
  ],
  [
    'a field of requests has a lower limit',
    'NewThing.name: maxLength became 50',
    change('NewThing', { name: { ...text, maxLength: 50 } }),
  ],
  [
    'a field of requests has a first limit',
    'NewThing.notes: maxLength became 50',
    change('NewThing', { notes: { ...text, maxLength: 50 } }),
  ],
  [
    'a field of requests gets a format',
    'NewThing.notes: it must be uri',
    change('NewThing', { notes: { ...text, format: 'uri' } }),
  ],
];

const harmless: [string, Change][] = [
  ['nothing', () => {}],
  [
    'an operation is new',
    ({ paths }) => Object.assign(paths, { '/v1/more': { get: released().paths['/v1/things']!.get! } }),
  ],
  ['a field of answers is new', change('Thing', { more: text })],
  ['a field of answers is always there', schema('Thing', { required: ['id', 'size', 'state'] })],
  ['a field of answers is never null', change('Thing', { size: { type: 'integer' } })],
  ['answers have another value', change('Thing', { state: { enum: ['on', 'off', 'idle'] } })],
  [
    'answers have another alternative',
    operation('post', {
      responses: { 201: json({ oneOf: [ref('Thing'), ref('Gone'), object({ state: { const: 'new' } })] }) },
    }),
  ],
  ['a field of requests is new', change('NewThing', { more: text })],
  ['a field of requests takes null', change('NewThing', { notes: { type: ['string', 'null'] } })],
  ['a field of requests has a higher limit', change('NewThing', { name: { ...text, maxLength: 200 } })],
  ['a field of requests has limits that exclude nothing', change('NewThing', { notes: { ...text, minLength: 0 } })],
  ['a format is replaced by its minimum', change('NewThing', { url: { ...text, minLength: 1 } })],
  [
    'a schema has another name',
    ({ components: { schemas }, paths }) => {
      schemas.Renamed = schemas.NewThing!;
      Object.assign(paths['/v1/things']!.post!, { requestBody: json(ref('Renamed')) });
    },
  ],
  [
    'words change',
    ({ components: { schemas } }) => Object.assign(schemas.Thing!, { description: 'Another.', title: 'Other' }),
  ],
];

describe('a change of the contract', () => {
  test.each(breaking)('is refused without an entry, and accepted with one: %s', (_, fault, change) => {
    const faults = faultsAfter(change);
    expect(faults).toEqual([expect.stringContaining(`openapi.json: ${fault}`)]);
    const changedPlace = fault.split(': ')[0];
    const page = (release: string) =>
      `## Changes\n\n### From ${release}\n\n| \`${changedPlace}\` | before |\n\n## More\n`;
    expect(faultsAfter(change, page('1.2.3'))).toEqual([]);
    expect(faultsAfter(change, page('1.2.2'))).toHaveLength(1);
    expect(faultsAfter(change, page('1.2.3').replaceAll(changedPlace!, `${changedPlace}x`))).toHaveLength(1);
  });

  test.each(harmless)('is accepted: %s', (_, change) => expect(faultsAfter(change)).toEqual([]));
});

test('a change of a schema without alternatives has one entry, and others one for each operation', () => {
  const changedPlaces = (name: string, properties: Record<string, Schema | undefined>) =>
    faultsAfter(change(name, properties)).map((fault) => fault.split(': ')[1]);
  expect(changedPlaces('Thing', { id: undefined })).toEqual(['Thing.id']);
  const lost = { oneOf: [object({ sort: { const: 'a' }, left: text }), object({ sort: { const: 'b' } })] };
  expect(changedPlaces('Nested', { mixed: lost })).toEqual(
    expect.arrayContaining(['GET /v1/nested 200.mixed.right', 'PUT /v1/nested 200.mixed.right']),
  );
});

test('the recorded contract has no words, and properties with names of keywords', () => {
  const document = released();
  change('Thing', { description: { ...text, description: 'Secret.' }, default: text })(document);
  const recorded = releasedText(document, '2.0.0');
  expect(recorded).not.toMatch(/Secret|A part/);
  expect(recorded).toContain('"description":{"type":"string"},"default":{"type":"string"}');
});

test('a missing record is a fault', () => {
  expect(unexplainedChanges([])).toEqual([expect.stringContaining(`${RELEASED_CONTRACT} is missing`)]);
});
