import type { Colors } from './terminal.ts';

/** Where lines are shown. */
export type View = {
  /** Columns; Infinity where nothing is shortened. */
  width: number;
  colors: Colors;
  /** The present moment in ms, for ages. */
  now: number;
};

export type Paint = (text: string) => string;
