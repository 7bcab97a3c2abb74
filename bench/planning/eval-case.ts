import type { Json } from '@errand/contracts';
import type { EvalService } from './eval-service.ts';

/** Arguments of a call, grouped as path, query, header and body. */
export type EvalArgs = Record<string, Json>;
export type EvalCall = { operation: string; args: EvalArgs };

/** What a right run does. */
export type Expectation = {
  /** All writes in order, and the reads that answer; look-ups on the way are left out. */
  calls: readonly EvalCall[];
  /** Other lists of calls that are just as right. */
  anyOf?: readonly (readonly EvalCall[])[];
  /** What the result must contain, and what it must not. */
  answer?: readonly (string | number)[];
  answerNot?: readonly (string | number)[];
};

/** An intent with what must come of it. `refuse` says why it is impossible. */
export type EvalCase = {
  id: string;
  services: readonly string[];
  intent: string;
  context?: string | Record<string, Json>;
  expect: Expectation | { refuse: string };
  needs?: 'pages';
  note?: string;
};

/** SUCCESS with other calls or another answer is a wrong read; a write that nobody asked for is a wrong write. */
export const VERDICTS = ['right', 'refused', 'wrong read', 'wrong write', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A service that was made up, and the cases about it. */
export type MadeUpSet = { service: EvalService; cases: readonly EvalCase[] };
