import { expect, test } from 'vitest';
import { toConfig } from './config.ts';
import { describeSettings } from './describe-settings.ts';
import { declarations, type Env } from './settings.ts';

const settingsOf = (env: Env, argv: string[] = []) =>
  Object.fromEntries(toConfig(env, argv).settings.map(({ name, ...rest }) => [name, rest]));

test('with every setting set to a canary, no secret is in the answer', () => {
  const env: Env = Object.fromEntries(
    declarations.map(({ name, shows }) => [
      name,
      shows === 'url' ? `https://user-canary:canary-of-${name}@host.example/path` : `canary-of-${name}`,
    ]),
  );
  const settings = describeSettings(env);
  expect(settings.map(({ isSet }) => isSet)).not.toContain(false);
  const text = JSON.stringify(settings);
  expect(text).not.toContain('user-canary');
  for (const { name, shows } of declarations) {
    expect([name, text.includes(`canary-of-${name}"`)]).toEqual([name, shows === 'value']);
    if (shows === 'nothing') expect(text).not.toContain(`canary-of-${name}`);
    if (shows === 'url')
      expect(settings.find((setting) => setting.name === name)?.value).toBe('https://host.example/path');
  }
});

test('settings with the name of a secret show nothing, and URLs show no user', () => {
  for (const { name, shows } of declarations) {
    // Issuers of tokens and the number of tokens are no secrets.
    if (/KEY|SECRET|PASSWORD|DATABASE_URL|SEED|HEADER|(?<!OUTPUT_)TOKEN(?!_ISSUERS)/.test(name))
      expect([name, shows]).toEqual([name, 'nothing']);
    else if (/URL|PROXY$/.test(name)) expect([name, shows]).toEqual([name, 'url']);
  }
});

test('a URL in an unusual form shows no password either', () => {
  for (const proxy of [
    'http://u:pass-word@proxy.example:3128',
    'http:u:pass-word@proxy.example',
    'http:\\\\u:pass-word@proxy.example',
    'http://u:pass@pass-word@proxy.example',
    'u:pass-word@proxy.example',
    'pass-word',
  ])
    expect(JSON.stringify(describeSettings({ ERRAND_EGRESS_PROXY: proxy })), proxy).not.toContain('pass-word');
});

test('each value has its source', () => {
  const settingByName = settingsOf({ PORT: '0', DATABASE_URL: 'postgresql://u:p@db.example/errand' }, [
    '--role',
    'worker',
  ]);
  expect(settingByName.PORT).toMatchObject({ source: 'environment', isSet: true, value: '0', default: '4000' });
  expect(settingByName.ERRAND_ROLE).toMatchObject({ source: 'argument', isSet: true, value: 'worker', default: 'all' });
  expect(settingByName.ERRAND_POOL_SIZE).toMatchObject({ source: 'default', isSet: false, value: '10' });
  expect(settingByName.DATABASE_URL).toMatchObject({ source: 'environment', isSet: true, isSecret: true });
  expect(settingByName.ERRAND_MASTER_KEYS).toMatchObject({ source: 'file', isSet: true });
  expect(settingByName.ERRAND_RUN_DAYS).toMatchObject({ source: 'none', isSet: false });
  for (const name of ['DATABASE_URL', 'ERRAND_MASTER_KEYS', 'ERRAND_RUN_DAYS'])
    expect(settingByName[name]).not.toHaveProperty('value');
});
