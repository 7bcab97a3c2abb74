import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Claimant,
  type Claimed,
  type ClaimOptions,
  claimRuns,
  type Held,
  MAX_CLAIMED,
  type MadeDue,
  SUSPECT_DEATHS,
} from '@errand/db';
import type pg from 'pg';
import { start } from '../events/frame.ts';
import type { Log } from '../ports.ts';

/** One run that this process advances. */
export type Activation = Held & {
  readonly claimed: Claimed;
  /** Ends the activation: the lease is lost, or the process is about to end. */
  abort: (reason?: unknown) => void;
  /** Tells the activation that its run became due again: a human decided. */
  becameDue: () => void;
};

export type DequeueOptions = {
  /** Slots of this worker: runs that it carries out at the same time. */
  concurrency: number;
  /** Slots of one workspace, over all processes. */
  slots: number;
  /** Interval at which due runs are claimed without a notification, in ms. */
  pollMs: number;
};

/** Consecutive claims that may lose all their candidates to other workers before the dequeuer goes on to the next workspaces. */
const MAX_COLLISIONS = 8;
/** After so many such claims the dequeuer pauses between them, for about so many ms. */
const COLLISIONS_BEFORE_PAUSE = 3;
const COLLISION_PAUSE_MS = 5;
/** Every so many claims the oldest run of a workspace comes first, so that runs of higher priority do not starve it. */
const OLDEST_EVERY = 8;
/** The fraction of a worker's slots for runs that may exceed the slots of their workspace, because they are due at once. */
const BEYOND_SLOTS_FRACTION = 1 / 4;

/** A statement that makes a run due, and claims it when it gets a claimant; null when it changed nothing. */
type DueStatement<T extends MadeDue> = (claimant: Claimant | null) => Promise<T | null>;

/**
 * Makes a run due and has it claimed: by the same statement if this worker has a free slot, else by any worker.
 * @param beyond whether the run may exceed the slots of its workspace
 * @param statement makes the run due, and claims it when it gets a claimant
 */
export type MakeDue = <T extends MadeDue>(beyond: boolean, statement: DueStatement<T>) => Promise<T | null>;

const nothing = () => {};

export type DequeuerHooks = {
  /** Waits until other workers can see that this one is alive; nothing is claimed before. */
  waitForLease: () => Promise<boolean>;
  /** Whether they can see it now. */
  holdsLease: () => boolean;
  /** Begins the activation of a claimed run; `ended` never rejects. */
  begin: (claimed: Claimed) => { activation: Activation; ended: Promise<void> };
};

/**
 * Claims due runs, with one claim at a time: after a notification, when a slot becomes free while runs are due, and every `pollMs`
 * in case a notification was lost.
 */
export class Dequeuer {
  /** Its sessions have the settings `batchPoolOptions`. */
  readonly #batchPool: pg.Pool;
  /** The id of this worker pool in leases. */
  readonly #id: string;
  readonly #options: DequeueOptions & { log: Log };
  readonly #hooks: DequeuerHooks;

