import type { DescribedTool, Json, RequestSettings } from '@errand/contracts';
import { expect, test } from 'vitest';
import { ArgumentsFault } from '../execute/arguments-fault.ts';
import { hasProperty, withFixedArguments } from '../execute/fixed-request.ts';
import type { HttpCall } from '../execute/http-call.ts';
import { convertedDocument } from '../testing/fixtures/converted-document.ts';
import { hideFixed } from './hide-fixed.ts';

const parameter = (name: string, where: string, required = true) => ({
  name,
  in: where,
  required,
  schema: { type: 'string' },
});
const sender = { sender: { type: 'string' }, text: { type: 'string' } };
const document = {
  openapi: '3.1.0',
  info: { title: 'Messages', version: '1' },
  servers: [{ url: 'https://messages.example.com' }],
  components: {
    schemas: {
      Sender: { type: 'object', properties: { sender: sender.sender }, required: ['sender'] },
      Message: {
        allOf: [
          { $ref: '#/components/schemas/Sender' },
          { type: 'object', properties: { text: sender.text }, required: ['text'] },
        ],
      },
    },
  },
  paths: {
    '/{account}/messages': {
      parameters: [parameter('account', 'path')],
      get: {
        operationId: 'list',
        parameters: [parameter('Version', 'header'), parameter('alt', 'query'), parameter('page', 'query', false)],
      },
      post: {
        operationId: 'send',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Message' } } },
        },
      },
      delete: { operationId: 'clear' },
    },
  },
};

const convert = (requestSettings: RequestSettings) => {
  const { tools, warnings } = convertedDocument(document, { customerIntegrationId: 'm', requestSettings });
  const tool = (name: string) =>
    tools.find(({ operation }) => operation === name) as DescribedTool & { call: HttpCall };
  return { tool, warnings };
};
const settings: RequestSettings = {
  headers: { version: '2026-01' },
  query: { alt: 'json' },
  arguments: { '*': { account: 'A', sender: 'me' }, list: { page: null } },
};

test('no schema contains what the integration sets or hides, and the requests keep how to write it', () => {
  const { tool } = convert(settings);
  expect(tool('list').inputSchema).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  expect(tool('clear').inputSchema).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  expect(JSON.stringify(tool('send').inputSchema.properties)).not.toMatch(/sender|account/);
  expect(JSON.stringify(tool('send').inputSchema.properties)).toContain('"required":["text"]');
  expect(tool('send').inputSchema.required).toEqual(['body']);
  expect(tool('send').call.hiddenBody).toEqual(['sender']);
  expect(tool('list').call.parameters.map(({ name }) => name)).toEqual(['account', 'Version', 'alt', 'page']);
});

test('other tools, and integrations without settings, stay as they are', () => {
  expect(convert({}).tool('send')).toEqual(convert({ arguments: { list: { page: null } } }).tool('send'));
});

test('an operation that the document lacks is a warning', () => {
  expect(convert({ arguments: { lst: { page: null } } }).warnings).toContain(
    '/arguments: The document has no operation "lst".',
  );
});

const fixed = {
  headers: {},
  query: {},
  arguments: { account: 'A', sender: 'me', token: null, unknown: 1 } as Record<string, Json>,
  secrets: [],
};

test('a fixed argument is sent where the operation has it, and nowhere else', () => {
  const { tool } = convert(settings);
  expect(withFixedArguments(tool('send'), { body: { text: 'Hi' } }, fixed, false)).toEqual({
    path: { account: 'A' },
    body: { text: 'Hi', sender: 'me' },
  });
  expect(withFixedArguments(tool('clear'), {}, fixed, false)).toEqual({ path: { account: 'A' } });
});

test('a plan cannot set it, whether the schema has it or not', () => {
  for (const { tool } of [convert(settings), convert({})]) {
    expect(() => withFixedArguments(tool('send'), { body: { sender: 'you' } }, fixed, false)).toThrow(ArgumentsFault);
    expect(() => withFixedArguments(tool('clear'), { path: { account: 'B' } }, fixed, false)).toThrow(ArgumentsFault);
  }
});

test('a secret one is not sent to another origin', () => {
  const secret = { ...fixed, arguments: { account: 'x s3cr3t' }, secrets: ['s3cr3t'] };
  expect(() => withFixedArguments(convert({}).tool('clear'), {}, secret, true)).toThrow(ArgumentsFault);
});

/** A schema of layers; each node of a layer refers to all nodes of the next one by each keyword. `visits` counts reads of `properties`. */
function layered(layers: number, width: number, last: Record<string, unknown>) {
  const visits = { count: 0 };
  const $defs: Record<string, Record<string, unknown>> = {};
  for (let layer = 0; layer < layers; layer++)
    for (let n = 0; n < width; n++) {
      const refs = Array.from({ length: width }, (_, m) => ({ $ref: `#/$defs/l${layer + 1}n${m}` }));
      const parts = layer + 1 < layers ? { allOf: refs, anyOf: refs, oneOf: refs } : {};
      $defs[`l${layer}n${n}`] = Object.defineProperty({ ...parts }, 'properties', {
        enumerable: true,
        get: () => {
          visits.count++;
          return layer + 1 < layers ? {} : last;
        },
      });
    }
  const inputSchema = { type: 'object', properties: { body: { $ref: '#/$defs/l0n0' } }, $defs };
  return { inputSchema, visits };
}

test('a hostile schema is walked in proportion to its size, at each call and at the import', () => {
  const call = { parameters: [], body: {} } as unknown as HttpCall;
  const { inputSchema, visits } = layered(8, 2, { text: sender.text });
  withFixedArguments({ inputSchema, call }, {}, { ...fixed, arguments: { sender: 'me' } }, false);
  expect(visits.count).toBeLessThanOrEqual(2 * 8 * 2);
  const { inputSchema: withSender, visits: imported } = layered(8, 2, sender);
  const tool = { operation: 'send', inputSchema: withSender, call } as unknown as DescribedTool;
  const hidden = hideFixed(tool, { arguments: { send: { sender: 'me' } } });
  expect(imported.count).toBeLessThanOrEqual(8 * 8 * 2);
  const text = JSON.stringify(hidden.inputSchema);
  expect(text.length).toBeLessThan(3 * JSON.stringify(withSender).length);
  const { body } = hidden.inputSchema.properties as { body: Record<string, unknown> };
  expect(hasProperty(hidden.inputSchema, body, 'sender')).toBe(false);
  expect(hasProperty(hidden.inputSchema, body, 'text')).toBe(true);
});
