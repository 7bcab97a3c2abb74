import type { Left } from './account.ts';
import type { Draft, Scope } from './draft.ts';
import type { Score } from './score.ts';

export type Rated = Score & {
  draft: Draft;
  scope: Scope;
  /** What it does not account for. */
  left: readonly Left[];
  /** The draft with the things that its rows refer to, where words ask for them. */
  whole: Draft;
};
