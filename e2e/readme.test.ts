// Runs the commands of the READMEs and the quickstart against a real service.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toConfig } from '@errand/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './fixtures/stack.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = [
  'README.md',
  'docs/quickstart.md',
  'docs/actions.md',
  'docs/mcp.md',
  'packages/client/README.md',
  'packages/contracts/README.md',
]
  .map(read)
  .join('\n');

type Snippet = { code: string; gives: RegExp | undefined; serves: boolean };

/**
 * Fenced blocks of a language, with the pattern for their output from the comment before them. Those that serve do not end: another test
 * runs them.
 */
const snippets = (language: string): Snippet[] =>
  [...pages.matchAll(/(?:<!-- (?:gives: (.+)|(serves)) -->\n)?```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, , , kind]) => kind === language)
    .map(([, gives, serves, , code]) => ({
      code: code!,
      gives: gives === undefined ? undefined : new RegExp(gives, 'ms'),
      serves: serves !== undefined,
    }));

let folder: string;
let modules: string;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ env: { LOG_LEVEL: 'warn', ERRAND_WORKSPACE_ORIGINS: 'true' } });
  writeFileSync(join(stack.dataDir, 'demo.json'), JSON.stringify({ url: stack.crm.url, token: stack.crm.token }));
  // As after `start`: the data directory is in the folder where people type.
  folder = mkdtempSync(join(tmpdir(), 'errand-readme-'));
  symlinkSync(stack.dataDir, join(folder, '.errand'));
  // A place where node finds the packages of this workspace, and git finds nothing.
  const cache = join(import.meta.dirname, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  modules = mkdtempSync(join(cache, 'readme-'));
});

afterAll(async () => {
  await stack?.close();
  for (const path of [folder, modules]) if (path) rmSync(path, { recursive: true, force: true });
});

test('the curl commands work in their order, in one shell', async () => {
  const blocks = snippets('sh');
  expect(blocks.length).toBeGreaterThan(10);
  const mark = '=== next block ===';
  const output = await bash(blocks.map(({ code }) => code).join(`\necho '${mark}'\n`));
  const parts = output.split(`${mark}\n`);
  expect(parts).toHaveLength(blocks.length);
  for (const [i, { code, gives }] of blocks.entries()) if (gives) expect(parts[i], code).toMatch(gives);
});

test('the TypeScript snippets work as described', async () => {
  const blocks = snippets('ts').filter(({ serves }) => !serves);
  expect(blocks.length).toBeGreaterThan(4);
  // The README of the client is for people who have no data directory.
  const env = { ...process.env, ERRAND_URL: stack.url, ERRAND_API_KEY: stack.apiKey };
  for (const [i, { code, gives }] of blocks.entries()) {
    const file = join(modules, `snippet-${i}.mjs`);
    writeFileSync(file, code);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env, timeout: 60_000 });
    expect(stdout, code).toMatch(gives!);
  }
});

test('the TypeScript snippets are well typed', async () => {
  const files = snippets('ts').map(({ code }, i) => {
    const file = join(modules, `snippet-${i}.mts`);
    writeFileSync(file, code);
    return file;
  });
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2023',
  ];
  const tsc = join(root, 'node_modules', '.bin', 'tsc');
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')];
  const checked = await promisify(execFile)(tsc, [...options, ...types, ...files], { cwd: modules }).catch((e) => e);
  expect(checked.stdout).toBe('');
  expect(checked.code).toBeUndefined();
});

test('the recipe for TanStack Query is the program that a test of the packages runs', () => {
  const recipe = 'e2e/packages/project/recipes/tanstack-query.tsx';
  expect(read('docs/recipes.md')).toContain(`<!-- ${recipe} -->\n\`\`\`tsx\n${read(recipe)}\`\`\`\n`);
});

test('the service accepts every example of a model', () => {
  const blocks = snippets('env');
  const providers = blocks.map(({ code }) => {
    const env = Object.fromEntries(
      code
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
    return toConfig(env).model?.provider;
  });
  // The README shows one, and the quickstart all of them.
  expect(providers).toEqual(['openai', 'openai', 'anthropic', 'google', 'openai-compatible']);
});

function bash(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euo', 'pipefail'], { cwd: folder, timeout: 120_000 });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`bash ended with ${code}\n${output}`)),
    );
    child.stdin.end(script);
  });
}
