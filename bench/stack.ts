// All that a measurement needs, started for it and ended with it: Postgres, the third party, servers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scopes } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { startEmbedded } from '@errand/db/embedded';
import { masterKey } from '@errand/db/testing';
import pg from 'pg';
import { type Child, startChild } from './children.ts';
import { createHttp, type HttpClient } from './http.ts';

const server = new URL('../../apps/server/dist/main.js', import.meta.url);
const thirdParty = new URL('./third-party.js', import.meta.url);

export type Server = Pick<Child<unknown>, 'pid' | 'stop' | 'ask'> & { url: string };

export type Stack = {
  databaseUrl: string;
  /** Of the first process of Postgres. */
  postgresPid: number;
  db: Db;
  /** As the owner of the tables, and without limits of time: to fill them. */
  admin: pg.Pool;
  /** Of the workspace in which the third party is registered. */
  apiKey: string;
  workspaceId: string;
  /** The third party's customerIntegrationId, and where it is. */
  integration: string;
  thirdPartyUrl: string;
  /** One server with every role and default settings, started when first asked for. */
  main(): Promise<Server>;
  /** One more server process. @param env more settings @param args e.g. `--role=worker` @param program what starts it */
  serve(env?: Record<string, string>, args?: readonly string[], program?: URL): Promise<Server>;
  client(url: string, sockets: number, apiKey?: string): HttpClient;
  /** Another key of a workspace. */
  newKey(workspaceId: string): Promise<string>;
  /** Where files of this run may be. */
  folder: string;
  close(): Promise<void>;
};

/** Starts what every scenario needs. @throws with nothing left running */
export async function openStack(): Promise<Stack> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return await open(closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(closers: (() => unknown)[], close: () => Promise<void>): Promise<Stack> {
  const folder = temporary(closers, 'errand-bench-');
  const postgres = await startEmbedded({ dir: temporary(closers, 'errand-bench-postgres-') });
  closers.push(postgres.stop);
  const third = await startChild<{ url: string }>(thirdParty, { log: join(folder, 'third-party.log') });
  closers.push(third.stop);
  const masterKeys = masterKey();
  let started = 0;

  async function serve(
    env: Record<string, string> = {},
    args: readonly string[] = [],
    program = server,
  ): Promise<Server> {
    const child: Child<{ url: string }> = await startChild(program, {
      log: join(folder, `server-${++started}.log`),
      args,
      env: {
        PORT: '0',
        DATABASE_URL: postgres.local.url,
        ERRAND_TENANT_DATABASE_URL: postgres.local.tenantUrl,
        ERRAND_OWNER_DATABASE_URL: postgres.local.ownerUrl,
        ERRAND_DATA_DIR: join(folder, `server-${started}`),
        ERRAND_MASTER_KEYS: masterKeys,
        ERRAND_EGRESS_ALLOW: third.ready.url,
        ...env,
      },
    });
    closers.push(child.stop);
    return { url: child.ready.url, pid: child.pid, stop: child.stop, ask: child.ask };
  }

  // The first server migrates the database and makes the first workspace.
  let running: Promise<Server> | undefined = serve();
  await running;
  const db = openDatabase({ ...postgres, masterKeys: [masterKeys], poolSize: 2 });
  closers.push(() => db.close());
  const admin = new pg.Pool({ connectionString: postgres.ownerUrl, max: 1 });
  closers.push(() => admin.end());
  const { workspaceId } = await db.workspaces.first();
  const newKey = async (workspace: string) => (await db.apiKeys.create(workspace, { name: 'bench', scopes })).key;
  const apiKey = await newKey(workspaceId);
  const clients: HttpClient[] = [];
  closers.push(() => {
    for (const one of clients) one.close();
  });
  const client = (url: string, sockets: number, key = apiKey) => {
    const http = createHttp(url, key, sockets);
    clients.push(http);
    return http;
  };
  const register = {
    name: 'Warehouse',
    kind: 'openapi',
    url: `${third.ready.url}/openapi.json`,
    auth: { type: 'NONE' },
    enable: 'all',
  };
  const made = await client((await running).url, 1).send('POST', '/v1/integrations', register);

  return {
    databaseUrl: postgres.url,
    postgresPid: postgres.pid,
    db,
    admin,
    apiKey,
    workspaceId,
    integration: (JSON.parse(made) as { customerIntegrationId: string }).customerIntegrationId,
    thirdPartyUrl: third.ready.url,
    main: () => {
      running ??= serve();
      return running.then((one) => ({
        ...one,
        stop: () => {
          running = undefined;
          return one.stop();
        },
      }));
    },
    serve,
    client,
    newKey,
    folder,
    close,
  };
}

function temporary(closers: (() => unknown)[], prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
