// `pnpm openapi`: builds and writes openapi.json, the contract's document, from which the types of the REST client are generated. `--check`
// writes nothing and fails if the file is stale; it needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';

const root = dirname(import.meta.dirname);
const file = join(root, 'openapi.json');
const isCheck = process.argv.includes('--check');

if (!isCheck) await buildAll();
const built = readFileSync(join(root, 'packages', 'api', 'dist', 'openapi.json'), 'utf8');
const text = `${JSON.stringify(JSON.parse(built), null, 2)}\n`;
if (!isCheck) {
  writeFileSync(file, text);
  await buildAll();
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('openapi.json is not the document of the contract. Run: pnpm openapi');
  process.exitCode = 1;
}

async function buildAll() {
  const { ok, output } = await build();
  if (ok) return;
  process.stdout.write(output);
  process.exit(1);
}
