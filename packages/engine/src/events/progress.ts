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

/** Sends what is under way to other processes; calls that begin meanwhile go together. */
const WINDOW_MS = 50;
/** For how long another process is told of a run after it asked. */
const WANTED_MS = 15_000;
const MAX_WANTED = 20_000;
/** Bytes of a payload of Postgres, and payloads of one window; what does not fit is told in the next one. */
const PAYLOAD_BYTES = 7500;
const MAX_PAYLOADS = 16;

type Deps = {
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
  readonly #deps: Deps;

  readonly #underWay = new Map<string, Map<string, CallUnderWay>>();
  /** Runs that other processes follow, with the time until which they are told. */
  readonly #wanted = new Map<string, number>();
  /** By run, calls that other processes have not been told of. */
  readonly #untold = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  begin(runId: string, key: string, call: CallUnderWay): void {
    const calls = this.#underWay.get(runId);
    if (calls) calls.set(key, call);
    else this.#underWay.set(runId, new Map([[key, call]]));
    if (this.#deps.isFollowed(runId)) this.#deps.show(runId, key, frameOf(runId, call));
    if ((this.#wanted.get(runId) ?? 0) > Date.now()) this.#tell(runId, key);
  }

  end(runId: string, key: string): void {
    const calls = this.#underWay.get(runId);
    calls?.delete(key);
    if (calls?.size === 0) this.#underWay.delete(runId);
    this.#untold.get(runId)?.delete(key);
    this.#deps.hide(runId, key);
  }

  /** Another process follows these runs. */
  want(runIds: readonly string[]): void {
    const until = Date.now() + WANTED_MS;
    for (const runId of runIds) {
      const isNew = (this.#wanted.get(runId) ?? 0) <= Date.now();
      this.#wanted.delete(runId);
      this.#wanted.set(runId, until);
      if (isNew) for (const key of this.#underWay.get(runId)?.keys() ?? []) this.#tell(runId, key);
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

  #tell(runId: string, key: string): void {
    const keys = this.#untold.get(runId);
    if (keys) keys.add(key);
    else this.#untold.set(runId, new Set([key]));
    this.#timer ??= setTimeout(() => this.#flush(), WINDOW_MS).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    const payloads = [''];
    for (const [runId, keys] of this.#untold) {
      for (const key of keys) {
        const call = this.#underWay.get(runId)?.get(key);
        const line = call ? `${runId}\t${key}\t${frameOf(runId, call)}\n` : '';
        if (payloads.at(-1)!.length + line.length > PAYLOAD_BYTES) {
          if (payloads.length === MAX_PAYLOADS) {
            this.#send(payloads, true);
            return;
          }
          payloads.push('');
        }
        payloads[payloads.length - 1] += line;
        keys.delete(key);
      }
      this.#untold.delete(runId);
    }
    this.#send(payloads, false);
  }

  #send(payloads: readonly string[], more: boolean): void {
    for (const payload of payloads) if (payload !== '') this.#deps.send(payload);
    if (more) this.#timer = setTimeout(() => this.#flush(), WINDOW_MS).unref();
  }
}
