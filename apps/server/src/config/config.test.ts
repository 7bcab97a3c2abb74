import { afterEach, describe, expect, test, vi } from 'vitest';
import { readEnv, toConfig } from './config.ts';
import type { Env } from './settings.ts';

const DATABASE_URL = 'postgresql://u:p@db.example.com/errand';

test('with nothing set there is one process with its own database on the loopback', () => {
  const config = toConfig({});
  expect(config).toMatchObject({
    role: 'all',
    host: '127.0.0.1',
    port: 4000,
    logLevel: 'info',
    egressAllow: [],
    seed: [],
  });
  expect(config.dataDir).toMatch(/\.errand$/);
  expect(config.databaseUrl).toBeUndefined();
  expect(config.model).toBeUndefined();
});

test('settings are read; the command line overrides variables, and ERRAND_PORT overrides PORT', () => {
  const env: Env = {
    PORT: '1',
    ERRAND_PORT: '0',
    ERRAND_ROLE: 'http',
    DATABASE_URL,
    PUBLIC_URL: 'https://errand.example.com/base/',
    ERRAND_EGRESS_ALLOW: 'http://127.0.0.1:8080, https://crm.example.com',
    ERRAND_SEED: '[{"name":"CRM","url":"https://crm.example.com/openapi.json","token":"t0ken-of-crm"}]',
  };
  const config = toConfig(env, ['--role', 'worker']);
  expect(config).toMatchObject({
    role: 'worker',
    port: 0,
    publicUrl: 'https://errand.example.com/base',
    egressAllow: ['http://127.0.0.1:8080', 'https://crm.example.com'],
  });
  expect(config.databaseUrl?.reveal()).toBe(DATABASE_URL);
  expect(JSON.stringify(config)).not.toContain('u:p@');
});

test('origins of workspaces are off, without ports of this machine, unless they are set', () => {
  expect(toConfig({})).toMatchObject({ workspaceOrigins: false, workspaceLoopbackPorts: [] });
  const env = { ERRAND_WORKSPACE_ORIGINS: 'true', ERRAND_WORKSPACE_LOOPBACK_PORTS: '8080, 9000-9099' };
  expect(toConfig(env)).toMatchObject({
    workspaceOrigins: true,
    workspaceLoopbackPorts: [
      [8080, 8080],
      [9000, 9099],
    ],
  });
});

test('a proxy is a URL whose password is kept out of sight', () => {
  const proxy = (value: string) => toConfig({ ERRAND_EGRESS_PROXY: value });
  expect(proxy('http://u:pass-word@proxy.example.com:3128').egressProxy?.reveal()).toBe(
    'http://u:pass-word@proxy.example.com:3128/',
  );
  expect(JSON.stringify(proxy('http://u:pass-word@proxy.example.com:3128'))).not.toContain('pass-word');
  expect(proxy('https://proxy.example.com').egressProxy?.reveal()).toBe('https://proxy.example.com/');
  for (const bad of [
    'proxy:3128',
    'socks5://proxy',
    'http://proxy/path',
    'http://proxy/?x',
    'http://pass-word@proxy',
  ]) {
    expect(() => proxy(bad), bad).toThrow(/^ERRAND_EGRESS_PROXY must be a proxy such as/);
    expect(() => proxy(bad), bad).not.toThrow(/pass-word/);
  }
});

test('a model is its provider, its name and what the provider needs', () => {
  const model = (env: Env) => toConfig(env).model;
  expect(
    model({
      ERRAND_MODEL_PROVIDER: 'openai-compatible',
      ERRAND_MODEL: 'm',
      ERRAND_MODEL_BASE_URL: 'http://127.0.0.1:1/v1',
    }),
  ).toMatchObject({ provider: 'openai-compatible', model: 'm', baseUrl: 'http://127.0.0.1:1/v1' });
  expect(() => model({ ERRAND_MODEL: 'm' })).toThrow(/^ERRAND_MODEL_PROVIDER /);
  expect(() => model({ ERRAND_MODEL_PROVIDER: 'openai' })).toThrow(/^ERRAND_MODEL /);
  expect(() => model({ ERRAND_MODEL_PROVIDER: 'openai', ERRAND_MODEL: 'm' })).toThrow(/^ERRAND_MODEL_API_KEY /);
});

const OPENAI = { ERRAND_MODEL_PROVIDER: 'openai', ERRAND_MODEL: 'large', ERRAND_MODEL_API_KEY: 'k1' };

