// The bill of materials and the notices of the package `errand`, made of modules as a bundler names them.
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  billText,
  licenseFaults,
  noticesText,
  npmComponent,
  schemaFaults,
  unlisted,
} from '../../scripts/package/bill.mjs';
import { folderOf, idOf, packagesOf } from '../../scripts/package/packages.mjs';

const root = join(import.meta.dirname, '..', '..');
const { resolve } = createRequire(import.meta.url);
const modules = [
  ...['zod', 'pg', 'eventsource-parser'].map((name) => realpathSync(resolve(name))),
  `${realpathSync(resolve('@seriousme/openapi-schema-validator'))}?commonjs-proxy`,
  '\0rolldown/runtime.js',
  join(root, 'apps/server/src/main.ts'),
];
const packages = packagesOf(modules);
const subject = { name: 'errand', version: '1.2.3', time: new Date(0), type: 'application' } as const;
const text = billText(subject, packages.map(npmComponent));
type Bill = { bomFormat: string; components: { name: string; group?: string; version: string; licenses: unknown[] }[] };
const bill = JSON.parse(text) as Bill;

test('each module belongs to a listed package with its version and licence, in a valid document', async () => {
  expect(packages.map(({ name }) => name)).toEqual([
    '@seriousme/openapi-schema-validator',
    'eventsource-parser',
    'pg',
    'rolldown',
    'zod',
  ]);
  expect(bill.components.map(({ name }) => name).sort()).toEqual(
    packages.map(({ name }) => name.split('/').at(-1)).sort(),
  );
  for (const { version, licenses } of bill.components) {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(licenses).toEqual([{ license: { id: 'MIT' } }]);
  }
  expect(unlisted(bill, modules)).toEqual([]);
  expect(await schemaFaults(text)).toEqual([]);
  expect(billText(subject, packages.map(npmComponent).reverse())).toBe(text);
});

test('a package that is missing, or has another version, is found', () => {
  const without = { ...bill, components: bill.components.filter(({ name }) => name !== 'pg') };
  const older = {
    ...bill,
    components: bill.components.map((each) => (each.name === 'zod' ? { ...each, version: '0.0.1' } : each)),
  };
  expect(unlisted(without, modules)).toEqual([
    expect.stringMatching(/^the bill of materials does not list pg@\d\S+, which is in the bundles\.$/),
  ]);
  expect(unlisted(older, modules)).toEqual([expect.stringContaining('does not list zod@4')]);
});

test('a module of no package is refused', () => {
  expect(() => folderOf('/tmp/elsewhere.js')).toThrow('belongs to no npm package and not to this repository');
  expect(() => folderOf('\0plugin:stranger')).toThrow('"\\u0000plugin:stranger" belongs to no npm package');
  expect(folderOf(join(root, 'packages/db/src/index.ts'))).toBeUndefined();
});

test('a document that is not valid is refused', async () => {
  expect(await schemaFaults(text.replace('"library"', '"librarry"'))).toEqual([
    expect.stringContaining('the bill of materials is not valid'),
  ]);
});

test('the notices have the texts of all licences, and other licences are refused', () => {
  const notices = noticesText(packages);
  for (const each of packages) {
    expect(notices).toContain(`${idOf(each)} (${each.license})`);
    for (const licence of each.texts) expect(notices).toContain(licence);
  }
  const license = (name: string) => licenseFaults([{ name: 'a', version: '1.0.0', license: name, texts: [] }]);
  expect(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC'].flatMap(license)).toEqual([]);
  expect(license('MIT AND GPL-3.0')).toEqual(['a@1.0.0 has the licence MIT AND GPL-3.0.']);
  expect(license('NOASSERTION')).toEqual(['a@1.0.0 has the licence NOASSERTION.']);
});
