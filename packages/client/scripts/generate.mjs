// Writes src/rest/schema.gen.ts, the types of the REST client, from the OpenAPI document.
// `--check` writes nothing and fails when the file is stale. Needs a built @errand/api.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { apiDocument } from '../../api/dist/index.js';

const file = new URL('../src/rest/schema.gen.ts', import.meta.url);
const HEAD = '// Made from the OpenAPI document by scripts/generate.mjs; do not edit.\n';
const wanted = HEAD + astToString(await openapiTS(JSON.parse(JSON.stringify(apiDocument()))));

if (process.argv.includes('--check')) {
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found !== wanted) {
    console.error('packages/client/src/rest/schema.gen.ts is stale. Run: pnpm --filter @errand/client generate');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, wanted);
}