test('a model may be bounded, priced, and have a fallback, at the same endpoint or another one', () => {
  const settings: Env = {
    ...OPENAI,
    ERRAND_MODEL_TIMEOUT_SECONDS: '30',
    ERRAND_MODEL_OUTPUT_TOKENS: '4000',
    ERRAND_MODEL_TOOLS_SHOWN: '20',
    ERRAND_MODEL_REPAIRS: '0',
    ERRAND_MODEL_REPLANS: '1',
    ERRAND_MODEL_PRICES: '{"large": {"input": 3, "cachedInput": 0.3, "output": 15, "currency": "EUR"}}',
    ERRAND_FALLBACK_MODEL: 'small',
  };
  const bounds = { timeoutMs: 30_000, maxOutputTokens: 4000, maxToolsShown: 20, maxRepairs: 0, maxReplans: 1 };
  const { fallback, ...first } = toConfig(settings).model!;
  expect(first).toMatchObject({ ...bounds, price: { input: 3, cachedInput: 0.3, output: 15, currency: 'EUR' } });
  expect([fallback?.provider, fallback?.model, fallback?.apiKey?.reveal(), fallback?.price]).toEqual([
    ...['openai', 'small', 'k1'],
    undefined,
  ]);
  const withFallback = toConfig({
    ...settings,
    ERRAND_FALLBACK_PROVIDER: 'anthropic',
    ERRAND_FALLBACK_API_KEY: 'k2',
  }).model;
  expect([withFallback?.fallback?.provider, withFallback?.fallback?.apiKey?.reveal()]).toEqual(['anthropic', 'k2']);
});

test.each<[string, Env]>([
  ['ERRAND_MODEL_PROVIDER', { ERRAND_FALLBACK_MODEL: 'm' }],
  ['ERRAND_FALLBACK_MODEL', { ...OPENAI, ERRAND_FALLBACK_API_KEY: 'k' }],
  ['ERRAND_FALLBACK_API_KEY', { ...OPENAI, ERRAND_FALLBACK_MODEL: 'm', ERRAND_FALLBACK_PROVIDER: 'google' }],
  [
    'ERRAND_FALLBACK_BASE_URL',
    { ...OPENAI, ERRAND_FALLBACK_MODEL: 'm', ERRAND_FALLBACK_PROVIDER: 'openai-compatible' },
  ],
  ['ERRAND_TIME_ZONE', { ERRAND_TIME_ZONE: 'Berlin' }],
  ['ERRAND_PROCESSES', { ERRAND_PROCESSES: '0' }],
  ['ERRAND_PROCESSES', { ERRAND_PROCESSES: '65' }],
  ['ERRAND_PROCESSES', { ERRAND_PROCESSES: 'all' }],
  ['ERRAND_MODEL_REPAIRS', { ...OPENAI, ERRAND_MODEL_REPAIRS: '11' }],
  ['ERRAND_MODEL_PRICES', { ...OPENAI, ERRAND_MODEL_PRICES: 'large=3/15' }],
  ['ERRAND_MODEL_PRICES', { ...OPENAI, ERRAND_MODEL_PRICES: '{"large": {"input": 3}}' }],
  ['ERRAND_MODEL_PRICES', { ...OPENAI, ERRAND_MODEL_PRICES: '{"large": {"input": 3, "output": -1}}' }],
  ['ERRAND_MODEL_PRICES', { ...OPENAI, ERRAND_MODEL_PRICES: '{"large": {"input": 3, "output": 1, "cached": 1}}' }],
  ['PORT', { PORT: '65536' }],
  ['ERRAND_PORT', { ERRAND_PORT: 'http' }],
  ['PUBLIC_URL', { PUBLIC_URL: 'errand.example.com' }],
  ['DATABASE_URL', { DATABASE_URL: 'mysql://x' }],
  ['DATABASE_URL', { ERRAND_ROLE: 'worker' }],
  ['ERRAND_ROLE', { ERRAND_ROLE: 'both' }],
  ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
  ['ERRAND_EGRESS_ALLOW', { ERRAND_EGRESS_ALLOW: 'http://127.0.0.1:8080/path' }],
  ['ERRAND_EGRESS_ALLOW', { ERRAND_EGRESS_ALLOW: '*' }],
  ['ERRAND_CORS_ORIGINS', { ERRAND_CORS_ORIGINS: 'https://app.example.com/' }],
  ['ERRAND_WORKSPACE_ORIGINS', { ERRAND_WORKSPACE_ORIGINS: 'yes' }],
  ['ERRAND_WORKSPACE_LOOPBACK_PORTS', { ERRAND_WORKSPACE_LOOPBACK_PORTS: '0' }],
  ['ERRAND_WORKSPACE_LOOPBACK_PORTS', { ERRAND_WORKSPACE_LOOPBACK_PORTS: '9000-8000' }],
  ['ERRAND_WORKSPACE_LOOPBACK_PORTS', { ERRAND_WORKSPACE_LOOPBACK_PORTS: '1-65536' }],
  ['ERRAND_WORKSPACE_LOOPBACK_PORTS', { ERRAND_WORKSPACE_LOOPBACK_PORTS: '*' }],
  ['ERRAND_WORKER_CONCURRENCY', { ERRAND_WORKER_CONCURRENCY: '0' }],
  ['ERRAND_POOL_SIZE', { ERRAND_POOL_SIZE: '1' }],
  ['ERRAND_EVENT_DAYS', { ERRAND_EVENT_DAYS: '0' }],
  ['ERRAND_RUN_DAYS', { ERRAND_RUN_DAYS: '1.5' }],
])('a wrong %s is named in the error', (name, env) => {
  expect(() => toConfig(env)).toThrow(expect.objectContaining({ name: 'ConfigError', setting: name }));
});

