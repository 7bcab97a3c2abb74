import type { DescribedTool, Json, RequestSettings } from '@errand/contracts';
import { expect, test } from 'vitest';
import { ArgumentsFault } from '../execute/arguments-fault.ts';
import { withFixedArguments } from '../execute/fixed-request.ts';
import type { HttpCall } from '../execute/http-call.ts';
import { convertedDocument } from '../testing/fixtures/converted-document.ts';

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
