// docs/settings.md says what there is, and what holds when nothing is set. .env.example shows a part of it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toConfig, variableNames } from './config.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const demos = ['apps/demo/src/config.ts', 'apps/demo/src/calendar/config.ts'].map(read).join('');
const demoNames = [...new Set([...demos.matchAll(/process\.env\.(\w+)/g)].map(([, n]) => n!))];
const rows = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)` \|(?: `(.*)`)? \| (.+) \|$/gm)].map(
  ([, name, preset, meaning]) => ({ name: name!, preset, meaning: meaning! }),
);

test('every variable of the service and of the demo has its row, and no other has', () => {
  expect(demoNames).not.toEqual([]);
  expect(rows.map(({ name }) => name).sort()).toEqual([...variableNames, ...demoNames].sort());
});

test('the defaults that the page tells are those that hold', () => {
  const presets = rows.filter(
    ({ name, preset }) => preset !== undefined && (variableNames as readonly string[]).includes(name),
  );
  expect(presets.length).toBeGreaterThan(4);
  for (const { name, preset } of presets) expect(toConfig({ [name]: preset }), name).toEqual(toConfig({}));
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
