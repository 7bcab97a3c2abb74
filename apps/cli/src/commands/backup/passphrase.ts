import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isCancel, password } from '@clack/prompts';
import { exitCodes } from '../../outcome/exit-codes.ts';
import { Failure, usageFailure } from '../../outcome/failure.ts';
import type { Terminal } from '../../terminal/terminal.ts';

const OPTION = '--passphrase-file <file>';
export const passphraseOption = [OPTION, 'read the passphrase from a file, or from stdin with -'] as const;

/** Reads a passphrase from a file, from stdin, or from the person at the terminal; never from an argument. */
export async function readPassphrase(
  terminal: Terminal,
  file: string | undefined,
  { isNew }: { isNew: boolean },
): Promise<string> {
  if (file !== undefined)
    return (await (file === '-' ? text(terminal.input) : readFile(file, 'utf8'))).replace(/\r?\n$/, '');
  if (!terminal.isInteractive)
    throw usageFailure(
      'The passphrase of the master keys is missing.',
      `Give it with ${OPTION}, or run the command in a terminal.`,
    );
  const passphrase = await ask('Passphrase of the master keys');
  if (isNew && (await ask('The same again')) !== passphrase) throw usageFailure('The two passphrases differ.');
  return passphrase;
}

async function ask(message: string): Promise<string> {
  const answer = await password({ message, output: process.stderr });
  if (isCancel(answer)) throw new Failure('The command was canceled.', { exitCode: exitCodes.interrupted });
  return answer;
}
