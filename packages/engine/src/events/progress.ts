import type { PlanStep, ProgressFrame } from '@errand/contracts';
import type { LedgerEntry } from '@errand/db';

/** A call in flight. */
export type CallInFlight = {
  stepId: string;
  /** Position in the forEach list; absent without forEach. */
  iteration?: number;
  attempt: number;
  at: Date;
};

export const toCallInFlight = (
  { entry: { iteration, attempts: attempt }, step }: { entry: LedgerEntry; step: PlanStep },
  at: Date,
): CallInFlight => ({ stepId: step.id, attempt, at, ...(step.forEach && { iteration }) });

/** Followers are shown a call after one to two windows, in ms: most calls end sooner. */
const WINDOW_MS = 40;
/** How long another process receives the progress of a run after its request, in ms. */
const FOLLOWED_MS = 15_000;
const MAX_FOLLOWED = 20_000;
/** Bytes of a payload of Postgres, and payloads of one window; the rest goes into the next window. */
const PAYLOAD_BYTES = 7500;
const MAX_PAYLOADS = 16;

type ProgressDeps = {
  /** Shows a call to the followers of a run in this process. */
  show: (runId: string, key: string, json: string) => void;
  /** Hides an ended call. */
  hide: (runId: string, key: string) => void;
  isFollowed: (runId: string) => boolean;
  send: (payload: string) => void;
};

const frameOf = (runId: string, { stepId, iteration, attempt, at }: CallInFlight): string => {
  const state = attempt > 1 ? 'retrying' : 'running';
  const more = iteration === undefined ? {} : { iteration };
  const frame: ProgressFrame = { type: 'progress', runId, stepId, ...more, state, attempt, at: at.toISOString() };
  return JSON.stringify(frame);
};

/**
 * Reports calls in flight to followers, here and in processes that follow the run. It forgets ended calls, so memory stays bounded, and
 * a slow reader gets the calls that are in flight when it reads.
 */
export class Progress {
  readonly #inFlight = new Map<string, Map<string, CallInFlight>>();
  /** Runs that other processes follow, with the time when their request expires. */
  readonly #followedElsewhere = new Map<string, number>();
  /** By run: calls noted in the present window, and calls of the previous one, which are reported at its end. */
  readonly #currentWindow: Calls = new Map();
  readonly #previousWindow: Calls = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly deps: ProgressDeps) {}

  /** @param key identifies the call within its run */
  begin(runId: string, key: string, call: CallInFlight): void {
    const calls = this.#inFlight.get(runId);
    if (calls) calls.set(key, call);
    else this.#inFlight.set(runId, new Map([[key, call]]));
    if (this.#isFollowedElsewhere(runId) || this.deps.isFollowed(runId)) this.#note(runId, key);
  }

  end(runId: string, key: string): void {
    const calls = this.#inFlight.get(runId);
    calls?.delete(key);
    if (calls?.size === 0) this.#inFlight.delete(runId);
    forget(this.#currentWindow, runId, key);
    forget(this.#previousWindow, runId, key);
    this.deps.hide(runId, key);
  }

  /** Reports the calls in flight here to a new follower in this process. */
  follow(runId: string): void {
    for (const key of this.#inFlight.get(runId)?.keys() ?? []) this.#note(runId, key);
  }

  /** Another process follows these runs. */
  followElsewhere(runIds: readonly string[]): void {
    const expiresAt = Date.now() + FOLLOWED_MS;
    for (const runId of runIds) {
      if (!this.#isFollowedElsewhere(runId)) this.follow(runId);
      this.#followedElsewhere.delete(runId);
      this.#followedElsewhere.set(runId, expiresAt);
    }
    for (const [runId, time] of this.#followedElsewhere) {
      if (time > Date.now() && this.#followedElsewhere.size <= MAX_FOLLOWED) break;
      this.#followedElsewhere.delete(runId);
    }
  }

  /** Takes a report of another process: lines of a run, a key and a frame. */
  receive(text: string): void {
    for (const line of text.split('\n')) {
      const [runId = '', key = '', json = ''] = line.split('\t');
      if (json !== '') this.deps.show(runId, key, json);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #isFollowedElsewhere(runId: string): boolean {
    return (this.#followedElsewhere.get(runId) ?? 0) > Date.now();
  }

  #note(runId: string, key: string): void {
    add(this.#currentWindow, runId, key);
    this.#timer ??= setTimeout(() => this.#report(), WINDOW_MS).unref();
  }

  // Reports the calls of the previous window that are still in flight, while they fit; the rest follows with the next window.
  #report(): void {
    const payloads = [''];
    for (const [runId, key] of entriesOf(this.#previousWindow)) {
      const json = frameOf(runId, this.#inFlight.get(runId)!.get(key)!);
      const line = this.#isFollowedElsewhere(runId) ? `${runId}\t${key}\t${json}\n` : '';
      if (payloads.at(-1)!.length + line.length > PAYLOAD_BYTES) {
        if (payloads.length === MAX_PAYLOADS) break;
        payloads.push('');
      }
      payloads[payloads.length - 1] += line;
      forget(this.#previousWindow, runId, key);
      if (this.deps.isFollowed(runId)) this.deps.show(runId, key, json);
    }
    for (const payload of payloads) if (payload !== '') this.deps.send(payload);
    for (const [runId, key] of entriesOf(this.#currentWindow)) add(this.#previousWindow, runId, key);
    this.#currentWindow.clear();
    this.#timer = this.#previousWindow.size > 0 ? setTimeout(() => this.#report(), WINDOW_MS).unref() : undefined;
  }
}

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
