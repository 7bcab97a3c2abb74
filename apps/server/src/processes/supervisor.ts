import { randomUUID } from 'node:crypto';
import { ExplainedError } from '@errand/basics/explained-error';
import { createRedactor } from '@errand/basics/redactor';
import { DEFAULT_POOL_SIZE, readConnectionLimit } from '@errand/db';
import { writeDevFile } from '@errand/db/embedded';
import type { Config } from '../config/config.ts';
import type { HeldPort } from '../http/port.ts';
import { createLog } from '../log.ts';
import { openMetricsPort } from '../metrics/metrics-port.ts';
import { checkDataFolder } from '../start/data-folder.ts';
import { connectionsOf, type PreparedServer, startServer } from '../start/database.ts';
import { explainDatabaseFault } from '../start/database-fault.ts';
import type { OnPostgres, Service, StopOptions } from '../start/service.ts';
import { ProcessGroup } from './process-group.ts';

export type SuperviseOptions = {
  held?: HeldPort | undefined;
  signal: AbortSignal;
  onPostgres?: OnPostgres | undefined;
};

/**
 * Starts `config.processes` processes on one port, and starts each again when it ends. This process has the embedded Postgres, migrates
 * the database and writes `dev.json`; it serves no requests and carries out no runs.
 * @throws an error that says what to do, after stopping everything
 */
export async function supervise(
  config: Config,
  { held: heldPort, signal, onPostgres }: SuperviseOptions,
): Promise<Pick<Service, 'url' | 'stop'> & { refused: Promise<never> }> {
  const redactor = createRedactor();
  const log = createLog(config.logLevel, redactor);
  const closers: ((how: { atOnce: boolean }) => unknown)[] = [];
  const stop = async ({ atOnce = false }: StopOptions = {}) => {
    for (const close of closers.splice(0).reverse()) await close({ atOnce });
  };
  try {
    if (heldPort) closers.push(heldPort.release);
    await checkDataFolder(config, heldPort !== undefined);
    const server = await startServer(config, log, redactor).catch((error) =>
      Promise.reject(explainDatabaseFault(error, config)),
    );
    closers.push(() => server.stop?.());
    await checkConnections(config, server);
    onPostgres?.(server);
    signal.throwIfAborted();
    const { processes: count, lameDuckMs } = config;
    const metrics = await openMetricsPort(config, { log, closers });
    const order = { ...orderOf(server), port: heldPort?.port, metricsPort: metrics.port };
    const group = new ProcessGroup({ count, lameDuckMs, log, order });
    closers.push((how) => group.stop(how));
    metrics.serve(group.metricsText);
    process.once('exit', () => group.kill());
    const apiKey = await orAbort(group.start(), signal);
    await heldPort?.release();
    const started = await orAbort(group.listen(), signal);
    const url = started[0]!.url;
    const { url: databaseUrl, tenantUrl: tenantDatabaseUrl = databaseUrl } = server;
    if (url !== undefined && apiKey !== undefined)
      await writeDevFile(config.dataDir, { url, apiKey, databaseUrl, tenantDatabaseUrl });
    log.info({ role: config.role, url, ...memoryOf(started) }, 'all processes are ready');
    return { stop, refused: group.refused, ...(url !== undefined && { url }) };
  } catch (error) {
    if (!signal.aborted && !(error instanceof ExplainedError)) log.error({ err: error }, 'the start failed');
    await stop({ atOnce: true });
    throw error;
  }
}

function orderOf(server: PreparedServer) {
  const { url, tenantUrl } = server.fastestUrls ?? server;
  return { machineId: randomUUID(), url, tenantUrl };
}

/** @throws ExplainedError if the processes may open more connections than the server accepts */
async function checkConnections(config: Config, { url }: PreparedServer): Promise<void> {
  const limit = await readConnectionLimit(url);
  const needed = connectionsOf(config);
  if (needed <= limit) return;
  const { processes, poolSize = DEFAULT_POOL_SIZE } = config;
  throw new ExplainedError(
    `${processes} processes with ERRAND_POOL_SIZE=${poolSize} may open ${needed} connections, and Postgres accepts ${limit}. Lower ERRAND_PROCESSES or ERRAND_POOL_SIZE, or raise max_connections.`,
  );
}

const MIB = 2 ** 20;

const memoryOf = (started: readonly { pid: number; memoryBytes: number }[]) => ({
  processes: started.map(({ pid, memoryBytes }) => ({ pid, memoryMib: Math.round(memoryBytes / MIB) })),
  memoryMib: Math.round(started.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / MIB),
});

function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
