import type { Channel, Terminal } from './terminal.ts';
import type { Paint, View } from './view.ts';
import { visible, visibleJson, visibleValue } from './visible.ts';

export type OutputMode = 'text' | 'json' | 'jsonl' | 'quiet';

/** How a command prints an answer. Every text in the value that it gets is visible already. */
export type Rendering<T> = {
  /** The answer for people, as lines. */
  text: (value: T, view: View) => readonly string[];
  /** The ids of the answer, for --quiet. */
  ids?: (value: T) => readonly string[];
  /** The items of a list, one a line with --jsonl; the answer itself by default. */
  items?: (value: T) => readonly unknown[];
};

export type Output = {
  readonly mode: OutputMode;
  /** Prints the answer of a command on stdout. */
  answer<T>(value: T, rendering: Rendering<T>): void;
  /** Prints an item of a stream on stdout, as one line of JSON. */
  item(value: unknown): void;
  /** Says something to a person, on stderr. */
  say(text: string, paint?: Paint): void;
  /** Shows a value to a person, on stderr. */
  show<T>(value: T, lines: (value: T, view: View) => readonly string[]): void;
};

export function createOutput({ out, err }: Terminal, mode: OutputMode): Output {
  const print = (channel: Channel, lines: readonly string[]) => {
    if (lines.length > 0) channel.write(`${lines.join('\n')}\n`);
  };
  return {
    mode,
    answer(value, { text, ids, items }) {
      if (mode === 'json') print(out, [visibleJson(value, 2)]);
      else if (mode === 'jsonl')
        print(
          out,
          (items?.(value) ?? [value]).map((item) => visibleJson(item)),
        );
      else if (mode === 'quiet' && ids) print(out, ids(visibleValue(value)));
      else print(out, text(visibleValue(value), viewOf(out)));
    },
    item: (value) => print(out, [visibleJson(value)]),
    say: (text, paint = String) => print(err, [paint(visible(text))]),
    show: (value, lines) => print(err, lines(visibleValue(value), viewOf(err))),
  };
}

export const viewOf = ({ columns, colors }: Channel): View => ({ width: columns(), colors, now: Date.now() });
