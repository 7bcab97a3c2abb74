import type { NewRunEvent } from '@errand/contracts';
import {
  type EventDraft,
  type LedgerEntry,
  type NewDecisionRequest,
  recordLate,
  type Transition,
  type UsageDelta,
} from '@errand/db';
import { statusOf } from '../decisions/requests.ts';
import { type StoredCall, toDraft } from '../events/frame.ts';
import { type Publish, transition, type Writer, type WritingScope } from '../transition.ts';

/** The activation is no longer this worker's: the run was cancelled, or another worker has taken it. */
export class LeaseLost extends Error {
  override readonly name = 'Lost';
}

/**
 * Writes for one activation. What a step leaves behind is gathered and written together, at most one statement under way at a
 * time, so that a quick read-only step costs at most one commit and the next step need not wait for it: a read that was not yet
 * recorded when a worker dies is simply read again. Whatever must be known to last awaits `flush` first.
 */
export class ActivationWriter {
  readonly #scope: WritingScope;
  readonly #publish: Publish;
  readonly #run: Writer & { epoch: number };
  /** Called once when a write finds that the activation is lost, or fails. */
  readonly #onFailure: (error: unknown) => void;
  /** Time at work since it was last asked, in ms: written along with whatever is written. */
  readonly #lap: () => number;

  #pending = fresh();
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Immediate | null = null;
  /** Why nothing more is written: the run has moved on, or the database refused. */
  failure: unknown;

  constructor(
    scope: WritingScope,
    publish: Publish,
    run: Writer & { epoch: number },
    onFailure: (error: unknown) => void,
    lap: () => number = () => 0,
  ) {
    this.#scope = scope;
    this.#publish = publish;
    this.#run = run;
    this.#onFailure = onFailure;
    this.#lap = lap;
  }

  /** Adds to the next write. Counts alone make no write of their own: they go along with what they count. */
  add(part: Part): void {
    if (part.event) {
      // What asks says what is missing, so that a client that follows the run answers at once; the run goes on with the rest.
      const status = part.waiting ? statusOf(part.waiting.kind) : 'RUNNING';
      this.#pending.events.push(toDraft(status, part.event, part.calls));
    }
    if (part.ledger && this.failure instanceof LeaseLost) this.late(part.ledger);
    else if (part.ledger) this.#pending.ledger.push(part.ledger);
    if (part.waiting) this.#pending.waiting.push(part.waiting);
    for (const [key, n] of Object.entries(part.usage ?? {})) this.#pending.usage[key as keyof UsageDelta] += n;
    if (!part.event && !part.ledger && !part.waiting) return;
    this.#timer ??= setImmediate(() => {
      this.#timer = null;
      this.flush().catch(() => {});
    });
  }

  /** Waits until all that was added is written. @throws Lost, or the database's error */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.failure) throw this.failure;
    if (!isEmpty(this.#pending)) await this.#write({ to: 'RUNNING', events: [] });
  }

  /**
   * Lets go of the run until a human has answered.
   * @returns false when it became due meanwhile, or is no longer this activation's
   */
  async rest(change: Transition & { suspend: Date }): Promise<boolean> {
    await this.flush();
    const activeMs = this.#lap();
    const applied = await transition(this.#scope, this.#publish, this.#run, { ...change, usage: { activeMs } });
    if (!applied) this.#pending.usage.activeMs += activeMs;
    return applied;
  }

  /** Writes a change of status together with all that was added. @throws Lost, or the database's error */
  async move(change: Transition): Promise<void> {
    while (this.#writing) await this.#writing;
    if (this.failure) throw this.failure;
    await this.#write(change);
  }

  /** Notes in the ledger what came of a write after the run had ended or moved on; nothing else may follow an end. */
  late(entry: LedgerEntry): void {
    if (entry.effect !== 'write' || entry.state === 'INTENDED') return;
    recordLate(this.#scope, this.#run.runId, this.#run.epoch, entry).catch(() => {});
  }

  async #write(change: Transition): Promise<void> {
    const { events, ledger, usage, waiting } = this.#pending;
    this.#pending = fresh();
    if (this.#timer) clearImmediate(this.#timer);
    this.#timer = null;
    const whole: Transition = {
      ...change,
      events: [...events, ...change.events],
      // The last word on a key counts: one statement must not touch a row twice.
      ledger: [...new Map([...ledger, ...(change.ledger ?? [])].map((entry) => [entry.key, entry])).values()],
      waiting: [...waiting, ...(change.waiting ?? [])],
      usage: sum({ ...usage, activeMs: usage.activeMs + this.#lap() }, change.usage),
    };
    const work = transition(this.#scope, this.#publish, this.#run, whole).then((applied) => {
      if (!applied) throw new LeaseLost('The run has moved on.');
      this.#run.status = change.to;
    });
    this.#writing = work
      .catch(() => {})
      .finally(() => {
        this.#writing = null;
      });
    try {
      await work;
    } catch (error) {
      this.failure ??= error;
      if (error instanceof LeaseLost) for (const entry of whole.ledger ?? []) this.late(entry);
      this.#onFailure(error);
      throw error;
    }
  }
}

/** What is added to the next write. */
type Part = {
  event?: NewRunEvent;
  calls?: readonly StoredCall[];
  ledger?: LedgerEntry;
  waiting?: NewDecisionRequest;
  usage?: UsageDelta;
};

const fresh = () => ({
  events: [] as EventDraft[],
  ledger: [] as LedgerEntry[],
  waiting: [] as NewDecisionRequest[],
  usage: { steps: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, activeMs: 0 },
});

const isEmpty = (pending: ReturnType<typeof fresh>): boolean =>
  pending.events.length + pending.ledger.length + pending.waiting.length === 0 &&
  Object.values(pending.usage).every((n) => n === 0);

function sum(a: Required<UsageDelta>, b: UsageDelta = {}): UsageDelta {
  return {
    steps: a.steps + (b.steps ?? 0),
    toolCalls: a.toolCalls + (b.toolCalls ?? 0),
    inputTokens: a.inputTokens + (b.inputTokens ?? 0),
    outputTokens: a.outputTokens + (b.outputTokens ?? 0),
    activeMs: a.activeMs + (b.activeMs ?? 0),
  };
}
