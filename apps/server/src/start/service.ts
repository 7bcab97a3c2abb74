import { setTimeout as sleep } from 'node:timers/promises';
import { type ExtendMcpServer, registerIntegration } from '@errand/api';
import { ExplainedError } from '@errand/basics/explained-error';
import { createRedactor } from '@errand/basics/redactor';
import { adminScopes, system } from '@errand/contracts';
import type { Db } from '@errand/db';
import { readDevFile, writeDevFile } from '@errand/db/embedded';
import type { Siblings } from '@errand/ports/siblings';
import type { DestinationStream, Logger } from 'pino';
import { compose } from '../compose.ts';
import type { Config } from '../config/config.ts';
import { type HeldPort, listenFault } from '../http/port.ts';
import { createLog } from '../log.ts';
import type { GroupedMetrics } from '../metrics/measurement.ts';
import { openMetricsPort } from '../metrics/metrics-port.ts';
import { openTraces } from '../traces/open-traces.ts';
import { checkDataFolder } from './data-folder.ts';
import { openConfiguredDatabase, type PreparedServer } from './database.ts';
import { explainDatabaseFault } from './database-fault.ts';
import { createLoginLink } from './login.ts';

export type Service = {
  /** URL of the service; absent for the role `worker`. */
  url?: string;
  /** A key with all scopes in the default workspace; absent for the role `worker`. */
  apiKey?: string;
  databaseUrl: string;
  /** Creates a link that signs the first administrator in; absent for the role `worker`. */
  createLoginLink?: () => Promise<string>;
  /**
   * Serves requests for the lame duck time of the settings, unless `atOnce`. Then accepts no new work, finishes work in progress, and
   * closes all resources.
   */
  stop: (how?: StopOptions) => Promise<void>;
};

export type StopOptions = { atOnce?: boolean };

/** Gets the process id of the embedded Postgres, and what happened to its data. */
export type OnPostgres = (server: Pick<PreparedServer, 'pid' | 'backup' | 'isHeld'>) => void;

export type StartOptions = {
  /** The reserved port; absent for the role `worker`. */
  held?: HeldPort;
  /** Destination of the log; stdout by default. */
  to?: DestinationStream;
  /** Aborts the start. */
  signal?: AbortSignal;
  /** Called when Postgres is ready and migrated. */
  onPostgres?: OnPostgres | undefined;
  /** The processes of the same supervisor, if there is one. */
  supervised?: SupervisedStart | undefined;
  /** For the conformance suite only; programs pass it, no setting does. */
  extendMcpServer?: ExtendMcpServer;
};

/** The part of a process in the start of all. */
export type SupervisedStart = {
  siblings: Siblings;
  metrics: GroupedMetrics;
  /** The port of the metrics of all processes, if there is one. */
  metricsPort?: number | undefined;
  count: number;
  /** Whether it creates the first workspace and key, and registers the seeds. */
  bootstraps: boolean;
  /** Called when the process can serve. Resolves when it should listen. @param apiKey that of the first workspace, if it bootstraps */
  onReady: (apiKey?: string) => Promise<void>;
};

/**
 * Starts the service. It is ready when the promise resolves.
 * @throws an error that says what to do, after stopping everything
 */
