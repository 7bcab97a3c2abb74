// `node scripts/record-release.mjs`: records the migrations and the contract of the version that is made. `pnpm check` compares later ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RELEASED_CONTRACT, releasedText } from './guards/contract.mjs';
import { read } from './guards/look.mjs';
import { migrationsOf, RELEASED } from './guards/migrations.mjs';

const root = dirname(import.meta.dirname);
const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { version } = readJson('packages/db/package.json');
const files = read(root, 'prisma/migrations');
const title = `# The migrations of release ${version}, with the SHA-256 of each. \`node scripts/record-release.mjs\` writes this file when a version is made.`;
const lines = migrationsOf(files).map(({ name, hash }) => `${name} ${hash}`);
writeFileSync(join(root, RELEASED), `${[title, ...lines].join('\n')}\n`);
writeFileSync(join(root, RELEASED_CONTRACT), releasedText(readJson('openapi.json'), version));
console.log(`${lines.length} migrations and the contract of ${version}`);
