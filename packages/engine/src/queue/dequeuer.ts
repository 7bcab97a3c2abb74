import { setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '@errand/basics/awaitable';
import {
  type ClaimedRun,
  type ClaimingWorker,
  type ClaimOptions,
  claimRuns,
  type DueRun,
  MAX_CLAIMED,
  SUSPECT_DEATHS,
} from '@errand/db';
import type { Log } from '@errand/ports/log';
import type pg from 'pg';
import { startEvent } from '../events/event-json.ts';
import { type Activation, DueSignal } from './activation.ts';
import { LoadLimit, type LoadMeter } from './load-limit.ts';

export type DequeueOptions = {
  /** Slots of this worker: maximum concurrent runs. */
  concurrency: number;
  /** Slots of one workspace over all processes: fewer than `concurrency`, so that one cannot fill a worker. */
  slots: number;
  /** Interval of claims without a notification, in ms. */
  pollMs: number;
};

/** After this many claims in a row that lost every candidate to other workers, the dequeuer continues with the next workspaces. */
const MAX_COLLISIONS = 8;
/** After this many such claims in a row the dequeuer pauses before each further one. */
const COLLISIONS_BEFORE_PAUSE = 3;
/** The average pause, in ms. */
const COLLISION_PAUSE_MS = 5;
/** A process with a sibling that looks for runs looks itself after this many intervals. */
const IDLE_POLLS = 10;
/** One claim in this many takes the oldest run of a workspace first, so that runs of higher priority do not starve it. */
const OLDEST_EVERY = 8;
/**
 * A run that had its turn and can continue (a decision came, its worker died) is due at once, even if its workspace has no free slot.
 * Such runs get at most this fraction of a worker's slots.
 */
const BEYOND_SLOTS_FRACTION = 1 / 4;

/** Makes a run due; with a `claimant` it also claims the run for that worker. Null when it changed nothing. */
type DueStatement<T extends DueRun> = (claimant: ClaimingWorker | null) => Promise<T | null>;

/**
 * Makes a run due and has it claimed: by the same statement if this worker has a free slot, otherwise by any worker.
 * @param mayExceedSlots whether the run may exceed the slots of its workspace
 * @param workspaceId of a new run: the first one of a workspace in this process does not wait for those of others
 */
export type MakeDue = <T extends DueRun>(
  mayExceedSlots: boolean,
  statement: DueStatement<T>,
  workspaceId?: string,
) => Promise<T | null>;

/**
 * A round of claims over all workspaces. `fromFirst`: it began with the first workspace. `skipsRuns`: it skipped due runs, because their
 * workspace has no free slot or others keep them locked. `collisions`: claims in a row that lost every candidate to other workers.
 */
type ClaimRound = { fromFirst: boolean; skipsRuns: boolean; collisions: number };

const noop = () => {};

export type DequeuerHooks = {
  /** Waits until other workers see that this one is alive; it claims nothing before. */
  waitUntilSeenAlive: () => Awaitable<boolean>;
  /** Whether other workers see that this one is alive. */
  isSeenAlive: () => boolean;
  /** Whether this process looks for runs without an announcement, for its machine. */
  isLeader: () => boolean;
  /** Asks a sibling to claim due runs. */
  passDue: () => void;
  /** Executes the activation of a claimed run. Never rejects. */
  execute: (activation: Activation) => Promise<void>;
};

/**
 * Claims due runs, one claim at a time: after a notification, when a slot becomes free while runs are due, and every `pollMs` in case a
 * notification was lost.
 */
export class Dequeuer {
  /** The activations of this process, by run id. */
  readonly active = new Map<string, Activation>();
  readonly #running = new Set<Promise<void>>();
  /** Runs that statements in flight may claim for this process. */
  #pendingClaims = 0;
  #claiming: Promise<void> | null = null;
  #wakeRequested = false;
  /** Whether runs may be due that found no slot yet. */
  #moreDue = false;
  /** Whether the last claim was postponed because this process is busy. */
  #postponed = false;
  #stopped = false;
  /** Whether the present outage has been logged. */
  #hasWarned = false;
  /** The number of claims that found a run. */
  #claims = 0;
  /** The next claim begins after this workspace; null: with the first one. */
  #cursor: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #load: LoadLimit;

  constructor(
    /** A pool with the session settings `batchPoolOptions`, under which the claim statement is planned once. */
    private readonly batchPool: pg.Pool,
    /** The id of this process's worker pool, as in the leases of its runs. */
    private readonly id: string,
    private readonly options: DequeueOptions & { log: Log; meter?: LoadMeter },
    private readonly hooks: DequeuerHooks,
  ) {
    this.#load = new LoadLimit(options.concurrency, options.meter);
  }

  start(): void {
    this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#claiming;
  }

  /** Waits until all activations of this process have ended. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  get hasFreeSlot(): boolean {
    return !this.#stopped && this.#freeSlots > 0;
  }

  get isClaiming(): boolean {
    return this.#claiming !== null;
  }

  get #freeSlots(): number {
    return this.options.concurrency - this.active.size - this.#pendingClaims;
  }

  /** Makes a run due. The statement also claims it, unless other due runs wait for a slot here or this worker cannot take it. */
  async makeDue<T extends DueRun>(
    mayExceedSlots: boolean,
    statement: DueStatement<T>,
    workspaceId?: string,
  ): Promise<T | null> {
    if (this.#mustWait(mayExceedSlots, workspaceId) || !this.hasFreeSlot || !this.hooks.isSeenAlive())
      return statement(null);
    const work = this.#makeDueAndClaim(statement);
    const settled: Promise<void> = work.then(noop, noop).then(() => void this.#running.delete(settled));
    this.#running.add(settled);
    return work;
  }

  #mustWait(mayExceedSlots: boolean, workspaceId: string | undefined): boolean {
    if (mayExceedSlots) return this.isClaiming || this.#moreDue || this.#freeBeyondSlots <= 0;
    const isFirst = workspaceId !== undefined && !this.#hasActive(workspaceId);
    if (isFirst) return false;
    // While the process is busy, another run of the workspace waits for a claim, which takes runs of all workspaces in turns.
    return this.isClaiming || this.#moreDue || (workspaceId !== undefined && this.#load.isReached(this.active.size));
  }

  #hasActive(workspaceId: string): boolean {
    for (const { run } of this.active.values()) if (run.workspaceId === workspaceId) return true;
    return false;
  }

  async #makeDueAndClaim<T extends DueRun>(statement: DueStatement<T>): Promise<T | null> {
    this.#pendingClaims++;
    let result: T | null;
    try {
      result = await statement({ worker: this.id, slots: this.options.slots, startEvent });
    } finally {
      this.#pendingClaims--;
    }
    if (result?.claimed) this.#startActivation(result.claimed);
    return result;
  }

  /** How many more runs this worker may hold that exceed the slots of their workspaces. */
  get #freeBeyondSlots(): number {
    const exceeding = [...this.active.values()].filter(({ exceedsSlots }) => exceedsSlots).length;
    return Math.max(0, Math.ceil(this.options.concurrency * BEYOND_SLOTS_FRACTION) - exceeding);
  }

  /** Claims due runs, now or after the claim in flight. */
  wake(): void {
    this.#wakeRequested = true;
    if (this.#stopped) return;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = null;
      if (this.#wakeRequested) this.wake();
    });
  }

  #poll(): void {
    const isLeader = this.hooks.isLeader();
    // The siblings of the process that looks for runs are asked when it has too many.
    if (isLeader && (this.#moreDue || this.#postponed)) this.hooks.passDue();
    this.wake();
    const ms = isLeader || this.#moreDue || this.#postponed ? this.options.pollMs : this.options.pollMs * IDLE_POLLS;
    this.#timer = setTimeout(() => this.#poll(), ms * (0.75 + Math.random() / 2));
  }

  async #claim(): Promise<void> {
    try {
      while (this.#wakeRequested && !this.#stopped) {
        this.#wakeRequested = false;
        if (await this.hooks.waitUntilSeenAlive()) await this.#claimAll();
      }
      this.#hasWarned = false;
    } catch (error) {
      this.#wakeRequested = false;
      if (!this.#hasWarned) this.options.log.warn({ err: error }, 'Cannot claim runs; trying again.');
      this.#hasWarned = true;
    }
  }

  // Claims until no slot is free, the process is busy, or a round over all workspaces found fewer due runs than slots. If slots run out,
  // the next claim begins after the last served workspace.
  async #claimAll(): Promise<void> {
    const round: ClaimRound = { fromFirst: this.#cursor === null, skipsRuns: false, collisions: 0 };
    while (!this.#stopped) {
      const limit = this.#claimLimit();
      if (limit <= 0) return;
      const outcome = await claimRuns(this.batchPool, this.#claimOptions(limit), startEvent);
      const { claimed, cursor, candidates, slotsFull, mayHaveMore } = outcome;
      if (claimed.length > 0) this.#claims++;
      for (const run of claimed) this.#startActivation(run);
      round.skipsRuns ||= slotsFull;
      const isTaken = candidates > claimed.length;
      // Repeat the claim from the same cursor: others took some of its runs, or the same workspaces have more due runs.
      if (isTaken ? await this.#retriesCollision(round, claimed.length > 0) : mayHaveMore) continue;
      this.#cursor = cursor;
      if (this.#endsRound(round, candidates !== limit)) return;
    }
  }

  /** Whether a round over all workspaces found fewer runs than slots. Otherwise the next claim belongs to the same round, or to a new one. */
  #endsRound(round: ClaimRound, isExhausted: boolean): boolean {
    const atEnd = this.#cursor === null;
    if (isExhausted && atEnd && round.fromFirst) {
      this.#moreDue = round.skipsRuns;
      return true;
    }
    // As many candidates as the limit: there may be more runs anywhere, so a new round begins at the cursor.
    round.fromFirst = (isExhausted && round.fromFirst) || atEnd;
    return false;
  }

  /** The maximum number of runs that the next claim takes. */
  #claimLimit(): number {
    const free = Math.min(MAX_CLAIMED, this.#freeSlots);
    const limit = Math.min(free, this.#load.claimable(this.active.size));
    // No claim has shown that runs wait, so new ones may still be claimed when they are stored.
    this.#postponed = free > 0 && limit <= 0;
    if (!this.#postponed) this.#moreDue = true;
    return limit;
  }

  /** Other workers claim the same runs at this moment. @returns whether to repeat the claim, after a pause if that happened often */
  async #retriesCollision(round: ClaimRound, hasClaimed: boolean): Promise<boolean> {
    round.collisions = hasClaimed ? 0 : round.collisions + 1;
    if (round.collisions > COLLISIONS_BEFORE_PAUSE) await sleep(COLLISION_PAUSE_MS * (0.5 + Math.random()));
    if (round.collisions < MAX_COLLISIONS) return true;
    // Another transaction keeps these runs locked: continue with other workspaces.
    round.collisions = 0;
    round.skipsRuns = true;
    return false;
  }

  #claimOptions(want: number): ClaimOptions {
    const { slots } = this.options;
    return {
      worker: this.id,
      maxRuns: want,
      slots,
      maxBeyondSlots: this.#freeBeyondSlots,
      // With two suspect runs in one process, the cause of a crash would be ambiguous.
      mayTakeSuspect: ![...this.active.values()].some(({ run }) => run.deaths >= SUSPECT_DEATHS),
      oldest: this.#claims % OLDEST_EVERY === OLDEST_EVERY - 1,
      cursor: this.#cursor,
    };
  }

  #startActivation(claimed: ClaimedRun): void {
    const activation = { ...claimed, controller: new AbortController(), dueSignal: new DueSignal() };
    const { runId } = claimed.run;
    this.active.set(runId, activation);
    const work = this.hooks.execute(activation).finally(() => {
      if (this.active.get(runId) === activation) this.active.delete(runId);
      this.#running.delete(work);
      if (this.#moreDue || this.#postponed) this.wake();
    });
    this.#running.add(work);
  }
}
