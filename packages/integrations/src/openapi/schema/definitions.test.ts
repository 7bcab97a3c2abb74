import { expect, test } from 'vitest';
import type { Context } from '../document/document.ts';
import { writeDefinitions } from './definitions.ts';
import { newDraft } from './draft.ts';
import { writeSchema } from './schema.ts';

const PERSON = '#/components/schemas/Person';
const ADDRESS = '#/components/schemas/Address';
const OTHER_ADDRESS = '#/components/parameters/Address';
const budget = { bytes: 10_000, subschemas: 100 };

/** A document with a person who has an address, and the number of times that the person was read. */
function aDocument(required?: unknown) {
  let reads = 0;
  const person = {
    type: 'object',
    get properties() {
      reads++;
      return { address: { $ref: ADDRESS } };
    },
    ...(required !== undefined && { required }),
  };
  const address = { type: 'object', properties: { street: { type: 'string' } } };
  const warnings: string[] = [];
  const context: Context = {
    root: {
      components: { schemas: { Person: person, Address: address }, parameters: { Address: { type: 'string' } } },
    },
    version: '3.1',
    warn: (pointer, message) => void warnings.push(`${pointer}: ${message}`),
  };
  return { context, warnings, reads: () => reads };
}

/** The definitions to which the schemas of a tool refer, in this order. */
function definitionsOf(context: Context, refs: readonly string[], bytes = budget.bytes) {
  const draft = newDraft('input');
  for (const $ref of refs) writeSchema(context, draft, { $ref }, { pointer: '', isClosed: true });
  return writeDefinitions(context, draft, { ...budget, bytes });
}

test('a definition of many tools is written once', () => {
  const { context, reads } = aDocument();
  const first = definitionsOf(context, [PERSON]);
  const readsOfOne = reads();
  const second = definitionsOf(context, [PERSON]);
  expect(second).toEqual(first);
  expect(Object.keys(second.definitions)).toEqual(['Person', 'Address']);
  expect(reads()).toBe(readsOfOne);
});

test('a definition is written again where its references have other names', () => {
  const { context } = aDocument();
  definitionsOf(context, [PERSON]);
  const { definitions } = definitionsOf(context, [OTHER_ADDRESS, PERSON]);
  expect(definitions).toMatchObject({
    Address: { type: 'string' },
    Person: { properties: { address: { $ref: '#/$defs/Address_2' } } },
    Address_2: { properties: { street: { type: 'string' } } },
  });
});

test('a definition over the budget of a second tool is cut there, with those that only it refers to', () => {
  const { context } = aDocument();
  definitionsOf(context, [PERSON]);
  expect(definitionsOf(context, [PERSON], 20)).toEqual({ definitions: { Person: {} }, cut: 1 });
});

test('each tool warns of the faults of a definition', () => {
  const { context, warnings } = aDocument('street');
  definitionsOf(context, [PERSON]);
  definitionsOf(context, [PERSON]);
  expect(warnings).toHaveLength(2);
  expect(warnings[1]).toBe(warnings[0]);
});
