// Starts the service, and ends it: by a signal, or when the process that started it is gone.
import { setFlagsFromString } from 'node:v8';
import { readEnv, toConfig } from './config/config.ts';
import { holdPort } from './http/port.ts';
import { explain } from './start/explain.ts';

const DRAIN_MS = 30_000;

// Prisma's compiler of queries is WebAssembly, and what it makes is kept: to make it faster costs more than all that it ever does.
for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);

const leaving = new AbortController();
const leave = () => {
  if (leaving.signal.aborted) return;
  leaving.abort();
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
};
// a second signal does not wait
const onSignal = () => (leaving.signal.aborted ? process.exit(1) : leave());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
// started by a script: the service ends with it, even when it is killed
process.on('disconnect', leave);
if (process.send && !process.connected) leave();
// a terminal that is closed, or a reader that is gone
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exit(await main());

async function main(): Promise<number> {
  try {
    const config = toConfig(readEnv(), process.argv.slice(2));
    const tell = (message: object) => process.connected && process.send?.(message);
    // First of all, and before the service is loaded, which takes a second: a port in use is reported at once.
    const heldPort = config.role === 'worker' ? undefined : await holdPort(config.host, config.port);
    const { startService } = await import('./start/service.ts');
    const service = await startService(config, {
      held: heldPort,
      signal: leaving.signal,
      onPostgres: config.progress ? (pid) => tell({ ready: 'postgres', pid }) : undefined,
    });
    tell({ url: service.url });
    if (!leaving.signal.aborted) await new Promise((done) => leaving.signal.addEventListener('abort', done));
    await service.stop();
    return 0;
  } catch (error) {
    if (leaving.signal.aborted && (error as Error).name === 'AbortError') return 0;
    console.error(explain(error));
    return 1;
  }
}
