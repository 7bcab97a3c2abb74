// The JavaScript that the pages of the console load, compressed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const KB = 1000;
const FIRST_LOAD = 180 * KB;
const ROUTE = 60 * KB;

const dist = fileURLToPath(new URL('../../apps/console/dist', import.meta.url));
type Chunk = {
  file: string;
  isEntry?: boolean;
  isDynamicEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
};
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

/** The chunk and all that it imports at once. */
function closureOf(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const imported of manifest[name]!.imports ?? []) closureOf(imported, found);
  return found;
}
const sizeOf = (names: Iterable<string>) =>
  [...names]
    .map((name) => manifest[name]!.file)
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).byteLength, 0);

const [entry] = Object.keys(manifest).filter((name) => manifest[name]!.isEntry && name.endsWith('.html'));
const first = closureOf(entry!);

test('the first load has at most 180 kB', () => {
  expect(sizeOf(first)).toBeLessThanOrEqual(FIRST_LOAD);
  expect(sizeOf(first)).toBeGreaterThan(50 * KB);
});

const routes = Object.keys(manifest).filter((name) => manifest[name]!.isDynamicEntry);

test('each page, and each part that is loaded on demand, has at most 60 kB of its own', () => {
  expect(routes.filter((name) => name.includes('/pages/')).length).toBeGreaterThanOrEqual(5);
  const sizes = routes.map((name) => [name, sizeOf([...closureOf(name)].filter((each) => !first.has(each)))] as const);
  expect(sizes.filter(([, size]) => size > ROUTE)).toEqual([]);
});

test('no file of the console has a style or a script that its policy forbids', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)|onload=|javascript:/);
});
