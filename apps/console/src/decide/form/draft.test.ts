import { expect, test } from 'vitest';
import {
  changesOf,
  type Draft,
  faultsOf,
  fieldText,
  hasChanges,
  jsonFault,
  newDraft,
  toJson,
  withJson,
  withReset,
  withText,
} from './draft.ts';
import { fieldsOf } from './fields.ts';
import type { Json } from './json.ts';

const schema = {
  type: 'object',
  required: ['body'],
  properties: {
    body: {
      type: 'object',
      required: ['subject'],
      properties: {
        subject: { type: 'string' },
        amount: { type: 'number' },
        due: { type: ['string', 'null'], format: 'date' },
        open: { type: 'boolean' },
        rank: { enum: [1, '1', null] },
        tags: { type: 'array', items: { type: 'string' } },
        kinds: { type: 'array', items: { enum: ['a', 'b'] } },
        owner: { type: 'object', properties: { id: { type: 'string' } } },
        rows: { type: 'array', items: { type: 'object' } },
      },
    },
  },
};
const planned = {
  body: {
    subject: ' Call \r\n Ann',
    amount: 1e21,
    due: null,
    open: false,
    rank: '1',
    tags: ['x', 'y'],
    kinds: ['b'],
    rows: [{ a: 1 }],
    more: { kept: true },
  },
  unknown: [null],
};

const field = (pointer: string, values: Json | undefined = planned) =>
  fieldsOf(schema, values).find((each) => each.pointer === pointer)!;
const enter = (draft: Draft, pointer: string, text: string) => withText(draft, field(pointer), text);

test('showing the arguments changes nothing', () => {
  const draft = newDraft(planned);
  for (const each of fieldsOf(schema, planned)) fieldText(draft, each);
  expect(draft.values).toBe(planned);
  expect(hasChanges(draft)).toBe(false);
});

test.each(fieldsOf(schema, planned).map(({ pointer }) => pointer))(
  'entering the same text again changes nothing: %s',
  (pointer) => {
    const draft = newDraft(planned);
    const again = enter(draft, pointer, fieldText(draft, field(pointer)));
    expect(hasChanges(again)).toBe(false);
    expect(JSON.stringify(again.values)).toBe(JSON.stringify(planned));
  },
);

test('changes keep all other arguments, and each can be reset', () => {
  let draft = newDraft(planned);
  for (const [pointer, text] of [
    ['/body/subject', 'Call Bob'],
    ['/body/amount', '12.50'],
    ['/body/rank', '0'],
    ['/body/tags', 'x\n\n z '],
    ['/body/owner/id', 'u1'],
  ] as const)
    draft = enter(draft, pointer, text);
  expect(draft.values).toEqual({
    ...planned,
    body: { ...planned.body, subject: 'Call Bob', amount: 12.5, rank: 1, tags: ['x', 'z'], owner: { id: 'u1' } },
  });
  expect(fieldText(draft, field('/body/amount'))).toBe('12.50');
  const changes = changesOf(draft, schema);
  expect(changes.map(({ pointer, from, to }) => [pointer, from, to])).toEqual([
    ['/body/subject', ' Call \r\n Ann', 'Call Bob'],
    ['/body/amount', 1e21, 12.5],
    ['/body/rank', '1', 1],
    ['/body/tags', ['x', 'y'], ['x', 'z']],
    ['/body/owner/id', undefined, 'u1'],
  ]);
  for (const change of changes) draft = withReset(draft, change);
  expect(draft.values).toEqual(planned);
});

test('a number keeps its text until it is valid', () => {
  let draft = enter(newDraft(planned), '/body/amount', '1.');
  expect(fieldText(draft, field('/body/amount'))).toBe('1.');
  expect(draft.values).toBe(planned);
  expect(faultsOf(draft, fieldsOf(schema, planned))['/body/amount']).toContain('number');
  draft = enter(draft, '/body/amount', '1.5');
  expect(draft.values).toMatchObject({ body: { amount: 1.5 } });
  expect(faultsOf(enter(draft, '/body/amount', '9007199254740993'), [field('/body/amount')])).not.toEqual({});
});

test('empty fields are left out, or null again where null was planned', () => {
  let draft = enter(newDraft(planned), '/body/owner/id', 'u1');
  draft = enter(draft, '/body/owner/id', '');
  expect(hasChanges(draft)).toBe(false);
  draft = enter(draft, '/body/due', '2027-01-31');
  expect(draft.values).toMatchObject({ body: { due: '2027-01-31' } });
  expect(hasChanges(enter(draft, '/body/due', ''))).toBe(false);
  const without = enter(newDraft(planned), '/body/subject', '');
  expect(without.values).not.toHaveProperty(['body', 'subject']);
  expect(faultsOf(without, fieldsOf(schema, planned))).toEqual({ '/body/subject': 'Required.' });
});

test('the JSON editor shows all arguments; a fault names its place and keeps the last valid ones', () => {
  const draft = withJson(toJson(newDraft(planned)), '{\n  "body": }');
  expect(jsonFault(draft)).toMatch(/^Line 2, column 11: /);
  expect(draft.values).toBe(planned);
  const edited = withJson(draft, '{"body":{"subject":"x"},"z":1}');
  expect(edited.values).toEqual({ body: { subject: 'x' }, z: 1 });
  expect(changesOf(edited, schema).map(({ pointer }) => pointer)).toContain('/z');
});

test('names that objects have by nature are ordinary names', () => {
  const odd = JSON.parse('{"__proto__":{"a":1},"constructor":"x","toString":2}');
  const loose = { properties: JSON.parse('{"__proto__":{"type":"object","properties":{"a":{"type":"integer"}}}}') };
  const fields = fieldsOf(loose, odd);
  expect(fields.map(({ pointer }) => pointer)).toEqual(['/__proto__/a', '/constructor', '/toString']);
  const changed = withText(newDraft(odd), fields[0]!, '2');
  expect(JSON.stringify(changed.values)).toBe('{"__proto__":{"a":2},"constructor":"x","toString":2}');
});