  /** The activations of this process, by run id. */
  readonly active = new Map<string, Activation>();
  readonly #underWay = new Set<Promise<void>>();
  /** Runs that statements in flight may claim for this process. */
  #pendingClaims = 0;
  #claiming: Promise<void> | null = null;
  #wakeRequested = false;
  #moreDue = false;
  #stopped = false;
  #quiet = false;
  #claims = 0;
  #cursor: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(batchPool: pg.Pool, id: string, options: DequeueOptions & { log: Log }, hooks: DequeuerHooks) {
    this.#batchPool = batchPool;
    this.#id = id;
    this.#options = options;
    this.#hooks = hooks;
  }

  start(): void {
    this.#poll();
  }

  /** Claims no more runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#claiming;
  }

  /** Waits until all activations of this process have ended. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Whether this worker can claim another run now. */
  get hasFreeSlot(): boolean {
    return !this.#stopped && this.#freeSlots > 0;
  }

  get #freeSlots(): number {
    return this.#options.concurrency - this.active.size - this.#pendingClaims;
  }

  /**
   * As `MakeDue`. The statement claims the run only if no other due run waits for a slot here.
   */
  async makeDue<T extends MadeDue>(beyond: boolean, statement: DueStatement<T>): Promise<T | null> {
    const others = this.#claiming !== null || this.#moreDue;
    if (others || !this.hasFreeSlot || !this.#hooks.holdsLease() || (beyond && this.#beyond <= 0))
      return statement(null);
    const work = this.#claimBy(statement);
    const settled: Promise<void> = work.then(nothing, nothing).then(() => void this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return work;
  }

  async #claimBy<T extends MadeDue>(statement: DueStatement<T>): Promise<T | null> {
    this.#pendingClaims++;
    let made: T | null;
    try {
      made = await statement({ worker: this.#id, slots: this.#options.slots, start });
    } finally {
      this.#pendingClaims--;
    }
    if (made?.claimed) this.#begin(made.claimed);
    return made;
  }

  /** How many more runs may exceed the slots of their workspaces here. */
  get #beyond(): number {
    const held = [...this.active.values()].filter(({ claimed }) => claimed.beyond).length;
    return Math.max(0, Math.ceil(this.#options.concurrency * BEYOND_SLOTS_FRACTION) - held);
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
    this.wake();
    this.#timer = setTimeout(() => this.#poll(), this.#options.pollMs * (0.75 + Math.random() / 2));
  }

  async #claim(): Promise<void> {
    try {
      while (this.#wakeRequested && !this.#stopped) {
        this.#wakeRequested = false;
        if (await this.#hooks.waitForLease()) await this.#claimAll();
      }
      this.#quiet = false;
    } catch (error) {
      this.#wakeRequested = false;
      if (!this.#quiet) this.#options.log.warn({ err: error }, 'Cannot claim runs; trying again.');
      this.#quiet = true;
    }
  }

  // Claims until no slot is free or every workspace with due runs had its turn. If slots run out, the next claim begins after the
  // workspace that had its turn last.
  async #claimAll(): Promise<void> {
    let wrapped = this.#cursor === null;
    let left = false;
    for (let collisions = 0; !this.#stopped; ) {
      const want = Math.min(MAX_CLAIMED, this.#freeSlots);
      this.#moreDue = true;
      if (want <= 0) return;
      const { claimed, cursor, seen, full, more } = await claimRuns(this.#batchPool, this.#wanted(want), start);
      if (claimed.length > 0) this.#claims++;
      for (const one of claimed) this.#begin(one);
      left ||= full;
      if (seen > claimed.length) {
        // Other workers claim the same runs at this moment.
        collisions = claimed.length > 0 ? 0 : collisions + 1;
        if (collisions > COLLISIONS_BEFORE_PAUSE) await sleep(COLLISION_PAUSE_MS * (0.5 + Math.random()));
        if (collisions < MAX_COLLISIONS) continue;
        // Somebody keeps these runs locked: other workspaces get their turn.
        collisions = 0;
        left = true;
      } else if (more) continue;
      this.#cursor = cursor;
      if (seen === want) wrapped = cursor === null;
      else if (cursor === null && wrapped) {
        this.#moreDue = left;
        return;
      } else wrapped ||= cursor === null;
    }
  }

  #wanted(want: number): ClaimOptions {
    const { slots } = this.#options;
    return {
      worker: this.#id,
      want,
      slots,
      beyond: this.#beyond,
      suspects: ![...this.active.values()].some(({ claimed }) => claimed.deaths >= SUSPECT_DEATHS),
      oldest: this.#claims % OLDEST_EVERY === OLDEST_EVERY - 1,
      cursor: this.#cursor,
    };
  }

  #begin(claimed: Claimed): void {
    const { activation, ended } = this.#hooks.begin(claimed);
    const { runId } = activation;
    this.active.set(runId, activation);
    const work = ended.finally(() => {
      if (this.active.get(runId) === activation) this.active.delete(runId);
      this.#underWay.delete(work);
      if (this.#moreDue) this.wake();
    });
    this.#underWay.add(work);
  }
}
