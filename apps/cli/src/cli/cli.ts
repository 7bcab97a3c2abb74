import type { CliEnv } from '../environment/config.ts';
import type { ExitCode } from '../outcome/exit-codes.ts';
import type { RecentIds } from '../profile/recent-ids.ts';
import type { Service } from '../service/service.ts';
import type { TargetOptions } from '../service/target.ts';
import type { Asker } from '../terminal/ask.ts';
import type { Output } from '../terminal/output.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** All that a command works with. It is complete when its action runs. */
export type Cli = {
  readonly env: CliEnv;
  readonly targetOptions: TargetOptions;
  readonly terminal: Terminal;
  readonly output: Output;
  /** Asks the person at the terminal; only if `terminal.isInteractive`. */
  readonly ask: Asker;
  /** Opens the service of the options --url, --profile and --local. */
  service(): Service;
  /** The recent ids of that service. */
  recent(): RecentIds;
  /** Aborts when the person presses Ctrl-C. A command that uses it is not ended at once. */
  interruption(): AbortSignal;
  /** Makes an action of commander out of a function that may return the exit code; 0 by default. */
  action<Args extends unknown[]>(
    run: (...args: Args) => Promise<ExitCode | undefined> | Promise<void>,
  ): (...args: Args) => Promise<void>;
};
