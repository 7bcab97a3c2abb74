import type { Json } from '@errand/contracts';
import { expect, test } from 'vitest';
import { type ArgumentField, argumentFields } from '../pages/html/argument-form.ts';
import { editedArgs } from './edited-args.ts';

const schema = {
  type: 'object',
  properties: {
    path: { type: 'object', properties: { dealId: { type: 'string' } }, required: ['dealId'] },
    body: {
      type: 'object',
      properties: {
        subject: { type: 'string', description: 'What it is *about*.' },
        amount: { type: 'integer' },
        rate: { type: 'number' },
        urgent: { type: 'boolean' },
        stage: { $ref: '#/$defs/Stage' },
        tags: { type: 'array', items: { type: 'string' } },
        lines: { type: 'array', items: { type: 'object' } },
        note: { type: 'string' },
        owner: { type: 'object', properties: { name: { type: 'string' } } },
      },
      required: ['subject'],
    },
  },
  $defs: { Stage: { type: 'string', enum: ['open', 'won'] } },
};
const args: { [key: string]: Json } = {
  path: { dealId: 'dea_1' },
  body: {
    subject: 'Call',
    amount: 5,
    rate: 0.5,
    urgent: true,
    stage: 'open',
    tags: ['a', 'b'],
    lines: [{ sku: 'x' }],
    owner: { name: 'Ada' },
    extra: 'as it is',
  },
};

test('each argument becomes a field by its schema and its value; what could be set besides follows', () => {
  expect(argumentFields(args, schema)!.map(({ pointer, kind, isPresent }) => [pointer, kind, isPresent])).toEqual([
    ['/path/dealId', 'text', true],
    ['/body/subject', 'text', true],
    ['/body/amount', 'integer', true],
    ['/body/rate', 'number', true],
    ['/body/urgent', 'boolean', true],
    ['/body/stage', 'choice', true],
    ['/body/tags', 'list', true],
    ['/body/lines', 'json', true],
    ['/body/owner/name', 'text', true],
    ['/body/extra', 'text', true],
    ['/body/note', 'text', false],
  ]);
});

const edit = (entered: Record<string, string>, of: Json = args) =>
  editedArgs(of, argumentFields(of, schema)!, new Map(Object.entries(entered)));

test('a form that is sent as it was shown changes nothing', () => {
  const sent = Object.fromEntries(argumentFields(args, schema)!.map(({ pointer, value }) => [pointer, value]));
  expect(edit(sent)).toEqual({ args, faults: [] });
  expect(edit({})).toEqual({ args, faults: [] });
  const lines = { ...args, body: { subject: 'two\nlines' } };
  expect(edit({ '/body/subject': 'two\r\nlines' }, lines).args).toEqual(lines);
});

test('what is entered replaces the value, in its own type', () => {
  const entered = {
    '/body/amount': ' 7 ',
    '/body/rate': '1.25',
    '/body/urgent': 'false',
    '/body/stage': 'won',
    '/body/tags': 'b\r\n\r\nc',
    '/body/lines': '[{"sku":"y"}]',
    '/body/owner/name': 'Bo',
    '/body/note': 'new',
  };
  const { args: edited, faults } = edit(entered);
  expect(faults).toEqual([]);
  expect(edited.body).toEqual({
    subject: 'Call',
    amount: 7,
    rate: 1.25,
    urgent: false,
    stage: 'won',
    tags: ['b', 'c'],
    lines: [{ sku: 'y' }],
    owner: { name: 'Bo' },
    extra: 'as it is',
    note: 'new',
  });
  // The request itself stays what it was.
  expect((args.body as { amount: number }).amount).toBe(5);
});

test('an optional argument that is emptied is left out; a required one stays and is empty', () => {
  const { args: edited } = edit({ '/body/amount': '', '/body/subject': '' });
  expect(edited.body).not.toHaveProperty('amount');
  expect(edited.body).toHaveProperty('subject', '');
});

test.each([
  ['/body/amount', '1.5'],
  ['/body/amount', 'five'],
  ['/body/rate', '1e999'],
  ['/body/urgent', 'maybe'],
  ['/body/stage', 'lost'],
  ['/body/lines', '[{'],
])('%s cannot be %j', (pointer, text) => {
  const { args: same, faults } = edit({ [pointer]: text });
  expect([same, faults.map((fault) => fault.pointer)]).toEqual([args, [pointer]]);
});

test('fields that are not of the form are not looked at', () => {
  expect(edit({ '/body/admin': 'true', '/__proto__/x': '1', '/query/x': '1' })).toEqual({ args, faults: [] });
  const named = JSON.parse('{"body": {"__proto__": "a"}}') as { [key: string]: Json };
  const { args: edited } = editedArgs(named, argumentFields(named, { type: 'object' }) as ArgumentField[], new Map());
  expect(JSON.stringify(edited)).toBe('{"body":{"__proto__":"a"}}');
});

test.each<[what: string, args: Json]>([
  ['text that is not seen', { body: { subject: 'a\u202eb' } }],
  ['a line end that forms change', { body: { subject: 'a\r\nb' } }],
  ['a very long text', { body: { subject: 'x'.repeat(10_000) } }],
  ['very many', { body: Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`f${n}`, n])) }],
])('%s has no form', (_, args) => {
  expect(
    argumentFields(args, { type: 'object', properties: { body: { type: 'object', properties: { subject: {} } } } }),
  ).toBeUndefined();
});
