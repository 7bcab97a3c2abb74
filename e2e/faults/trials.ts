import type { BrokenRule } from './mutations.ts';
import type { Shape, Strategy } from './plans.ts';

/** Moments that a barrier produces: see `moments.ts`. */
export type MomentName = 'lateWrite' | 'answerAtSuspend' | 'tokenAtRequest';

/** How a seed shows that a rule is missing. Absent fields are as in any seed. */
export type Trial = {
  /** The checks that can report its absence: one of them must. */
  caughtBy: readonly string[];
  /** No faults: people and clients are enough. */
  calm?: boolean;
  shapes?: readonly Shape[];
  strategy?: Strategy;
  /** Factor for the number of errands. */
  times?: number;
  /** All people decide together at the moment of the request, and answer questions and requests of services twice at once, differently. */
  together?: boolean;
  /** The third party is slow in each call. */
  slow?: boolean;
  /** Maximum concurrent runs of the workspace. */
  slots?: number;
  /** The number of processes that must die at their failpoint. */
  failpoints?: number;
  /** The moment to produce repeatedly; it must be reached once. */
  moment?: MomentName;
  /** Users store their tokens only at that moment. */
  tokenless?: boolean;
  /** No client cancels. */
  uncancelled?: boolean;
};

export const trials: Readonly<Record<BrokenRule, Trial>> = {
  no_fencing: {
    caughtBy: ['I2'],
    slow: true,
    slots: 60,
    shapes: ['chain'],
    strategy: 'NONE',
    moment: 'lateWrite',
    uncancelled: true,
  },
  no_intent: { caughtBy: ['I4'], failpoints: 6, shapes: ['parallel', 'forEach'], strategy: 'NONE' },
  no_approval: { caughtBy: ['I7'] },
  no_denial: { caughtBy: ['I7', 'I8'] },
  lost_wake: {
    caughtBy: ['I15', 'I18'],
    calm: true,
    shapes: ['parallel'],
    strategy: 'ON_WRITE',
    together: true,
    moment: 'answerAtSuspend',
    uncancelled: true,
  },
  suspend_over_due: {
    caughtBy: ['I15', 'I18'],
    calm: true,
    shapes: ['parallel'],
    strategy: 'ON_WRITE',
    together: true,
    moment: 'answerAtSuspend',
    uncancelled: true,
  },
  claim_without_slots: {
    caughtBy: ['I21'],
    calm: true,
    slow: true,
    slots: 4,
    shapes: ['chain'],
    strategy: 'NONE',
    times: 3,
  },
  no_credential_recheck: {
    caughtBy: ['I19'],
    calm: true,
    shapes: ['vault'],
    strategy: 'NONE',
    moment: 'tokenAtRequest',
    tokenless: true,
    uncancelled: true,
  },
  no_redelivery: { caughtBy: ['I13'], calm: true, shapes: ['reads'], strategy: 'NONE', uncancelled: true },
  no_single_answer: {
    caughtBy: ['I24', 'I26'],
    calm: true,
    shapes: ['question', 'asked'],
    strategy: 'NONE',
    together: true,
    uncancelled: true,
  },
  lost_answer: {
    caughtBy: ['I24', 'I26'],
    calm: true,
    shapes: ['question', 'asked'],
    strategy: 'NONE',
    uncancelled: true,
  },
  lost_state: { caughtBy: ['I26'], calm: true, shapes: ['asked'], strategy: 'NONE', uncancelled: true },
  no_take_over: { caughtBy: ['I27'], calm: true, shapes: ['rerun'], strategy: 'NONE', uncancelled: true },
  no_unique_time: { caughtBy: ['I25'], calm: true, shapes: ['reads'], strategy: 'NONE', uncancelled: true },
};
