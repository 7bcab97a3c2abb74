import type { PlanStep, ProgressFrame } from '@errand/contracts';
import type { LedgerEntry } from '@errand/db';

/** A call that is under way. */
export type CallUnderWay = {
  stepId: string;
  /** Position in the forEach list; absent without forEach. */
  iteration?: number;
  attempt: number;
  at: Date;
};

/** A call that is about to be sent. */
export const underWay = (
  { entry: { iteration, attempts: attempt }, step }: { entry: LedgerEntry; step: PlanStep },
  at: Date,
): CallUnderWay => ({ stepId: step.id, attempt, at, ...(step.forEach && { iteration }) });

/** Notes which calls of a run are under way. `key`: names the call within its run. */
export interface ProgressNotes {
  begin(runId: string, key: string, call: CallUnderWay): void;
  end(runId: string, key: string): void;
}

/** Who follows a run is told of a call once it has lasted for this long, and at most twice as long: most calls end sooner. */
const WINDOW_MS = 40;
/** For how long another process is told of a run after it asked. */
const WANTED_MS = 15_000;
const MAX_WANTED = 20_000;
/** Bytes of a payload of Postgres, and payloads of one window; what does not fit is told in the next one. */
const PAYLOAD_BYTES = 7500;
const MAX_PAYLOADS = 16;

type ProgressDeps = {
  /** Shows a call to the followers of a run in this process. */
  show: (runId: string, key: string, json: string) => void;
  /** The call is not under way any more. */
  hide: (runId: string, key: string) => void;
  isFollowed: (runId: string) => boolean;
  /** Sends a payload to the other processes. */
  send: (payload: string) => void;
};

/** The JSON text of a frame. */
const frameOf = (runId: string, { stepId, iteration, attempt, at }: CallUnderWay): string => {
  const state = attempt > 1 ? 'retrying' : 'running';
  const more = iteration === undefined ? {} : { iteration };
  const frame: ProgressFrame = { type: 'progress', runId, stepId, ...more, state, attempt, at: at.toISOString() };
  return JSON.stringify(frame);
};

/**
 * Tells followers which calls are under way, here and in processes that have said that they follow the run. Nothing is kept of a call
 * that has ended, so a run with many calls fills nothing, and a slow reader is told of what is under way when it reads.
 */
export class Progress implements ProgressNotes {
  readonly #deps: ProgressDeps;

  readonly #underWay = new Map<string, Map<string, CallUnderWay>>();
  /** Runs that other processes follow, with the time until which they are told. */
  readonly #wanted = new Map<string, number>();
  /** By run, calls that were noted in the present window, and those of the window before, which are told at its end. */
  readonly #fresh: Calls = new Map();
  readonly #ripe: Calls = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ProgressDeps) {
    this.#deps = deps;
  }

  begin(runId: string, key: string, call: CallUnderWay): void {
    const calls = this.#underWay.get(runId);
    if (calls) calls.set(key, call);
    else this.#underWay.set(runId, new Map([[key, call]]));
    if (this.#isWanted(runId) || this.#deps.isFollowed(runId)) this.#note(runId, key);
  }

  end(runId: string, key: string): void {
    const calls = this.#underWay.get(runId);
    calls?.delete(key);
    if (calls?.size === 0) this.#underWay.delete(runId);
    forget(this.#fresh, runId, key);
    forget(this.#ripe, runId, key);
    this.#deps.hide(runId, key);
  }

  /** A follower in this process has joined: it is told what is under way here. */
  follow(runId: string): void {
    for (const key of this.#underWay.get(runId)?.keys() ?? []) this.#note(runId, key);
  }

  /** Another process follows these runs. */
  want(runIds: readonly string[]): void {
    const until = Date.now() + WANTED_MS;
    for (const runId of runIds) {
      if (!this.#isWanted(runId)) this.follow(runId);
      this.#wanted.delete(runId);
      this.#wanted.set(runId, until);
    }
    for (const [runId, time] of this.#wanted) {
      if (time > Date.now() && this.#wanted.size <= MAX_WANTED) break;
      this.#wanted.delete(runId);
    }
  }

  /** What another process told: lines of a run, a key and a frame. */
  receive(text: string): void {
    for (const line of text.split('\n')) {
      const [runId = '', key = '', json = ''] = line.split('\t');
      if (json !== '') this.#deps.show(runId, key, json);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #isWanted(runId: string): boolean {
    return (this.#wanted.get(runId) ?? 0) > Date.now();
  }

  #note(runId: string, key: string): void {
    add(this.#fresh, runId, key);
    this.#timer ??= setTimeout(() => this.#tell(), WINDOW_MS).unref();
  }

  // Tells what was noted before this window and is still under way, as far as it fits; the rest at the end of the next one.
  #tell(): void {
    const payloads = [''];
    for (const [runId, key] of entriesOf(this.#ripe)) {
      const json = frameOf(runId, this.#underWay.get(runId)!.get(key)!);
      const line = this.#isWanted(runId) ? `${runId}\t${key}\t${json}\n` : '';
      if (payloads.at(-1)!.length + line.length > PAYLOAD_BYTES) {
        if (payloads.length === MAX_PAYLOADS) break;
        payloads.push('');
      }
      payloads[payloads.length - 1] += line;
      forget(this.#ripe, runId, key);
      if (this.#deps.isFollowed(runId)) this.#deps.show(runId, key, json);
    }
    for (const payload of payloads) if (payload !== '') this.#deps.send(payload);
    for (const [runId, key] of entriesOf(this.#fresh)) add(this.#ripe, runId, key);
    this.#fresh.clear();
    this.#timer = this.#ripe.size > 0 ? setTimeout(() => this.#tell(), WINDOW_MS).unref() : undefined;
  }
}

/** By run, keys of calls. */
type Calls = Map<string, Set<string>>;

function* entriesOf(calls: Calls): Iterable<[string, string]> {
  for (const [runId, keys] of calls) for (const key of keys) yield [runId, key];
}

function add(calls: Calls, runId: string, key: string): void {
  const keys = calls.get(runId);
  if (keys) keys.add(key);
  else calls.set(runId, new Set([key]));
}

function forget(calls: Calls, runId: string, key: string): void {
  const keys = calls.get(runId);
  if (keys?.delete(key) && keys.size === 0) calls.delete(runId);
}
