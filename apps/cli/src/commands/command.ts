import type { Command } from 'commander';
import type { CliEnv } from '../environment/config.ts';
import type { ExitCode } from '../outcome/exit-codes.ts';
import type { Service } from '../service/service.ts';
import type { Output } from '../terminal/output.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What a command works with. It is complete when its action runs. */
export type Cli = {
  readonly env: CliEnv;
  readonly terminal: Terminal;
  readonly output: Output;
  /** Opens the service of the options --url, --profile and --local. */
  service(): Promise<Service>;
  /** Makes an action of commander out of a function that may return the exit code; 0 by default. */
  action<Args extends unknown[]>(run: (...args: Args) => Promise<ExitCode | undefined> | Promise<void>): (...args: Args) => Promise<void>;
};

/** Adds a command to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;
