import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Claimed,
  type ClaimOptions,
  claimRuns,
  type Held,
  MAX_CLAIMED,
  type MadeDue,
  SUSPECT_DEATHS,
  type Taker,
} from '@errand/db';
import type pg from 'pg';
import { start } from '../events/frame.ts';
import type { Log } from '../ports.ts';

/** One run that this process advances. */
export type Activation = Held & {
  readonly claimed: Claimed;
  /** Ends it: the run is somebody else's, or the process is about to end. */
  abort: (reason?: unknown) => void;
  /** The run became due while it is held: a human answered. */
  look: () => void;
};

export type DequeueOptions = {
  /** Runs advanced at once by this process. */
  concurrency: number;
  /** Runs of one workspace under way at once, over all processes. */
  slots: number;
  /** How often due runs are looked for without an announcement, in ms. */
  pollMs: number;
};

/** Claims in a row that may come back with nothing of what they saw before the next workspaces are looked at. */
const MAX_COLLISIONS = 8;
/** After so many of them others are given time, in ms. */
const PATIENT_FROM = 3;
const PATIENCE_MS = 5;
/** One of so many claims that take runs takes the oldest of a workspace first, or a stream of important ones would starve it. */
const OLDEST_EVERY = 8;
/** The part of a worker that may pass the slots of workspaces, for runs that are due at once. */
const BEYOND_SHARE = 1 / 4;

/** A statement that makes a run due, and takes it when it is given a taker; null when it changed nothing. */
type MakesDue<T extends MadeDue> = (taker: Taker | null) => Promise<T | null>;

/**
 * Does what makes a run due, and sees to it that the run is taken: by the same statement where this process may.
 * @param beyond whether the run would pass the slots of its workspace
 */
export type Waking = <T extends MadeDue>(beyond: boolean, statement: MakesDue<T>) => Promise<T | null>;

const nothing = () => {};

/**
 * Takes due runs from the table of runs: at most one claim is under way at a time. It looks when it is told that there may be some, when
 * a run ended while others had to wait, and every `pollMs` for what no announcement told.
 */
export class Dequeuer {
  /** Connections as `batchPoolOptions` has them. */
  readonly #batchPool: pg.Pool;
  /** Names this process in leases. */
  readonly #id: string;
  readonly #options: DequeueOptions;
  readonly #log: Log;
  readonly #hooks: {
    /** Whether this process can be seen to live; nothing is taken before. */
    mayTake: () => Promise<boolean>;
    /** The same, now. */
    mayTakeNow: () => boolean;
    /** Advances a run that was taken; never rejects. */
    begin: (claimed: Claimed) => { activation: Activation; ended: Promise<void> };
  };

  /** What this process is advancing now, by run. */
  readonly active = new Map<string, Activation>();
  readonly #underWay = new Set<Promise<void>>();
  /** Runs that statements of this process are about to take. */
  #coming = 0;
  #claiming: Promise<void> | null = null;
  #woken = false;
  #hungry = false;
  #stopped = false;
  #quiet = false;
  #claims = 0;
  #cursor: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    batchPool: pg.Pool,
    id: string,
    options: DequeueOptions,
    log: Log,
    hooks: {
      /** Whether this process can be seen to live; nothing is taken before. */
      mayTake: () => Promise<boolean>;
      /** The same, now. */
      mayTakeNow: () => boolean;
      /** Advances a run that was taken; never rejects. */
      begin: (claimed: Claimed) => { activation: Activation; ended: Promise<void> };
    },
  ) {
    this.#batchPool = batchPool;
    this.#id = id;
    this.#options = options;
    this.#log = log;
    this.#hooks = hooks;
  }

  start(): void {
    this.#poll();
  }

  /** Takes no more runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#claiming;
  }

  /** Waits until nothing is under way here. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Whether a run that is due now can be taken here. */
  get hasRoom(): boolean {
    return !this.#stopped && this.#free > 0;
  }

  get #free(): number {
    return this.#options.concurrency - this.active.size - this.#coming;
  }

  /**
   * Does what makes a run due. Where there is room and nobody else waits for it, the same statement takes the run for this process.
   * @param beyond whether the run would pass the slots of its workspace
   * @param statement makes the run due, and takes it when it is given a taker
   */
  async taking<T extends MadeDue>(beyond: boolean, statement: MakesDue<T>): Promise<T | null> {
    const others = this.#claiming !== null || this.#hungry;
    if (others || !this.hasRoom || !this.#hooks.mayTakeNow() || (beyond && this.#beyond <= 0)) return statement(null);
    const work = this.#take(statement);
    const settled: Promise<void> = work.then(nothing, nothing).then(() => void this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return work;
  }

  async #take<T extends MadeDue>(statement: MakesDue<T>): Promise<T | null> {
    this.#coming++;
    let made: T | null;
    try {
      made = await statement({ worker: this.#id, slots: this.#options.slots, start });
    } finally {
      this.#coming--;
    }
    if (made?.taken) this.#begin(made.taken);
    return made;
  }

  /** How many runs more may pass the slots of their workspaces here. */
  get #beyond(): number {
    const held = [...this.active.values()].filter(({ claimed }) => claimed.beyond).length;
    return Math.max(0, Math.ceil(this.#options.concurrency * BEYOND_SHARE) - held);
  }

  /** There may be due runs. */
  wake(): void {
    this.#woken = true;
    if (this.#stopped) return;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = null;
      if (this.#woken) this.wake();
    });
  }

  #poll(): void {
    this.wake();
    this.#timer = setTimeout(() => this.#poll(), this.#options.pollMs * (0.75 + Math.random() / 2));
  }

  async #claim(): Promise<void> {
    try {
      while (this.#woken && !this.#stopped) {
        this.#woken = false;
        if (await this.#hooks.mayTake()) await this.#takeAll();
      }
      this.#quiet = false;
    } catch (error) {
      this.#woken = false;
      if (!this.#quiet) this.#log.warn({ err: error }, 'Cannot take runs; trying again.');
      this.#quiet = true;
    }
  }

  // Until there is no room, or every workspace with due runs was looked at. Where there was no room for all of them, the next look begins
  // behind the workspace that had its turn last.
  async #takeAll(): Promise<void> {
    let wrapped = this.#cursor === null;
    let left = false;
    for (let collisions = 0; !this.#stopped; ) {
      const want = Math.min(MAX_CLAIMED, this.#free);
      this.#hungry = true;
      if (want <= 0) return;
      const { claimed, cursor, seen, full, more } = await claimRuns(this.#batchPool, this.#wanted(want), start);
      if (claimed.length > 0) this.#claims++;
      for (const one of claimed) this.#begin(one);
      left ||= full;
      if (seen > claimed.length) {
        // Others take the same ones at this moment.
        collisions = claimed.length > 0 ? 0 : collisions + 1;
        if (collisions > PATIENT_FROM) await sleep(PATIENCE_MS * (0.5 + Math.random()));
        if (collisions < MAX_COLLISIONS) continue;
        // Somebody holds them for long: that keeps no other workspace from its turn.
        collisions = 0;
        left = true;
      } else if (more) continue;
      this.#cursor = cursor;
      if (seen === want) wrapped = cursor === null;
      else if (cursor === null && wrapped) {
        this.#hungry = left;
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
      if (this.#hungry) this.wake();
    });
    this.#underWay.add(work);
  }
}
