import type { Json } from '@errand/contracts';

/** Arguments of a call, grouped as path, query, header and body. */
export type EvalArgs = Record<string, Json>;
export type EvalCall = { operation: string; args: EvalArgs };

/** The calls and the answer of a right run. */
export type Expectation = {
  /** All writes in order, and the reads that answer; look-ups on the way are left out. */
  calls: readonly EvalCall[];
  /** Other lists of calls that are just as right. */
  anyOf?: readonly (readonly EvalCall[])[];
  /** Texts and numbers that the result must contain, and must not contain. */
  answer?: readonly (string | number)[];
  answerNot?: readonly (string | number)[];
};

/** An intent and its expected outcome. `refuse` says why it is impossible. */
export type EvalCase = {
  id: string;
  services: readonly string[];
  intent: string;
  context?: string | Record<string, Json>;
  expect: Expectation | { refuse: string };
  note?: string;
};

/** SUCCESS with other calls or another answer is a wrong read; a write that the intent does not order is a wrong write. */
export const VERDICTS = ['right', 'refused', 'wrong read', 'wrong write', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];
