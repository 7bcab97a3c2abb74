import { arrows, type Files, nameOf } from './workspace.ts';

export type Plant = {
  what: string;
  files: Files;
  /** The guard that must see it, and what it must say. */
  guard: string;
  says: RegExp;
};

const plant = (what: string, guard: string, says: RegExp, files: Files): Plant => ({ what, guard, says, files });
const taking = (path: string) => `import * as taken from '${path}';\n\nexport const all = taken;\n`;

// Every pair of rooms that has no arrow.
const rooms = [...Object.keys(arrows), 'apps/server'];
const forbidden = Object.entries(arrows).flatMap(([from, allowed]) =>
  rooms.filter((to) => to !== from && !allowed.includes(to)).map((to) => ({ from, to })),
);
const arrowPlants = forbidden.map(({ from, to }) => {
  const file = `${from}/src/take-${to.split('/')[1]}.ts`;
  const rule = `arrow-${from.split('/')[1]}`;
  return plant(`${from} takes ${to}`, 'arrows', new RegExp(`${file} → ${to}/src/index.ts: ${rule}: \\S`), {
    [file]: taking(nameOf(to)),
  });
});

// A whole word here would be found by the guards in this very file.
const later = ['TO', 'DO'].join('');
const leaveOut = ['it', 'skip'].join('.');
const host = ['registry', 'npmjs', 'org'].join('.');

