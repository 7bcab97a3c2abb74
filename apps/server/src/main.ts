// The door: starts the service and drains it when it is told to end.
import { readEnv, toConfig } from './config.ts';
import { startService } from './service.ts';

const DRAIN_MS = 30_000;

try {
  const service = await startService(toConfig(readEnv(), process.argv.slice(2)));
  let stopping = false;
  const end = () => {
    // a second signal does not wait
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  // started by a script: it waits for this, and the service ends with it, even when it is killed
  process.on('disconnect', end);
  process.send?.({ url: service.url });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
