#!/usr/bin/env node
import { runCommandLine } from './program.ts';

/** The handle of a pipe has this method; Node has no public one. */
type BlockingStream = { readonly _handle?: { setBlocking?(isBlocking: boolean): void } };

// A reader such as `head` may close the pipe before everything is written.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// A pipe that is read slowly would otherwise make its writes queue in memory. A stream of the service cannot be paused.
for (const { _handle } of [process.stdout, process.stderr] as readonly BlockingStream[]) _handle?.setBlocking?.(true);

process.exitCode = await runCommandLine(process.argv.slice(2), process);
