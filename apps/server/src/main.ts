// The door: starts the service and drains it when it is told to end, also while it is still starting.
import { readEnv, toConfig } from './config.ts';
import { startService } from './service.ts';

const DRAIN_MS = 30_000;

try {
  const starting = startService(toConfig(readEnv(), process.argv.slice(2)));
  let stopping = false;
  const drain = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    starting
      .then((service) => service.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  // a second signal does not wait
  const end = () => (stopping ? process.exit(1) : drain());
  process.on('SIGTERM', end).on('SIGINT', end);
  // started by a script: it waits for this message, and the service ends with it, even when it is killed
  process.on('disconnect', drain);
  const service = await starting;
  process.send?.({ url: service.url });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
