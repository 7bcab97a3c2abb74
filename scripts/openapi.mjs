// `pnpm openapi`: builds, and writes openapi.json, the contract's document, from which the types of the REST client are generated, and the
// REST routes of all operations, from which the console writes programs. `--check` writes nothing and fails if a file is stale; it needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';

const root = dirname(import.meta.dirname);
const isCheck = process.argv.includes('--check');

if (!isCheck) await buildAll();
const document = JSON.parse(readFileSync(join(root, 'packages', 'api', 'dist', 'openapi.json'), 'utf8'));
const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'apps/console/src/code/routes.json': `{\n${routesOf(document).join(',\n')}\n}\n`,
};
if (!isCheck) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  await buildAll();
} else {
  for (const [name, text] of Object.entries(files)) {
    if (readFileSync(join(root, name), 'utf8') === text) continue;
    console.error(`${name} does not match the contract. Run: pnpm openapi`);
    process.exitCode = 1;
  }
}

/**
 * A line of JSON for each operation: its id, method, path, the names of its query parameters, and 204 if it answers no content.
 * @param {any} document
 * @returns {string[]} for example `"usageGet": "GET /v1/usage?from,to,by"`
 */
function routesOf({ paths }) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { operationId }]) => operationId)
      .map(([method, { operationId, parameters = [], responses }]) => {
        const query = parameters
          .filter((/** @type {any} */ each) => each.in === 'query')
          .map((/** @type {any} */ each) => each.name);
        const target = query.length > 0 ? `${path}?${query.join()}` : path;
        const route = [method.toUpperCase(), target, ...('204' in responses ? ['204'] : [])];
        return `  ${JSON.stringify(operationId)}: ${JSON.stringify(route.join(' '))}`;
      }),
  );
}

async function buildAll() {
  const { ok, output } = await build();
  if (ok) return;
  process.stdout.write(output);
  process.exit(1);
}
