// docs/settings.md describes exactly the declared settings, with the defaults that apply. .env.example shows a part of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toConfig } from './config.ts';
import { declarations } from './settings.ts';

const root = new URL('../../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const variableNames: readonly string[] = declarations.map(({ name }) => name);
const demos = ['apps/demo/src/config.ts', 'apps/demo/src/calendar/config.ts'].map(read).join('');
const demoNames = [...new Set([...demos.matchAll(/process\.env\.(\w+)/g)].map(([, n]) => n!))];

const headings: Record<string, string> = {
  'The service': 'service',
  Storage: 'storage',
  Approvals: 'approvals',
  Retention: 'retention',
  'Outbound calls': 'outbound_calls',
  'The queue': 'queue',
  Planning: 'planning',
  'The model': 'model',
  Faults: 'faults',
};
const rows = read('docs/settings.md')
  .split(/^## /m)
  .flatMap((section) =>
    [...section.matchAll(/^\| `([A-Z_]+)` \|(?: `(.*?)`)? \|(?: ([^|]+))? \| (.+) \|$/gm)].map(
      ([, name, preset, unit, meaning]) => ({
        name: name!,
        group: headings[section.split('\n')[0]!],
        default: preset,
        unit,
        meaning: meaning!,
      }),
    ),
  );
const rowsOfService = rows.filter(({ group }) => group !== undefined);

test('the page and `settings.get` have the same settings, in the same order, with equal groups, defaults and units', () => {
  const declared = toConfig({}).settings.map(({ name, group, default: preset, unit }) => [name, group, preset, unit]);
  expect(rowsOfService.map(({ name, group, default: preset, unit }) => [name, group, preset, unit])).toEqual(declared);
  expect(declared.length).toBeGreaterThan(50);
});

test('the other rows are the variables of the demo', () => {
  expect(demoNames).not.toEqual([]);
  const others = rows.filter(({ group }) => group === undefined).map(({ name }) => name);
  expect(others.sort()).toEqual(demoNames.sort());
});

test('the defaults of the page apply when nothing is set', () => {
  const model = { ERRAND_MODEL_PROVIDER: 'openai', ERRAND_MODEL: 'm', ERRAND_MODEL_API_KEY: 'k' };
  const { settings: _, ...unset } = toConfig(model);
  let compared = 0;
  for (const { name, default: preset } of rowsOfService) {
    // The default zone is not stored with runs.
    if (preset === undefined || name === 'ERRAND_TIME_ZONE') continue;
    const { settings: __, ...config } = toConfig({ ...model, [name]: preset });
    expect(config, name).toEqual(unset);
    compared++;
  }
  expect(compared).toBeGreaterThan(20);
  expect(unset).toMatchObject({
    poolSize: 10,
    rateLimit: 300_000,
    workerConcurrency: 100,
    model: { timeoutMs: 120_000, maxOutputTokens: 16_000, maxReplans: 2 },
  });
});

/** Variables that programs read, and that are no settings of the service. */
const exceptions: Record<string, string> = {
  ERRAND_API_KEY: 'the key of the command line, and in programs that the console shows to copy',
  ERRAND_URL: 'the address of the service, for the command line and the example product',
  ERRAND_PROFILE: 'the profile of the command line',
  ERRAND_CONFIG_DIR: 'the folder of its profiles',
  ERRAND_WEBHOOK_SECRET: 'the secret with which the example product verifies webhooks',
  ERRAND_CHROMIUM: 'the browser of tests and demos',
  ERRAND_OIDC_ISSUER: 'a feature of later versions, which is off without this setting',
  ERRAND_FALLBACK: 'the prefix of the settings of the fallback',
  ERRAND_FILES: 'a constant of the data directory',
  CI: 'whether a terminal shows progress',
  TERM: 'whether a terminal shows progress',
  NO_COLOR: 'whether a terminal shows colors',
  OPENAI_API_KEY: 'the start names it, and shows no value',
  ANTHROPIC_API_KEY: 'likewise',
  GEMINI_API_KEY: 'likewise',
  ERRAND_TEST_RELEASE: 'the last release, which pnpm test:deploys gives to its tests',
  BROWSER: 'the program with which the command line opens pages',
  PATH: 'the path of child processes',
};

/** Names of variables that a source reads, and names with the prefix of Errand. */
function namesIn(source: string): string[] {
  const reads = source.matchAll(/\b(?:process\.)?[eE]nv(?:\.|\[['"`])([A-Z][A-Z0-9_]+)\b/g);
  return [
    ...[...reads].map(([, name]) => name!),
    ...[...source.matchAll(/\b(?:ERRAND_[A-Z_]*[A-Z]|[A-Z]+_API_KEY)\b/g)].map(([name]) => name),
  ];
}

test('every variable that a source names is a setting of the page, or an exception', () => {
  const folders = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}/src`),
  );
  const sources = ['scripts', ...folders.filter((folder) => existsSync(new URL(folder, root)))].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|mjs)$/.test(path) && !/(^|\/)(generated|testing)\/|\.test\./.test(path))
      .map((path) => `${folder}/${path}`),
  );
  const readers = new Map(sources.flatMap((path) => namesIn(read(path)).map((name) => [name, path])));
  const known = [...rows.map(({ name }) => name), ...Object.keys(exceptions)];
  expect([...readers].filter(([name]) => !known.includes(name))).toEqual([]);
  // No exception outlives its reader.
  expect(Object.keys(exceptions).filter((name) => !readers.has(name))).toEqual([]);
});

test('the choices that the page tells are those that may be made', () => {
  const choicesOf = (name: string) =>
    [...rows.find((row) => row.name === name)!.meaning.matchAll(/`([a-z-]+)`/g)].map(([, choice]) => choice!);
  const database = { DATABASE_URL: 'postgresql://user@host/database' };
  for (const ERRAND_ROLE of choicesOf('ERRAND_ROLE'))
    expect(toConfig({ ...database, ERRAND_ROLE }).role).toBe(ERRAND_ROLE);
  for (const LOG_LEVEL of choicesOf('LOG_LEVEL')) expect(toConfig({ LOG_LEVEL }).logLevel).toBe(LOG_LEVEL);
  const model = { ERRAND_MODEL: 'm', ERRAND_MODEL_API_KEY: 'k', ERRAND_MODEL_BASE_URL: 'https://models.example/v1' };
  for (const ERRAND_MODEL_PROVIDER of choicesOf('ERRAND_MODEL_PROVIDER')) {
    expect(toConfig({ ...model, ERRAND_MODEL_PROVIDER }).model?.provider).toBe(ERRAND_MODEL_PROVIDER);
  }
});

test('the settings of .env.example exist, and its values can be used', () => {
  const settings = [...read('.env.example').matchAll(/^# ([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name!, value!]);
  expect(settings.length).toBeGreaterThan(20);
  for (const [name] of settings) expect(variableNames).toContain(name);
  expect(() => toConfig(Object.fromEntries(settings))).not.toThrow();
});
