// Starts the service, and stops it on a signal or when its parent process ends.
import { setFlagsFromString } from 'node:v8';
import { readEnv, toConfig } from './config/config.ts';
import { holdPort } from './http/port.ts';
import { toStartErrorText } from './start/explain.ts';

const DRAIN_MS = 30_000;

// Prisma compiles queries in WebAssembly and caches the results, so optimizing that code costs more than it saves.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);

const stopping = new AbortController();
const beginStop = () => {
  if (stopping.signal.aborted) return;
  stopping.abort();
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
};
// A second signal ends the process at once.
const onSignal = () => (stopping.signal.aborted ? process.exit(1) : beginStop());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
// The service ends with the script that started it, even if that script is killed.
process.on('disconnect', beginStop);
if (process.send && !process.connected) beginStop();
// Ignores errors of a closed terminal or pipe.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exit(await main());

async function main(): Promise<number> {
  try {
    const config = toConfig(readEnv(), process.argv.slice(2));
    const sendToParent = (message: object) => process.connected && process.send?.(message);
    // Before loading the service, which takes a second, so that a port in use is reported at once.
    const heldPort = config.role === 'worker' ? undefined : await holdPort(config.host, config.port);
    const { startService } = await import('./start/service.ts');
    const service = await startService(config, {
      held: heldPort,
      signal: stopping.signal,
      onPostgres: config.reportsProgress ? (pid) => sendToParent({ ready: 'postgres', pid }) : undefined,
    });
    sendToParent({ url: service.url });
    if (!stopping.signal.aborted) await new Promise((done) => stopping.signal.addEventListener('abort', done));
    await service.stop();
    return 0;
  } catch (error) {
    if (stopping.signal.aborted && (error as Error).name === 'AbortError') return 0;
    console.error(toStartErrorText(error));
    return 1;
  }
}
