import type { Command } from 'commander';
import type { Cli } from '../cli/cli.ts';

/** Adds a command to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;
