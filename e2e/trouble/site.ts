import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, startWithAdministrator } from '@errand/db/testing';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { startProxy, type TcpProxy } from '../fixtures/proxy.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { type Stub, type StubOperation, startStub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';

/** A process of the service with its own proxy to Postgres. */
export type Process = Server & { way: TcpProxy };

export type Site = {
  http: Process[];
  workers: Process[];
  /** Over the first http process. */
  api: Api;
  stub: Stub;
  /** The stub's customerIntegrationId. */
  id: string;
  /** A connection to the database without faults. */
  admin: pg.Pool;
};

export type SiteOptions = {
  operations: Readonly<Record<string, StubOperation>>;
  /** Number of processes by role; by default one with both roles. */
  http?: number;
  workers?: number;
  env?: Readonly<Record<string, string>>;
  /** The URL of the database; by default one of the test run's server. */
  databaseUrl?: string;
};

/** A service of several processes and its third party, for one test. */
export async function aSite({ operations, http = 0, workers = 0, env, databaseUrl }: SiteOptions): Promise<Site> {
  const url = databaseUrl ?? (await ownDatabase());
  const stub = await startStub(operations);
  onTestFinished(() => stub.close());
  const admin = new pg.Pool({ connectionString: url, max: 3 });
  admin.on('error', () => {});
  onTestFinished(() => admin.end());
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-e2e-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const start = async (role: 'http' | 'worker' | 'all'): Promise<Process> => {
    const way = await startProxy({ port: Number(new URL(url).port) });
    onTestFinished(() => way.close());
    const settings = { ERRAND_EGRESS_ALLOW: stub.origin, ERRAND_ROLE: role, ...env };
    const server = await startServer({ databaseUrl: way.through(url), dataDir, env: settings });
    onTestFinished(() => server.kill());
    return { ...server, way };
  };
  // The first process creates the keys that the others read.
  const first = await start(http > 0 ? 'http' : 'all');
  const site: Site = { http: [first], workers: http > 0 ? [] : [first], api: overRest(first), stub, id: '', admin };
  for (let i = 1; i < http; i++) site.http.push(await start('http'));
  for (let i = 0; i < workers; i++) site.workers.push(await start('worker'));
  const auth = { type: 'API_TOKEN', token: 'token' } as const;
  const integration = await site.api.integrations.create({
    name: 'Stub',
    kind: 'openapi',
    document: stub.document,
    auth,
  });
  site.id = integration.customerIntegrationId;
  return site;
}

async function ownDatabase(): Promise<string> {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return database.url;
}

/**
 * A Postgres for one test that it may damage.
 * @param dir of the data; by default a fresh folder
 */
export async function aPostgres(dir?: string, settings: Readonly<Record<string, string>> = {}) {
  const directory = dir ?? (await mkdtemp(join(tmpdir(), 'errand-e2e-postgres-')));
  if (!dir) onTestFinished(() => rm(directory, { recursive: true, force: true }));
  let server = await startWithAdministrator({ dir: directory, settings });
  onTestFinished(() => server.stop());
  const { adminUrl: url, port } = server;
  /** Runs statements as the superuser, on a connection of their own. @returns the rows of the last one */
  const run = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href });
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const text of statements) rows = (await client.query(text)).rows;
      return rows;
    } finally {
      await client.end();
    }
  };
  const [row] = await run(`SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`);
  return {
    url,
    port,
    pid: row!.pid as number,
    run,
    stop: () => server.stop(),
    /** Starts Postgres again at the same port; nothing happens while it runs. */
    start: async () => {
      server = await startWithAdministrator({ dir: directory, port, settings });
    },
  };
}
