import { type BrokenRule, brokenRules } from './mutations.ts';
import type { ChangeRequest, PairOptions } from './pair.ts';
import type { Shape, Strategy } from './plans.ts';

/** Moments that a barrier produces: see `moments.ts`. */
export type MomentName = 'lateWrite' | 'answerAtSuspend' | 'tokenAtRequest';

/** Rules that the servers of the database lack. */
const brokenPairs = { asynchronous: { asynchronous: true } } satisfies Record<string, PairOptions>;

/** A rule that the service lacks, in its statements or its connections, or one that its database or its removal of old data lacks. */
export type Broken = ServiceRule | keyof typeof brokenPairs | 'drops_open_runs';
export type ServiceRule = BrokenRule | 'accepts_read_only';
const serviceRules = [...brokenRules, 'accepts_read_only'] as const;
export const everyBroken = [
  ...serviceRules,
  ...(Object.keys(brokenPairs) as (keyof typeof brokenPairs)[]),
  'drops_open_runs',
] as const;

export const serviceRuleOf = (broken: Broken | undefined): ServiceRule | undefined =>
  serviceRules.find((rule) => rule === broken);
export const pairOptionsOf = (broken: Broken | undefined): PairOptions =>
  broken && broken in brokenPairs ? brokenPairs[broken as keyof typeof brokenPairs] : {};

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
  /** The only fault: processes die there repeatedly. */
  failpoint?: 'call.after' | 'create.after';
  /** The number of processes that must die at their failpoint. */
  failpoints?: number;
  /** The moment to produce repeatedly; it must be reached once. */
  moment?: MomentName;
  /** Users store their tokens only at that moment. */
  tokenless?: boolean;
  /** The only fault, repeatedly. */
  change?: ChangeRequest;
  /** Errands that are posted at the same time, at most: an outage makes no storm of repeated requests. */
  clients?: number;
  /** No client cancels. */
  uncancelled?: boolean;
  /** The share of errands with runs of old days. */
  old?: number;
};

export const trials: Readonly<Record<Broken, Trial>> = {
  no_fencing: {
    caughtBy: ['I2'],
    slow: true,
    slots: 60,
    shapes: ['chain'],
    strategy: 'NONE',
    moment: 'lateWrite',
    uncancelled: true,
  },
  no_intent: {
    caughtBy: ['I4'],
    failpoint: 'call.after',
    failpoints: 6,
    shapes: ['parallel', 'forEach'],
    strategy: 'NONE',
  },
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
  no_request_take_over: {
    caughtBy: ['I32'],
    failpoint: 'create.after',
    failpoints: 3,
    shapes: ['reads'],
    strategy: 'NONE',
    uncancelled: true,
  },
  no_take_over: { caughtBy: ['I27'], calm: true, shapes: ['rerun'], strategy: 'NONE', uncancelled: true },
  accepts_read_only: {
    clients: 8,
    caughtBy: ['I28', 'I29', 'I30'],
    shapes: ['chain', 'forEach'],
    strategy: 'NONE',
    uncancelled: true,
    change: { kind: 'switchover', misledMs: 5000, waits: false },
  },
  asynchronous: {
    clients: 8,
    caughtBy: ['I1', 'I4', 'I6'],
    shapes: ['chain', 'forEach'],
    strategy: 'NONE',
    uncancelled: true,
    change: { kind: 'failover', downMs: 0, waits: false },
  },
  drops_open_runs: {
    caughtBy: ['I4', 'I31'],
    calm: true,
    shapes: ['chain', 'parallel'],
    strategy: 'ON_WRITE',
    uncancelled: true,
    old: 1,
  },
  no_unique_time: { caughtBy: ['I25'], calm: true, shapes: ['reads'], strategy: 'NONE', uncancelled: true },
};
