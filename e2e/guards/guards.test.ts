import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writers } from '../../scripts/guards/rules.mjs';

const project = join(import.meta.dirname, '..', '..');
const settings = [
  'biome.json',
  'scripts/guards/constants.grit',
  '.dependency-cruiser.mjs',
  '.dependency-cruiser.folders.mjs',
  'knip.jsonc',
  'tsconfig.base.json',
  'tsconfig.json',
  '.gitignore',
];
const read = (file: string) => readFileSync(join(project, file), 'utf8');

const plants = read('e2e/guards/plants.txt')
  .split('\n')
  .flatMap((line, i) => {
    const [guard, says = '', text, file = `packages/engine/src/plant-${i}.ts`] = line.split(' | ');
    return guard && text && !guard.includes(' ') ? [{ guard, says, file, text: text.replaceAll('\\n', '\n') }] : [];
  })
  .concat({ guard: 'style', says: 'noExcessiveLinesPerFile', file: 'bench/long.ts', text: 'a();\n'.repeat(401) });
const guards = [...new Set(plants.map(({ guard }) => guard))].filter((guard) => guard !== 'none');

/** The allowed imports, as AGENTS.md lists them. */
const allowedImports = new Map<string, string[]>();
for (const [, from = '', to = ''] of read('AGENTS.md').matchAll(
  /([a-z/-]+(?:, [a-z/-]+)*) +→ ([a-z/-]+(?:, [a-z/-]+)*)/g,
)) {
  for (const folder of from.split(', '))
    allowedImports.set(folder, [...(folder === 'trpc-openapi' ? [] : ['basics']), ...to.split(', ')]);
}
const folderOf = (folder: string) => (folder.includes('/') ? folder : `packages/${folder}`);
const arrows = [...allowedImports].flatMap(([from, allowed]) =>
  from === 'apps/server'
    ? []
    : [...allowedImports.keys()].filter((to) => to !== from).map((to) => ({ from, to, may: allowed.includes(to) })),
);
const arrowFile = ({ from, to }: { from: string; to: string }) =>
  `${folderOf(from)}/src/take-${to.replace('/', '-')}.ts`;

let tree: string;
/** The output of each guard. */
let printed: Map<string, string[]>;
let last: string | undefined;

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'errand-guards-'));
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };
  for (const file of settings) cpSync(join(project, file), join(tree, file));
  symlinkSync(join(project, 'node_modules'), join(tree, 'node_modules'));
  put('package.json', '{ "name": "errand", "private": true, "type": "module" }\n');
  put('pnpm-workspace.yaml', 'packages:\n  - packages/*\n  - apps/*\n');
  for (const folder of allowedImports.keys()) {
    put(
      `${folderOf(folder)}/package.json`,
      `{ "name": "@errand/${folder.replace('apps/', '')}", "private": true, "type": "module", "exports": "./src/index.ts" }\n`,
    );
    put(`${folderOf(folder)}/src/index.ts`, 'export {};\n');
  }
  put('bench/main.ts', 'export {};\n');
  for (const arrow of arrows) put(arrowFile(arrow), `import '../../../${folderOf(arrow.to)}/src/index.ts';\n`);
  for (const { file, text } of plants) put(file, text);
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [join(project, 'scripts/check.mjs'), ...guards],
      { cwd: tree, maxBuffer: 1 << 26 },
      (_, out) => resolve(out),
    );
  });
  const sections = output.split(/^(?=\S)/m);
  last = sections.at(-1);
  // A fault begins at a line with an indent of two, or with the word `error`.
  printed = new Map(sections.map((text) => [text.split(' ')[0]!, text.split(/\n(?= {2}\S| +error )/)]));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('the guards', () => {
  it('fail as a whole when each has found faults', () => expect(last).toBe(`check: ${guards.length} failed\n`));

  it.each(plants.filter(({ says }) => says !== 'nothing'))('$guard: $says: $file', ({ guard, says, file }) => {
    const expectedPath = guard === 'folders' ? dirname(file) : file;
    expect(printed.get(guard)).toContainEqual(
      expect.toSatisfy(
        (fault: string) => fault.includes(says) && (guard === 'workspace' || fault.includes(expectedPath)),
      ),
    );
  });

  it.each(arrows)('$from imports $to: $may', ({ from, to, may }) => {
    const arrow = `${arrowFile({ from, to })} → ${folderOf(to)}/src/index.ts`;
    const isReported = printed
      .get('dependencies')!
      .some((fault) => fault.includes(`arrow-${from.replace('apps/', '')}: ${arrow}`));
    expect(isReported).toBe(!may);
  });

  it('report no false positives', () => {
    const faults = ['style', 'status', 'meeting', 'expressions'].flatMap((guard) => printed.get(guard) ?? []);
    expect(faults.filter((fault) => fault.includes('innocent.ts'))).toEqual([]);
  });

  it.each(Object.entries(writers))('know that %s is taken by %s', (name, file) => {
    expect(read(file)).toMatch(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '@errand/db'`));
  });
});
