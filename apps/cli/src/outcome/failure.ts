import { type ExitCode, exitCodes } from './exit-codes.ts';

/** An expected error of a command. Its message says what is wrong; `remedy` says what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    readonly options: { exitCode?: ExitCode; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }

  get exitCode(): ExitCode {
    return this.options.exitCode ?? exitCodes.error;
  }
}

/** The command line is wrong. */
export const usageFailure = (message: string, remedy?: string) =>
  new Failure(message, { exitCode: exitCodes.usage, remedy });
