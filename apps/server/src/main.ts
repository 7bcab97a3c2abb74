// Starts the service, or the supervisor of several processes of it, and stops it on a signal or when its parent process ends.
import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { type Config, readEnv, toConfig } from './config/config.ts';
import { holdPort } from './http/port.ts';
import { toStartErrorText } from './start/explain.ts';
import type { OnPostgres, Service } from './start/service.ts';

/** Limit of the stop after the lame duck time, in ms. */
const DRAIN_MS = 30_000;

// Prisma compiles queries in WebAssembly and caches the results, so optimizing that code costs more than it saves.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);

const stopping = new AbortController();
let lameDuckMs = 0;
let atOnce = false;
/** @param how `atOnce`: nothing else takes over, so the process serves no further requests */
const beginStop = (how: { atOnce: boolean }) => {
  if (stopping.signal.aborted) return;
  atOnce = how.atOnce;
  stopping.abort();
  setTimeout(() => process.exit(1), DRAIN_MS + (atOnce ? 0 : lameDuckMs)).unref();
};
let signals = 0;
// A second signal ends the process at once. An order of its supervisor does not count: systemd sends signals to both.
const onSignal = (signal: NodeJS.Signals) => {
  signals++;
  if (signals > 1) process.exit(1);
  beginStop({ atOnce: signal !== 'SIGTERM' });
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
// The service ends with the script that started it, even if that script is killed.
const onDisconnect = () => beginStop({ atOnce: true });
process.on('disconnect', onDisconnect);
if (process.send && !process.connected) onDisconnect();
let hasFailed = false;
// The last resort: a rejection that nothing handles is a fault of this program. Its work in progress ends in order, as after a signal, and
// its supervisor or container starts another process. Node would end it in the middle of calls.
process.on('unhandledRejection', (reason) => {
  console.error('A promise was rejected and nothing handled it. This process stops.', reason);
  hasFailed = true;
  beginStop({ atOnce: false });
});
// Ignores errors of a closed terminal or pipe.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exit(await main());

async function main(): Promise<number> {
  try {
    const config = toConfig(readEnv(), process.argv.slice(2));
    lameDuckMs = config.lameDuckMs;
    const service = await start(config);
    const aborted = new Promise((done) => stopping.signal.addEventListener('abort', done));
    if (!stopping.signal.aborted) await Promise.race([aborted, service.refused ?? aborted]);
    await service.stop({ atOnce });
    return hasFailed ? 1 : 0;
  } catch (error) {
    if (stopping.signal.aborted && (error as Error).name === 'AbortError') return hasFailed ? 1 : 0;
    console.error(toStartErrorText(error));
    return (error as { exitCode?: number }).exitCode ?? 1;
  }
}

/** `refused` rejects when all processes have refused to start again. */
type Startable = Pick<Service, 'stop'> & { refused?: Promise<never> };

async function start(config: Config): Promise<Startable> {
  const { signal } = stopping;
  if (cluster.isWorker) {
    const { startProcess } = await import('./processes/process.ts');
    return startProcess(config, { signal, beginStop });
  }
  const sendToParent = (message: object) => process.connected && process.send?.(message);
  // Before loading the service, which takes a second, so that a port in use is reported at once.
  const held = config.role === 'worker' ? undefined : await holdPort(config.host, config.port);
  const onPostgres: OnPostgres | undefined = config.reportsProgress
    ? ({ pid, backup, isHeld }) => sendToParent({ ready: 'postgres', pid, backup, isHeld })
    : undefined;
  const starting: Promise<Startable & Pick<Service, 'url' | 'createLoginLink'>> =
    config.processes > 1
      ? import('./processes/supervisor.ts').then(({ supervise }) => supervise(config, { held, signal, onPostgres }))
      : import('./start/service.ts').then(({ startService }) => startService(config, { held, signal, onPostgres }));
  const service = await starting;
  // A service that starts is useful without the link.
  const loginLink = config.reportsProgress ? await service.createLoginLink?.().catch(() => undefined) : undefined;
  sendToParent({ url: service.url, loginLink });
  return service;
}
