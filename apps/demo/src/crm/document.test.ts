import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { type CrmDocument, documentOf } from './document.ts';
import { naming } from './naming.ts';
import type { Schema } from './schema.ts';
import { vocabulary } from './vocabulary.ts';

const documentFor = (seed: number): CrmDocument => ({
  ...documentOf(naming(vocabulary(seed))),
  servers: [{ url: 'http://127.0.0.1/v1', description: 'Test' }],
});
const operationsOf = ({ paths }: CrmDocument) => Object.values(paths).flatMap((item) => Object.values(item));
const duplicates = (names: string[]) => names.filter((name, index) => names.indexOf(name) !== index);
const count = (schema: Schema) => Object.keys(schema.properties ?? {}).length;

describe.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('the document under vocabulary %i', (seed) => {
  const document = documentFor(seed);
  const plain = documentFor(0);

  it('is valid OpenAPI 3.0', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('loses nothing to two names that are the same', () => {
    expect(duplicates(operationsOf(document).map(({ operationId }) => operationId))).toEqual([]);
    expect(Object.keys(document.paths)).toHaveLength(Object.keys(plain.paths).length);
    expect(Object.values(document.components.schemas).map(count)).toEqual(
      Object.values(plain.components.schemas).map(count),
    );
    for (const { parameters } of operationsOf(document))
      expect(duplicates(parameters.map(({ name }) => name))).toEqual([]);
  });

  it('resolves every reference', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    const missing = references.filter(
      ([, kind = '', name = '']) => !(document.components[kind] as object)[name as never],
    );
    expect(references.length).toBeGreaterThan(50);
    expect(missing).toEqual([]);
  });

  it('describes every operation and every parameter', () => {
    for (const { summary, description, parameters } of operationsOf(document)) {
      expect(summary.length).toBeGreaterThan(5);
      expect(description.length).toBeGreaterThan(10);
      expect(parameters.filter((parameter) => !parameter.description)).toEqual([]);
    }
  });
});

describe('vocabularies', () => {
  it('rename every operation, and never to the name of another plain one', () => {
    const plain = new Set(operationsOf(documentFor(0)).map(({ operationId }) => operationId));
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      expect(operationsOf(documentFor(seed)).filter(({ operationId }) => plain.has(operationId))).toEqual([]);
    }
  });

  it('are the same for the same seed and differ between seeds', () => {
    expect(vocabulary(7)).toEqual(vocabulary(7));
    const kinds = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((seed) => JSON.stringify(vocabulary(seed).words)));
    expect(kinds.size).toBe(10);
  });

  it('use no word for two concepts', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const words = Object.values(vocabulary(seed).words).map(({ one: singular }) => singular);
      expect(duplicates(words)).toEqual([]);
    }
  });

  it('refuse a seed that is not an integer', () => {
    expect(() => vocabulary(1.5)).toThrow('takes an integer');
  });
});
