import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const project = join(import.meta.dirname, '..', '..');
const settings = [
  'biome.json',
  '.dependency-cruiser.mjs',
  'knip.jsonc',
  'tsconfig.base.json',
  'tsconfig.json',
  '.gitignore',
];

/** The rooms and what each may import, as docs and AGENTS.md say it. */
export const arrows: Record<string, readonly string[]> = {
  'packages/trpc-openapi': [],
  'packages/contracts': ['packages/trpc-openapi'], // its /contract alone
  'packages/plan': ['packages/contracts'],
  'packages/db': ['packages/contracts'],
  'packages/engine': ['packages/contracts', 'packages/plan', 'packages/db'],
  'packages/integrations': ['packages/contracts', 'packages/plan'],
  'packages/api': ['packages/contracts', 'packages/plan', 'packages/db', 'packages/engine', 'packages/trpc-openapi'],
  'packages/client': ['packages/contracts', 'packages/trpc-openapi'], // its /contract alone
  'apps/console': ['packages/contracts', 'packages/client'],
  'apps/cli': ['packages/contracts', 'packages/client', 'apps/server'],
  'apps/demo': ['packages/contracts', 'packages/client'],
};

export const nameOf = (room: string) => `@errand/${room.split('/')[1]}`;

export type Files = Record<string, string>;

/** Writes files into a folder, making folders as needed. */
function put(root: string, files: Files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/**
 * A small project that obeys every rule, under the real guards with the real settings, and then `planted` on top.
 * @returns its folder, outside the repository
 */
export function makeWorkspace(planted: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'errand-guards-'));
  for (const file of settings) cpSync(join(project, file), join(root, file));
  cpSync(join(project, 'scripts'), join(root, 'scripts'), { recursive: true });
  linkModules(root);
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const catalog = readFileSync(join(project, 'pnpm-workspace.yaml'), 'utf8').split('\ncatalog:\n')[1] ?? '';
  const used = catalog
    .split('\n')
    .filter((line) => manifest.devDependencies[line.trim().split(/'?: /)[0]!.replace("'", '')]);
  put(root, {
    'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
    'pnpm-workspace.yaml': `packages:\n  - packages/*\n  - apps/*\n\ncatalog:\n${used.join('\n')}\n`,
    ...Object.assign({}, ...Object.keys(arrows).map((room) => roomFiles(room, arrows[room]!))),
    ...serverFiles,
    'packages/trpc-openapi/src/name.test.ts': proof,
    'packages/trpc-openapi/src/contract.ts': `export const name = 'trpc-openapi';\n`,
    'packages/trpc-openapi/src/index.ts': `export { name } from './contract.ts';\n`,
  });
  put(root, planted);
  return root;
}

export const removeWorkspace = (root: string) => rmSync(root, { recursive: true, force: true });

/** Runs the project's own `check` in a workspace. @returns its exit code and what it printed */
export function check(root: string, guards: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/check.mjs', ...guards], { cwd: root });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** All that is installed, and our rooms by their names. */
function linkModules(root: string) {
  const installed = join(project, 'node_modules');
  mkdirSync(join(root, 'node_modules', '@errand'), { recursive: true });
  for (const name of readdirSync(installed).filter((entry) => !/^\.(cache|vite|modules)|^@errand$/.test(entry))) {
    symlinkSync(join(installed, name), join(root, 'node_modules', name));
  }
  for (const room of [...Object.keys(arrows), 'apps/server']) {
    symlinkSync(join('..', '..', room), join(root, 'node_modules', nameOf(room)));
  }
}

const entry = (file: string) => ({ 'errand-source': `./src/${file}.ts`, default: `./dist/${file}.js` });

function manifestOf(room: string, takes: readonly string[]): string {
  const dependencies = Object.fromEntries(takes.map((other) => [nameOf(other), 'workspace:*']).sort());
  const exports = { '.': entry('index'), ...(room.endsWith('trpc-openapi') && { './contract': entry('contract') }) };
  const manifest = {
    ...{ name: nameOf(room), version: '0.1.0', private: true, type: 'module', exports },
    ...(takes.length > 0 && { dependencies }),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const idOf = (room: string) => room.split('/')[1]!.replace('-openapi', '');

function roomFiles(room: string, takes: readonly string[]): Files {
  const sorted = [...takes].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const path = (other: string) =>
    `${nameOf(other)}${other.endsWith('trpc-openapi') && room !== 'packages/api' ? '/contract' : ''}`;
  const lines = sorted.map((other) => `import { name as ${idOf(other)} } from '${path(other)}';\n`);
  const list = ["'room'", ...sorted.map(idOf)].join(', ');
  return {
    [`${room}/package.json`]: manifestOf(room, takes),
    [`${room}/src/index.ts`]: `${lines.join('')}${lines.length > 0 ? '\n' : ''}export const name = [${list}].join();\n`,
  };
}

const proof = `import { expect, it } from 'vitest';
import { name } from './index.ts';

it('has a name', () => expect(name).toBe('trpc-openapi'));
`;

const wired = ['packages/engine', 'packages/integrations'];
const serverFiles: Files = {
  'apps/server/package.json': manifestOf('apps/server', wired),
  'apps/server/src/index.ts': `export { name } from './compose.ts';\n`,
  'apps/server/src/compose.ts': `import { name as engine } from '@errand/engine';
import { name as integrations } from '@errand/integrations';

export const name = [engine, integrations].join();
`,
};
