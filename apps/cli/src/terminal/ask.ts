// Questions to the person at the terminal, on stderr.
import { type CANCEL_SYMBOL, confirm, isCancel, password, select, selectKey, text } from '@clack/prompts';
import { exitCodes } from '../outcome/exit-codes.ts';
import { Failure, usageFailure } from '../outcome/failure.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './visible.ts';

/** The largest text that is read from stdin. */
const MAX_INPUT = 6 * 1024 * 1024;

export type Choice = { value: string; label: string; hint?: string };
type AskOptions = { signal?: AbortSignal };

export type Asker = {
  /** One of the choices by its key, a letter. */
  key(message: string, choices: readonly Choice[], options?: AskOptions): Promise<string>;
  /** One of the choices from a list. @returns its position */
  choose(message: string, labels: readonly string[], options?: AskOptions): Promise<number>;
  text(message: string, options?: AskOptions & { placeholder?: string; initialValue?: string }): Promise<string>;
  confirm(message: string, options?: AskOptions): Promise<boolean>;
  /** A secret, which is not shown while it is entered. */
  secret(message: string): Promise<string>;
};

/** The person did not answer: they pressed Ctrl-C, or the question was settled elsewhere. */
export class NotAnswered extends Failure {
  constructor() {
    super('Canceled.', { exitCode: exitCodes.interrupted });
  }
}

export function createAsker({ input, err }: Terminal): Asker {
  const common = ({ signal }: AskOptions = {}) => ({ input, output: err.stream, signal, withGuide: false });
  const answered = <T>(answer: T | typeof CANCEL_SYMBOL): T => {
    if (isCancel(answer)) throw new NotAnswered();
    return answer as T;
  };
  return {
    key: async (message, choices, options) =>
      answered(
        await selectKey({
          message: visible(message),
          options: choices.map(({ value, label, hint }) => ({ value, label: visible(label), hint })),
          ...common(options),
        }),
      ),
    choose: async (message, labels, options) =>
      answered(
        await select({
          message: visible(message),
          options: labels.map((label, value) => ({ value, label: visible(label) })),
          maxItems: 10,
          ...common(options),
        }),
      ),
    text: async (message, { placeholder, initialValue, ...options } = {}) =>
      answered(await text({ message: visible(message), placeholder, initialValue, ...common(options) })),
    confirm: async (message, options) =>
      answered(await confirm({ message: visible(message), initialValue: false, ...common(options) })),
    secret: async (message) => answered(await password({ message: visible(message), ...common() })),
  };
}

/** @returns the whole of stdin. @throws Failure if it is too large, or a terminal */
export async function readInput({ input }: Terminal, purpose: string): Promise<string> {
  if (input.isTTY) throw usageFailure(`${purpose} is read from stdin, and stdin is a terminal.`, 'Pipe it in.');
  let size = 0;
  const chunks: Buffer[] = [];
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_INPUT) throw usageFailure(`The text on stdin is larger than ${MAX_INPUT / 1024 / 1024} MiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A secret from stdin, or from the person at the terminal. It is never an argument: other users of the machine can read those. */
export async function readSecret(terminal: Terminal, name: string): Promise<string> {
  if (!terminal.input.isTTY) {
    const value = (await readInput(terminal, name)).trim();
    if (value) return value;
    throw usageFailure(`stdin is empty, and ${name} is read from it.`, 'Pipe it in, e.g. from a file.');
  }
  if (!terminal.isInteractive) throw usageFailure(`${name} cannot be asked for here.`, 'Pipe it in.');
  const value = (await createAsker(terminal).secret(name)).trim();
  if (value) return value;
  throw usageFailure(`${name} is empty.`);
}