test('a wrong seed is refused without showing the token in it', () => {
  const seed = '[{"name":"CRM","token":"t0ken-of-crm"}]';
  expect(() => toConfig({ ERRAND_SEED: seed })).toThrow(/^ERRAND_SEED (?!.*t0ken)/);
});

test('an unknown argument is refused', () => {
  expect(() => toConfig({}, ['--port', '1'])).toThrow(/--role/);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['ERRAND_POOLSIZE', 'Did you mean ERRAND_POOL_SIZE?'],
  ['ERRAND_RATE_LIMITS', 'Did you mean ERRAND_RATE_LIMIT?'],
  ['ERRAND_pool_size', 'Did you mean ERRAND_POOL_SIZE?'],
  ['ERRAND_NUMBER_OF_RUNS', 'docs/settings.md lists the settings.'],
])('the unknown variable %s is refused with a suggestion', (name, suggestion) => {
  vi.stubEnv(name, '1');
  expect(() => readEnv()).toThrow(
    expect.objectContaining({ message: `${name} is not a setting of Errand. ${suggestion}` }),
  );
});

test('variables of programs that call Errand are no error, and are not read', () => {
  const before = readEnv();
  vi.stubEnv('ERRAND_URL', 'http://127.0.0.1:4000');
  vi.stubEnv('ERRAND_API_KEY', 'er_live_secret');
  expect(readEnv()).toEqual(before);
});

describe('ERRAND_CORS_ORIGINS', () => {
  const corsOrigins = (value: string) => toConfig({ ERRAND_CORS_ORIGINS: value }).corsOrigins;

  test('lists exact origins of https, and of this machine over http', () => {
    const valid = [
      ...['https://app.example.com', 'https://app.example.com:8443', 'https://203.0.113.7', 'https://[2001:db8::1]'],
      ...['https://xn--bcher-kva.example', 'http://localhost', 'http://app.localhost:3000', 'http://127.0.0.9:1'],
      'http://[::1]:5173',
    ];
    expect(corsOrigins(` ${valid.join(' , ')},`)).toEqual(valid);
    expect(toConfig({}).corsOrigins).toEqual([]);
  });

  test.each([
    ['*', 'A wildcard allows sites that nobody has checked.'],
    ['https://*.example.com', 'A wildcard allows sites that nobody has checked.'],
    ['null', 'null is the origin of files and sandboxed frames'],
    ['https://app.example.com/', 'without a path: https://app.example.com.'],
    ['https://app.example.com/app?a#b', 'without a path: https://app.example.com.'],
    ['https://APP.example.com', 'as browsers send it, without a path: https://app.example.com.'],
    ['https://app.example.com:443', 'without a path: https://app.example.com.'],
    ['https://bücher.example', 'without a path: https://xn--bcher-kva.example.'],
    ['https://0x7f.1', 'without a path: https://127.0.0.1.'],
    ['http://app.example.com', 'Plain http is accepted only for this machine'],
    ['http://localhost.evil.example', 'Plain http is accepted only for this machine'],
    ['http://127.evil.example', 'Plain http is accepted only for this machine'],
    ['https://app.example.com.', 'An origin has a scheme, a host and perhaps a port'],
    ['app.example.com', 'An origin has a scheme, a host and perhaps a port'],
    ['ftp://app.example.com', 'An origin has a scheme, a host and perhaps a port'],
    ['chrome-extension://abcdefghijklmnop', 'An origin has a scheme, a host and perhaps a port'],
    ['https://app.example.com https://other.example.com', 'An origin has a scheme, a host and perhaps a port'],
  ])('refuses %s', (value, reason) => {
    expect(() => corsOrigins(`https://first.example.com,${value}`)).toThrow(
      `ERRAND_CORS_ORIGINS must list exact origins of web pages, separated by commas, not "${value}". `,
    );
    expect(() => corsOrigins(value)).toThrow(reason);
  });

  test('refuses a user and password, and does not repeat them', () => {
    const refusal = /not an entry with @\. An origin has no user and no password: write https:\/\/app\.example\.com\.$/;
    expect(() => corsOrigins('https://ada:hunter2@app.example.com')).toThrow(refusal);
  });
});
