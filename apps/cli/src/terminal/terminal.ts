import type { ReadStream, WriteStream } from 'node:tty';
import pc from 'picocolors';
import type { CliEnv } from '../environment/config.ts';

export type Colors = ReturnType<typeof pc.createColors>;

export type Channel = {
  stream: WriteStream;
  write(text: string): void;
  isTerminal: boolean;
  /** Columns of the terminal; Infinity for files and pipes, where nothing is shortened. */
  columns(): number;
  colors: Colors;
};

/** Answers go to `out`, everything that is said to a person to `err`. */
export type Terminal = {
  out: Channel;
  err: Channel;
  input: ReadStream;
  /** Whether a person is there to answer: stdin and stderr are terminals. */
  isInteractive: boolean;
  /** Whether the cursor may be moved on `err`. */
  movesCursor: boolean;
};

export type Streams = { stdin: ReadStream; stdout: WriteStream; stderr: WriteStream };

export function createTerminal({ stdin, stdout, stderr }: Streams, env: CliEnv, color: boolean): Terminal {
  const err = channelOf(stderr, env, color);
  const isInteractive = stdin.isTTY === true && err.isTerminal && !env.isDumb;
  return {
    out: channelOf(stdout, env, color),
    err,
    input: stdin,
    isInteractive,
    movesCursor: err.isTerminal && !env.isDumb,
  };
}

function channelOf(stream: WriteStream, env: CliEnv, color: boolean): Channel {
  const isTerminal = stream.isTTY === true;
  const hasColors = color && !env.noColor && (env.forceColor || (isTerminal && !env.isDumb));
  return {
    stream,
    write: (text) => void stream.write(text),
    isTerminal,
    columns: () => (isTerminal ? stream.columns || env.columns || 80 : (env.columns ?? Number.POSITIVE_INFINITY)),
    colors: pc.createColors(hasColors),
  };
}
