// The first step of the build: writes src/generated/schema.ts, the types of the REST client, from the OpenAPI document at the root.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const document = JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8'));
const folder = new URL('../src/generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('schema.ts', folder), astToString(await openapiTS(document)));
