// The fixtures of a measurement, which end with it: Postgres, the third party, servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scopes } from '@errand/contracts';
import type { Db } from '@errand/db';
import { startEmbedded } from '@errand/db/embedded';
import { masterKey } from '@errand/db/testing';
import pg from 'pg';
import { type Child, startChild } from './children.ts';
import { createHttp, type HttpClient } from './http.ts';

/** The built server of this checkout. */
export const ownServer = new URL('../../apps/server/dist/main.js', import.meta.url);
const databasePackage = (program: URL) => new URL('../../../packages/db/dist/index.js', program);
const thirdParty = new URL('./third-party.js', import.meta.url);

export type Server = Pick<Child<unknown>, 'pid' | 'stop' | 'ask'> & { url: string };

export type Stack = {
  databaseUrl: string;
  /** Process id of the Postgres postmaster. */
  postgresPid: number;
  /** The file with the log of Postgres. */
  postgresLog: string;
  db: Db;
  /** As the owner of the tables, without timeouts: to fill them. */
  admin: pg.Pool;
  /** The workspace in which the third party is registered. */
  apiKey: string;
  workspaceId: string;
  /** The third party's customerIntegrationId and address. */
  integration: string;
  thirdPartyUrl: string;
  /** One server with every role and default settings, started on the first call. */
  main(): Promise<Server>;
  /** Starts another server process. @param env more settings @param args e.g. `--role=worker` @param program the program to start */
  serve(env?: Record<string, string>, args?: readonly string[], program?: URL): Promise<Server>;
  client(url: string, sockets: number, apiKey?: string): HttpClient;
  /** Another key of a workspace. */
  newKey(workspaceId: string): Promise<string>;
  /** A folder for files of this measurement. */
  folder: string;
  close(): Promise<void>;
};

/** A build of the server. `node`: the Node binary that runs it, by default that of this process. `env`: more settings. */
export type ServerBuild = { program: URL; node?: string; env?: Record<string, string> };

/** Starts the fixtures of every scenario. @param postgresFolder a folder that stays; by default it ends with the measurement @throws Error with nothing left running */
export async function openStack(
  build: ServerBuild = { program: ownServer },
  postgresSettings: Record<string, string> = {},
  postgresFolder?: string,
): Promise<Stack> {
  const closers: Closers = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return await open(closers, close, { build, postgresSettings, postgresFolder });
  } catch (error) {
    await close();
    throw error;
  }
}

type Closers = (() => unknown)[];

type StackOptions = {
  build: ServerBuild;
  postgresSettings: Record<string, string>;
  postgresFolder: string | undefined;
};

async function open(
  closers: Closers,
  close: () => Promise<void>,
  { build, postgresSettings, postgresFolder = temporary(closers, 'errand-bench-postgres-') }: StackOptions,
): Promise<Stack> {
  const folder = temporary(closers, 'errand-bench-');
  const postgres = await startEmbedded({ dir: postgresFolder, settings: postgresSettings });
  closers.push(postgres.stop);
  const third = await startChild<{ url: string }>(thirdParty, { log: join(folder, 'third-party.log') });
  closers.push(third.stop);
  const masterKeys = masterKey();
  const serve = serverStarter(closers, folder, build, {
    PORT: '0',
    DATABASE_URL: postgres.fastestUrls.url,
    ERRAND_TENANT_DATABASE_URL: postgres.fastestUrls.tenantUrl,
    ERRAND_OWNER_DATABASE_URL: postgres.fastestUrls.ownerUrl,
    ERRAND_MASTER_KEYS: masterKeys,
    ERRAND_EGRESS_ALLOW: third.ready.url,
    ...build.env,
  });

  // The first server migrates the database and creates the first workspace.
  const first = await serve();
  // The client of the build itself, because each build has its own tables.
  const database: typeof import('@errand/db') = await import(databasePackage(build.program).href);
  const db = database.openDatabase({ ...postgres, masterKeys: [masterKeys], poolSize: 2 });
  closers.push(() => db.close());
  const admin = new pg.Pool({ connectionString: postgres.ownerUrl, max: 1 });
  closers.push(() => admin.end());
  const { workspaceId } = await db.workspaces.first();
  const newKey = async (workspace: string) => (await db.apiKeys.create(workspace, { name: 'bench', scopes })).key;
  const apiKey = await newKey(workspaceId);
  const client = clientMaker(closers, apiKey);

  return {
    databaseUrl: postgres.url,
    postgresPid: postgres.pid,
    postgresLog: join(postgresFolder, 'postgres.log'),
    db,
    admin,
    apiKey,
    workspaceId,
    integration: await register(client(first.url, 1), third.ready.url),
    thirdPartyUrl: third.ready.url,
    main: mainServer(first, serve),
    serve,
    client,
    newKey,
    folder,
    close,
  };
}

/** Starts servers, each with its own data folder and log. */
function serverStarter(
  closers: Closers,
  folder: string,
  build: ServerBuild,
  settings: Record<string, string>,
): Stack['serve'] {
  let started = 0;
  return async (env = {}, args = [], program = build.program) => {
    const name = `server-${++started}`;
    const child: Child<{ url: string }> = await startChild(program, {
      log: join(folder, `${name}.log`),
      args,
      node: build.node,
      env: { ...settings, ERRAND_DATA_DIR: join(folder, name), ...env },
    });
    closers.push(child.stop);
    return { url: child.ready.url, pid: child.pid, stop: child.stop, ask: child.ask };
  };
}

/** The server with default settings, started again if it was stopped. */
function mainServer(first: Server, serve: Stack['serve']): Stack['main'] {
  let running: Promise<Server> | undefined = Promise.resolve(first);
  return async () => {
    running ??= serve();
    const main = await running;
    return {
      ...main,
      stop: () => {
        running = undefined;
        return main.stop();
      },
    };
  };
}

function clientMaker(closers: Closers, apiKey: string): Stack['client'] {
  const clients: HttpClient[] = [];
  closers.push(() => {
    for (const http of clients) http.close();
  });
  return (url, sockets, key = apiKey) => {
    const http = createHttp(url, key, sockets);
    clients.push(http);
    return http;
  };
}

/** Registers the third party. @returns its customerIntegrationId */
async function register(http: HttpClient, thirdPartyUrl: string): Promise<string> {
  const answer = await http.send('POST', '/v1/integrations', {
    name: 'Warehouse',
    kind: 'openapi',
    url: `${thirdPartyUrl}/openapi.json`,
    auth: { type: 'NONE' },
    enable: 'all',
  });
  return (JSON.parse(answer) as { customerIntegrationId: string }).customerIntegrationId;
}

function temporary(closers: Closers, prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
