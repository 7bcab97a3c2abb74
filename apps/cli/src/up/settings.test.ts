import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readSettings } from './early/settings-files.mjs';
import { checkNames, settingsAlone } from './names.ts';

function aFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'errand-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('the environment has priority over .env, and .env over errand.config.json', () => {
  const names = ['ERRAND_MODEL', 'ERRAND_RATE_LIMIT', 'ERRAND_TIME_ZONE'];
  const folder = aFolder({
    'errand.config.json': JSON.stringify(Object.fromEntries(names.map((name) => [name, 'config']))),
    '.env': 'ERRAND_MODEL=file\nexport ERRAND_RATE_LIMIT="file"\n',
  });
  const { values } = readSettings(folder, { ERRAND_MODEL: 'environment', ERRAND_RATE_LIMIT: '', HOME: '/home' });
  expect(values).toEqual({
    HOME: '/home',
    ERRAND_MODEL: 'environment',
    ERRAND_RATE_LIMIT: 'file',
    ERRAND_TIME_ZONE: 'config',
  });
});

test('.env gives only names that begin with ERRAND_; errand.config.json gives all', () => {
  const others = ['DATABASE_URL', 'PORT', 'HOST', 'PUBLIC_URL', 'LOG_LEVEL'];
  const env = aFolder({ '.env': others.map((name) => `${name}=1\n`).join('') });
  expect(readSettings(env, {}).values).toEqual({});
  const config = aFolder({ 'errand.config.json': JSON.stringify(Object.fromEntries(others.map((name) => [name, 1]))) });
  expect(readSettings(config, {}).values).toEqual(Object.fromEntries(others.map((name) => [name, '1'])));
});

test('values of errand.config.json may be numbers, truth values and JSON', () => {
  const folder = aFolder({
    'errand.config.json':
      '{"$schema": "x", "PORT": 4100, "ERRAND_TAINT": true, "ERRAND_SEED": [{"name": "a"}], "HOST": null}',
  });
  expect(readSettings(folder, {}).values).toEqual({
    PORT: '4100',
    ERRAND_TAINT: 'true',
    ERRAND_SEED: '[{"name":"a"}]',
  });
});

test.each([
  ['no JSON', '{"DATABASE_URL": "secret', /errand\.config\.json is not valid JSON\. Correct it, or move it away\.$/],
  ['no object', '[]', /errand\.config\.json must be an object of settings, such as \{ "PORT": 4100 \}\.$/],
])('an errand.config.json with %s is refused without its text', (_, text, fault) => {
  const folder = aFolder({ 'errand.config.json': text });
  expect(() => readSettings(folder, {})).toThrow(fault);
  expect(() => readSettings(folder, {})).not.toThrow(/secret/);
});

describe('names', () => {
  const check = (files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) => {
    const warnings: string[] = [];
    checkNames(readSettings(aFolder(files), env), (text) => warnings.push(text));
    return warnings;
  };

  test.each([
    [
      'the environment',
      {},
      { ERRAND_ROL: 'all' },
      /^ERRAND_ROL is not a setting of Errand\. Did you mean ERRAND_ROLE\?$/,
    ],
    [
      'the environment, unlike any',
      {},
      { ERRAND_SOMETHING: '1' },
      /^ERRAND_SOMETHING is not .* docs\/settings\.md lists/,
    ],
    [
      '.env',
      { '.env': 'ERRAND_ROL=all' },
      {},
      /^ERRAND_ROL in \S+\.env is not a setting .* Did you mean ERRAND_ROLE\?$/,
    ],
    [
      'the file',
      { 'errand.config.json': '{"PROT": 1}' },
      {},
      /^PROT in \S+\.json is not a setting .* Did you mean PORT\?$/,
    ],
  ])('a misspelt one in %s is refused with a suggestion', (_, files, env, fault) => {
    expect(() => check(files, env)).toThrow(fault);
  });

  test('those of products and of the command line pass, and the service does not get them', () => {
    const env = { ERRAND_URL: 'http://x', ERRAND_API_KEY: 'k', ERRAND_ROLE: 'all', OTHER: '1' };
    expect(check({ '.env': 'ERRAND_WEBHOOK_SECRET=s\nERRAND_BACKOFFICE_TEAM=t' }, env)).toEqual([
      expect.stringMatching(/^ERRAND_BACKOFFICE_TEAM in \S+\.env is not a setting of Errand\. .* It is ignored\.$/),
    ]);
    expect(settingsAlone(env)).toEqual({ ERRAND_ROLE: 'all', OTHER: '1' });
  });
});
