// The first step of the build: writes src/generated/schema.ts, the types of the REST client, from the OpenAPI document at the root.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

// As comments, the examples of schemas would be a fifth of the file; readers find them in the reference.
const withoutExamples = (/** @type {string} */ key, /** @type {unknown} */ value) =>
  key === 'examples' && Array.isArray(value) ? undefined : value;
const text = readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8');
const document = JSON.parse(text, withoutExamples);
const folder = new URL('../src/generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('schema.ts', folder), astToString(await openapiTS(document)));
