import { problemOf } from '@errand/client';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

type Sayer = { say(text: string, paint?: (text: string) => string): void };

/** Says what went wrong and what to do, on stderr. @returns the exit code */
export function sayError(error: unknown, output: Sayer): ExitCode {
  if (error instanceof Failure) {
    output.say(`error: ${error.message}`);
    if (error.options.remedy) output.say(error.options.remedy);
    return error.exitCode;
  }
  const problem = problemOf(error);
  if (!problem) {
    output.say(`error: ${reasonOf(error)}`);
    return exitCodes.error;
  }
  output.say(`error: ${problem.detail ?? problem.title} (${problem.code})`);
  for (const { pointer, message } of problem.errors?.slice(0, 20) ?? []) output.say(`  ${pointer}: ${message}`);
  if (problem.remedy) output.say(problem.remedy);
  return problem.status === 401 || problem.status === 403 ? exitCodes.signIn : exitCodes.error;
}

/** The message of an error. That of a lost connection, or of an answer that is not JSON, is in its last cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = causesOf(error);
  const last = causes.at(-1)!;
  const reason = last.message || (last as { code?: string }).code || last.name;
  if (causes.some(isLostConnection)) return `The service cannot be reached: ${reason}.`;
  if (last instanceof SyntaxError) return `The answer does not come from Errand: ${reason}.`;
  return error.message || reason;
}

const causesOf = (error: Error): Error[] => [error, ...(error.cause instanceof Error ? causesOf(error.cause) : [])];

/** `fetch` throws these before, and while, it reads an answer. */
const isLostConnection = (error: Error): boolean =>
  error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
