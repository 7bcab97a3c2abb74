// `node scripts/release-migrations.mjs`: lists the migrations of the version that is made; scripts/guards/migrations.mjs checks later ones.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { read } from './guards/look.mjs';
import { migrationsOf, RELEASED } from './guards/migrations.mjs';

const root = dirname(import.meta.dirname);
const { version } = JSON.parse(readFileSync(join(root, 'packages/db/package.json'), 'utf8'));
const files = read(root, 'prisma/migrations');
const title = `# The migrations of release ${version}, with the SHA-256 of each. \`node scripts/release-migrations.mjs\` writes this file when a version is made.`;
const lines = migrationsOf(files).map(({ name, hash }) => `${name} ${hash}`);
writeFileSync(join(root, RELEASED), `${[title, ...lines].join('\n')}\n`);
console.log(`${lines.length} migrations of ${version}`);
