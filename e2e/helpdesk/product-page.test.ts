// docs/product.md shows parts of the example product.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|css)$/.test(name))
    .map((name) => `${folder}/${name}`);
/** The lines of a text without their indentation. */
const lines = (text: string) => text.split('\n').map((line) => line.trim());

const sources = [...filesOf('apps/helpdesk/src'), ...filesOf('apps/helpdesk/public')];

test('each snippet of docs/product.md is a part of the example product', () => {
  const snippets = [...read('docs/product.md').matchAll(/```(?:tsx?|js)\n([\s\S]*?)```/g)].map(([, code]) => code!);
  expect(snippets.length).toBeGreaterThan(15);
  const code = [...sources, 'scripts/helpdesk/set-up.mjs'].map((path) => `\n${lines(read(path)).join('\n')}\n`);
  const missing = snippets.filter((snippet) => !code.some((text) => text.includes(`\n${lines(snippet).join('\n')}`)));
  expect(missing).toEqual([]);
});

test('the example product can be read in one sitting', () => {
  const count = sources.map((path) => read(path).split('\n').length - 1).reduce((a, b) => a + b, 0);
  expect(count).toBeLessThanOrEqual(600);
});
