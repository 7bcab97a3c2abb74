import type { Terminal } from './terminal.ts';
import { visible, visibleJson, visibleValue } from './visible.ts';

export type OutputMode = 'text' | 'json' | 'jsonl' | 'quiet';

/** How a command prints answers. Each text that it renders is visible already. */
export type Rendering<T> = {
  /** The answer for people, as lines. */
  text: (value: T) => readonly string[];
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
  /** Says something to a person, on stderr. `paint` colors it. */
  say(text: string, paint?: (text: string) => string): void;
};

export function createOutput({ out, err }: Terminal, mode: OutputMode): Output {
  const print = (lines: readonly string[]) => {
    if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  };
  return {
    mode,
    answer(value, { text, ids, items }) {
      if (mode === 'json') print([visibleJson(value, 2)]);
      else if (mode === 'jsonl') print((items?.(value) ?? [value]).map((item) => visibleJson(item)));
      else if (mode === 'quiet' && ids) print(ids(visibleValue(value)));
      else print(text(visibleValue(value)));
    },
    item: (value) => print([visibleJson(value)]),
    say: (text, paint = String) => err.write(`${paint(visible(text))}\n`),
  };
}