export async function startService(
  config: Config,
  { held: heldPort, to, signal, onPostgres, supervised, extendMcpServer }: StartOptions = {},
): Promise<Service> {
  const redactor = createRedactor();
  const log = createLog(config.logLevel, redactor, to);
  const opened = openedParts();
  const { closers, stop } = opened;
  try {
    if (heldPort) closers.push(heldPort.release);
    await checkDataFolder(config, heldPort !== undefined);
    signal?.throwIfAborted();
    const store = openConfiguredDatabase(config, log, redactor);
    const {
      db,
      url: databaseUrl,
      tenantUrl: tenantDatabaseUrl,
      server,
      close,
    } = await store.catch((error) => Promise.reject(explainDatabaseFault(error, config)));
    closers.push(close);
    onPostgres?.(server);
    signal?.throwIfAborted();
    const { port: metricsPort = supervised?.metricsPort, serve } = await openMetricsPort(config, { log, closers });
    const parts = compose({
      config: { ...config, metricsPort },
      db,
      log,
      redactor,
      ownPort: heldPort?.port,
      databaseUrls: [databaseUrl, tenantDatabaseUrl],
      signal: opened.signal,
      supervised,
      extendMcpServer,
      traces: await openTraces(config, { log, redactor, closers }),
    });
    closers.push(parts.close);
    serve(parts.readMetrics);
    await parts.announceListeners();
    await parts.checkCatalog();
    await parts.engine.startHub();
    if (config.role !== 'http') await parts.engine.startWorker();
    signal?.throwIfAborted();
    const bootstraps = heldPort && (supervised?.bootstraps ?? true);
    const apiKey = bootstraps ? await bootstrap({ ...parts, db, log, signal: opened.signal }, config) : undefined;
    signal?.throwIfAborted();
    await supervised?.onReady(apiKey);
    if (!heldPort) {
      log.info({ role: config.role }, 'ready');
      return { databaseUrl, stop };
    }
    await heldPort.release();
    const address = await parts.http.listen({ host: config.host, port: heldPort.port }).catch((error) => {
      throw listenFault(error, config.host, heldPort.port);
    });
    await parts.announceListeners(heldPort.port);
    const url = config.publicUrl ?? address;
    if (apiKey !== undefined && !supervised)
      await writeDevFile(config.dataDir, { url, apiKey, databaseUrl, tenantDatabaseUrl });
    opened.lameDuck = lameDuckOf(config, parts, log);
    log.info({ role: config.role, url }, 'ready');
    const loginLink = async () => (await createLoginLink(db, system, url)).link;
    return { url, apiKey, databaseUrl, createLoginLink: loginLink, stop };
  } catch (error) {
    if (!signal?.aborted && !(error instanceof ExplainedError)) log.error({ err: error }, 'the start failed');
    await stop().catch((cause) => log.error({ err: cause }, 'closing failed'));
    throw error;
  }
}

/** The parts that a start has opened so far. */
function openedParts() {
  const stopping = new AbortController();
  const opened = {
    /** Aborted when the stop begins. */
    signal: stopping.signal,
    closers: [] as (() => Promise<void>)[],
    lameDuck: undefined as (() => Promise<void>) | undefined,
    async stop({ atOnce = false }: StopOptions = {}) {
      stopping.abort();
      if (!atOnce) await opened.lameDuck?.();
      for (const close of opened.closers.splice(0).reverse()) await close();
    },
  };
  return opened;
}

/** @returns a function that serves requests for a time and does no other work; undefined if the time is 0 */
function lameDuckOf({ lameDuckMs }: Config, { stopWorking }: ReturnType<typeof compose>, log: Logger) {
  if (lameDuckMs === 0) return undefined;
  return async () => {
    log.info({ lameDuckMs }, 'stopping: /readyz answers 503, and requests are served for some time');
    const working = stopWorking().catch((error) => log.error({ err: error }, 'the worker did not stop'));
    await sleep(lameDuckMs);
    await working;
  };
}

type BootstrapOptions = Parameters<typeof registerIntegration>[0] & { db: Db; log: Logger; signal: AbortSignal };

/** Creates the workspace `default`, its first key and the seeded integrations, unless they exist. @returns the key */
async function bootstrap(
  { db, importer, connector, log, signal }: BootstrapOptions,
  { dataDir, usesDataDir, seed: seeds }: Pick<Config, 'dataDir' | 'usesDataDir' | 'seed'>,
) {
  const { workspaceId } = await db.workspaces.first('default');
  const apiKey = usesDataDir ? await firstKey(db, workspaceId, dataDir) : undefined;
  const workspaceDb = db.forWorkspace(workspaceId);
  for (const { name, url, token, enable = 'reads' } of seeds) {
    if (await workspaceDb.integrations.hasName(name)) continue;
    const auth = token ? { type: 'API_TOKEN' as const, token } : { type: 'NONE' as const };
    const seed = { name, source: { url }, auth, enable };
    const { customerIntegrationId, toolsText } = await registerIntegration(
      { importer, connector },
      { workspaceId, workspaceDb },
      seed,
      signal,
    );
    log.info({ customerIntegrationId, tools: toolsText }, 'integration registered');
  }
  return apiKey;
}

/** The key of an earlier start while it is valid, or a new one with all scopes. Without a data folder, each start would make another. */
async function firstKey(db: Db, workspaceId: string, dataDir: string): Promise<string> {
  const storedKey = (await readDevFile(dataDir)).apiKey;
  if (storedKey !== undefined && (await db.apiKeys.verify(storedKey))?.workspaceId === workspaceId) return storedKey;
  return (await db.apiKeys.create(workspaceId, { name: 'first key', scopes: adminScopes })).key;
}
