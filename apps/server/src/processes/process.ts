// A process under the supervisor.
import { Secret } from '@errand/contracts';
import type { Config } from '../config/config.ts';
import { type Service, startService } from '../start/service.ts';
import { Deferred } from './deferred.ts';
import type { StartOrder, ToProcess, ToSupervisor } from './messages.ts';
import { SupervisedMetrics } from './supervised-metrics.ts';
import { SupervisedSiblings } from './supervised-siblings.ts';

/** Interval of the sign of life to the supervisor, in ms. */
const ALIVE_MS = 1000;

/** Starts the service as one of several processes. @param beginStop called when the supervisor stops the process */
export async function startProcess(
  config: Config,
  { signal, beginStop }: { signal: AbortSignal; beginStop: (how: { atOnce: boolean }) => void },
): Promise<Pick<Service, 'stop'>> {
  const listening = new Deferred();
  signal.addEventListener('abort', () => listening.reject(signal.reason));
  const order = await receiveOrder();
  const siblings = new SupervisedSiblings(order.machineId, send);
  const metrics = new SupervisedMetrics(send);
  process.on('message', (message: ToProcess) => {
    if (message.kind === 'stop') beginStop(message);
    else if (message.kind === 'listen') listening.resolve();
    else if (!metrics.receive(message)) siblings.receive(message);
  });
  const alive = setInterval(() => send({ kind: 'alive' }), ALIVE_MS).unref();
  const service = await startService(configOf(config, order), {
    ...(order.port !== undefined && { held: { port: order.port, release: async () => {} } }),
    signal,
    supervised: {
      siblings,
      metrics,
      metricsPort: order.metricsPort,
      count: order.count,
      bootstraps: order.bootstraps,
      onReady: (apiKey) => {
        send({ kind: 'ready', apiKey });
        return listening.promise;
      },
    },
  });
  send({ kind: 'started', url: service.url, memoryBytes: process.memoryUsage.rss() });
  return {
    stop: (how) => {
      clearInterval(alive);
      return service.stop(how);
    },
  };
}

function send(message: ToSupervisor, onSent: () => void = () => {}): void {
  if (process.connected) process.send!(message, undefined, undefined, onSent);
}

function receiveOrder(): Promise<StartOrder> {
  const order = new Deferred<StartOrder>();
  const onMessage = (message: ToProcess) => {
    if (message.kind !== 'start') return;
    process.off('message', onMessage);
    order.resolve(message);
  };
  process.on('message', onMessage);
  send({ kind: 'hello' });
  return order.promise;
}

/** The supervisor has started and migrated the database, and serves the metrics. */
const configOf = (config: Config, { url, tenantUrl }: StartOrder): Config => ({
  ...config,
  metricsPort: undefined,
  databaseUrl: new Secret(url),
  tenantDatabaseUrl: tenantUrl === undefined ? undefined : new Secret(tenantUrl),
  ownerDatabaseUrl: undefined,
});
