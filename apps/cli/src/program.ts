import { Command, CommanderError } from 'commander';
import type { Cli } from './cli/cli.ts';
import { commands } from './commands/table.ts';
import { type CliEnv, readCliEnv } from './environment/config.ts';
import { type ExitCode, exitCodes } from './outcome/exit-codes.ts';
import { sayError } from './outcome/say-error.ts';
import { type RecentIds, recentIds } from './profile/recent-ids.ts';
import { openService, type Service } from './service/service.ts';
import type { TargetOptions } from './service/target.ts';
import { type Asker, createAsker } from './terminal/ask.ts';
import { createOutput, type Output, type OutputMode } from './terminal/output.ts';
import { createTerminal, type Streams, type Terminal } from './terminal/terminal.ts';

type GlobalOptions = TargetOptions & { json?: boolean; jsonl?: boolean; quiet?: boolean; color: boolean };

/** Carries out a command line. @returns the exit code */
export async function runCommandLine(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const cli = new CommandLine(new Command('errand'), streams, readCliEnv());
  try {
    await cli.program.parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // commander has printed the help or its message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    return sayError(error, cli.output);
  }
}

/** The program with its global options and every command. */
function buildProgram(program: Command, { stdout, stderr }: Streams, cli: Cli): Command {
  program
    .description('Carries out errands: creates runs, follows them, decides requests, and manages a workspace.')
    .option('--profile <name>', 'the profile of errand login')
    .option('--url <url>', 'the service, at the origin of its key')
    .option('--local', 'the service that was started in this folder')
    .option('--json', 'print one JSON document on stdout')
    .option('--jsonl', 'print a line of JSON for each item or event')
    .option('-q, --quiet', 'print only ids')
    .option('--no-color', 'print no colors')
    .showHelpAfterError('(errand help <command> explains it.)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .exitOverride();
  for (const add of commands) add(program, cli);
  return program;
}

class CommandLine implements Cli {
  exitCode: ExitCode = exitCodes.success;
  #service: Service | undefined;
  #terminal: Terminal | undefined;
  #output: Output | undefined;
  #interruption: AbortController | undefined;

  constructor(
    readonly program: Command,
    private readonly streams: Streams,
    readonly env: CliEnv,
  ) {
    buildProgram(program, streams, this);
  }

  get #options(): GlobalOptions {
    return this.program.opts<GlobalOptions>();
  }

  get targetOptions(): TargetOptions {
    return this.#options;
  }

  get terminal(): Terminal {
    this.#terminal ??= createTerminal(this.streams, this.env, this.#options.color);
    return this.#terminal;
  }

  get output(): Output {
    this.#output ??= createOutput(this.terminal, modeOf(this.#options));
    return this.#output;
  }

  get ask(): Asker {
    return createAsker(this.terminal);
  }

  service(): Service {
    this.#service ??= openService(this.#options, this.env);
    return this.#service;
  }

  recent(): RecentIds {
    return recentIds(this.env.configDir, this.service().target.name);
  }

  interruption(): AbortSignal {
    if (!this.#interruption) {
      const controller = new AbortController();
      // A second Ctrl-C ends the program at once.
      process.once('SIGINT', () => controller.abort());
      this.#interruption = controller;
    }
    return this.#interruption.signal;
  }

  action<Args extends unknown[]>(run: (...args: Args) => Promise<ExitCode | undefined> | Promise<void>) {
    return async (...args: Args): Promise<void> => {
      this.exitCode = (await run(...args)) ?? exitCodes.success;
    };
  }
}

const modeOf = ({ json, jsonl, quiet }: GlobalOptions): OutputMode =>
  json ? 'json' : jsonl ? 'jsonl' : quiet ? 'quiet' : 'text';
