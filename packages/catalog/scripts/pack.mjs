// Packs the entries into dist/catalog.json.gz, a list ordered by id.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = new URL('../entries/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const entries = names.sort().map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
mkdirSync(new URL('../dist/', import.meta.url), { recursive: true });
writeFileSync(new URL('../dist/catalog.json.gz', import.meta.url), gzipSync(JSON.stringify(entries), { level: 9 }));