export const plants: Plant[] = [
  ...arrowPlants,
  plant(
    'contracts takes the whole adapter',
    'arrows',
    /contracts\/src\/whole.ts → packages\/trpc-openapi\/src\/index.ts: arrow-contracts/,
    {
      'packages/contracts/src/whole.ts': taking('@errand/trpc-openapi'),
    },
  ),
  plant('a package without a rule', 'arrows', /packages\/new\/src\/index.ts → .*: known-room/, {
    'packages/new/src/index.ts': taking('@errand/contracts'),
  }),
  plant('a cycle', 'arrows', /(hen|egg).ts → .*no-cycle: Move what both need/, {
    'packages/plan/src/hen.ts': `import { egg } from './egg.ts';\n\nexport const hen = (): string => egg();\n`,
    'packages/plan/src/egg.ts': `import { hen } from './hen.ts';\n\nexport const egg = (): string => hen();\n`,
  }),
  plant(
    'a deep import by path',
    'arrows',
    /deep.ts → packages\/contracts\/src\/index.ts: no-deep-import: Import the package by its name/,
    {
      'packages/plan/src/deep.ts': taking('../../contracts/src/index.ts'),
    },
  ),
  plant('a deep import by name', 'arrows', /inside.ts → @errand\/contracts\/src\/index.ts: no-unresolved/, {
    'packages/plan/src/inside.ts': taking('@errand/contracts/src/index.ts'),
  }),
  plant('our contract in a client of the original', 'arrows', /e2e\/original\/ours.ts → .*: original-by-hand/, {
    'e2e/original/ours.ts': taking('@errand/contracts'),
  }),
  plant('Prisma outside db', 'arrows', /api\/src\/orm.ts → .*: prisma-in-db: Ask a repository of @errand\/db/, {
    'packages/api/src/orm.ts': taking('@prisma/client'),
  }),
  plant('tRPC outside its rooms', 'arrows', /engine\/src\/rpc.ts → .*: trpc-in-its-rooms/, {
    'packages/engine/src/rpc.ts': taking('@trpc/server'),
  }),
  ...['yaml', 'ai', '@ai-sdk/openai', '@modelcontextprotocol/sdk/client/index.js'].map((library, i) =>
    plant(`${library} outside integrations`, 'arrows', new RegExp(`outside${i}.ts → .*: outside-in-integrations`), {
      [`packages/api/src/outside${i}.ts`]: taking(library),
    }),
  ),
  plant('undici beside the egress', 'arrows', /integrations\/src\/bare.ts → .*: undici-in-egress/, {
    'packages/integrations/src/bare.ts': taking('undici'),
  }),
  plant(
    'engine and integrations beside compose.ts',
    'arrows',
    /server\/src\/meet.ts → engine, integrations: they meet in/,
    {
      'apps/server/src/meet.ts': `import * as a from '@errand/engine';\nimport * as b from '@errand/integrations';\n\nexport const both = [a, b];\n`,
    },
  ),
  plant('a program that takes a test', 'arrows', /prog.ts → packages\/plan\/src\/some.test.ts: no-test-in-program/, {
    'packages/plan/src/prog.ts': `import './some.test.ts';\n`,
    'packages/plan/src/some.test.ts': 'export {};\n',
  }),
  plant('a fault of format', 'style', /packages\/plan\/src\/untidy.ts format/, {
    'packages/plan/src/untidy.ts': 'export const a  = {b:1}\n',
  }),
  plant('an any', 'style', /packages\/plan\/src\/loose.ts:1:\d+ lint\/suspicious\/noExplicitAny/, {
    'packages/plan/src/loose.ts': 'export const loose = (x: any) => x;\n',
  }),
  plant('a fault of types', 'types', /packages\/plan\/src\/wrong.ts\(1,14\): error TS2322/, {
    'packages/plan/src/wrong.ts': `export const wrong: number = 'one';\n`,
  }),
  plant('a dead file', 'dead', /Unused files[\s\S]*packages\/plan\/src\/lonely.ts/, {
    'packages/plan/src/lonely.ts': 'export const lonely = 1;\n',
  }),
  plant('a dead export', 'dead', /Unused exports[\s\S]*forgotten +packages\/db\/src\/half.ts/, {
    'packages/db/src/half.ts': 'export const wanted = 1;\nexport const forgotten = 2;\n',
    'packages/db/src/index.ts': `import { name as contracts } from '@errand/contracts';\n\nexport { wanted } from './half.ts';\nexport const name = contracts;\n`,
  }),
  plant('two versions of one library', 'workspace', /zod[\s\S]*4\.0\.0|4\.0\.0[\s\S]*zod/, {
    'packages/one/package.json': '{ "name": "@errand/one", "private": true, "dependencies": { "zod": "4.0.0" } }\n',
    'packages/two/package.json': '{ "name": "@errand/two", "private": true, "dependencies": { "zod": "4.1.0" } }\n',
  }),
  plant('a version outside the catalog', 'versions', /packages\/three\/package.json: zod 4.0.0: write "catalog:"/, {
    'packages/three/package.json': '{ "name": "@errand/three", "private": true, "dependencies": { "zod": "4.0.0" } }\n',
  }),
  plant('301 lines', 'length', /packages\/plan\/src\/long.ts: 301 lines/, {
    'packages/plan/src/long.ts': `export {};\n${'// A line.\n'.repeat(300)}`,
  }),
  ...[
    'packages/plan/src/utils.ts',
    'packages/plan/src/types.ts',
    'apps/demo/src/common/a.ts',
    'packages/db/src/dateHelpers.ts',
  ].map((file) =>
    plant(`a name like ${file}`, 'names', new RegExp(`${file}: ".*" says nothing`), { [file]: 'export {};\n' }),
  ),
  plant('a barrel', 'names', /packages\/plan\/src\/inner\/index.ts: only the entry of a package/, {
    'packages/plan/src/inner/index.ts': `export * from '../index.ts';\n`,
  }),
  plant('work put off', 'unfinished', /packages\/plan\/src\/later.ts:1: .*do it now/, {
    'packages/plan/src/later.ts': `// ${later}: the rest\nexport {};\n`,
  }),
  plant('a test left out', 'unfinished', /packages\/plan\/src\/out.test.ts:1: .*a test runs, or is deleted/, {
    'packages/plan/src/out.test.ts': `${leaveOut}('works', () => {});\n`,
  }),
  plant("a registry's host", 'registry', /\.npmrc:1: .*name no registry/, { '.npmrc': `registry=https://${host}/\n` }),
  plant('a tarball of a registry', 'registry', /pnpm-lock\.yaml:3: .*name no registry/, {
    'pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  tarball: https://example.org/a.tgz\n`,
  }),
];
