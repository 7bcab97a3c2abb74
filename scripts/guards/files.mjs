// What a file may be called, how long it may be, and words that none may hold.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles, read, sourceFiles } from './sources.mjs';

const banned = new Set([
  'shared',
  'core',
  'common',
  'lib',
  'libs',
  'util',
  'utils',
  'helper',
  'helpers',
  'misc',
  'types',
]);
const bannedEnding = /[-_.](util|helper)s?$|[a-z](Util|Helper)s?$/;
const longest = 300;
const usual = 150;

/** Names say what is inside. `types` is banned as a file's name: a type lives with what it describes. */
export function names(root) {
  const faults = [];
  for (const file of projectFiles(root)) {
    const parts = file.split('/');
    const stem = parts.pop().replace(/(\.(db|test|gen|d|config))*\.[a-z]+$/, '');
    const bad = [...parts.filter((part) => part !== 'types'), stem].find((n) => banned.has(n) || bannedEnding.test(n));
    if (bad) faults.push(`${file}: "${bad}" says nothing; name it after what is inside`);
    if (/^(packages|apps)\/.*\/index\.ts$/.test(file) && !isEntry(root, file)) {
      faults.push(`${file}: only the entry of a package is an index.ts; import the files themselves`);
    }
  }
  return { faults };
}

function isEntry(root, file) {
  const [parent, room, ...rest] = file.split('/');
  const manifest = join(parent, room, 'package.json');
  return existsSync(join(root, manifest)) && read(root, manifest).includes(`"./${rest.join('/')}"`);
}

/** No file is over 300 lines; nine of ten are meant to be under 150. */
export function length(root) {
  const lengths = sourceFiles(root).map((file) => ({ file, lines: read(root, file).trimEnd().split('\n').length }));
  const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
  const p90 = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  const over = lengths.filter(({ lines }) => lines > longest);
  return {
    faults: over.map(({ file, lines }) => `${file}: ${lines} lines; split it by purpose (at most ${longest})`),
    note: `${sorted.length} files, p90 ${p90} lines (meant: ${usual})`,
  };
}

const words = [
  [/\b(TODO|FIXME|XXX)\b/, 'do it now, or write it down where work is planned'],
  [/\b(it|test|describe)\.(skip|todo|only)\b/, 'a test runs, or is deleted'],
  [/@ts-(ignore|nocheck)\b/, 'use @ts-expect-error with its reason'],
];

/** Nothing is put off, and no test is left out. */
export function unfinished(root) {
  const own = 'scripts/guards/files.mjs';
  return { faults: sourceFiles(root).flatMap((file) => (file === own ? [] : find(root, file, words))) };
}

const hosts = [
  [
    /registry\.(npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\.|npm\.jsr\.io/i,
    'name no registry: each machine has its own',
  ],
  [/^\s*(@[\w-]+:)?registry\s*=/m, 'name no registry: each machine has its own'],
];

/** A lockfile or a setting that names a registry's host breaks every machine with another one. */
export function registry(root) {
  const text = /\.(ya?ml|json|ts|tsx|mjs|cjs|js|md|sh|toml|npmrc)$|(^|\/)(\.npmrc|\.ci\/run|Dockerfile[^/]*)$/;
  const files = projectFiles(root).filter((file) => text.test(file));
  const tarballs = [[/\btarball:\s*\S*:\/\//, 'name no registry: delete the address and install again']];
  return {
    faults: files.flatMap((file) => find(root, file, file === 'pnpm-lock.yaml' ? [...hosts, ...tarballs] : hosts)),
  };
}

function find(root, file, patterns) {
  const faults = [];
  const lines = read(root, file).split('\n');
  for (const [pattern, message] of patterns) {
    lines.forEach((line, i) => {
      if (pattern.test(line)) faults.push(`${file}:${i + 1}: ${line.trim().slice(0, 80)}: ${message}`);
    });
  }
  return faults;
}
